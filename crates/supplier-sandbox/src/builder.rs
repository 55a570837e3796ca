//! How a server is set up and started.

mod secret;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::response::IntoResponse as _;
use rand::TryRng as _;
use rand::rngs::SysRng;
use supplier_control::{Caps, Control, ControlError, CreatedKey, NoRandomness, StartedWith};
use supplier_domain::{AccountDedup, RequestId, Supplier, Window};
use supplier_seed::{BUILTIN, Scenario};
use supplier_store::{
    DatabaseError, Durability, KeyHash, MemoryStore, OpenError, PostgresStore, Settings, Store, StoreOptions,
};
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::secret::{Secret, password};
use crate::api::ApiError;
use crate::api::Recorder;
use crate::app::App;
use crate::control::{Admission, guard};
use crate::handle::SandboxHandle;
use crate::http::{self, Edge, Limits};
use crate::metrics::Metrics;
use crate::server::{SandboxServer, SupplierAccess};
use crate::server_url::ServerUrl;
use crate::time::ServerTime;
use crate::{docs, router, wire};

/// A server that could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No scenario comes with the program under that name.
    #[error("there is no scenario {0:?}; the built-in ones are {names}", names = BUILTIN.join(", "))]
    UnknownScenario(String),
    /// Another program listens there already.
    #[error("{0} is in use by another program; stop that, or listen elsewhere (port 0 picks a free one)")]
    AddressInUse(String),
    /// The address is not of the form `HOST:PORT`.
    #[error("{0:?} is no address to listen on; write HOST:PORT, such as 127.0.0.1:4010")]
    InvalidAddress(String),
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address:?}: {source}; name an address of this machine, such as 127.0.0.1:4010"
    )]
    Listen {
        /// The address, as it was given.
        address: String,
        /// Why not.
        source: io::Error,
    },
    /// Whoever reaches the server there could control it.
    #[error(
        "{0} can be reached from other machines, so an admin token is needed for the control API; give one with \
         --admin-token-file, or in SUPPLIER_SANDBOX_ADMIN_TOKEN, or listen on 127.0.0.1"
    )]
    NoAdminToken(String),
    /// The public address is no URL of a server.
    #[error("{0:?} is no public address; write http://HOST or https://HOST, with a port if it has one")]
    InvalidPublicUrl(String),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Two places were named to keep everything in.
    #[error("a data file and a database were named: one of them keeps everything")]
    TwoStores,
    /// The data file cannot be used.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// The sandbox could not be made.
    #[error(transparent)]
    Control(#[from] ControlError),
}

/// A server to be started; what is not set is as the program has it, but for the port: a free one.
#[derive(Debug, Clone)]
pub struct Builder {
    listen: String,
    scenario: Source,
    seed: u64,
    window: Window,
    limits: Limits,
    caps: Caps,
    admin_token: Option<KeyHash>,
    public_url: Option<String>,
    journal: bool,
    data: Option<PathBuf>,
    durability: Durability,
    database: Option<Secret>,
    dashboard_password: Option<Secret>,
}

#[derive(Debug, Clone)]
enum Source {
    Named(String),
    Read(Box<Scenario>),
}

impl Source {
    /// The scenario's name, and the scenario.
    fn read(self) -> Result<(Arc<str>, Arc<Scenario>), StartError> {
        match self {
            Self::Named(name) => match Scenario::builtin(&name) {
                Some(scenario) => Ok((name.into(), Arc::new(scenario))),
                None => Err(StartError::UnknownScenario(name)),
            },
            Self::Read(scenario) => Ok(("custom".into(), Arc::from(scenario))),
        }
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            scenario: Source::Named("default".to_owned()),
            seed: 1,
            window: Window::STANDARD,
            limits: Limits::default(),
            caps: Caps::default(),
            admin_token: None,
            dashboard_password: None,
            public_url: None,
            journal: true,
            data: None,
            durability: Durability::default(),
            database: None,
        }
    }
}

impl Builder {
    /// Where to listen: `HOST:PORT`; port 0 picks a free one.
    ///
    /// On a loopback address the suppliers' keys follow from the seed; anywhere else they are random.
    #[must_use]
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = address.into();
        self
    }

    /// The name of the scenario that comes with the program: `default`, `minimal` or `empty`.
    #[must_use]
    pub fn scenario(mut self, name: impl Into<String>) -> Self {
        self.scenario = Source::Named(name.into());
        self
    }

    /// A scenario that was read from a file of one's own.
    #[must_use]
    pub fn scenario_from(mut self, scenario: Scenario) -> Self {
        self.scenario = Source::Read(Box::new(scenario));
        self
    }

    /// What the orders, and on loopback the keys, follow from: the same seed makes the same bytes.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// For how many minutes an order that was handed out is withheld; 0 turns that off (`list.window`: 30).
    #[must_use]
    pub fn window_minutes(mut self, minutes: u32) -> Self {
        self.window = Window::from_minutes(minutes);
        self
    }

    /// What one client may hold, and for how long.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What the control API lets the server hold.
    #[must_use]
    pub fn caps(mut self, caps: Caps) -> Self {
        self.caps = caps;
        self
    }

    /// What the control API asks for, as `Authorization: Bearer`, wherever other machines can reach the server. On
    /// loopback nothing is asked for.
    #[must_use]
    pub fn admin_token(mut self, token: &str) -> Self {
        self.admin_token = Some(KeyHash::of(token.as_bytes()));
        self
    }

    /// The password that every supplier has on the dashboard, in place of one that nobody can guess. Servers that share a
    /// database are to be given the same.
    #[must_use]
    pub fn dashboard_password(mut self, password: impl Into<String>) -> Self {
        self.dashboard_password = Some(Secret(password.into()));
        self
    }

    /// Whether suppliers' calls are kept in a journal and judged by scorecards, as they are unless told otherwise. Without
    /// it a server bears a little more load.
    #[must_use]
    pub fn journal(mut self, is_on: bool) -> Self {
        self.journal = is_on;
        self
    }

    /// The file that keeps sandboxes, keys and journals beyond the end of the server; it is made if there is none. Without
    /// it they are in memory, and gone with the server. A default sandbox that the file holds goes on as it is, whatever
    /// scenario, seed and window say.
    #[must_use]
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// The PostgreSQL database that keeps everything, `postgres://USER:PASSWORD@HOST:PORT/NAME`: any number of servers on
    /// one are one to their clients. Its default sandbox goes on as it is, as that of a data file does.
    #[must_use]
    pub fn database_url(mut self, url: impl Into<String>) -> Self {
        self.database = Some(Secret(url.into()));
        self
    }

    /// What has to happen to the data file before a call is answered with a success.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// The address under which clients know the server, behind a proxy say: what is printed and served names it.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// Seeds a sandbox and serves it, on the current tokio runtime, until the returned server is stopped or dropped.
    ///
    /// # Errors
    /// The scenario does not exist, the address cannot be listened on, or other machines can reach it and there is no
    /// admin token.
    pub async fn start(self) -> Result<SandboxServer, StartError> {
        let (scenario_name, scenario) = self.scenario.read()?;
        let (listener, address) = listen(&self.listen).await?;
        let is_behind_proxy = self.public_url.is_some();
        let url = url(self.public_url, address)?;
        // Behind a name that others know, a proxy lets others in.
        let is_local = address.ip().is_loopback() && guard::is_loopback_url(&url);
        let admission =
            Admission::of(is_local, self.admin_token).ok_or_else(|| StartError::NoAdminToken(url.clone()))?;
        let started_with = StartedWith {
            scenario_name,
            scenario: Arc::clone(&scenario),
            seed: self.seed,
            settings: Settings { window: self.window, account_dedup: AccountDedup::Order },
            secrets_follow_seed: is_local,
        };

        let time = ServerTime::default();
        let options = StoreOptions { render: wire::render, bounds: self.caps.bounds };
        let store = open(self.data.as_deref(), self.durability, self.database, options).await?;
        let control = Arc::new(Control::new(Arc::clone(&store), started_with, self.caps, random));
        let default = control.open_default(time.now()).await?;
        let (info, scenario) = (default.info, default.scenario.unwrap_or(scenario));
        let suppliers: Vec<_> = default.keys.into_iter().map(access).collect();

        // A random key is a secret, and the page is open to all who reach the server.
        let published = if is_local { &suppliers[..] } else { &[] };
        let docs = Arc::new(docs::page(&url, &scenario, published, info.settings.window));
        let (stop, stopped) = watch::channel(false);
        let metrics = Arc::new(Metrics::default());
        let mut id = [0; 4];
        random(&mut id).map_err(ControlError::from)?;
        let id = u32::from_be_bytes(id);
        // No request has this number: it stands for the program around the server.
        let by = RequestId { server: id, count: 0 };
        let (password, is_secret) = password(self.dashboard_password, is_local)?;
        let seen_as = (url.as_str(), is_behind_proxy);
        let dashboard = dashboard(&control, &time, seen_as, &admission, (&password, is_secret), &stopped, by);
        let app = App {
            store: Arc::clone(&store),
            control: Arc::clone(&control),
            time: time.clone(),
            metrics: Arc::clone(&metrics),
            url: url.as_str().into(),
            stopping: stopped.clone(),
            docs,
        };
        let recorder = Arc::new(Recorder::new(Arc::clone(&store), time.clone(), self.journal));
        let edge = Edge::new(id, self.limits.request_timeout, recorder, metrics);
        let routes = http::around(router::router(app, admission, dashboard), edge);
        let serving = tokio::spawn(http::serve(listener, routes, self.limits, stopped));
        let title = scenario.title().to_owned();
        let sandbox = SandboxHandle {
            id: Control::default_sandbox(),
            url: url.as_str().into(),
            keys: suppliers.iter().map(|access| (access.id.clone(), access.key.clone())).collect(),
            control,
            time,
            by,
        };
        Ok(SandboxServer {
            url,
            password,
            title,
            summary: default.summary,
            seed: info.seed,
            window: info.settings.window,
            is_resumed: default.is_resumed,
            suppliers,
            sandbox,
            stop,
            serving,
            store,
        })
    }
}

/// Where clients find the server.
fn url(public: Option<String>, address: SocketAddr) -> Result<String, StartError> {
    let Some(url) = public else { return Ok(format!("http://{address}")) };
    url.parse::<ServerUrl>().map(|url| url.to_string()).map_err(|_| StartError::InvalidPublicUrl(url))
}

/// The store that a file or a database holds, or one in memory.
async fn open(
    data: Option<&Path>,
    durability: Durability,
    database: Option<Secret>,
    options: StoreOptions,
) -> Result<Arc<dyn Store>, StartError> {
    Ok(match (data, database) {
        (None, None) => Arc::new(MemoryStore::new(options)),
        (Some(file), None) => Arc::new(MemoryStore::open(file, durability, options).await?),
        (None, Some(url)) => Arc::new(PostgresStore::connect(&url.0, options).await?),
        (Some(_), Some(_)) => return Err(StartError::TwoStores),
    })
}

/// What the dashboard needs of the server.
fn dashboard(
    control: &Arc<Control>,
    time: &ServerTime,
    (url, is_behind_proxy): (&str, bool),
    admission: &Admission,
    (password, is_secret): (&Arc<str>, bool),
    stopping: &watch::Receiver<bool>,
    by: RequestId,
) -> supplier_dashboard::Setup {
    let time = time.clone();
    supplier_dashboard::Setup {
        control: Arc::clone(control),
        now: Arc::new(move || time.now()),
        request: Arc::new(move || by),
        random,
        url: url.into(),
        is_behind_proxy,
        admin: match admission {
            Admission::Loopback => supplier_dashboard::Admin::Everybody,
            Admission::Token(expected) => {
                let expected = *expected;
                supplier_dashboard::Admin::Token(Arc::new(move |token| KeyHash::of(token) == expected))
            }
        },
        password: Arc::clone(password),
        is_password_secret: is_secret,
        not_allowed: |allowed| ApiError::MethodNotAllowed(allowed).into_response(),
        stopping: stopping.clone(),
    }
}

fn access((supplier, key): (Supplier, CreatedKey)) -> SupplierAccess {
    SupplierAccess { id: supplier.id, name: supplier.name, key_id: key.id, key: key.key }
}

async fn listen(address: &str) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse(address.to_owned()),
        io::ErrorKind::InvalidInput => StartError::InvalidAddress(address.to_owned()),
        _ => StartError::Listen { address: address.to_owned(), source },
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Random bytes of the system.
fn random(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    SysRng.try_fill_bytes(bytes).map_err(|_| NoRandomness)
}

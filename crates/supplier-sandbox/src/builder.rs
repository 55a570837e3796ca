//! How a server is set up and started.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rand::TryRng as _;
use rand::rngs::SysRng;
use supplier_domain::{FingerprintKey, Supplier, SupplierId, Window};
use supplier_seed::{BUILTIN, Scenario, derived_fingerprint_key, derived_key};
use supplier_store::{KeyHash, MemoryStore, NewKey, NewSandbox, SandboxId, Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::App;
use crate::http::{self, Edge, Limits};
use crate::server::{SandboxServer, SupplierAccess};
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
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random(#[source] rand::rngs::SysError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A server to be started; what is not set is as the program has it, but for the port: a free one.
#[derive(Debug, Clone)]
pub struct Builder {
    listen: String,
    scenario: Source,
    seed: u64,
    window: Window,
    limits: Limits,
}

#[derive(Debug, Clone)]
enum Source {
    Named(String),
    Read(Box<Scenario>),
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            scenario: Source::Named("default".to_owned()),
            seed: 1,
            window: Window::STANDARD,
            limits: Limits::default(),
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

    /// Seeds a sandbox and serves it, on the current tokio runtime, until the returned server is stopped or dropped.
    ///
    /// # Errors
    /// The scenario does not exist, or the address cannot be listened on.
    pub async fn start(self) -> Result<SandboxServer, StartError> {
        let scenario = match self.scenario {
            Source::Named(name) => Scenario::builtin(&name).ok_or(StartError::UnknownScenario(name))?,
            Source::Read(scenario) => *scenario,
        };
        let (listener, address) = listen(&self.listen).await?;
        let secrets = if address.ip().is_loopback() { Secrets::Derived(self.seed) } else { Secrets::Random };
        let fingerprint_key = secrets.fingerprint_key()?;
        let world = scenario.seed(self.seed, &fingerprint_key);
        let summary = scenario.summary_of(&world);
        let suppliers = world.suppliers.iter().map(|supplier| secrets.access(supplier));
        let suppliers = suppliers.collect::<Result<Vec<_>, _>>()?;

        let time = ServerTime;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(wire::render));
        let sandbox = default_sandbox();
        let new = NewSandbox { id: sandbox.clone(), world, window: self.window, fingerprint_key };
        store.create(new, time.now()).await?;
        for supplier in &suppliers {
            let hash = KeyHash::of(supplier.key.as_bytes());
            store.add_key(&sandbox, NewKey { supplier: supplier.id.clone(), hash }).await?;
        }

        let url = format!("http://{address}");
        // A random key is a secret, and the page is open to all who reach the server.
        let published = if matches!(secrets, Secrets::Derived(_)) { &suppliers[..] } else { &[] };
        let docs = Arc::new(docs::page(&url, &scenario, published, self.window));
        let app = App { store: Arc::clone(&store), time, docs };
        let server_id = u32::from_be_bytes(random()?);
        let routes = http::around(router::router(app), Edge::new(server_id, self.limits.request_timeout));
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(http::serve(listener, routes, self.limits, stopped));
        let title = scenario.title().to_owned();
        Ok(SandboxServer { url, title, summary, sandbox, suppliers, store, time, stop, serving })
    }
}

/// The sandbox that every server has.
fn default_sandbox() -> SandboxId {
    "default".parse().unwrap_or_else(|_| unreachable!("it is a plain word"))
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

/// Where a sandbox's secrets come from.
enum Secrets {
    /// From the seed: the same on every start, and known to whoever knows the seed.
    Derived(u64),
    /// From the system.
    Random,
}

impl Secrets {
    fn fingerprint_key(&self) -> Result<FingerprintKey, StartError> {
        match self {
            Self::Derived(seed) => Ok(derived_fingerprint_key(*seed)),
            Self::Random => random().map(FingerprintKey),
        }
    }

    fn api_key(&self, supplier: &SupplierId) -> Result<String, StartError> {
        match self {
            Self::Derived(seed) => Ok(derived_key(*seed, supplier)),
            Self::Random => Ok(format!("test_{}", hex::encode(random::<16>()?))),
        }
    }

    fn access(&self, supplier: &Supplier) -> Result<SupplierAccess, StartError> {
        let key = self.api_key(&supplier.id)?;
        Ok(SupplierAccess { id: supplier.id.clone(), name: supplier.name.clone(), key })
    }
}

fn random<const N: usize>() -> Result<[u8; N], StartError> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).map_err(StartError::Random)?;
    Ok(bytes)
}

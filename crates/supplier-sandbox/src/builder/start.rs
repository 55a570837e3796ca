//! Start of a server in three steps: the store, the control of its sandboxes, and HTTP.

use std::sync::Arc;

use axum::response::IntoResponse as _;
use supplier_control::{Control, ControlError, CreatedKey, DefaultSandbox, StartedWith};
use supplier_domain::{AccountDedup, RequestId, Supplier};
use supplier_rehearsal::Watches;
use supplier_store::{KeyHash, MemoryStore, PostgresStore, Settings, Store, StoreOptions};
use tokio::sync::watch;

use super::endpoint::Endpoint;
use super::secret::password;
use super::{Builder, DEFAULT_SCENARIO, DEFAULT_SEED, Source, StartError, kept, random};
use crate::api::{ApiError, Recorder};
use crate::app::App;
use crate::control::Admission;
use crate::docs::{self, OWN_FILE};
use crate::handle::SandboxHandle;
use crate::http::{self, Edge};
use crate::metrics::Metrics;
use crate::server::{SandboxServer, SupplierAccess};
use crate::time::ServerTime;
use crate::{router, wire};

/// Use cases of the sandboxes in a store, and the default sandbox.
struct Opened {
    store: Arc<dyn Store>,
    control: Arc<Control>,
    time: ServerTime,
    default: DefaultSandbox,
}

impl Builder {
    /// Starts the server on the current tokio runtime. It runs until it is stopped or dropped.
    ///
    /// # Errors
    /// [`StartError`] names the option at fault: the scenario does not exist, the server cannot listen on the address, other
    /// machines can reach it and there is no admin token, or the file or database cannot be used.
    pub async fn start(mut self) -> Result<SandboxServer, StartError> {
        let source = self.scenario.clone().unwrap_or_else(|| Source::Named(DEFAULT_SCENARIO.to_owned()));
        let (scenario_name, scenario) = source.read()?;
        let endpoint = Endpoint::open(&self.listen, self.public_url.take(), self.admin_token).await?;
        let started_with = StartedWith {
            scenario_name,
            scenario,
            seed: self.seed.unwrap_or(DEFAULT_SEED),
            settings: Settings { window: self.window, account_dedup: AccountDedup::Order },
            secrets_follow_seed: endpoint.is_local,
        };
        let store = self.open_store().await?;
        let opened = self.open_control(store, started_with).await?;
        self.serve(endpoint, opened)
    }

    /// Opens the store in the file or the database, or creates one in memory.
    async fn open_store(&self) -> Result<Arc<dyn Store>, StartError> {
        let options = StoreOptions { render: wire::render, bounds: self.caps.bounds };
        Ok(match (&self.data, &self.database) {
            (None, None) => Arc::new(MemoryStore::new(options)),
            (Some(file), None) => Arc::new(MemoryStore::open(file, self.durability, options).await?),
            (None, Some(url)) => Arc::new(PostgresStore::connect(&url.0, options).await?),
            (Some(_), Some(_)) => return Err(StartError::TwoStores),
        })
    }

    /// Opens the use cases of `store`, and its default sandbox. A stored default sandbox must match the options.
    async fn open_control(
        &self,
        store: Arc<dyn Store>,
        started_with: StartedWith,
    ) -> Result<Opened, StartError> {
        let time = ServerTime::default();
        let control = Control::new(Arc::clone(&store), started_with.clone(), self.caps.clone(), random);
        let default = control.open_default(time.now()).await?;
        let scenario = (&*started_with.scenario_name, &*started_with.scenario);
        let asked = self.scenario.as_ref().map(|_| scenario);
        if let Some((held, asked)) = kept::difference(&default, asked, self.seed) {
            if let Err(error) = store.close().await {
                tracing::error!(%error, "the data file could not be closed");
            }
            let place =
                self.data.as_ref().map_or("the database".to_owned(), |file| file.display().to_string());
            return Err(StartError::OtherWorld { place, held, asked });
        }
        Ok(Opened { store, control: Arc::new(control), time, default })
    }

    /// Serves HTTP at `endpoint`.
    fn serve(self, endpoint: Endpoint, opened: Opened) -> Result<SandboxServer, StartError> {
        let Opened { store, control, time, default } = opened;
        let suppliers: Vec<_> = default.keys.into_iter().map(access).collect();
        // A random key is a secret, and the page is open to all who reach the server.
        let published = if endpoint.is_local { &suppliers[..] } else { &[] };
        let (scenario, settings) = (default.scenario.as_deref(), default.info.settings);
        let docs = docs::page(&endpoint.url, scenario, published, settings.window);
        let mut server = [0; 4];
        random(&mut server).map_err(ControlError::from)?;
        let server = u32::from_be_bytes(server);
        // No request has this number: it stands for the program around the server.
        let by = RequestId { server, count: 0 };
        let (password, is_password_secret) = password(self.dashboard_password, endpoint.is_local)?;
        let (stop, stopping) = watch::channel(false);
        let watches = Arc::new(Watches::default());
        let app = App {
            store: Arc::clone(&store),
            control: Arc::clone(&control),
            watches: Arc::clone(&watches),
            time: time.clone(),
            metrics: Arc::new(Metrics::default()),
            url: endpoint.url.as_str().into(),
            stopping: stopping.clone(),
            docs: Arc::new(docs),
        };
        let dashboard = dashboard(&app, &endpoint, (&password, is_password_secret), by);
        let recorder =
            Arc::new(Recorder::new(Arc::clone(&store), time.clone(), Arc::clone(&watches), self.journal));
        let edge = Edge::new(server, self.limits.request_timeout, recorder, Arc::clone(&app.metrics));
        let sandbox = SandboxHandle {
            id: Control::default_sandbox(),
            url: Arc::clone(&app.url),
            keys: suppliers.iter().map(|access| (access.id.clone(), access.key.clone())).collect(),
            control,
            time,
            by,
        };
        let routes = http::around(router::router(app, endpoint.admission, dashboard), edge);
        Ok(SandboxServer {
            url: endpoint.url,
            password,
            title: scenario.map_or(OWN_FILE, |scenario| scenario.title()).to_owned(),
            summary: default.summary,
            seed: default.info.seed,
            window: settings.window,
            is_resumed: default.is_resumed,
            suppliers,
            sandbox,
            watches,
            is_recording: self.journal,
            stop,
            serving: tokio::spawn(http::serve(endpoint.listener, routes, self.limits, stopping)),
            store,
        })
    }
}

/// Setup of the dashboard.
fn dashboard(
    app: &App,
    endpoint: &Endpoint,
    (password, is_password_secret): (&Arc<str>, bool),
    by: RequestId,
) -> supplier_dashboard::Setup {
    let time = app.time.clone();
    supplier_dashboard::Setup {
        control: Arc::clone(&app.control),
        now: Arc::new(move || time.now()),
        request: Arc::new(move || by),
        random,
        url: Arc::clone(&app.url),
        is_behind_proxy: endpoint.is_behind_proxy,
        admin: match endpoint.admission {
            Admission::Loopback => supplier_dashboard::Admin::Everybody,
            Admission::Token(expected) => {
                supplier_dashboard::Admin::Token(Arc::new(move |token| KeyHash::of(token) == expected))
            }
        },
        password: Arc::clone(password),
        is_password_secret,
        not_allowed: || ApiError::MethodNotAllowed.into_response(),
        stopping: app.stopping.clone(),
    }
}

fn access((supplier, key): (Supplier, CreatedKey)) -> SupplierAccess {
    SupplierAccess { id: supplier.id, name: supplier.name, key_id: key.id, key: key.key }
}

//! Builder of a server: options and start.

mod endpoint;
mod kept;
mod secret;
mod start;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rand::TryRng as _;
use rand::rngs::SysRng;
use supplier_control::{Caps, ControlError, NoRandomness};
use supplier_domain::Window;
use supplier_seed::{BUILTIN, Scenario};
use supplier_store::{DatabaseError, Durability, KeyHash, OpenError};

use self::secret::Secret;
use crate::http::Limits;

/// Error of starting a server.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No built-in scenario has this name.
    #[error("there is no scenario {0:?}; the built-in ones are {names}", names = BUILTIN.join(", "))]
    UnknownScenario(String),
    /// Another program listens on this address.
    #[error("{0} is in use by another program; stop that, or listen elsewhere (port 0 picks a free one)")]
    AddressInUse(String),
    /// The address is not of the form `HOST:PORT`.
    #[error("{0:?} is not an address to listen on; write HOST:PORT, such as 127.0.0.1:4010")]
    InvalidAddress(String),
    /// The server cannot listen on the address.
    #[error(
        "cannot listen on {address:?}: {source}; name an address of this machine, such as 127.0.0.1:4010"
    )]
    Listen {
        /// The given address.
        address: String,
        /// The cause.
        source: io::Error,
    },
    /// Other machines can reach the server, and there is no admin token that protects the control API.
    #[error(
        "{0} can be reached from other machines, so an admin token is needed for the control API; give one with \
         --admin-token-file, or in SUPPLIER_SANDBOX_ADMIN_TOKEN, or listen on 127.0.0.1"
    )]
    NoAdminToken(String),
    /// The public URL is invalid.
    #[error("{0:?} is not a public URL; write http://HOST or https://HOST, with a port if it has one")]
    InvalidPublicUrl(String),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The stored default sandbox began with another scenario or seed than the options name.
    #[error(
        "{place} was made with {held}, and you asked for {asked}; leave scenario and seed out to go on with what is \
         there, or choose another place. What is there has not changed"
    )]
    OtherWorld {
        /// The file or the database that stores it.
        place: String,
        /// Its scenario and seed.
        held: String,
        /// The options that differ.
        asked: String,
    },
    /// Both a data file and a database were named.
    #[error("both a data file and a database are given; give one of them")]
    TwoStores,
    /// The data file cannot be used.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// The default sandbox could not be created.
    #[error(transparent)]
    Control(#[from] ControlError),
}

/// Builder of a server. The defaults are the program's, except for the port: a free one.
#[derive(Debug, Clone)]
pub struct Builder {
    listen: String,
    /// `None` if not set: a stored default sandbox keeps its own.
    scenario: Option<Source>,
    seed: Option<u64>,
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

/// Default scenario of a new default sandbox.
const DEFAULT_SCENARIO: &str = "default";
const DEFAULT_SEED: u64 = 1;

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
            scenario: None,
            seed: None,
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
    /// Address to listen on, `HOST:PORT`; port 0 picks a free port.
    ///
    /// On a loopback address the suppliers' keys follow from the seed. On any other address they are random.
    #[must_use]
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = address.into();
        self
    }

    /// Built-in scenario to seed the sandbox with: `default`, `minimal` or `empty`.
    #[must_use]
    pub fn scenario(mut self, name: impl Into<String>) -> Self {
        self.scenario = Some(Source::Named(name.into()));
        self
    }

    /// Scenario to seed the sandbox with, read from a file.
    #[must_use]
    pub fn scenario_from(mut self, scenario: Scenario) -> Self {
        self.scenario = Some(Source::Read(Box::new(scenario)));
        self
    }

    /// Random seed for the orders and, on loopback, the keys. The same seed makes the same orders, byte for byte.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Window in minutes: how long an order that was handed out is withheld (`list.window`: 30). 0 withholds none.
    #[must_use]
    pub fn window_minutes(mut self, minutes: u32) -> Self {
        self.window = Window::from_minutes(minutes);
        self
    }

    /// Limits of connections and of the memory that they hold.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Limits of the control API.
    #[must_use]
    pub fn caps(mut self, caps: Caps) -> Self {
        self.caps = caps;
        self
    }

    /// Admin token, which the control API requires as `Authorization: Bearer` if other machines can reach the server. On
    /// loopback the control API requires none.
    #[must_use]
    pub fn admin_token(mut self, token: &str) -> Self {
        self.admin_token = Some(KeyHash::of(token.as_bytes()));
        self
    }

    /// Dashboard password of every supplier, in place of a random one. Servers that share a database need the same password.
    #[must_use]
    pub fn dashboard_password(mut self, password: impl Into<String>) -> Self {
        self.dashboard_password = Some(Secret(password.into()));
        self
    }

    /// Whether to keep a journal of calls, and scorecards [default: true]. Without them a server handles a little more load.
    #[must_use]
    pub fn journal(mut self, is_on: bool) -> Self {
        self.journal = is_on;
        self
    }

    /// Data file, created if missing, which keeps sandboxes, keys and journals when the server stops. Without it they are in
    /// memory only. A default sandbox in the file continues with its own window; another scenario or seed than its own is
    /// refused.
    #[must_use]
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// PostgreSQL database that keeps everything: `postgres://USER:PASSWORD@HOST:PORT/NAME`. Any number of servers can share
    /// it, and act as one. A default sandbox in the database continues as in a data file.
    #[must_use]
    pub fn database_url(mut self, url: impl Into<String>) -> Self {
        self.database = Some(Secret(url.into()));
        self
    }

    /// Durability of a change in the data file before the server answers.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Public URL of the server, for instance behind a proxy. Pages, documents and the banner use it.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }
}

/// Random bytes of the operating system.
fn random(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    SysRng.try_fill_bytes(bytes).map_err(|_| NoRandomness)
}

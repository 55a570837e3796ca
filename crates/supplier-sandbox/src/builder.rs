//! How a server is set up and started.

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
    /// The default sandbox that was kept began in another way than was asked for.
    #[error(
        "{place} was made with {held}, and you asked for {asked}; leave scenario and seed out to go on with what is \
         there, or choose another place. What is there has not changed"
    )]
    OtherWorld {
        /// Where it is kept: the file, or the database.
        place: String,
        /// The scenario and the seed that it began with.
        held: String,
        /// What was asked for and differs.
        asked: String,
    },
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
    /// `None`: nothing was asked for.
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

/// What is served if nothing else is asked for.
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
        self.scenario = Some(Source::Named(name.into()));
        self
    }

    /// A scenario that was read from a file of one's own.
    #[must_use]
    pub fn scenario_from(mut self, scenario: Scenario) -> Self {
        self.scenario = Some(Source::Read(Box::new(scenario)));
        self
    }

    /// What the orders, and on loopback the keys, follow from: the same seed makes the same bytes.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
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
    /// it they are in memory, and gone with the server. A default sandbox that the file holds goes on as it is, with its own
    /// window. A scenario or a seed that it did not begin with is refused.
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
}

/// Random bytes of the system.
fn random(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    SysRng.try_fill_bytes(bytes).map_err(|_| NoRandomness)
}

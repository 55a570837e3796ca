//! Use cases of a sandbox, without HTTP: create, fork, reset and delete it, move its clock, create and revoke keys, place orders,
//! let orders arrive, add faults, explain, audit and score.
//!
//! [`Control`] has a method for each use case. The control API, the dashboard and the Rust library of `supplier-sandbox` call these
//! methods. In every method, `server` is the server's own time. Random bytes come from [`Random`].

mod arrivals;
mod audit;
mod baselines;
mod caps;
mod clock;
mod error;
mod faults;
mod journal;
mod keys;
mod new_orders;
mod orders;
mod sandboxes;
mod scorecards;
mod sessions;
mod shell_command;
mod snapshots;
mod why_call;

use std::sync::Arc;

use supplier_domain::SupplierId;
use supplier_seed::Scenario;
use supplier_store::{Permits, Settings, Store};

pub use arrivals::NewArrivals;
pub use audit::{Audit, AuditFinding, FindingKind};
pub use caps::{Caps, MAX_WINDOW_MINUTES};
pub use error::{ControlError, ErrorClass};
pub use journal::Listener;
pub use keys::CreatedKey;
pub use new_orders::{NewItem, NewOrders};
pub use orders::{Reason, Why};
pub use sandboxes::{CreateSandbox, CreatedSandbox, DefaultSandbox, Origin};
pub use scorecards::ClientReports;
pub use shell_command::shell_command;
pub use why_call::{Because, CallWhy, DroppedBecause};

// Arguments and results of the use cases, so that their callers need not depend on the store.
pub use supplier_store::{
    AuditRecord, Bounds, CallSearch, FoundCalls, FoundOrders, KeptCall, KeyId, KeyInfo, OrderSearch,
    OrderState, SandboxId, SandboxInfo, Session,
};

use baselines::Baselines;

/// The operating system returned no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomness;

/// Fills a slice with unpredictable random bytes.
pub type Random = fn(&mut [u8]) -> Result<(), NoRandomness>;

/// Options that the server was started with: the defaults of a new sandbox.
#[derive(Debug, Clone)]
pub struct StartedWith {
    /// Name of the scenario: a built-in one, or `custom`.
    pub scenario_name: Arc<str>,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Random seed of the orders.
    pub seed: u64,
    /// Settings of a new sandbox.
    pub settings: Settings,
    /// Whether keys and other secrets may follow from the seed. Only safe if no other machine can call the server.
    pub secrets_follow_seed: bool,
}

/// The use cases of one server.
pub struct Control {
    store: Arc<dyn Store>,
    started_with: StartedWith,
    caps: Caps,
    random: Random,
    baselines: Baselines,
    listeners: Permits,
}

impl Control {
    /// The use cases on `store`, with random bytes from `random`, limited by `caps`.
    pub fn new(store: Arc<dyn Store>, started_with: StartedWith, caps: Caps, random: Random) -> Self {
        let listeners = Permits::new(caps.listeners, caps.listeners_per_sandbox);
        Self { store, started_with, caps, random, baselines: Baselines::default(), listeners }
    }

    /// The limits.
    pub fn caps(&self) -> &Caps {
        &self.caps
    }

    /// Id of the default sandbox, which every server has and nobody can delete.
    pub fn default_sandbox() -> SandboxId {
        "default".parse().unwrap_or_else(|_| unreachable!("it is a plain word"))
    }

    /// `prefix` and `N` random bytes in hexadecimal.
    fn random_name<const N: usize>(&self, prefix: &str) -> Result<String, ControlError> {
        let mut bytes = [0; N];
        (self.random)(&mut bytes)?;
        Ok(format!("{prefix}{}", hex::encode(bytes)))
    }

    /// A random API key.
    fn random_key(&self) -> Result<String, ControlError> {
        self.random_name::<16>("test_")
    }
}

/// A supplier's key in clear text, shown once and stored nowhere.
#[derive(Clone)]
pub struct SupplierKey {
    /// The supplier.
    pub supplier: SupplierId,
    /// The key.
    pub key: String,
}

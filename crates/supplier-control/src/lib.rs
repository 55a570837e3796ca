//! What can be done with a sandbox, as use cases: made, forked, reset, its clock moved, its keys given out and revoked.
//!
//! HTTP is unknown here: the control API and the embedding library are faces of [`Control`]. `server` is always the
//! server's own time, and random numbers come in through [`Random`].

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

// What the use cases take and give, so that a face of them needs to know no store.
pub use supplier_store::{
    AuditRecord, Bounds, CallSearch, FoundCalls, FoundOrders, KeptCall, KeyId, KeyInfo, OrderSearch,
    OrderState, SandboxId, SandboxInfo, Session,
};

use baselines::Baselines;

/// The system gave no random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomness;

/// Fills a slice with random bytes that nobody can foretell.
pub type Random = fn(&mut [u8]) -> Result<(), NoRandomness>;

/// What the server was started with: what a new sandbox is like if nothing else is said.
#[derive(Debug, Clone)]
pub struct StartedWith {
    /// The scenario's name: of a built-in one, or `custom`.
    pub scenario_name: Arc<str>,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// What orders follow from.
    pub seed: u64,
    /// How sandboxes behave.
    pub settings: Settings,
    /// Whether what must not be guessed may follow from the seed: only where nobody but this machine can call.
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
    /// Works on `store`, by `random`, within `caps`.
    pub fn new(store: Arc<dyn Store>, started_with: StartedWith, caps: Caps, random: Random) -> Self {
        let listeners = Permits::new(caps.listeners, caps.listeners_per_sandbox);
        Self { store, started_with, caps, random, baselines: Baselines::default(), listeners }
    }

    /// Within what bounds it works.
    pub fn caps(&self) -> &Caps {
        &self.caps
    }

    /// The sandbox that every server has, and that cannot be deleted.
    pub fn default_sandbox() -> SandboxId {
        "default".parse().unwrap_or_else(|_| unreachable!("it is a plain word"))
    }

    /// `prefix` and `N` random bytes, as hexadecimal digits.
    fn random_name<const N: usize>(&self, prefix: &str) -> Result<String, ControlError> {
        let mut bytes = [0; N];
        (self.random)(&mut bytes)?;
        Ok(format!("{prefix}{}", hex::encode(bytes)))
    }

    /// An API key for `supplier` that nobody can foretell.
    fn random_key(&self) -> Result<String, ControlError> {
        self.random_name::<16>("test_")
    }
}

/// A supplier's key, in clear: shown once, and kept nowhere.
#[derive(Clone)]
pub struct SupplierKey {
    /// The supplier.
    pub supplier: SupplierId,
    /// The key.
    pub key: String,
}

//! Descriptions of a sandbox: its name, settings, and what it is created from.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use supplier_domain::{
    AccountDedup, FingerprintKey, InvalidId, Supplier, SupplierId, Timestamp, Window, World,
};

use crate::{NewKey, StoreError};

/// A sandbox's name, of the same form as a supplier's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SandboxId(Arc<str>);

impl SandboxId {
    /// The name of the baseline of a scenario and a seed: a sandbox that exists only to be forked. No other sandbox
    /// can have this name, and no request can use it. `digest` distinguishes scenarios of one name.
    pub fn baseline(scenario: &str, seed: u64, digest: u64) -> Self {
        Self(format!("{scenario}#{seed}#{digest:016x}").into())
    }

    /// A name that a store has kept.
    pub(crate) fn kept(name: &str) -> Self {
        Self(name.into())
    }

    /// Whether this is the name of a baseline.
    pub fn is_baseline(&self) -> bool {
        self.0.contains('#')
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SandboxId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse::<SupplierId>().map(|name| Self(name.as_str().into()))
    }
}

impl fmt::Display for SandboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The choices that a sandbox's owner has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// For how long an order that was handed out is withheld (`list.window`).
    pub window: Window,
    /// Which deliveries an account must be new to (`update.accounts-dedup-scope`).
    pub account_dedup: AccountDedup,
}

/// What a sandbox is created from.
#[derive(Debug, Clone)]
pub struct NewSandbox {
    /// The sandbox's name.
    pub id: SandboxId,
    /// The name of the scenario that `world` was seeded from.
    pub scenario: Arc<str>,
    /// The random seed of `world`.
    pub seed: u64,
    /// The sandbox's suppliers and orders; no order is withheld yet.
    pub world: World,
    /// The sandbox's settings.
    pub settings: Settings,
    /// The sandbox's key for the fingerprints of accounts; the accounts in `world` have fingerprints by this key.
    pub fingerprint_key: FingerprintKey,
    /// The API keys of the sandbox's suppliers.
    pub keys: Vec<NewKey>,
    /// When, by the server's time, the sandbox expires; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// In what a copy of a sandbox differs from the original.
#[derive(Debug, Clone)]
pub struct NewFork {
    /// The copy's name.
    pub id: SandboxId,
    /// The copy's settings.
    pub settings: Settings,
    /// When, by the server's time, the copy expires; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// The description of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxInfo {
    /// The sandbox's name.
    pub id: SandboxId,
    /// The scenario that the sandbox, or the one it was forked from, was seeded from.
    pub scenario: Arc<str>,
    /// The random seed of the sandbox's world.
    pub seed: u64,
    /// The sandbox's settings.
    pub settings: Settings,
    /// The sandbox's suppliers: the scenario's in their order, then added ones.
    pub suppliers: Vec<Supplier>,
    /// When the sandbox was created, by the server's time.
    pub created_at: Timestamp,
    /// When, by the server's time, the sandbox expires; `None` for never.
    pub expires_at: Option<Timestamp>,
}

impl SandboxInfo {
    /// Refuses a supplier that the sandbox does not have.
    pub(crate) fn demand_supplier(&self, supplier: &SupplierId) -> Result<(), StoreError> {
        let has_supplier = self.suppliers.iter().any(|known| known.id == *supplier);
        let missing = || StoreError::NoSupplier(self.id.clone(), supplier.clone());
        has_supplier.then_some(()).ok_or_else(missing)
    }
}

/// Whether the time `expires_at` has come.
pub(crate) fn is_over(expires_at: Option<Timestamp>, server: Timestamp) -> bool {
    expires_at.is_some_and(|end| end <= server)
}

/// The part of a sandbox's life between two resets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub(crate) i64);

//! Sandboxes: isolated worlds, and the keys that lead to them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::{
    AccountDedup, ClockChange, ClockRefusal, ClockState, FingerprintKey, InvalidId, Supplier, SupplierId,
    Timestamp, Window, World,
};

use crate::{KeyHash, Snapshot, StoreError};

/// A sandbox's name: of the same form as a supplier's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SandboxId(Arc<str>);

impl SandboxId {
    /// The name of the baseline of a scenario and a seed: a sandbox that is only there to be forked. No other sandbox
    /// can have it, and no request can name it. `digest` tells scenarios of one name apart.
    pub fn baseline(scenario: &str, seed: u64, digest: u64) -> Self {
        Self(format!("{scenario}#{seed}#{digest:016x}").into())
    }

    /// A name that a sandbox of a store had.
    pub(crate) fn kept(name: &str) -> Self {
        Self(name.into())
    }

    /// Whether it names a baseline.
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

/// How a sandbox behaves where its owner may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// For how long an order that was handed out is withheld (`list.window`).
    pub window: Window,
    /// Which deliveries an account must be new to (`update.accounts-dedup-scope`).
    pub account_dedup: AccountDedup,
}

/// What a sandbox begins with.
#[derive(Debug, Clone)]
pub struct NewSandbox {
    /// Its name.
    pub id: SandboxId,
    /// The name of the scenario that its world was seeded from.
    pub scenario: Arc<str>,
    /// The seed that its world follows from.
    pub seed: u64,
    /// Its suppliers and orders; none of them is withheld yet.
    pub world: World,
    /// How it behaves.
    pub settings: Settings,
    /// Its key for the fingerprints of accounts; those in `world` were made with it.
    pub fingerprint_key: FingerprintKey,
    /// The keys that lead to its suppliers.
    pub keys: Vec<NewKey>,
    /// When, by the server's time, it goes; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// What a copy of a sandbox has of its own.
#[derive(Debug, Clone)]
pub struct NewFork {
    /// Its name.
    pub id: SandboxId,
    /// How it behaves.
    pub settings: Settings,
    /// When, by the server's time, it goes; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// What is to be known of a sandbox without looking into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxInfo {
    /// Its name.
    pub id: SandboxId,
    /// The scenario that it, or what it was forked from, was seeded from.
    pub scenario: Arc<str>,
    /// The seed that its world follows from.
    pub seed: u64,
    /// How it behaves.
    pub settings: Settings,
    /// Its suppliers: those of its scenario in its order, then those that were added.
    pub suppliers: Vec<Supplier>,
    /// When it was made, by the server's time.
    pub created_at: Timestamp,
    /// When, by the server's time, it goes; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// The name of a key within its sandbox. It opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub Arc<str>);

/// An API key that is to lead to a supplier of a sandbox.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its name.
    pub id: KeyId,
    /// The supplier.
    pub supplier: SupplierId,
    /// The key's hash.
    pub hash: KeyHash,
    /// Its first characters, by which its owner knows it again.
    pub prefix: Arc<str>,
}

/// What is kept of a key, and may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name.
    pub id: KeyId,
    /// The supplier that it leads to.
    pub supplier: SupplierId,
    /// Its first characters.
    pub prefix: Arc<str>,
    /// When it was made, by the server's time.
    pub created_at: Timestamp,
    /// When it last let a call in, by the server's time.
    pub last_used_at: Option<Timestamp>,
}

/// Which life of a sandbox: each reset begins another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub(crate) i64);

/// Who calls: a supplier of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The supplier.
    pub supplier: SupplierId,
    /// In which life of the sandbox it was let in; in another, [`StoreError::Reset`] is all that comes of its call. `None` for
    /// whichever it is.
    pub epoch: Option<Epoch>,
}

/// Whom a key leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// Who calls.
    pub caller: Caller,
    /// Whether a fault is armed in the sandbox: if none is, [`FaultPlans::strike`](crate::FaultPlans::strike) need not be
    /// asked what strikes the call.
    pub is_armed: bool,
}

/// The sandboxes of a server. Each method is atomic: it happens as a whole at one moment, or not at all.
///
/// `server` is always the server's own time; a sandbox's clock makes its own of it.
#[async_trait]
pub trait Sandboxes: Send + Sync {
    /// Makes a sandbox, its clock running from `server`.
    ///
    /// # Errors
    /// [`StoreError::SandboxExists`], [`StoreError::NoSupplier`], [`StoreError::KeyExists`].
    async fn create(&self, sandbox: NewSandbox, server: Timestamp) -> Result<(), StoreError>;

    /// Makes a copy of `from` as it stands (orders, withheld orders, suppliers, clock), without keys. Neither sees what
    /// happens to the other from then on.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`] if there is no `from`, [`StoreError::SandboxExists`] if there is such a copy.
    async fn fork(&self, from: &SandboxId, fork: NewFork, server: Timestamp) -> Result<(), StoreError>;

    /// All of a sandbox but its keys, as it stands.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn export(&self, id: &SandboxId, server: Timestamp) -> Result<Snapshot, StoreError>;

    /// Makes a sandbox of a snapshot that [`Snapshot::check`] has passed, without keys. It stands as the one that was
    /// exported stood then, its clock too, and that is what a reset puts it back to. `fork` says what it has of its own.
    ///
    /// # Errors
    /// [`StoreError::SandboxExists`].
    async fn restore(&self, snapshot: Snapshot, fork: NewFork, server: Timestamp) -> Result<(), StoreError>;

    /// Puts a sandbox back to how it began, its clock too. Keys stay as they are, and so do suppliers that were added,
    /// without their orders. Calls of those who were let in before ([`Caller::epoch`]) do nothing from then on.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn reset(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError>;

    /// Removes a sandbox and its keys.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn delete(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError>;

    /// Removes the sandboxes that are to go by `server`, and returns how many did. Until then they are as good as gone:
    /// no other method finds them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn expire(&self, server: Timestamp) -> Result<usize, StoreError>;

    /// What is to be known of a sandbox.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn sandbox(&self, id: &SandboxId, server: Timestamp) -> Result<SandboxInfo, StoreError>;

    /// How many sandboxes there are, baselines not counted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn count(&self, server: Timestamp) -> Result<usize, StoreError>;

    /// All sandboxes but baselines, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn sandboxes(&self, server: Timestamp) -> Result<Vec<SandboxInfo>, StoreError>;

    /// Adds a supplier without orders.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::SupplierExists`].
    async fn add_supplier(
        &self,
        sandbox: &SandboxId,
        supplier: Supplier,
        server: Timestamp,
    ) -> Result<(), StoreError>;

    /// Lets a key lead to a supplier of a sandbox, beside those that do already.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::NoSupplier`], [`StoreError::KeyExists`].
    async fn add_key(&self, sandbox: &SandboxId, key: NewKey, server: Timestamp) -> Result<(), StoreError>;

    /// The keys that lead to a supplier of a sandbox, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::NoSupplier`].
    async fn keys(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<Vec<KeyInfo>, StoreError>;

    /// Revokes a key: no call that begins afterwards gets in by it (`auth.invalid-key`). Returns whether the supplier
    /// had such a key.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::NoSupplier`].
    async fn revoke_key(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        key: &KeyId,
        server: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Whom a key leads to; it is noted that the key was used.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn authenticate(
        &self,
        key: &KeyHash,
        server: Timestamp,
    ) -> Result<Option<Authenticated>, StoreError>;

    /// What a sandbox's clock shows, and how it goes on.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn clock(&self, sandbox: &SandboxId, server: Timestamp) -> Result<ClockState, StoreError>;

    /// Changes a sandbox's clock, and returns what came of it.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`]; that a clock does not go back is no failure of the store.
    async fn change_clock(
        &self,
        sandbox: &SandboxId,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<Result<ClockState, ClockRefusal>, StoreError>;

    /// Writes what is still to be written, such as the journal. Nothing is to be called afterwards.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn close(&self) -> Result<(), StoreError>;
}

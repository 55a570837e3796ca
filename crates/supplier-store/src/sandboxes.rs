//! Sandboxes: isolated worlds, and the keys that lead to them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::{
    ClockChange, ClockGoesBack, ClockState, FingerprintKey, InvalidId, SupplierId, Timestamp, Window, World,
};

use crate::{KeyHash, StoreError};

/// A sandbox's name: of the same form as a supplier's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SandboxId(Arc<str>);

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

/// What a sandbox begins with.
#[derive(Debug, Clone)]
pub struct NewSandbox {
    /// Its name.
    pub id: SandboxId,
    /// Its suppliers and orders; none of them is withheld yet.
    pub world: World,
    /// For how long an order is withheld.
    pub window: Window,
    /// Its key for the fingerprints of accounts; those in `world` were made with it.
    pub fingerprint_key: FingerprintKey,
}

/// An API key that is to lead to a supplier of a sandbox.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The supplier.
    pub supplier: SupplierId,
    /// The key's hash.
    pub hash: KeyHash,
}

/// Who calls: a supplier of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The supplier.
    pub supplier: SupplierId,
}

/// The sandboxes of a server. Each method is atomic: it happens as a whole at one moment, or not at all.
///
/// `server` is always the server's own time; a sandbox's clock makes its own of it.
#[async_trait]
pub trait Sandboxes: Send + Sync {
    /// Makes a sandbox without keys, its clock running from `server`.
    ///
    /// # Errors
    /// [`StoreError::SandboxExists`].
    async fn create(&self, sandbox: NewSandbox, server: Timestamp) -> Result<(), StoreError>;

    /// Makes the sandbox `to` a copy of `from` as it stands (orders, withheld orders, clock), without keys. Neither
    /// sees what happens to the other from then on.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`] if there is no `from`, [`StoreError::SandboxExists`] if there is a `to`.
    async fn fork(&self, from: &SandboxId, to: SandboxId) -> Result<(), StoreError>;

    /// Removes a sandbox and its keys.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn delete(&self, id: &SandboxId) -> Result<(), StoreError>;

    /// Lets a key lead to a supplier of a sandbox, beside those that do already.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::NoSupplier`], [`StoreError::KeyExists`].
    async fn add_key(&self, sandbox: &SandboxId, key: NewKey) -> Result<(), StoreError>;

    /// Revokes a key: no call that begins afterwards gets in by it (`auth.invalid-key`). Returns whether there was
    /// such a key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn revoke_key(&self, key: &KeyHash) -> Result<bool, StoreError>;

    /// Whom a key leads to.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn authenticate(&self, key: &KeyHash) -> Result<Option<Caller>, StoreError>;

    /// Changes a sandbox's clock, and returns what came of it.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`]; that a clock does not go back is no failure of the store.
    async fn change_clock(
        &self,
        sandbox: &SandboxId,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<Result<ClockState, ClockGoesBack>, StoreError>;
}

//! API keys, which a store keeps as hashes, and the callers that they authenticate.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use supplier_domain::{SupplierId, Timestamp};

use crate::{Epoch, SandboxId, StoreError};

/// The SHA-256 of an API key. A key is long and random, so that a plain hash cannot be reversed.
#[derive(Clone, Copy)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of all bytes of `key` (`auth.invalid-key`: exact, case-sensitive).
    pub fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// The hash that a store has kept.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash as a store keeps it.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The hash's first eight bytes, by which a store may look keys up. The whole hash must be compared then.
    pub fn bucket(&self) -> u64 {
        let mut start = [0; 8];
        start.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(start)
    }
}

impl PartialEq for KeyHash {
    /// In constant time, so that the duration of a comparison reveals nothing about the key.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for KeyHash {}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash([redacted])")
    }
}

/// The name of a key within its sandbox; it authenticates nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub Arc<str>);

/// A new API key of a supplier.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The key's name.
    pub id: KeyId,
    /// The supplier.
    pub supplier: SupplierId,
    /// The key's hash.
    pub hash: KeyHash,
    /// The key's first characters, by which the supplier recognises the key.
    pub prefix: Arc<str>,
}

/// The description of an API key, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// The key's name.
    pub id: KeyId,
    /// The supplier.
    pub supplier: SupplierId,
    /// The key's first characters.
    pub prefix: Arc<str>,
    /// When the key was created, by the server's time.
    pub created_at: Timestamp,
    /// When the key last authenticated a call, by the server's time.
    pub last_used_at: Option<Timestamp>,
}

/// Who calls: a supplier of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The supplier.
    pub supplier: SupplierId,
    /// The epoch of the sandbox in which the call was authenticated; `None` for any. In a later epoch, the call fails with
    /// [`StoreError::Reset`].
    pub epoch: Option<Epoch>,
}

/// The result of an authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// The caller.
    pub caller: Caller,
    /// Whether a fault is armed in the sandbox: without one, no call of [`FaultPlans::strike`](crate::FaultPlans::strike) is
    /// needed.
    pub is_armed: bool,
}

/// A key that authenticated calls once, and does no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndedKey {
    /// The key was revoked; it was this supplier's, of a sandbox that is there. The caller's epoch is `None`.
    Revoked(Caller),
    /// The key's sandbox was deleted, or has expired.
    SandboxGone,
}

/// So many ended keys are remembered, the last ones: of an older one it is not known that it was a key.
pub const MAX_ENDED_KEYS: usize = 10_000;

/// The API keys of suppliers. [`Store`](crate::Store) tells what all methods have in common.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Adds an API key to a supplier's keys.
    ///
    /// # Errors
    /// [`StoreError::NoSupplier`], [`StoreError::KeyExists`].
    async fn add_key(&self, sandbox: &SandboxId, key: NewKey, server: Timestamp) -> Result<(), StoreError>;

    /// The API keys of a supplier, oldest first.
    ///
    /// # Errors
    /// [`StoreError::NoSupplier`].
    async fn keys(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<Vec<KeyInfo>, StoreError>;

    /// Revokes an API key: it authenticates no call that begins afterwards (`auth.invalid-key`). Returns whether the supplier
    /// had the key.
    ///
    /// # Errors
    /// [`StoreError::NoSupplier`].
    async fn revoke_key(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        key: &KeyId,
        server: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The caller that an API key authenticates, if any. Records the use of the key.
    async fn authenticate(
        &self,
        key: &KeyHash,
        server: Timestamp,
    ) -> Result<Option<Authenticated>, StoreError>;

    /// What a key was that authenticates nobody; `None` if it is not known to have been one. The last [`MAX_ENDED_KEYS`] are.
    async fn ended_key(&self, key: &KeyHash, server: Timestamp) -> Result<Option<EndedKey>, StoreError>;
}

//! Suppliers of a sandbox, and their API keys.

use std::fmt;

use supplier_domain::{Supplier, SupplierId, Timestamp};
use supplier_store::{KeyHash, KeyId, KeyInfo, NewKey, SandboxId};

use crate::{Control, ControlError};

/// Number of characters of a key that its owner sees again: enough to tell keys apart, and no help in guessing one.
const PREFIX_CHARS: usize = 9;

/// Prefix of a key, by which its owner recognises the key.
pub(crate) fn prefix(key: &str) -> String {
    key.chars().take(PREFIX_CHARS).collect()
}

/// A new key.
#[derive(Clone)]
pub struct CreatedKey {
    /// Its id.
    pub id: KeyId,
    /// The key itself, shown only now.
    pub key: String,
    /// Its prefix.
    pub prefix: String,
}

impl fmt::Debug for CreatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedKey")
            .field("id", &self.id)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl Control {
    /// The suppliers of a sandbox.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn suppliers(
        &self,
        sandbox: &SandboxId,
        server: Timestamp,
    ) -> Result<Vec<Supplier>, ControlError> {
        Ok(self.store.sandbox(sandbox, server).await?.suppliers)
    }

    /// Refuses a supplier that the sandbox does not have.
    pub(crate) async fn demand_supplier(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<(), ControlError> {
        let is_there = self.suppliers(sandbox, server).await?.iter().any(|known| known.id == *supplier);
        let missing = || ControlError::NoSupplier(sandbox.clone(), supplier.clone());
        is_there.then_some(()).ok_or_else(missing)
    }

    /// Adds a supplier without orders or keys.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::SupplierExists`], [`ControlError::TooMany`].
    pub async fn add_supplier(
        &self,
        sandbox: &SandboxId,
        supplier: Supplier,
        server: Timestamp,
    ) -> Result<(), ControlError> {
        if self.suppliers(sandbox, server).await?.len() >= self.caps.suppliers {
            let (what, remedy) = ("suppliers in this sandbox", "make another sandbox");
            return Err(ControlError::TooMany { what, cap: self.caps.suppliers, remedy });
        }
        Ok(self.store.add_supplier(sandbox, supplier, server).await?)
    }

    /// Creates a further key for a supplier.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoSupplier`], [`ControlError::TooMany`].
    pub async fn create_key(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<CreatedKey, ControlError> {
        if self.store.keys(sandbox, supplier, server).await?.len() >= self.caps.keys {
            let (what, remedy) = ("keys of this supplier", "revoke one");
            return Err(ControlError::TooMany { what, cap: self.caps.keys, remedy });
        }
        self.add_key(sandbox, supplier, self.random_key()?, server).await
    }

    /// Adds `key` as a supplier's key. Use it for keys that follow from a seed; otherwise use [`Control::create_key`].
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoSupplier`].
    pub async fn add_key(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        key: String,
        server: Timestamp,
    ) -> Result<CreatedKey, ControlError> {
        let (new, created) = self.new_key(supplier, key)?;
        self.store.add_key(sandbox, new, server).await?;
        Ok(created)
    }

    /// What a store keeps of `key`: its hash and its prefix.
    pub(crate) fn new_key(
        &self,
        supplier: &SupplierId,
        key: String,
    ) -> Result<(NewKey, CreatedKey), ControlError> {
        let id = KeyId(self.random_name::<6>("key-")?.into());
        let (prefix, hash) = (prefix(&key), KeyHash::of(key.as_bytes()));
        let new = NewKey { id: id.clone(), supplier: supplier.clone(), hash, prefix: prefix.as_str().into() };
        Ok((new, CreatedKey { id, key, prefix }))
    }

    /// The keys of a supplier, the oldest first.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoSupplier`].
    pub async fn keys(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<Vec<KeyInfo>, ControlError> {
        Ok(self.store.keys(sandbox, supplier, server).await?)
    }

    /// Revokes a key: every call by it is refused from now on (`auth.invalid-key`).
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoSupplier`], [`ControlError::NoKey`].
    pub async fn revoke_key(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        key: &KeyId,
        server: Timestamp,
    ) -> Result<(), ControlError> {
        // What is no key's name need not be looked for, and may be no text to a database.
        let is_name = (1..=100).contains(&key.0.len()) && key.0.bytes().all(|b| b.is_ascii_graphic());
        let had = is_name && self.store.revoke_key(sandbox, supplier, key, server).await?;
        if had { Ok(()) } else { Err(ControlError::NoKey(supplier.clone())) }
    }
}

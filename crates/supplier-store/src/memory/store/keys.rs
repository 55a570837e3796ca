//! API keys, in memory.

use async_trait::async_trait;
use supplier_domain::{SupplierId, Timestamp};

use super::MemoryStore;
use crate::{Authenticated, Caller, EndedKey, KeyHash, KeyId, KeyInfo, Keys, NewKey, SandboxId, StoreError};

#[async_trait]
impl Keys for MemoryStore {
    async fn add_key(&self, sandbox: &SandboxId, key: NewKey, server: Timestamp) -> Result<(), StoreError> {
        self.change_directory(|directory| {
            directory.slot(sandbox, server)?.info().demand_supplier(&key.supplier)?;
            directory.add_key(sandbox, key, server)
        })
        .await
    }

    async fn keys(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<Vec<KeyInfo>, StoreError> {
        self.read_directory(|directory| {
            directory.slot(sandbox, server)?.info().demand_supplier(supplier)?;
            Ok(directory.keys(sandbox, supplier))
        })
        .await
    }

    async fn revoke_key(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        key: &KeyId,
        server: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change_directory(|directory| {
            directory.slot(sandbox, server)?.info().demand_supplier(supplier)?;
            Ok(directory.revoke_key(sandbox, supplier, key))
        })
        .await
    }

    async fn authenticate(
        &self,
        key: &KeyHash,
        server: Timestamp,
    ) -> Result<Option<Authenticated>, StoreError> {
        self.check()?;
        let directory = self.read();
        let Some(key) = directory.caller(key, server) else { return Ok(None) };
        if let Some(queue) = &self.queue {
            queue.use_key(key);
        }
        let slot = directory.slot(&key.caller.sandbox, server)?;
        let caller = Caller { epoch: Some(slot.epoch()), ..key.caller.clone() };
        Ok(Some(Authenticated { caller, is_armed: slot.is_armed() }))
    }

    async fn ended_key(&self, key: &KeyHash, server: Timestamp) -> Result<Option<EndedKey>, StoreError> {
        self.check()?;
        Ok(self.read().ended_key(key, server))
    }
}

//! The memory backend's face: finds the sandbox, takes its lock, makes one call.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use supplier_domain::{
    ClockChange, ClockGoesBack, ClockState, Decision, ListQuery, OrderId, OrderUpdate, Refusal, Timestamp,
};

use super::directory::{Directory, SharedSandbox};
use super::sandbox::Sandbox;
use crate::{
    Caller, KeyHash, NewKey, NewSandbox, OrderState, Orders, Page, RenderOrder, SandboxId, Sandboxes,
    StoreError,
};

/// A store that keeps everything in memory and is gone with it.
pub struct MemoryStore {
    render: RenderOrder,
    directory: RwLock<Directory>,
}

impl MemoryStore {
    /// An empty store that writes orders by `render`.
    pub fn new(render: RenderOrder) -> Self {
        Self { render, directory: RwLock::default() }
    }

    // A panic under a lock is a defect, but one call's: it must not turn every later call away.
    fn read(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `act` with the sandbox locked, and the directory not.
    fn within<T>(&self, id: &SandboxId, act: impl FnOnce(&mut Sandbox) -> T) -> Result<T, StoreError> {
        let sandbox = SharedSandbox::clone(self.read().sandbox(id)?);
        Ok(act(&mut lock(&sandbox)))
    }
}

fn lock(sandbox: &Mutex<Sandbox>) -> MutexGuard<'_, Sandbox> {
    sandbox.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Sandboxes for MemoryStore {
    async fn create(&self, sandbox: NewSandbox, server: Timestamp) -> Result<(), StoreError> {
        let id = sandbox.id.clone();
        let built = Sandbox::new(sandbox, self.render, server);
        self.write().insert(id, built)
    }

    async fn fork(&self, from: &SandboxId, to: SandboxId) -> Result<(), StoreError> {
        let mut directory = self.write();
        let copy = lock(directory.sandbox(from)?).clone();
        directory.insert(to, copy)
    }

    async fn delete(&self, id: &SandboxId) -> Result<(), StoreError> {
        self.write().remove(id)
    }

    async fn add_key(&self, sandbox: &SandboxId, key: NewKey) -> Result<(), StoreError> {
        let mut directory = self.write();
        if !lock(directory.sandbox(sandbox)?).has_supplier(&key.supplier) {
            return Err(StoreError::NoSupplier(sandbox.clone(), key.supplier));
        }
        directory.add_key(sandbox, key)
    }

    async fn revoke_key(&self, key: &KeyHash) -> Result<bool, StoreError> {
        Ok(self.write().revoke_key(key))
    }

    async fn authenticate(&self, key: &KeyHash) -> Result<Option<Caller>, StoreError> {
        Ok(self.read().caller(key).cloned())
    }

    async fn change_clock(
        &self,
        sandbox: &SandboxId,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<Result<ClockState, ClockGoesBack>, StoreError> {
        self.within(sandbox, |sandbox| sandbox.change_clock(change, server))
    }
}

#[async_trait]
impl Orders for MemoryStore {
    async fn hand_out(
        &self,
        caller: &Caller,
        query: &ListQuery,
        server: Timestamp,
    ) -> Result<Page, StoreError> {
        self.within(&caller.sandbox, |sandbox| sandbox.hand_out(&caller.supplier, query, server))?
            .ok_or_else(|| StoreError::NoSupplier(caller.sandbox.clone(), caller.supplier.clone()))
    }

    async fn update(
        &self,
        caller: &Caller,
        update: &OrderUpdate,
        _server: Timestamp,
    ) -> Result<Result<Decision, Refusal>, StoreError> {
        self.within(&caller.sandbox, |sandbox| sandbox.update(&caller.supplier, update, self.render))
    }

    async fn order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        server: Timestamp,
    ) -> Result<Option<OrderState>, StoreError> {
        self.within(sandbox, |sandbox| sandbox.order(id, server))
    }
}

//! The memory backend's face: finds the sandbox, takes its lock, makes one call.

mod faults;
mod journal;
mod orders;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use supplier_domain::{ClockChange, ClockGoesBack, ClockState, Supplier, SupplierId, Timestamp};

use super::directory::{Directory, Slot};
use super::journal::Recorded;
use super::sandbox::Sandbox;
use crate::{
    Caller, KeyHash, KeyId, KeyInfo, NewFork, NewKey, NewSandbox, RenderOrder, SandboxId, SandboxInfo,
    Sandboxes, Snapshot, StoreError,
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

    // A panic under the lock is a defect, but one call's: it must not turn every later call away.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `act` with the sandbox locked, and the directory not.
    pub(super) fn within<T>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T,
    ) -> Result<T, StoreError> {
        self.in_slot(id, server, |_, sandbox| act(sandbox))
    }

    /// The same for what changes the sandbox: those who wait for that are told, and whether a fault is armed is noted.
    pub(super) fn change<T>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T,
    ) -> Result<T, StoreError> {
        self.in_slot(id, server, |slot, sandbox| {
            let done = act(sandbox);
            slot.note_armed(sandbox);
            slot.tell();
            done
        })
    }

    pub(super) fn in_slot<T>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&Slot, &mut Sandbox) -> T,
    ) -> Result<T, StoreError> {
        let slot = Arc::clone(self.read().slot(id, server)?);
        let mut sandbox = slot.lock();
        Ok(act(&slot, &mut sandbox))
    }
}

/// Refuses a supplier that the sandbox does not have.
fn demand_supplier(slot: &Slot, sandbox: &SandboxId, supplier: &SupplierId) -> Result<(), StoreError> {
    let has_supplier = slot.lock().has_supplier(supplier);
    let missing = || StoreError::NoSupplier(sandbox.clone(), supplier.clone());
    has_supplier.then_some(()).ok_or_else(missing)
}

#[async_trait]
impl Sandboxes for MemoryStore {
    async fn create(&self, sandbox: NewSandbox, server: Timestamp) -> Result<(), StoreError> {
        let id = sandbox.id.clone();
        let built = Sandbox::new(sandbox, self.render, server);
        self.write().insert(id, built, server)
    }

    async fn fork(&self, from: &SandboxId, fork: NewFork, server: Timestamp) -> Result<(), StoreError> {
        let mut directory = self.write();
        let id = fork.id.clone();
        let copy = directory.slot(from, server)?.lock().fork(fork, server);
        directory.insert(id, copy, server)
    }

    async fn export(&self, id: &SandboxId, server: Timestamp) -> Result<Snapshot, StoreError> {
        self.in_slot(id, server, |slot, sandbox| {
            let mut snapshot = sandbox.export(server);
            (snapshot.journal, snapshot.scorecards) = slot.recorded().export();
            snapshot
        })
    }

    async fn restore(&self, snapshot: Snapshot, fork: NewFork, server: Timestamp) -> Result<(), StoreError> {
        let id = fork.id.clone();
        let mut snapshot = snapshot.shared();
        let (journal, scorecards) =
            (std::mem::take(&mut snapshot.journal), std::mem::take(&mut snapshot.scorecards));
        let sandbox = Sandbox::restored(snapshot, fork, self.render, server);
        let mut directory = self.write();
        directory.insert(id.clone(), sandbox, server)?;
        *directory.slot(&id, server)?.recorded() = Recorded::restored(journal, scorecards);
        Ok(())
    }

    async fn reset(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        self.in_slot(id, server, |slot, sandbox| {
            sandbox.reset(server);
            slot.note_armed(sandbox);
            *slot.recorded() = Recorded::default();
            slot.tell();
        })
    }

    async fn delete(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        let mut directory = self.write();
        directory.slot(id, server)?;
        directory.remove(id);
        Ok(())
    }

    async fn expire(&self, server: Timestamp) -> Result<usize, StoreError> {
        Ok(self.write().expire(server))
    }

    async fn sandbox(&self, id: &SandboxId, server: Timestamp) -> Result<SandboxInfo, StoreError> {
        self.within(id, server, |sandbox| sandbox.info().clone())
    }

    async fn count(&self, server: Timestamp) -> Result<usize, StoreError> {
        Ok(self.read().count(server))
    }

    async fn sandboxes(&self, server: Timestamp) -> Result<Vec<SandboxInfo>, StoreError> {
        let slots: Vec<_> = self.read().slots(server).cloned().collect();
        let mut all: Vec<_> = slots.iter().map(|slot| slot.lock().info().clone()).collect();
        all.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(all)
    }

    async fn add_supplier(
        &self,
        sandbox: &SandboxId,
        supplier: Supplier,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        let id = supplier.id.clone();
        let is_new = self.within(sandbox, server, |sandbox| sandbox.add_supplier(supplier))?;
        if is_new { Ok(()) } else { Err(StoreError::SupplierExists(sandbox.clone(), id)) }
    }

    async fn add_key(&self, sandbox: &SandboxId, key: NewKey, server: Timestamp) -> Result<(), StoreError> {
        let mut directory = self.write();
        demand_supplier(directory.slot(sandbox, server)?, sandbox, &key.supplier)?;
        directory.add_key(sandbox, key, server)
    }

    async fn keys(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<Vec<KeyInfo>, StoreError> {
        let directory = self.read();
        demand_supplier(directory.slot(sandbox, server)?, sandbox, supplier)?;
        Ok(directory.keys(sandbox, supplier))
    }

    async fn revoke_key(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        key: &KeyId,
        server: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut directory = self.write();
        demand_supplier(directory.slot(sandbox, server)?, sandbox, supplier)?;
        Ok(directory.revoke_key(sandbox, supplier, key))
    }

    async fn authenticate(&self, key: &KeyHash, server: Timestamp) -> Result<Option<Caller>, StoreError> {
        Ok(self.read().caller(key, server).cloned())
    }

    async fn clock(&self, sandbox: &SandboxId, server: Timestamp) -> Result<ClockState, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.clock(server))
    }

    async fn change_clock(
        &self,
        sandbox: &SandboxId,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<Result<ClockState, ClockGoesBack>, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.change_clock(change, server))
    }
}

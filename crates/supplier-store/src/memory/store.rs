//! Memory backend: finds a sandbox, locks it, and runs one operation.

mod journal;
mod sessions;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use supplier_domain::{ClockChange, ClockRefusal, ClockState, Supplier, SupplierId, Timestamp};

use super::directory::Change;
use super::directory::{Directory, Slot};
use super::journal::Recorded;
use super::queue::{Queue, Receipt};
use super::sandbox::Sandbox;
use crate::backend::{Access, AccessMode, Backend, Storage};
use crate::work::{discard, work_for};
use crate::{
    Authenticated, Caller, KeyHash, KeyId, KeyInfo, NewFork, NewKey, NewSandbox, SandboxId, SandboxInfo,
    Sandboxes, Snapshot, StoreError, StoreOptions,
};

/// A store that keeps everything in memory, and is gone with it unless it has a file.
pub struct MemoryStore {
    options: StoreOptions,
    directory: Arc<RwLock<Directory>>,
    /// The last number that was given to a sandbox, or to a base state.
    numbers: AtomicI64,
    /// What is still to be written down, if it has a file.
    queue: Option<Arc<Queue>>,
    sessions: Mutex<sessions::Kept>,
}

// A panic under the lock is a defect, but one call's: it must not turn every later call away.
pub(crate) fn read(directory: &RwLock<Directory>) -> RwLockReadGuard<'_, Directory> {
    directory.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn write(directory: &RwLock<Directory>) -> RwLockWriteGuard<'_, Directory> {
    directory.write().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryStore {
    /// An empty store.
    pub fn new(options: StoreOptions) -> Self {
        Self {
            options,
            directory: Arc::default(),
            numbers: AtomicI64::new(0),
            queue: None,
            sessions: Mutex::default(),
        }
    }

    /// A store that holds what `directory` does, and has all that happens written down by way of `queue`. No number up to
    /// `last_number` is given again.
    pub(crate) fn with_file(
        options: StoreOptions,
        directory: Arc<RwLock<Directory>>,
        last_number: i64,
        queue: Arc<Queue>,
    ) -> Self {
        let numbers = AtomicI64::new(last_number);
        Self { options, directory, numbers, queue: Some(queue), sessions: Mutex::default() }
    }

    /// A sandbox that is there.
    #[cfg(test)]
    pub(super) fn slot(&self, id: &SandboxId) -> Arc<Slot> {
        Arc::clone(self.read().slot(id, Timestamp::from_millis(0)).unwrap())
    }

    /// A number that was never given.
    fn number(&self) -> i64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Directory> {
        read(&self.directory)
    }

    /// Fails while nothing can be written down.
    fn check(&self) -> Result<(), StoreError> {
        self.queue.as_ref().map_or(Ok(()), |queue| queue.check())
    }

    /// Looks into the directory.
    async fn look<T>(&self, act: impl FnOnce(&Directory) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let (seen, receipt) = {
            let directory = self.read();
            self.check()?;
            (act(&directory)?, self.queue.as_ref().map_or(Receipt::NONE, |queue| queue.looked()))
        };
        receipt.settled().await?;
        Ok(seen)
    }

    /// Changes the directory.
    async fn change_directory<T>(
        &self,
        act: impl FnOnce(&mut Directory) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (done, receipt, gone) = {
            let mut directory = write(&self.directory);
            self.check()?;
            let done = act(&mut directory);
            let changes = std::mem::take(&mut directory.changes);
            match &self.queue {
                Some(queue) => (done, queue.add(changes), Vec::new()),
                None => (done, Receipt::NONE, changes),
            }
        };
        for change in &gone {
            // Those who wait for it are told now, whenever it is let go of.
            if let Change::Removed(slot, _) = change {
                slot.close();
            }
        }
        if !gone.is_empty() {
            discard(gone);
        }
        receipt.settled().await?;
        done
    }

    /// Has a sandbox's calls and scorecards written by and by.
    fn record_behind(&self, slot: &Arc<Slot>) {
        if let Some(queue) = &self.queue {
            queue.touch_recorded(slot);
        }
    }

    /// The sandbox's calls and scorecards, to be looked at.
    fn in_recorded<T>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&Recorded) -> T,
    ) -> Result<T, StoreError> {
        let slot = Arc::clone(self.read().slot(id, server)?);
        self.check()?;
        let done = act(&slot.recorded());
        Ok(done)
    }
}

impl Backend for MemoryStore {
    async fn enter(&self, id: &SandboxId, server: Timestamp) -> Result<Access, StoreError> {
        let slot = Arc::clone(self.read().slot(id, server)?);
        Ok(Access { slot, storage: self.queue.clone().map_or(Storage::Memory, Storage::File) })
    }
}

/// Refuses a supplier that the sandbox does not have.
fn demand_supplier(slot: &Slot, sandbox: &SandboxId, supplier: &SupplierId) -> Result<(), StoreError> {
    let has_supplier = slot.info().suppliers.iter().any(|known| known.id == *supplier);
    let missing = || StoreError::NoSupplier(sandbox.clone(), supplier.clone());
    has_supplier.then_some(()).ok_or_else(missing)
}

#[async_trait]
impl Sandboxes for MemoryStore {
    async fn create(&self, mut sandbox: NewSandbox, server: Timestamp) -> Result<(), StoreError> {
        let (id, keys) = (sandbox.id.clone(), std::mem::take(&mut sandbox.keys));
        let (options, base, number) = (self.options, self.number(), self.number());
        let slot = work_for(&id, move || {
            Slot::new(number, Sandbox::new(sandbox, options, base, server), Recorded::default())
        })
        .await;
        for key in &keys {
            demand_supplier(&slot, &id, &key.supplier)?;
        }
        self.change_directory(|directory| {
            if keys.iter().any(|key| directory.has_key(&key.hash)) {
                return Err(StoreError::KeyExists);
            }
            directory.insert(slot, server)?;
            keys.into_iter().try_for_each(|key| directory.add_key(&id, key, server))
        })
        .await
    }

    async fn fork(&self, from: &SandboxId, fork: NewFork, server: Timestamp) -> Result<(), StoreError> {
        let number = self.number();
        let copy = self.within(from, server, |sandbox| sandbox.fork(fork, server)).await?;
        let slot = Slot::new(number, copy, Recorded::default());
        self.change_directory(|directory| directory.insert(slot, server)).await
    }

    async fn export(&self, id: &SandboxId, server: Timestamp) -> Result<Snapshot, StoreError> {
        let copy = |slot: &Arc<Slot>, sandbox: &mut Sandbox| {
            (Sandbox::copy_at(server)(sandbox), slot.recorded().clone())
        };
        let (mut sandbox, recorded) = self.visit(id, server, AccessMode::Read, copy).await?;
        let export = move || {
            let mut snapshot = sandbox.export(server);
            (snapshot.journal, snapshot.scorecards) = recorded.export();
            snapshot
        };
        Ok(work_for(id, export).await)
    }

    async fn restore(&self, snapshot: Snapshot, fork: NewFork, server: Timestamp) -> Result<(), StoreError> {
        let (options, base, number) = (self.options, self.number(), self.number());
        let slot = work_for(&fork.id.clone(), move || {
            let (sandbox, recorded) = Sandbox::restored(snapshot, fork, options, base, server);
            Slot::new(number, sandbox, recorded)
        })
        .await;
        self.change_directory(|directory| directory.insert(slot, server)).await
    }

    async fn reset(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        let reset = |slot: &Arc<Slot>, sandbox: &mut Sandbox| {
            let before = sandbox.reset(server);
            slot.recorded().reset();
            self.record_behind(slot);
            slot.tell();
            before
        };
        discard(self.visit(id, server, AccessMode::Write, reset).await?);
        Ok(())
    }

    async fn delete(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        self.change_directory(|directory| {
            directory.slot(id, server)?;
            directory.remove(id);
            Ok(())
        })
        .await
    }

    async fn expire(&self, server: Timestamp) -> Result<usize, StoreError> {
        self.change_directory(|directory| Ok(directory.expire(server))).await
    }

    async fn sandbox(&self, id: &SandboxId, server: Timestamp) -> Result<SandboxInfo, StoreError> {
        self.within(id, server, |sandbox| sandbox.info().clone()).await
    }

    async fn count(&self, server: Timestamp) -> Result<usize, StoreError> {
        self.look(|directory| Ok(directory.count(server))).await
    }

    async fn sandboxes(&self, server: Timestamp) -> Result<Vec<SandboxInfo>, StoreError> {
        let slots: Vec<_> = self.look(|directory| Ok(directory.slots(server).cloned().collect())).await?;
        let mut all: Vec<_> = slots.iter().map(|slot: &Arc<Slot>| SandboxInfo::clone(&slot.info())).collect();
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
        let is_new = self.change_quietly(sandbox, server, |sandbox| sandbox.add_supplier(supplier)).await?;
        if is_new { Ok(()) } else { Err(StoreError::SupplierExists(sandbox.clone(), id)) }
    }

    async fn add_key(&self, sandbox: &SandboxId, key: NewKey, server: Timestamp) -> Result<(), StoreError> {
        self.change_directory(|directory| {
            demand_supplier(directory.slot(sandbox, server)?, sandbox, &key.supplier)?;
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
        self.look(|directory| {
            demand_supplier(directory.slot(sandbox, server)?, sandbox, supplier)?;
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
            demand_supplier(directory.slot(sandbox, server)?, sandbox, supplier)?;
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

    async fn clock(&self, sandbox: &SandboxId, server: Timestamp) -> Result<ClockState, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.clock(server)).await
    }

    async fn change_clock(
        &self,
        sandbox: &SandboxId,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<Result<ClockState, ClockRefusal>, StoreError> {
        self.change_quietly(sandbox, server, |sandbox| sandbox.change_clock(change, server)).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        match &self.queue {
            Some(queue) => queue.close().settled().await,
            None => Ok(()),
        }
    }
}

//! Memory backend: finds a sandbox, locks it, and runs one operation.

mod journal;
mod keys;
mod sessions;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use supplier_domain::Timestamp;

use super::directory::{Change, Directory};
use super::queue::Queue;
use crate::backend::access::{Access, AccessMode, Entry, Storage};
use crate::backend::receipt::Receipt;
use crate::backend::{Backend, Insertion, Visit as _};
use crate::engine::journal::JournalState;
use crate::engine::sandbox::Sandbox;
use crate::engine::slot::Slot;
use crate::lock::{read, write};
use crate::work::discard;
use crate::{SandboxId, SandboxInfo, Sandboxes, StoreError, StoreOptions};

/// A store in memory. With a file, it survives the end of the process.
pub struct MemoryStore {
    options: StoreOptions,
    directory: Arc<RwLock<Directory>>,
    /// The last number given to a sandbox or a base state.
    numbers: AtomicI64,
    /// The queue of changes to write, if the store has a file.
    queue: Option<Arc<Queue>>,
    sessions: Mutex<sessions::SessionMap>,
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

    /// A store with the contents of a file. Changes go to `queue`. Numbers up to `last_number` are not given again.
    pub(crate) fn with_file(
        options: StoreOptions,
        directory: Arc<RwLock<Directory>>,
        last_number: i64,
        queue: Arc<Queue>,
    ) -> Self {
        let numbers = AtomicI64::new(last_number);
        Self { options, directory, numbers, queue: Some(queue), sessions: Mutex::default() }
    }

    /// The slot of a sandbox that exists.
    #[cfg(test)]
    pub(super) fn slot(&self, id: &SandboxId) -> Arc<Slot> {
        Arc::clone(self.read().slot(id, Timestamp::from_millis(0)).unwrap())
    }

    /// The next number.
    fn number(&self) -> i64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Directory> {
        read(&self.directory)
    }

    /// Fails while the file cannot be written.
    fn check(&self) -> Result<(), StoreError> {
        self.queue.as_ref().map_or(Ok(()), |queue| queue.check())
    }

    /// Reads the directory.
    async fn read_directory<T>(
        &self,
        act: impl FnOnce(&Directory) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (seen, receipt) = {
            let directory = self.read();
            self.check()?;
            (act(&directory)?, self.queue.as_ref().map_or(Receipt(None), |queue| queue.read_receipt()))
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
                None => (done, Receipt(None), changes),
            }
        };
        for change in &gone {
            // Listeners are notified now, even if the slot is dropped later.
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

    /// Queues a sandbox's journal to be written after the answer.
    fn queue_journal(&self, slot: &Arc<Slot>) {
        if let Some(queue) = &self.queue {
            queue.queue_journal(slot);
        }
    }

    /// Reads a sandbox's journal.
    fn read_journal<T>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&JournalState) -> T,
    ) -> Result<T, StoreError> {
        let slot = Arc::clone(self.read().slot(id, server)?);
        self.check()?;
        let done = act(&slot.journal());
        Ok(done)
    }
}

#[async_trait]
impl Backend for MemoryStore {
    fn options(&self) -> StoreOptions {
        self.options
    }

    fn enter(&self, id: &SandboxId, server: Timestamp) -> Result<Entry, StoreError> {
        let slot = Arc::clone(self.read().slot(id, server)?);
        Ok(Entry::Ready(Access { slot, storage: self.queue.clone().map_or(Storage::Memory, Storage::File) }))
    }

    async fn new_number(&self) -> Result<i64, StoreError> {
        Ok(self.number())
    }

    async fn insert(&self, insertion: Insertion, server: Timestamp) -> Result<(), StoreError> {
        let Insertion { sandbox, journal, keys, .. } = insertion;
        let (id, slot) = (sandbox.info.id.clone(), Slot::new(self.number(), sandbox, journal));
        self.change_directory(|directory| {
            if keys.iter().any(|key| directory.find_key(&key.hash).is_some()) {
                return Err(StoreError::KeyExists);
            }
            directory.insert(slot, server)?;
            keys.into_iter().try_for_each(|key| directory.add_key(&id, key, server))
        })
        .await
    }

    async fn copy(&self, id: &SandboxId, server: Timestamp) -> Result<(Sandbox, JournalState), StoreError> {
        self.visit(id, server, AccessMode::Read, |slot, sandbox| {
            (Sandbox::copy_at(server)(sandbox), slot.journal().clone())
        })
        .await
    }

    fn reset_journal(&self, slot: &Arc<Slot>) {
        slot.journal().reset();
        self.queue_journal(slot);
    }
}

#[async_trait]
impl Sandboxes for MemoryStore {
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
        self.within(id, server, |sandbox| sandbox.info.clone()).await
    }

    async fn count(&self, server: Timestamp) -> Result<usize, StoreError> {
        self.read_directory(|directory| Ok(directory.count(server))).await
    }

    async fn sandboxes(&self, server: Timestamp) -> Result<Vec<SandboxInfo>, StoreError> {
        let slots: Vec<_> =
            self.read_directory(|directory| Ok(directory.slots(server).cloned().collect())).await?;
        let mut all: Vec<_> = slots.iter().map(|slot: &Arc<Slot>| SandboxInfo::clone(&slot.info())).collect();
        all.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(all)
    }

    async fn close(&self) -> Result<(), StoreError> {
        match &self.queue {
            Some(queue) => queue.close().settled().await,
            None => Ok(()),
        }
    }
}

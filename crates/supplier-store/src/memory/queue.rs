//! Queue of changes that are made in memory and not yet in the file (group commit).
//!
//! A call changes memory first, then waits until its change is on disk. The background writer takes all changes that have
//! queued since its last commit, so that many calls share one commit. If the writer cannot write a batch, it undoes the batch in
//! memory, and the waiting calls fail.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{Notify, oneshot};

use super::directory::{Change, StoredKey};
use crate::StoreError;
use crate::backend::receipt::{Receipt, not_written};
use crate::engine::slot::Slot;
use crate::lock::lock;

/// The changes since the last commit.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) changes: Vec<Change>,
    /// Sandboxes whose state may have changed.
    pub(crate) touched: Vec<Arc<Slot>>,
    /// The calls that wait for the commit.
    pub(crate) waiting: Vec<oneshot::Sender<()>>,
}

/// Changes that no call waits for: the writer may commit them later.
#[derive(Default)]
pub(crate) struct DeferredWrites {
    /// Sandboxes whose journal has changed.
    pub(crate) journals: Vec<Arc<Slot>>,
    /// Keys that were used.
    pub(crate) used: Vec<Arc<StoredKey>>,
}

#[derive(Default)]
struct Waiting {
    batch: Batch,
    deferred: DeferredWrites,
    /// The writer has taken a batch and not committed it yet.
    is_writing: bool,
    is_closed: bool,
}

/// Queue between the calls and the background writer.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    /// Notified when a change is queued.
    pub(crate) wake: Notify,
    /// The writer cannot write at present.
    is_down: AtomicBool,
    /// The data file was deleted, moved, replaced or cut short.
    is_gone: AtomicBool,
    /// Number of calls that could not be written to the journal.
    lost: AtomicU64,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.waiting)
    }

    /// Whether the writer cannot write at present. Read under a sandbox's lock, the answer holds until the lock is released or
    /// the change is undone.
    pub(crate) fn is_down(&self) -> bool {
        self.is_down.load(Ordering::Acquire)
    }

    /// Fails while the writer cannot write.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match (self.is_down(), self.is_gone.load(Ordering::Acquire)) {
            (false, _) => Ok(()),
            (true, false) => Err(not_written()),
            (true, true) => Err(StoreError::FileGone),
        }
    }

    /// Records whether the data file is no longer there as it was.
    pub(crate) fn set_gone(&self, is_gone: bool) {
        self.is_gone.store(is_gone, Ordering::Release);
    }

    /// Counts calls that could not be written to the journal.
    pub(crate) fn lose(&self, calls: u64) {
        self.lost.fetch_add(calls, Ordering::Relaxed);
    }

    /// Number of calls that could not be written to the journal.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Release);
    }

    /// Queues a sandbox that is locked and has changed.
    pub(crate) fn touch(&self, slot: &Arc<Slot>) -> Receipt {
        let mut waiting = self.lock();
        if !slot.is_queued.swap(true, Ordering::AcqRel) {
            waiting.batch.touched.push(Arc::clone(slot));
        }
        self.receipt(&mut waiting)
    }

    /// Queues changes of the directory, which is locked.
    pub(crate) fn add(&self, changes: impl IntoIterator<Item = Change>) -> Receipt {
        let mut waiting = self.lock();
        waiting.batch.changes.extend(changes);
        self.receipt(&mut waiting)
    }

    fn receipt(&self, waiting: &mut Waiting) -> Receipt {
        let (written, receiver) = oneshot::channel();
        waiting.batch.waiting.push(written);
        self.wake.notify_one();
        Receipt(Some(receiver))
    }

    /// The receipt of a call that has only read: what it read may not be on disk yet.
    pub(crate) fn read_receipt(&self) -> Receipt {
        let mut waiting = self.lock();
        let Waiting { batch, is_writing, .. } = &*waiting;
        if *is_writing || !batch.touched.is_empty() || !batch.changes.is_empty() {
            self.receipt(&mut waiting)
        } else {
            Receipt(None)
        }
    }

    /// Queues a sandbox's journal for a later commit.
    pub(crate) fn queue_journal(&self, slot: &Arc<Slot>) {
        if !slot.is_journal_queued.swap(true, Ordering::AcqRel) {
            self.lock().deferred.journals.push(Arc::clone(slot));
        }
    }

    /// Queues the use of a key for a later commit.
    pub(crate) fn use_key(&self, key: &Arc<StoredKey>) {
        if !key.is_used_anew.swap(true, Ordering::AcqRel) {
            self.lock().deferred.used.push(Arc::clone(key));
        }
    }

    /// Takes the batch to write. Until [`Queue::written`], calls that only read wait as well.
    pub(crate) fn take(&self) -> Batch {
        let mut waiting = self.lock();
        let batch = std::mem::take(&mut waiting.batch);
        for slot in &batch.touched {
            slot.is_queued.store(false, Ordering::Release);
        }
        waiting.is_writing = true;
        batch
    }

    /// Takes the deferred writes.
    pub(crate) fn take_deferred(&self) -> DeferredWrites {
        let deferred = std::mem::take(&mut self.lock().deferred);
        for slot in &deferred.journals {
            slot.is_journal_queued.store(false, Ordering::Release);
        }
        for key in &deferred.used {
            key.is_used_anew.store(false, Ordering::Release);
        }
        deferred
    }

    /// The batch is on disk: the calls that wait for it are answered.
    pub(crate) fn written(&self, waiting: Vec<oneshot::Sender<()>>) {
        self.lock().is_writing = false;
        for call in waiting {
            // The call's client may have gone away.
            let _ = call.send(());
        }
    }

    /// Closes the queue to new calls. The writer still writes what is queued.
    pub(crate) fn close(&self) -> Receipt {
        let mut waiting = self.lock();
        waiting.is_closed = true;
        self.receipt(&mut waiting)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }
}

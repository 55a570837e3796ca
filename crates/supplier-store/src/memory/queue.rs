//! What has happened in memory and is still to be written down.
//!
//! A call changes memory first, then waits here until what it has changed is on disk. Whoever writes takes all that has
//! come together since the last time: many calls cost one commit. If it cannot be written, it is undone, and the calls
//! that wait fail.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use super::directory::{Slot, StoredKey};
use crate::StoreError;

/// Which sandboxes and keys there are has changed.
pub(crate) enum Change {
    /// There is one more sandbox.
    Made(Arc<Slot>),
    /// A sandbox went, and its keys with it.
    Removed(Arc<Slot>, Vec<Arc<StoredKey>>),
    /// There is one more key.
    KeyAdded(Arc<StoredKey>),
    /// A key is no longer valid.
    KeyRevoked(Arc<StoredKey>),
}

/// What has come together since it was last written.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) changes: Vec<Change>,
    /// Sandboxes whose state may have changed.
    pub(crate) touched: Vec<Arc<Slot>>,
    /// Those who wait for it.
    pub(crate) waiting: Vec<oneshot::Sender<()>>,
}

/// What may be written later: nobody waits for it.
#[derive(Default)]
pub(crate) struct Behind {
    /// Sandboxes whose journal has changed.
    pub(crate) recorded: Vec<Arc<Slot>>,
    /// Keys that were used.
    pub(crate) used: Vec<Arc<StoredKey>>,
}

#[derive(Default)]
struct Waiting {
    batch: Batch,
    behind: Behind,
    /// A batch was taken, and is not written yet.
    is_writing: bool,
    is_closed: bool,
}

/// Between those who call and the one who writes.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    /// Something waits to be written.
    pub(crate) wake: Notify,
    /// Nothing can be written for now.
    is_down: AtomicBool,
    /// The reason is that the file is no longer what it was.
    is_gone: AtomicBool,
    /// How many calls could not be written to the journal.
    lost: AtomicU64,
}

/// What a call waits for before it is answered.
pub(crate) struct Receipt(Option<oneshot::Receiver<()>>);

impl Receipt {
    /// Of a call that waits for `written`.
    pub(crate) fn of(written: oneshot::Receiver<()>) -> Self {
        Self(Some(written))
    }

    /// Of a call that need not wait.
    pub(crate) const NONE: Self = Self(None);

    /// Waits until all that the call saw and did is on disk.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if it could not be written; then it was undone.
    pub(crate) async fn settled(self) -> Result<(), StoreError> {
        match self.0 {
            None => Ok(()),
            Some(written) => written.await.map_err(|_| not_written()),
        }
    }
}

/// Why calls fail while nothing can be written.
pub(crate) fn not_written() -> StoreError {
    StoreError::Unavailable("nothing can be written for now".into())
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing can be written for now. Asked under the lock of what is to change, it holds until that is released
    /// or the change is undone.
    pub(crate) fn is_down(&self) -> bool {
        self.is_down.load(Ordering::Acquire)
    }

    /// Fails while nothing can be written.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match (self.is_down(), self.is_gone.load(Ordering::Acquire)) {
            (false, _) => Ok(()),
            (true, false) => Err(not_written()),
            (true, true) => Err(StoreError::FileGone),
        }
    }

    /// Says whether the file is no longer what it was.
    pub(crate) fn set_gone(&self, is_gone: bool) {
        self.is_gone.store(is_gone, Ordering::Release);
    }

    /// Counts calls that could not be written to the journal.
    pub(crate) fn lose(&self, calls: u64) {
        self.lost.fetch_add(calls, Ordering::Relaxed);
    }

    /// How many calls could not be written to the journal.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Release);
    }

    /// Has a sandbox written, while it is locked.
    pub(crate) fn touch(&self, slot: &Arc<Slot>) -> Receipt {
        let mut waiting = self.lock();
        if !slot.is_touched.swap(true, Ordering::AcqRel) {
            waiting.batch.touched.push(Arc::clone(slot));
        }
        self.receipt(&mut waiting)
    }

    /// Has changes of the directory written, while it is locked.
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

    /// What a call waits for that has only looked: what it saw may not be written yet.
    pub(crate) fn looked(&self) -> Receipt {
        let mut waiting = self.lock();
        let Waiting { batch, is_writing, .. } = &*waiting;
        if *is_writing || !batch.touched.is_empty() || !batch.changes.is_empty() {
            self.receipt(&mut waiting)
        } else {
            Receipt::NONE
        }
    }

    /// Has a sandbox's journal written by and by.
    pub(crate) fn touch_recorded(&self, slot: &Arc<Slot>) {
        if !slot.is_recorded_anew.swap(true, Ordering::AcqRel) {
            self.lock().behind.recorded.push(Arc::clone(slot));
        }
    }

    /// Has it written by and by that a key was used.
    pub(crate) fn use_key(&self, key: &Arc<StoredKey>) {
        if !key.is_used_anew.swap(true, Ordering::AcqRel) {
            self.lock().behind.used.push(Arc::clone(key));
        }
    }

    /// Takes what is to be written. Until [`Queue::written`], those who look wait as well.
    pub(crate) fn take(&self) -> Batch {
        let mut waiting = self.lock();
        let batch = std::mem::take(&mut waiting.batch);
        for slot in &batch.touched {
            slot.is_touched.store(false, Ordering::Release);
        }
        waiting.is_writing = true;
        batch
    }

    /// Takes what may be written later.
    pub(crate) fn take_behind(&self) -> Behind {
        let behind = std::mem::take(&mut self.lock().behind);
        for slot in &behind.recorded {
            slot.is_recorded_anew.store(false, Ordering::Release);
        }
        for key in &behind.used {
            key.is_used_anew.store(false, Ordering::Release);
        }
        behind
    }

    /// What was taken is on disk: those who wait for it go on.
    pub(crate) fn written(&self, waiting: Vec<oneshot::Sender<()>>) {
        self.lock().is_writing = false;
        for call in waiting {
            // Its client may have gone away.
            let _ = call.send(());
        }
    }

    /// Nothing is to be called any more. What is queued is still written.
    pub(crate) fn close(&self) -> Receipt {
        let mut waiting = self.lock();
        waiting.is_closed = true;
        self.receipt(&mut waiting)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }
}

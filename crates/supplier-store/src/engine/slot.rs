//! A sandbox behind its lock, as all calls of a server share it.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use supplier_domain::Timestamp;
use tokio::sync::{Notify, watch};

use super::journal::JournalState;
use super::sandbox::Sandbox;
use crate::lock::lock;
use crate::work::work_for;
use crate::{Changes, Epoch, SandboxId, SandboxInfo};

/// A sandbox behind its lock.
pub struct Slot {
    /// The sandbox's number, unique in its store.
    pub(crate) number: i64,
    pub(crate) id: SandboxId,
    /// When, by the server's time, the sandbox expires.
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether a fault is armed; read without the lock, since nearly always none is.
    is_armed: AtomicBool,
    /// The sandbox's epoch; read without the lock.
    epoch: AtomicI64,
    sandbox: Mutex<Sandbox>,
    /// Whether a call changes a copy of the sandbox, which will replace the sandbox. Until then nobody may change the sandbox.
    is_busy: AtomicBool,
    /// Notified when the slot is no longer busy.
    idle: Notify,
    /// How often the sandbox was rolled back to what the file holds.
    rollbacks: AtomicU64,
    /// The sandbox's description, read without the sandbox's lock; and the number of its suppliers.
    info: Mutex<Arc<SandboxInfo>>,
    suppliers: AtomicUsize,
    /// Behind a lock of its own, so that keeping a call does not hold up other calls. Who needs both locks `sandbox` first.
    journal: Mutex<JournalState>,
    /// Whether listeners were notified since [`Slot::take_notified`].
    is_notified: AtomicBool,
    /// The sender to listeners; `None` once the sandbox is removed.
    changes: Mutex<Option<watch::Sender<u64>>>,
    /// Whether the sandbox is queued to be written.
    pub(crate) is_queued: AtomicBool,
    /// Whether the journal is queued to be written.
    pub(crate) is_journal_queued: AtomicBool,
}

impl Slot {
    pub(crate) fn new(number: i64, sandbox: Sandbox, journal: JournalState) -> Self {
        Self {
            number,
            id: sandbox.info.id.clone(),
            expires_at: sandbox.info.expires_at,
            is_armed: sandbox.is_armed().into(),
            epoch: sandbox.epoch.0.into(),
            info: Mutex::new(Arc::new(sandbox.info.clone())),
            suppliers: sandbox.info.suppliers.len().into(),
            sandbox: Mutex::new(sandbox),
            is_busy: AtomicBool::default(),
            idle: Notify::new(),
            rollbacks: AtomicU64::default(),
            journal: Mutex::new(journal),
            is_notified: AtomicBool::default(),
            changes: Mutex::new(Some(watch::Sender::default())),
            is_queued: AtomicBool::default(),
            is_journal_queued: AtomicBool::default(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Sandbox> {
        lock(&self.sandbox)
    }

    pub(crate) fn journal(&self) -> MutexGuard<'_, JournalState> {
        lock(&self.journal)
    }

    /// The sandbox's description, without waiting for calls that have locked the sandbox.
    pub(crate) fn info(&self) -> Arc<SandboxInfo> {
        Arc::clone(&lock(&self.info))
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.is_armed.load(Ordering::Acquire)
    }

    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    /// Publishes what is read without the lock. The sandbox is locked.
    pub(crate) fn publish(&self, sandbox: &Sandbox) {
        self.is_armed.store(sandbox.is_armed(), Ordering::Release);
        self.epoch.store(sandbox.epoch.0, Ordering::Release);
        // Nothing else of a description changes.
        let suppliers = sandbox.info.suppliers.len();
        if self.suppliers.swap(suppliers, Ordering::AcqRel) != suppliers {
            *lock(&self.info) = Arc::new(sandbox.info.clone());
        }
    }

    /// Locks the sandbox; `None` while a call changes a copy.
    pub(crate) fn lock_idle(&self) -> Option<MutexGuard<'_, Sandbox>> {
        let sandbox = self.lock();
        (!self.is_busy.load(Ordering::Acquire)).then_some(sandbox)
    }

    /// Waits until [`Slot::lock_idle`] may succeed.
    pub(crate) async fn idle(&self) {
        // Created before the check, so that no notification is missed.
        let idle = self.idle.notified();
        if self.is_busy.load(Ordering::Acquire) {
            idle.await;
        }
    }

    /// Changes a copy of the sandbox, on a thread that answers no calls. Until the copy has replaced the sandbox, or is dropped,
    /// nobody else changes the sandbox.
    pub(crate) async fn change_copy<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&mut Sandbox) -> T + Send + 'static,
    ) -> ChangedCopy<T> {
        let (mut copy, rollbacks) = loop {
            if let Some(sandbox) = self.lock_idle() {
                self.is_busy.store(true, Ordering::Release);
                break (sandbox.clone(), self.rollbacks.load(Ordering::Acquire));
            }
            self.idle().await;
        };
        let busy = Busy(Arc::clone(self));
        let (copy, result) = work_for(&self.id, move || {
            let result = act(&mut copy);
            (copy, result)
        })
        .await;
        ChangedCopy { result, copy, rollbacks, busy }
    }

    /// Rolls the sandbox back to what the file holds.
    pub(crate) fn roll_back(&self, persisted: &Sandbox) {
        let mut sandbox = self.lock();
        sandbox.clone_from(persisted);
        self.rollbacks.fetch_add(1, Ordering::AcqRel);
        self.publish(&sandbox);
    }

    fn sender(&self) -> MutexGuard<'_, Option<watch::Sender<u64>>> {
        lock(&self.changes)
    }

    /// A receiver of every change from now on.
    pub(crate) fn listen(&self) -> Changes {
        match self.sender().as_ref() {
            Some(changes) => changes.subscribe(),
            None => watch::Sender::default().subscribe(),
        }
    }

    pub(crate) fn has_listeners(&self) -> bool {
        self.sender().as_ref().is_some_and(|changes| changes.receiver_count() > 0)
    }

    /// Notifies the listeners of a change.
    pub(crate) fn notify(&self) {
        self.is_notified.store(true, Ordering::Release);
        if let Some(changes) = self.sender().as_ref().filter(|changes| changes.receiver_count() > 0) {
            changes.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// Whether [`Slot::notify`] was called since this was last asked.
    pub(crate) fn take_notified(&self) -> bool {
        self.is_notified.swap(false, Ordering::AcqRel)
    }

    /// Ends the listeners: the sandbox is removed.
    pub(crate) fn close(&self) {
        self.sender().take();
    }
}

/// Keeps a slot busy until dropped.
struct Busy(Arc<Slot>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.is_busy.store(false, Ordering::Release);
        self.0.idle.notify_waiters();
    }
}

/// A changed copy of a sandbox, and the result of the change.
pub(crate) struct ChangedCopy<T> {
    result: T,
    copy: Sandbox,
    rollbacks: u64,
    busy: Busy,
}

impl<T> ChangedCopy<T> {
    /// Replaces the sandbox by the copy, and calls `then` with the sandbox locked; `None` if the sandbox was rolled back since
    /// it was copied.
    pub(crate) fn replace<R>(mut self, then: impl FnOnce(MutexGuard<'_, Sandbox>) -> R) -> Option<(T, R)> {
        let slot = Arc::clone(&self.busy.0);
        let mut sandbox = slot.lock();
        if slot.rollbacks.load(Ordering::Acquire) != self.rollbacks {
            return None;
        }
        std::mem::swap(&mut *sandbox, &mut self.copy);
        slot.publish(&sandbox);
        Some((self.result, then(sandbox)))
    }
}

//! Which sandboxes there are, until when, and which keys lead to them.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use supplier_domain::{SupplierId, Timestamp};
use tokio::sync::{Notify, watch};

use super::journal::Recorded;
use super::sandbox::Sandbox;
use crate::work::work_for;
use crate::{Caller, Changes, Epoch, KeyHash, KeyId, KeyInfo, NewKey, SandboxId, SandboxInfo, StoreError};

/// A change of the directory of sandboxes and keys.
pub(crate) enum Change {
    /// A sandbox was created.
    Made(Arc<Slot>),
    /// A sandbox was removed with its keys.
    Removed(Arc<Slot>, Vec<Arc<StoredKey>>),
    /// A key was created.
    KeyAdded(Arc<StoredKey>),
    /// A key was revoked.
    KeyRevoked(Arc<StoredKey>),
}

/// Of a key that was never used: no moment is before 1970.
const NEVER: i64 = -1;

/// A sandbox behind its lock.
pub(crate) struct Slot {
    /// Its number in its store: no other sandbox had or will have it.
    pub(crate) number: i64,
    pub(crate) id: SandboxId,
    /// When, by the server's time, it goes.
    expires_at: Option<Timestamp>,
    /// Whether a fault is armed: nearly always none is, and then a call need not take the lock to ask.
    is_armed: AtomicBool,
    /// Its epoch, for the same reason.
    epoch: AtomicI64,
    sandbox: Mutex<Sandbox>,
    /// Whether a copy of the sandbox is being changed, which will take its place: until then it must stay as it is.
    is_busy: AtomicBool,
    /// Told when it is no longer.
    idle: Notify,
    /// How often it was put back to what the file says.
    undone: AtomicU64,
    /// What is to be known of it without its lock, and how many suppliers that names.
    info: Mutex<Arc<SandboxInfo>>,
    suppliers: AtomicUsize,
    /// Behind a lock of its own, so that keeping a call does not hold up another. Taken after `sandbox`, if both are.
    recorded: Mutex<Recorded>,
    /// Whether somebody was to be told since that was last asked.
    is_told: AtomicBool,
    /// `None` once the sandbox is gone for good.
    changes: Mutex<Option<watch::Sender<u64>>>,
    /// Whether it is queued to be written down.
    pub(crate) is_touched: AtomicBool,
    /// Whether its journal is.
    pub(crate) is_recorded_anew: AtomicBool,
}

impl Slot {
    pub(crate) fn new(number: i64, sandbox: Sandbox, recorded: Recorded) -> Self {
        Self {
            number,
            id: sandbox.info().id.clone(),
            expires_at: sandbox.expires_at(),
            is_armed: sandbox.is_armed().into(),
            epoch: sandbox.epoch.0.into(),
            info: Mutex::new(Arc::new(sandbox.info().clone())),
            suppliers: sandbox.info().suppliers.len().into(),
            sandbox: Mutex::new(sandbox),
            is_busy: AtomicBool::default(),
            idle: Notify::new(),
            undone: AtomicU64::default(),
            recorded: Mutex::new(recorded),
            is_told: AtomicBool::default(),
            changes: Mutex::new(Some(watch::Sender::default())),
            is_touched: AtomicBool::default(),
            is_recorded_anew: AtomicBool::default(),
        }
    }

    // A panic under a lock is a defect, but one call's: it must not turn every later call away.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Sandbox> {
        self.sandbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be known of the sandbox, without waiting for anybody who works with it.
    pub(crate) fn info(&self) -> Arc<SandboxInfo> {
        Arc::clone(&self.info.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The sandbox, if it may be changed.
    pub(crate) fn lock_idle(&self) -> Option<MutexGuard<'_, Sandbox>> {
        let sandbox = self.lock();
        (!self.is_busy.load(Ordering::Acquire)).then_some(sandbox)
    }

    /// Waits until [`Slot::lock_idle`] may find the sandbox free.
    pub(crate) async fn idle(&self) {
        // Whoever is told afterwards, and before this waits, is not missed.
        let idle = self.idle.notified();
        if self.is_busy.load(Ordering::Acquire) {
            idle.await;
        }
    }

    /// Changes a copy of the sandbox, on a thread that answers no calls, and keeps others from changing the sandbox until the
    /// copy has taken its place or was dropped.
    pub(crate) async fn change_copy<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&mut Sandbox) -> T + Send + 'static,
    ) -> Changed<T> {
        let (mut copy, undone) = loop {
            if let Some(sandbox) = self.lock_idle() {
                self.is_busy.store(true, Ordering::Release);
                break (sandbox.clone(), self.undone.load(Ordering::Acquire));
            }
            self.idle().await;
        };
        let busy = Busy(Arc::clone(self));
        let (copy, done) = work_for(&self.id, move || {
            let done = act(&mut copy);
            (copy, done)
        })
        .await;
        Changed { done, copy, undone, busy }
    }

    /// Puts the sandbox back to what the file says.
    pub(crate) fn undo(&self, persisted: &Sandbox) {
        let mut sandbox = self.lock();
        sandbox.clone_from(persisted);
        self.undone.fetch_add(1, Ordering::AcqRel);
        self.note(&sandbox);
    }

    pub(crate) fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody was told of a change, or would have been, since this was last asked.
    pub(crate) fn was_told(&self) -> bool {
        self.is_told.swap(false, Ordering::AcqRel)
    }

    /// Whether somebody waits for changes.
    pub(crate) fn is_watched(&self) -> bool {
        self.told().as_ref().is_some_and(|changes| changes.receiver_count() > 0)
    }

    fn told(&self) -> MutexGuard<'_, Option<watch::Sender<u64>>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those who wait for it that something has changed.
    pub(crate) fn tell(&self) {
        self.is_told.store(true, Ordering::Release);
        if let Some(changes) = self.told().as_ref().filter(|changes| changes.receiver_count() > 0) {
            changes.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// Tells them that the sandbox is gone, whoever else still holds it.
    pub(crate) fn close(&self) {
        self.told().take();
    }

    pub(crate) fn changes(&self) -> Changes {
        match self.told().as_ref() {
            Some(changes) => changes.subscribe(),
            None => watch::Sender::default().subscribe(),
        }
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.is_armed.load(Ordering::Acquire)
    }

    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    /// Notes what is asked for without the lock, while the sandbox is locked.
    pub(crate) fn note(&self, sandbox: &Sandbox) {
        self.is_armed.store(sandbox.is_armed(), Ordering::Release);
        self.epoch.store(sandbox.epoch.0, Ordering::Release);
        // Nothing else of it changes.
        let suppliers = sandbox.info().suppliers.len();
        if self.suppliers.swap(suppliers, Ordering::AcqRel) != suppliers {
            let info = Arc::new(sandbox.info().clone());
            *self.info.lock().unwrap_or_else(PoisonError::into_inner) = info;
        }
    }
}

/// A sandbox that is busy until this is dropped.
struct Busy(Arc<Slot>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.is_busy.store(false, Ordering::Release);
        self.0.idle.notify_waiters();
    }
}

/// A changed copy of a sandbox, and what the change returned.
pub(crate) struct Changed<T> {
    done: T,
    copy: Sandbox,
    undone: u64,
    busy: Busy,
}

impl<T> Changed<T> {
    /// Puts the copy in the place of the sandbox, and calls `then` while that is locked; `None` if the sandbox was put back
    /// meanwhile to what the file says.
    pub(crate) fn put<R>(mut self, then: impl FnOnce(MutexGuard<'_, Sandbox>) -> R) -> Option<(T, R)> {
        let slot = Arc::clone(&self.busy.0);
        let mut sandbox = slot.lock();
        if slot.undone.load(Ordering::Acquire) != self.undone {
            return None;
        }
        std::mem::swap(&mut *sandbox, &mut self.copy);
        slot.note(&sandbox);
        Some((self.done, then(sandbox)))
    }
}

pub(crate) struct StoredKey {
    pub(crate) hash: KeyHash,
    pub(crate) id: KeyId,
    pub(crate) prefix: Arc<str>,
    pub(crate) created_at: Timestamp,
    last_used_at: AtomicI64,
    pub(crate) caller: Caller,
    /// The number of its sandbox.
    pub(crate) sandbox: i64,
    /// Its sandbox's end.
    expires_at: Option<Timestamp>,
    /// Whether its use is queued to be written down.
    pub(crate) is_used_anew: AtomicBool,
}

impl StoredKey {
    pub(crate) fn last_used_at(&self) -> Option<Timestamp> {
        let last = self.last_used_at.load(Ordering::Relaxed);
        (last != NEVER).then(|| Timestamp::from_millis(last))
    }

    pub(crate) fn new(
        slot: &Slot,
        key: NewKey,
        created_at: Timestamp,
        last_used_at: Option<Timestamp>,
    ) -> Self {
        Self {
            hash: key.hash,
            id: key.id,
            prefix: key.prefix,
            created_at,
            last_used_at: AtomicI64::new(last_used_at.map_or(NEVER, Timestamp::as_millis)),
            caller: Caller { sandbox: slot.id.clone(), supplier: key.supplier, epoch: None },
            sandbox: slot.number,
            expires_at: slot.expires_at,
            is_used_anew: AtomicBool::default(),
        }
    }

    fn info(&self) -> KeyInfo {
        KeyInfo {
            id: self.id.clone(),
            supplier: self.caller.supplier.clone(),
            prefix: Arc::clone(&self.prefix),
            created_at: self.created_at,
            last_used_at: self.last_used_at(),
        }
    }
}

fn is_over(expires_at: Option<Timestamp>, server: Timestamp) -> bool {
    expires_at.is_some_and(|end| end <= server)
}

/// The sandboxes by name, and the callers by key.
#[derive(Default)]
pub(crate) struct Directory {
    slots: HashMap<SandboxId, Arc<Slot>>,
    baselines: usize,
    /// Those that end, by when.
    ends: BTreeSet<(Timestamp, SandboxId)>,
    /// By [`KeyHash::bucket`].
    keys: HashMap<u64, Vec<Arc<StoredKey>>>,
    /// The same keys, in the order in which they were made.
    keys_of: HashMap<SandboxId, Vec<Arc<StoredKey>>>,
    /// What was done to it since somebody last took this.
    pub(crate) changes: Vec<Change>,
}

impl Directory {
    pub(crate) fn slot(&self, id: &SandboxId, server: Timestamp) -> Result<&Arc<Slot>, StoreError> {
        let slot = self.slots.get(id).filter(|slot| !is_over(slot.expires_at, server));
        slot.ok_or_else(|| StoreError::NoSandbox(id.clone()))
    }

    /// All, whether they are over or not.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Slot>> {
        self.slots.values()
    }

    /// All but baselines.
    pub(crate) fn slots(&self, server: Timestamp) -> impl Iterator<Item = &Arc<Slot>> {
        let is_shown = move |(id, slot): &(&SandboxId, &Arc<Slot>)| {
            !id.is_baseline() && !is_over(slot.expires_at, server)
        };
        self.slots.iter().filter(is_shown).map(|(_, slot)| slot)
    }

    /// How many there are, but for baselines.
    pub(crate) fn count(&self, server: Timestamp) -> usize {
        let over = self.ends.iter().take_while(|(end, _)| *end <= server).count();
        self.slots.len() - self.baselines - over
    }

    pub(crate) fn insert(&mut self, slot: Slot, server: Timestamp) -> Result<(), StoreError> {
        self.expire(server);
        if self.slots.contains_key(&slot.id) {
            return Err(StoreError::SandboxExists(slot.id));
        }
        let slot = Arc::new(slot);
        self.put(Arc::clone(&slot));
        self.changes.push(Change::Made(slot));
        Ok(())
    }

    /// Holds a sandbox whose name is free.
    pub(crate) fn put(&mut self, slot: Arc<Slot>) {
        self.ends.extend(slot.expires_at.map(|end| (end, slot.id.clone())));
        self.baselines += usize::from(slot.id.is_baseline());
        self.slots.insert(slot.id.clone(), slot);
    }

    pub(crate) fn remove(&mut self, id: &SandboxId) {
        let Some(slot) = self.slots.remove(id) else { return };
        self.baselines -= usize::from(id.is_baseline());
        if let Some(end) = slot.expires_at {
            self.ends.remove(&(end, id.clone()));
        }
        let keys = self.keys_of.remove(id).unwrap_or_default();
        for key in &keys {
            self.forget(key);
        }
        self.changes.push(Change::Removed(slot, keys));
    }

    /// Removes those that are over, and returns how many.
    pub(crate) fn expire(&mut self, server: Timestamp) -> usize {
        let over = self.ends.iter().take_while(|(end, _)| *end <= server);
        let over: Vec<_> = over.map(|(_, id)| id.clone()).collect();
        for id in &over {
            self.remove(id);
        }
        over.len()
    }

    fn find(&self, hash: &KeyHash) -> Option<&Arc<StoredKey>> {
        self.keys.get(&hash.bucket())?.iter().find(|key| key.hash == *hash)
    }

    pub(crate) fn has_key(&self, hash: &KeyHash) -> bool {
        self.find(hash).is_some()
    }

    /// Whom a key leads to; it is noted that it was used.
    pub(crate) fn caller(&self, hash: &KeyHash, server: Timestamp) -> Option<&Arc<StoredKey>> {
        let key = self.find(hash).filter(|key| !is_over(key.expires_at, server))?;
        key.last_used_at.store(server.as_millis(), Ordering::Relaxed);
        Some(key)
    }

    /// The caller must have seen that the sandbox is there and has the supplier.
    pub(crate) fn add_key(
        &mut self,
        sandbox: &SandboxId,
        key: NewKey,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        if self.find(&key.hash).is_some() {
            return Err(StoreError::KeyExists);
        }
        let slot = Arc::clone(self.slot(sandbox, server)?);
        let key = Arc::new(StoredKey::new(&slot, key, server, None));
        self.put_key(Arc::clone(&key));
        self.changes.push(Change::KeyAdded(key));
        Ok(())
    }

    pub(crate) fn put_key(&mut self, key: Arc<StoredKey>) {
        self.keys.entry(key.hash.bucket()).or_default().push(Arc::clone(&key));
        self.keys_of.entry(key.caller.sandbox.clone()).or_default().push(key);
    }

    /// Takes back what was done and could not be written down.
    pub(crate) fn undo(&mut self, change: Change) {
        match change {
            Change::Made(slot) => self.remove(&slot.id),
            Change::Removed(slot, keys) => {
                self.put(slot);
                for key in keys {
                    self.put_key(key);
                }
            }
            Change::KeyAdded(key) => {
                if let Some(keys) = self.keys_of.get_mut(&key.caller.sandbox) {
                    keys.retain(|known| !Arc::ptr_eq(known, &key));
                }
                self.forget(&key);
            }
            Change::KeyRevoked(key) => self.put_key(key),
        }
        self.changes.clear();
    }

    pub(crate) fn keys(&self, sandbox: &SandboxId, supplier: &SupplierId) -> Vec<KeyInfo> {
        let keys = self.keys_of.get(sandbox).into_iter().flatten();
        keys.filter(|key| key.caller.supplier == *supplier).map(|key| key.info()).collect()
    }

    pub(crate) fn revoke_key(&mut self, sandbox: &SandboxId, supplier: &SupplierId, id: &KeyId) -> bool {
        let Some(keys) = self.keys_of.get_mut(sandbox) else { return false };
        let place = keys.iter().position(|key| key.id == *id && key.caller.supplier == *supplier);
        let Some(key) = place.map(|place| keys.remove(place)) else { return false };
        self.forget(&key);
        self.changes.push(Change::KeyRevoked(key));
        true
    }

    /// Takes a key out of those that are looked up.
    fn forget(&mut self, key: &StoredKey) {
        let bucket = key.hash.bucket();
        if let Some(keys) = self.keys.get_mut(&bucket) {
            keys.retain(|known| known.hash != key.hash);
            if keys.is_empty() {
                self.keys.remove(&bucket);
            }
        }
    }
}

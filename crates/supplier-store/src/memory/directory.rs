//! Which sandboxes there are, until when, and which keys lead to them.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use supplier_domain::{SupplierId, Timestamp};
use tokio::sync::watch;

use super::journal::Recorded;
use super::sandbox::Sandbox;
use crate::{Caller, Changes, KeyHash, KeyId, KeyInfo, NewKey, SandboxId, StoreError};

/// Of a key that was never used: no moment is before 1970.
const NEVER: i64 = -1;

/// A sandbox behind its lock.
pub(super) struct Slot {
    /// When, by the server's time, it goes.
    expires_at: Option<Timestamp>,
    /// Whether a fault is armed: nearly always none is, and then a call need not take the lock to ask.
    is_armed: AtomicBool,
    sandbox: Mutex<Sandbox>,
    /// Behind a lock of its own, so that keeping a call does not hold up another. Taken after `sandbox`, if both are.
    recorded: Mutex<Recorded>,
    changes: watch::Sender<u64>,
}

impl Slot {
    // A panic under a lock is a defect, but one call's: it must not turn every later call away.
    pub(super) fn lock(&self) -> MutexGuard<'_, Sandbox> {
        self.sandbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those who wait for it that something has changed.
    pub(super) fn tell(&self) {
        if self.changes.receiver_count() > 0 {
            self.changes.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    pub(super) fn changes(&self) -> Changes {
        self.changes.subscribe()
    }

    pub(super) fn is_armed(&self) -> bool {
        self.is_armed.load(Ordering::Acquire)
    }

    /// Notes whether a fault is armed, while the sandbox is locked.
    pub(super) fn note_armed(&self, sandbox: &Sandbox) {
        self.is_armed.store(sandbox.is_armed(), Ordering::Release);
    }
}

struct StoredKey {
    hash: KeyHash,
    id: KeyId,
    prefix: Arc<str>,
    created_at: Timestamp,
    last_used_at: AtomicI64,
    caller: Caller,
    /// Its sandbox's end.
    expires_at: Option<Timestamp>,
}

impl StoredKey {
    fn info(&self) -> KeyInfo {
        let last = self.last_used_at.load(Ordering::Relaxed);
        KeyInfo {
            id: self.id.clone(),
            supplier: self.caller.supplier.clone(),
            prefix: Arc::clone(&self.prefix),
            created_at: self.created_at,
            last_used_at: (last != NEVER).then(|| Timestamp::from_millis(last)),
        }
    }
}

fn is_over(expires_at: Option<Timestamp>, server: Timestamp) -> bool {
    expires_at.is_some_and(|end| end <= server)
}

/// The sandboxes by name, and the callers by key.
#[derive(Default)]
pub(super) struct Directory {
    slots: HashMap<SandboxId, Arc<Slot>>,
    baselines: usize,
    /// Those that end, by when.
    ends: BTreeSet<(Timestamp, SandboxId)>,
    /// By [`KeyHash::bucket`].
    keys: HashMap<u64, Vec<Arc<StoredKey>>>,
    /// The same keys, in the order in which they were made.
    keys_of: HashMap<SandboxId, Vec<Arc<StoredKey>>>,
}

impl Directory {
    pub(super) fn slot(&self, id: &SandboxId, server: Timestamp) -> Result<&Arc<Slot>, StoreError> {
        let slot = self.slots.get(id).filter(|slot| !is_over(slot.expires_at, server));
        slot.ok_or_else(|| StoreError::NoSandbox(id.clone()))
    }

    /// All but baselines.
    pub(super) fn slots(&self, server: Timestamp) -> impl Iterator<Item = &Arc<Slot>> {
        let is_shown = move |(id, slot): &(&SandboxId, &Arc<Slot>)| {
            !id.is_baseline() && !is_over(slot.expires_at, server)
        };
        self.slots.iter().filter(is_shown).map(|(_, slot)| slot)
    }

    /// How many there are, but for baselines.
    pub(super) fn count(&self, server: Timestamp) -> usize {
        let over = self.ends.iter().take_while(|(end, _)| *end <= server).count();
        self.slots.len() - self.baselines - over
    }

    pub(super) fn insert(
        &mut self,
        id: SandboxId,
        sandbox: Sandbox,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        self.expire(server);
        if self.slots.contains_key(&id) {
            return Err(StoreError::SandboxExists(id));
        }
        let expires_at = sandbox.expires_at();
        self.ends.extend(expires_at.map(|end| (end, id.clone())));
        self.baselines += usize::from(id.is_baseline());
        self.slots.insert(
            id,
            Arc::new(Slot {
                expires_at,
                is_armed: sandbox.is_armed().into(),
                sandbox: Mutex::new(sandbox),
                recorded: Mutex::default(),
                changes: watch::Sender::default(),
            }),
        );
        Ok(())
    }

    pub(super) fn remove(&mut self, id: &SandboxId) {
        let Some(slot) = self.slots.remove(id) else { return };
        self.baselines -= usize::from(id.is_baseline());
        if let Some(end) = slot.expires_at {
            self.ends.remove(&(end, id.clone()));
        }
        for key in self.keys_of.remove(id).unwrap_or_default() {
            self.forget(&key);
        }
    }

    /// Removes those that are over, and returns how many.
    pub(super) fn expire(&mut self, server: Timestamp) -> usize {
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

    /// Whom a key leads to; it is noted that it was used.
    pub(super) fn caller(&self, hash: &KeyHash, server: Timestamp) -> Option<&Caller> {
        let key = self.find(hash).filter(|key| !is_over(key.expires_at, server))?;
        key.last_used_at.store(server.as_millis(), Ordering::Relaxed);
        Some(&key.caller)
    }

    /// The caller must have seen that the sandbox is there and has the supplier.
    pub(super) fn add_key(
        &mut self,
        sandbox: &SandboxId,
        key: NewKey,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        if self.find(&key.hash).is_some() {
            return Err(StoreError::KeyExists);
        }
        let key = Arc::new(StoredKey {
            hash: key.hash,
            id: key.id,
            prefix: key.prefix,
            created_at: server,
            last_used_at: AtomicI64::new(NEVER),
            caller: Caller { sandbox: sandbox.clone(), supplier: key.supplier },
            expires_at: self.slots.get(sandbox).and_then(|slot| slot.expires_at),
        });
        self.keys.entry(key.hash.bucket()).or_default().push(Arc::clone(&key));
        self.keys_of.entry(sandbox.clone()).or_default().push(key);
        Ok(())
    }

    pub(super) fn keys(&self, sandbox: &SandboxId, supplier: &SupplierId) -> Vec<KeyInfo> {
        let keys = self.keys_of.get(sandbox).into_iter().flatten();
        keys.filter(|key| key.caller.supplier == *supplier).map(|key| key.info()).collect()
    }

    pub(super) fn revoke_key(&mut self, sandbox: &SandboxId, supplier: &SupplierId, id: &KeyId) -> bool {
        let Some(keys) = self.keys_of.get_mut(sandbox) else { return false };
        let place = keys.iter().position(|key| key.id == *id && key.caller.supplier == *supplier);
        let Some(key) = place.map(|place| keys.remove(place)) else { return false };
        self.forget(&key);
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

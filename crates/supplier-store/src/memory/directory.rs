//! Directory of a server's sandboxes and API keys.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use supplier_domain::{SupplierId, Timestamp};

use super::ended_keys::{EndedKeys, FormerKey};
use crate::engine::slot::Slot;
use crate::sandboxes::info::is_over;
use crate::{Caller, EndedKey, KeyHash, KeyId, KeyInfo, NewKey, SandboxId, StoreError};

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

/// The last use of a key that was never used: no use is before 1970.
const NEVER: i64 = -1;

pub(crate) struct StoredKey {
    pub(crate) hash: KeyHash,
    pub(crate) id: KeyId,
    pub(crate) prefix: Arc<str>,
    pub(crate) created_at: Timestamp,
    last_used_at: AtomicI64,
    pub(crate) caller: Caller,
    /// The number of the key's sandbox.
    pub(crate) sandbox: i64,
    /// When the key's sandbox expires.
    expires_at: Option<Timestamp>,
    /// Whether the key's use is queued to be written.
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

    /// What is remembered of the key once it authenticates nobody.
    pub(crate) fn former(&self) -> FormerKey {
        FormerKey { hash: self.hash, sandbox: self.sandbox, caller: self.caller.clone() }
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

/// Sandboxes by name, and keys by hash.
#[derive(Default)]
pub(crate) struct Directory {
    slots: HashMap<SandboxId, Arc<Slot>>,
    baselines: usize,
    /// Sandboxes that expire, by the time of it.
    ends: BTreeSet<(Timestamp, SandboxId)>,
    /// By [`KeyHash::bucket`].
    keys: HashMap<u64, Vec<Arc<StoredKey>>>,
    /// The same keys by sandbox, oldest first.
    keys_of: HashMap<SandboxId, Vec<Arc<StoredKey>>>,
    /// Keys that authenticate nobody any more.
    ended: EndedKeys,
    /// The changes of the directory that are not taken yet.
    pub(crate) changes: Vec<Change>,
}

impl Directory {
    pub(crate) fn slot(&self, id: &SandboxId, server: Timestamp) -> Result<&Arc<Slot>, StoreError> {
        let slot = self.slots.get(id).filter(|slot| !is_over(slot.expires_at, server));
        slot.ok_or_else(|| StoreError::NoSandbox(id.clone()))
    }

    /// All sandboxes, expired ones too.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Slot>> {
        self.slots.values()
    }

    /// All sandboxes but baselines and expired ones.
    pub(crate) fn slots(&self, server: Timestamp) -> impl Iterator<Item = &Arc<Slot>> {
        let is_shown = move |(id, slot): &(&SandboxId, &Arc<Slot>)| {
            !id.is_baseline() && !is_over(slot.expires_at, server)
        };
        self.slots.iter().filter(is_shown).map(|(_, slot)| slot)
    }

    /// The number of [`Directory::slots`].
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

    /// Adds a sandbox whose name is free.
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
            self.ended.add(key.former());
        }
        self.changes.push(Change::Removed(slot, keys));
    }

    /// Removes the expired sandboxes, and returns their number.
    pub(crate) fn expire(&mut self, server: Timestamp) -> usize {
        let over = self.ends.iter().take_while(|(end, _)| *end <= server);
        let over: Vec<_> = over.map(|(_, id)| id.clone()).collect();
        for id in &over {
            self.remove(id);
        }
        over.len()
    }

    pub(crate) fn find_key(&self, hash: &KeyHash) -> Option<&Arc<StoredKey>> {
        self.keys.get(&hash.bucket())?.iter().find(|key| key.hash == *hash)
    }

    /// The key of that hash, unless its sandbox has expired. Records the use of the key.
    pub(crate) fn caller(&self, hash: &KeyHash, server: Timestamp) -> Option<&Arc<StoredKey>> {
        let key = self.find_key(hash).filter(|key| !is_over(key.expires_at, server))?;
        key.last_used_at.store(server.as_millis(), Ordering::Relaxed);
        Some(key)
    }

    /// Adds a key of a supplier that the sandbox has.
    pub(crate) fn add_key(
        &mut self,
        sandbox: &SandboxId,
        key: NewKey,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        if self.find_key(&key.hash).is_some() {
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

    /// Undoes a change that could not be written.
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
        self.ended.add(key.former());
        self.changes.push(Change::KeyRevoked(key));
        true
    }

    /// Adds a key that was ended before; the last comes last.
    pub(crate) fn put_ended(&mut self, key: FormerKey) {
        self.ended.add(key);
    }

    /// What a key was that authenticates nobody.
    pub(crate) fn ended_key(&self, hash: &KeyHash, server: Timestamp) -> Option<EndedKey> {
        if let Some(key) = self.find_key(hash) {
            // Its sandbox has expired, and is not removed yet.
            return is_over(key.expires_at, server).then_some(EndedKey::SandboxGone);
        }
        let former = self.ended.find(hash)?;
        let slot = self.slot(&former.caller.sandbox, server);
        if slot.is_ok_and(|slot| slot.number == former.sandbox) {
            Some(EndedKey::Revoked(former.caller.clone()))
        } else {
            Some(EndedKey::SandboxGone)
        }
    }

    /// Removes a key from the lookup by hash.
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

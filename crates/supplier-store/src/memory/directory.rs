//! Which sandboxes there are, and which keys lead to them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::sandbox::Sandbox;
use crate::{Caller, KeyHash, NewKey, SandboxId, StoreError};

/// A sandbox behind its lock.
pub(super) type SharedSandbox = Arc<Mutex<Sandbox>>;

/// The sandboxes by name, and the callers by key.
#[derive(Default)]
pub(super) struct Directory {
    sandboxes: HashMap<SandboxId, SharedSandbox>,
    /// By [`KeyHash::bucket`].
    keys: HashMap<u64, Vec<(KeyHash, Caller)>>,
}

impl Directory {
    pub(super) fn sandbox(&self, id: &SandboxId) -> Result<&SharedSandbox, StoreError> {
        self.sandboxes.get(id).ok_or_else(|| StoreError::NoSandbox(id.clone()))
    }

    pub(super) fn insert(&mut self, id: SandboxId, sandbox: Sandbox) -> Result<(), StoreError> {
        if self.sandboxes.contains_key(&id) {
            return Err(StoreError::SandboxExists(id));
        }
        self.sandboxes.insert(id, Arc::new(Mutex::new(sandbox)));
        Ok(())
    }

    pub(super) fn remove(&mut self, id: &SandboxId) -> Result<(), StoreError> {
        self.sandboxes.remove(id).ok_or_else(|| StoreError::NoSandbox(id.clone()))?;
        self.keys.retain(|_, bucket| {
            bucket.retain(|(_, caller)| caller.sandbox != *id);
            !bucket.is_empty()
        });
        Ok(())
    }

    pub(super) fn caller(&self, key: &KeyHash) -> Option<&Caller> {
        let bucket = self.keys.get(&key.bucket())?;
        bucket.iter().find(|(hash, _)| hash == key).map(|(_, caller)| caller)
    }

    /// The caller must have seen that the sandbox has the supplier.
    pub(super) fn add_key(&mut self, sandbox: &SandboxId, key: NewKey) -> Result<(), StoreError> {
        if self.caller(&key.hash).is_some() {
            return Err(StoreError::KeyExists);
        }
        let caller = Caller { sandbox: sandbox.clone(), supplier: key.supplier };
        self.keys.entry(key.hash.bucket()).or_default().push((key.hash, caller));
        Ok(())
    }

    pub(super) fn revoke_key(&mut self, key: &KeyHash) -> bool {
        let known = self.caller(key).is_some();
        if let Some(bucket) = self.keys.get_mut(&key.bucket()) {
            bucket.retain(|(hash, _)| hash != key);
        }
        known
    }
}

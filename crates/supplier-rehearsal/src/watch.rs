//! How a rehearsal sees the calls of its sandbox, and makes them go wrong.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use supplier_control::SandboxId;
use supplier_domain::fault::{Call, Strike};
use supplier_domain::{CallRecord, OrderUpdate, RequestId};

/// A call whose key and form are valid, before its work.
#[derive(Debug, Clone, Copy)]
pub struct WatchedCall<'a> {
    /// Request id.
    pub id: RequestId,
    /// The call, as a fault's filter sees it.
    pub call: Call<'a>,
    /// What an update asks for.
    pub update: Option<&'a OrderUpdate>,
}

/// Watches the calls of one sandbox. A server asks it about each of them.
#[async_trait]
pub trait CallWatch: Send + Sync {
    /// Called before a call's work. Returns what strikes the call.
    async fn before(&self, call: WatchedCall<'_>) -> Strike;

    /// Called when the answer is known, and before it is sent. Also called for a call that was refused before its work, and
    /// for one whose client went away.
    async fn recorded(&self, record: &CallRecord);
}

/// The watches of a server's sandboxes.
#[derive(Default)]
pub struct Watches {
    by_sandbox: RwLock<HashMap<SandboxId, Arc<dyn CallWatch>>>,
    count: AtomicUsize,
}

impl Watches {
    /// The watch of a sandbox. Without any watch, asking costs one atomic load.
    pub fn of(&self, sandbox: &SandboxId) -> Option<Arc<dyn CallWatch>> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        self.by_sandbox.read().unwrap_or_else(PoisonError::into_inner).get(sandbox).cloned()
    }

    /// Watches a sandbox until the guard is dropped. A watch that it had before is replaced.
    pub fn watch(self: &Arc<Self>, sandbox: SandboxId, watch: Arc<dyn CallWatch>) -> WatchGuard {
        let mut watches = self.by_sandbox.write().unwrap_or_else(PoisonError::into_inner);
        watches.insert(sandbox.clone(), watch);
        self.count.store(watches.len(), Ordering::Relaxed);
        WatchGuard { watches: Arc::clone(self), sandbox }
    }
}

/// Ends a watch when it is dropped.
#[must_use = "the watch ends when this is dropped"]
pub struct WatchGuard {
    watches: Arc<Watches>,
    sandbox: SandboxId,
}

impl Drop for WatchGuard {
    fn drop(&mut self) {
        let mut watches = self.watches.by_sandbox.write().unwrap_or_else(PoisonError::into_inner);
        watches.remove(&self.sandbox);
        self.watches.count.store(watches.len(), Ordering::Relaxed);
    }
}

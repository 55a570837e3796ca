//! Deferred writes: calls, observations and uses of keys, which are committed after the answer.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use supplier_domain::{CallRecord, Observation, SupplierId, Timestamp};
use tokio::sync::Notify;

use crate::{Epoch, KeyHash, MAX_CALLS, MAX_CALLS_BYTES, SandboxId};

/// The most observations of a sandbox that wait; of more, the oldest are lost.
const MOST_OBSERVED: usize = 10_000;

/// What waits of one sandbox.
#[derive(Default)]
pub(super) struct Pending {
    /// The last in which one of them was let in. Epochs of one sandbox grow.
    pub(super) epoch: Option<Epoch>,
    pub(super) calls: VecDeque<Arc<CallRecord>>,
    pub(super) bytes: usize,
    /// How many calls were dropped: a journal would not have kept them either.
    pub(super) dropped: u64,
    pub(super) observed: VecDeque<(SupplierId, Observation)>,
}

/// What waits to be written.
#[derive(Default)]
pub(super) struct DeferredWrites {
    pub(super) pending: Mutex<HashMap<SandboxId, Pending>>,
    /// By [`KeyHash::bucket`], which is as good as the hash here.
    pub(super) used: Mutex<HashMap<u64, (KeyHash, Timestamp)>>,
    /// Numbers of sandboxes whose changes others are to be told of; negative, if they are gone.
    pub(super) told: Mutex<HashSet<i64>>,
    /// How many calls were dropped before they were written.
    pub(super) lost: AtomicU64,
    pub(super) wake: Notify,
    /// Held while something is written, so that whoever waits for it waits for all of it.
    pub(super) writing: tokio::sync::Mutex<()>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pending {
    /// Makes room for what is of an `epoch`: what is of an earlier one goes. Returns whether it is not of an earlier one itself.
    pub(super) fn enter(&mut self, epoch: Option<Epoch>) -> bool {
        let Some(epoch) = epoch else { return true };
        if self.epoch.is_some_and(|known| known < epoch) {
            *self = Self::default();
        }
        self.epoch.get_or_insert(epoch) == &epoch
    }

    /// Puts a call behind the others. Returns how many gave way.
    fn keep(&mut self, call: Arc<CallRecord>) -> u64 {
        let before = self.dropped;
        self.bytes += call.size();
        self.calls.push_back(call);
        while self.calls.len() > 1 && (self.calls.len() > MAX_CALLS || self.bytes > MAX_CALLS_BYTES) {
            self.bytes -= self.calls.pop_front().map_or(0, |call| call.size());
            self.dropped += 1;
        }
        self.dropped - before
    }

    fn observe(&mut self, supplier: SupplierId, observation: Observation) {
        if self.observed.len() == MOST_OBSERVED {
            self.observed.pop_front();
        }
        self.observed.push_back((supplier, observation));
    }

    /// Puts what came later behind. Returns how many calls gave way.
    pub(super) fn append(&mut self, later: Self) -> u64 {
        if !self.enter(later.epoch) {
            return 0;
        }
        self.dropped += later.dropped;
        let lost = later.calls.into_iter().map(|call| self.keep(call)).sum();
        for (supplier, observation) in later.observed {
            self.observe(supplier, observation);
        }
        lost
    }
}

impl DeferredWrites {
    pub(super) fn keep(
        &self,
        sandbox: &SandboxId,
        epoch: Option<Epoch>,
        record: CallRecord,
        observed: Option<Observation>,
    ) {
        let mut pending = lock(&self.pending);
        let pending = pending.entry(sandbox.clone()).or_default();
        if !pending.enter(epoch) {
            return;
        }
        if let (Some(supplier), Some(observation)) = (&record.supplier, observed) {
            pending.observe(supplier.clone(), observation);
        }
        self.lose(pending.keep(Arc::new(record)));
    }

    pub(super) fn lose(&self, calls: u64) {
        self.lost.fetch_add(calls, Ordering::Relaxed);
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Forgets what waits of a sandbox.
    pub(super) fn forget(&self, sandbox: &SandboxId) {
        lock(&self.pending).remove(sandbox);
    }

    pub(super) fn use_key(&self, key: KeyHash, at: Timestamp) {
        lock(&self.used).insert(key.bucket(), (key, at));
    }

    /// Has other servers told that a sandbox has changed; or, of a negative number, that it is gone.
    pub(super) fn tell(&self, number: i64) {
        lock(&self.told).insert(number);
        self.wake.notify_one();
    }

    pub(super) fn take_told(&self) -> Vec<i64> {
        lock(&self.told).drain().collect()
    }
}

//! Calls of a sandbox that are not written to its journal yet.

use std::collections::VecDeque;
use std::sync::Arc;

use supplier_domain::{CallRecord, Observation, SupplierId};

use crate::Epoch;
use crate::engine::journal::CallLog;

/// The most observations of a sandbox that wait; the oldest are dropped.
const MAX_OBSERVED: usize = 10_000;

/// The calls of one sandbox that wait to be written.
#[derive(Default)]
pub(super) struct Pending {
    /// The latest epoch in which one of the calls was authenticated. Epochs of a sandbox grow.
    pub(super) epoch: Option<Epoch>,
    /// Numbered from 1. A call that is dropped here would not be in the journal any more.
    pub(super) calls: CallLog,
    pub(super) observed: VecDeque<(SupplierId, Observation)>,
}

impl Pending {
    /// Drops everything of an epoch before `epoch`. Returns whether `epoch` is the latest.
    fn enter(&mut self, epoch: Option<Epoch>) -> bool {
        let Some(epoch) = epoch else { return true };
        if self.epoch.is_some_and(|known| known < epoch) {
            *self = Self::default();
        }
        self.epoch.get_or_insert(epoch) == &epoch
    }

    fn observe(&mut self, supplier: SupplierId, observation: Observation) {
        if self.observed.len() == MAX_OBSERVED {
            self.observed.pop_front();
        }
        self.observed.push_back((supplier, observation));
    }

    /// Adds a call of an epoch. Returns how many calls are dropped for it.
    pub(super) fn keep(
        &mut self,
        epoch: Option<Epoch>,
        record: CallRecord,
        observed: Option<Observation>,
    ) -> u64 {
        if !self.enter(epoch) {
            return 0;
        }
        if let (Some(supplier), Some(observation)) = (&record.supplier, observed) {
            self.observe(supplier.clone(), observation);
        }
        let before = self.calls.dropped();
        self.calls.push(Arc::new(record));
        self.calls.dropped() - before
    }

    /// Adds later calls. Returns how many calls are dropped for them.
    pub(super) fn append(&mut self, later: Self) -> u64 {
        if !self.enter(later.epoch) {
            return 0;
        }
        self.calls.skip(later.calls.dropped());
        let before = self.calls.dropped();
        for call in later.calls.kept() {
            self.calls.push(Arc::clone(&call.record));
        }
        for (supplier, observation) in later.observed {
            self.observe(supplier, observation);
        }
        self.calls.dropped() - before
    }
}

//! The calls of one sandbox's suppliers, the last ones, and their scorecards.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use supplier_domain::{CallRecord, Observation, RequestId, Scorecard, SupplierId};

use crate::{CallSearch, FoundCalls, KeptCall, MAX_CALLS, MAX_CALLS_BYTES, SnapshotJournal};

/// What is remembered of calls.
#[derive(Default)]
pub(super) struct Recorded {
    calls: VecDeque<KeptCall>,
    /// Of `calls`.
    bytes: usize,
    /// The number of the last call.
    last: u64,
    scorecards: BTreeMap<SupplierId, Scorecard>,
}

impl Recorded {
    /// Keeps a call. Returns one that gave way to it, which is better let go of once the lock is released.
    pub(super) fn keep(
        &mut self,
        record: Arc<CallRecord>,
        observed: Option<&Observation>,
    ) -> Option<KeptCall> {
        if let (Some(supplier), Some(observation)) = (&record.supplier, observed) {
            match self.scorecards.get_mut(supplier) {
                Some(scorecard) => scorecard.observe(observation),
                None => self.scorecards.entry(supplier.clone()).or_default().observe(observation),
            }
        }
        self.last += 1;
        self.bytes += record.size();
        self.calls.push_back(KeptCall { number: self.last, record });
        let mut gave_way = None;
        // The newest stays, however large.
        while self.calls.len() > 1 && (self.calls.len() > MAX_CALLS || self.bytes > MAX_CALLS_BYTES) {
            gave_way = self.calls.pop_front();
            self.bytes -= gave_way.as_ref().map_or(0, |call| call.record.size());
        }
        gave_way
    }

    /// All of it but the calls that are no longer kept.
    pub(super) fn export(&self) -> (SnapshotJournal, BTreeMap<SupplierId, Scorecard>) {
        let calls = self.calls.iter().map(|call| CallRecord::clone(&call.record)).collect();
        (SnapshotJournal { last: self.last, calls }, self.scorecards.clone())
    }

    /// What was exported. Its journal may have more calls than fit.
    pub(super) fn restored(journal: SnapshotJournal, scorecards: BTreeMap<SupplierId, Scorecard>) -> Self {
        let last = journal.last.saturating_sub(journal.calls.len() as u64);
        let mut recorded = Self { last, ..Self::default() };
        for record in journal.calls {
            recorded.keep(record.into(), None);
        }
        Self { scorecards, ..recorded }
    }

    /// How many calls are no longer kept.
    pub(super) fn dropped(&self) -> u64 {
        self.last - self.calls.len() as u64
    }

    pub(super) fn find(&self, search: &CallSearch) -> FoundCalls {
        let fits = |call: &&KeptCall| search.fits(&call.record);
        let calls: Vec<_> = if let Some(number) = search.after {
            let from = self.calls.partition_point(|call| call.number <= number);
            self.calls.range(from..).filter(fits).take(search.limit).cloned().collect()
        } else {
            let mut last: Vec<_> = self.calls.iter().rev().filter(fits).take(search.limit).cloned().collect();
            last.reverse();
            last
        };
        FoundCalls { calls, last: self.last, dropped: self.dropped() }
    }

    pub(super) fn call(&self, id: RequestId) -> Option<KeptCall> {
        self.calls.iter().rev().find(|call| call.record.id == id).cloned()
    }

    pub(super) fn clear(&mut self) {
        self.calls = VecDeque::new();
        self.bytes = 0;
    }

    pub(super) fn scorecard(&self, supplier: &SupplierId) -> Scorecard {
        self.scorecards.get(supplier).cloned().unwrap_or_default()
    }
}

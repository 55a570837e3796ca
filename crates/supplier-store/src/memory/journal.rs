//! The calls of one sandbox's suppliers, the last ones, and their scorecards.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use supplier_domain::{CallRecord, Observation, RequestId, Scorecard, SupplierId};

use crate::{CallSearch, FoundCalls, KeptCall, MAX_CALLS, MAX_CALLS_BYTES, SnapshotJournal};

/// What is remembered of calls.
#[derive(Default, Clone)]
pub(crate) struct Recorded {
    calls: VecDeque<KeptCall>,
    /// Of `calls`.
    bytes: usize,
    /// The number of the last call.
    last: u64,
    scorecards: BTreeMap<SupplierId, Scorecard>,
    /// Whose scorecards were not written down since they changed.
    pub(crate) judged: BTreeSet<SupplierId>,
    /// How often it began anew.
    pub(crate) resets: u64,
}

impl Recorded {
    /// Keeps a call. Returns one that gave way to it, which is better let go of once the lock is released.
    pub(crate) fn keep(
        &mut self,
        record: Arc<CallRecord>,
        observed: Option<&Observation>,
    ) -> Option<KeptCall> {
        if let (Some(supplier), Some(observation)) = (&record.supplier, observed) {
            match self.scorecards.get_mut(supplier) {
                Some(scorecard) => scorecard.observe(observation),
                None => self.scorecards.entry(supplier.clone()).or_default().observe(observation),
            }
            if !self.judged.contains(supplier) {
                self.judged.insert(supplier.clone());
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

    /// Has all scorecards written down again.
    pub(crate) fn judge_all(&mut self) {
        self.judged = self.scorecards.keys().cloned().collect();
    }

    /// The calls that are kept.
    pub(crate) fn kept(&self) -> impl DoubleEndedIterator<Item = &KeptCall> {
        self.calls.iter()
    }

    /// The number of the last call.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// All of it but the calls that are no longer kept.
    pub(crate) fn export(&self) -> (SnapshotJournal, BTreeMap<SupplierId, Scorecard>) {
        let calls = self.calls.iter().map(|call| CallRecord::clone(&call.record)).collect();
        (SnapshotJournal { last: self.last, calls }, self.scorecards.clone())
    }

    /// What was exported. Its journal may have more calls than fit.
    pub(crate) fn restored(journal: SnapshotJournal, scorecards: BTreeMap<SupplierId, Scorecard>) -> Self {
        let last = journal.last.saturating_sub(journal.calls.len() as u64);
        let mut recorded = Self { last, ..Self::default() };
        for record in journal.calls {
            recorded.keep(record.into(), None);
        }
        Self { judged: scorecards.keys().cloned().collect(), scorecards, ..recorded }
    }

    /// Begins anew: no call was kept yet, and nobody judged.
    pub(crate) fn reset(&mut self) {
        *self = Self { resets: self.resets + 1, ..Self::default() };
    }

    /// How many calls are no longer kept.
    pub(crate) fn dropped(&self) -> u64 {
        self.last - self.calls.len() as u64
    }

    pub(crate) fn find(&self, search: &CallSearch) -> FoundCalls {
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

    pub(crate) fn call(&self, id: RequestId) -> Option<KeptCall> {
        self.calls.iter().rev().find(|call| call.record.id == id).cloned()
    }

    pub(crate) fn clear(&mut self) {
        self.calls = VecDeque::new();
        self.bytes = 0;
    }

    pub(crate) fn scorecard(&self, supplier: &SupplierId) -> Scorecard {
        self.scorecards.get(supplier).cloned().unwrap_or_default()
    }
}

//! The journal of a sandbox: the last calls of its suppliers, and their scorecards.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use supplier_domain::{
    CallRecord, Observation, RequestId, Resend, Scorecard, Supplier, SupplierId, Timestamp,
};

use crate::{CallSearch, FoundCalls, KeptCall, MAX_CALLS, MAX_CALLS_BYTES, Scorecards, SnapshotJournal};

/// The last calls, at most [`MAX_CALLS`] of at most [`MAX_CALLS_BYTES`] together.
#[derive(Default, Clone)]
pub(crate) struct CallLog {
    calls: VecDeque<KeptCall>,
    bytes: usize,
    /// The number of the last call.
    last: u64,
}

impl CallLog {
    /// An empty log, in which the next call has the number after `last`.
    pub(crate) fn after(last: u64) -> Self {
        Self { last, ..Self::default() }
    }

    /// Adds a call. Returns one that was dropped for it, which the caller should drop after releasing a lock.
    pub(crate) fn push(&mut self, record: Arc<CallRecord>) -> Option<KeptCall> {
        self.last += 1;
        self.bytes += record.size();
        self.calls.push_back(KeptCall { number: self.last, record });
        let mut dropped = None;
        // The newest call stays, whatever its size.
        while self.calls.len() > 1 && (self.calls.len() > MAX_CALLS || self.bytes > MAX_CALLS_BYTES) {
            dropped = self.calls.pop_front();
            self.bytes -= dropped.as_ref().map_or(0, |call| call.record.size());
        }
        dropped
    }

    /// The calls that are kept, oldest first.
    pub(crate) fn kept(&self) -> impl ExactSizeIterator<Item = &KeptCall> + Clone {
        self.calls.iter()
    }

    /// The number of the last call.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// How many calls are no longer kept.
    pub(crate) fn dropped(&self) -> u64 {
        self.last - self.calls.len() as u64
    }

    /// Counts calls that were dropped elsewhere.
    pub(crate) fn skip(&mut self, dropped: u64) {
        self.last += dropped;
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

    /// Notes which calls repeat others whose answers were lost.
    pub(crate) fn note_resends(&mut self, resends: &HashMap<RequestId, Resend>) {
        for call in &mut self.calls {
            if let Some(resend) = resends.get(&call.record.id) {
                Arc::make_mut(&mut call.record).resend = Some(*resend);
            }
        }
    }

    /// Drops all calls.
    pub(crate) fn clear(&mut self) {
        *self = Self::after(self.last);
    }
}

/// The journal and the scorecards of a sandbox.
#[derive(Default, Clone)]
pub struct JournalState {
    pub(crate) calls: CallLog,
    scorecards: BTreeMap<SupplierId, Scorecard>,
    /// Suppliers whose scorecards have changed since they were last written.
    pub(crate) changed: BTreeSet<SupplierId>,
    /// Number of resets.
    pub(crate) resets: u64,
}

impl JournalState {
    /// Keeps a call. Returns one that was dropped for it, which the caller should drop after releasing the lock.
    pub(crate) fn keep(
        &mut self,
        mut record: CallRecord,
        observed: Option<&Observation>,
    ) -> Option<KeptCall> {
        if let (Some(supplier), Some(observation)) = (&record.supplier, observed) {
            record.resend = match self.scorecards.get_mut(supplier) {
                Some(scorecard) => scorecard.observe(observation),
                None => self.scorecards.entry(supplier.clone()).or_default().observe(observation),
            };
            if !self.changed.contains(supplier) {
                self.changed.insert(supplier.clone());
            }
        }
        self.calls.push(record.into())
    }

    /// Has all scorecards written again.
    pub(crate) fn mark_all_changed(&mut self) {
        self.changed = self.scorecards.keys().cloned().collect();
    }

    /// The journal and the scorecards for a snapshot.
    pub(crate) fn export(&self) -> (SnapshotJournal, BTreeMap<SupplierId, Scorecard>) {
        let calls = self.calls.kept().map(|call| CallRecord::clone(&call.record)).collect();
        (SnapshotJournal { last: self.calls.last, calls }, self.scorecards.clone())
    }

    /// The state of a snapshot, which may have more calls than a journal keeps.
    pub(crate) fn restored(journal: SnapshotJournal, scorecards: BTreeMap<SupplierId, Scorecard>) -> Self {
        let mut calls = CallLog::after(journal.last.saturating_sub(journal.calls.len() as u64));
        for record in journal.calls {
            calls.push(record.into());
        }
        Self { calls, changed: scorecards.keys().cloned().collect(), scorecards, resets: 0 }
    }

    /// Empties the journal and the scorecards.
    pub(crate) fn reset(&mut self) {
        *self = Self { resets: self.resets + 1, ..Self::default() };
    }

    /// The scorecards of `suppliers`, read at `now` by the sandbox's clock.
    pub(crate) fn scorecards(&self, now: Timestamp, suppliers: &[Supplier]) -> Scorecards {
        let scorecard = |supplier: &Supplier| (supplier.clone(), self.scorecard(&supplier.id));
        let dropped = self.calls.dropped();
        Scorecards { now, by_supplier: suppliers.iter().map(scorecard).collect(), dropped }
    }

    pub(crate) fn scorecard(&self, supplier: &SupplierId) -> Scorecard {
        self.scorecards.get(supplier).cloned().unwrap_or_default()
    }
}

//! A call that failed, and its retries.

use serde::{Deserialize, Serialize};

use super::gaps::Moment;
use super::mark::CallDigest;
use super::observation::Observation;
use crate::{OrderId, RequestId};

/// A gap of this many milliseconds need not grow: clients stop at some length, and rightly.
const LONG: u64 = 60_000;

/// A call that got no answer, or one that says to try again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) digest: CallDigest,
    /// The first request of that call.
    pub(super) request: RequestId,
    order: Option<OrderId>,
    /// Whether the call was done, so that only its answer was lost.
    pub(super) was_done: bool,
    latest: Moment,
    /// The gap before the latest retry, in milliseconds; `None` before the first.
    gap: Option<u64>,
    /// Whether a gap did not grow: that is told once.
    is_rushed: bool,
}

impl Failure {
    pub(super) fn of(observation: &Observation) -> Self {
        Self {
            digest: observation.digest,
            request: observation.request,
            order: observation.order(),
            was_done: observation.is_done,
            latest: Moment::of(observation),
            gap: None,
            is_rushed: false,
        }
    }

    pub(super) fn order(&self) -> Option<OrderId> {
        self.order
    }

    pub(super) fn is_retried(&self) -> bool {
        self.gap.is_some()
    }

    /// The same call again. Returns whether it is the first that came without a longer gap than the one before.
    pub(super) fn retry(&mut self, observation: &Observation) -> bool {
        let moment = Moment::of(observation);
        let gap = moment.since(self.latest);
        let rushes = self.gap.is_some_and(|before| !grows(before, gap));
        let is_first = rushes && !self.is_rushed;
        self.is_rushed |= rushes;
        self.was_done |= observation.is_done;
        self.latest = moment;
        self.gap = Some(gap);
        is_first
    }
}

/// Whether `gap` is longer than `before` by more than the tenth that equal gaps may differ by on their way.
fn grows(before: u64, gap: u64) -> bool {
    gap >= LONG || gap > before.saturating_add(before / 10)
}

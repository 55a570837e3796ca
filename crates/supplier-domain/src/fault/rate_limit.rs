//! Rate limit fault: a number of calls in a period.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Problem, SupplierId, Timestamp};

/// Rate limit of a supplier's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    calls: NonZeroU32,
    period_seconds: NonZeroU32,
}

impl RateLimit {
    /// Longest period: a day.
    pub const MAX_PERIOD: Duration = Duration::from_hours(24);
    /// Maximum number of calls in a period.
    pub const MAX_CALLS: u32 = 1_000_000;
    const MAX_PERIOD_SECONDS: u32 = 86_400;

    /// At most `calls` (1 to 1,000,000) in each period of `period_seconds` (1 to 86,400).
    pub fn new(calls: i64, period_seconds: i64) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut read = |field, number: i64, most: u32| {
            let known = u32::try_from(number).ok().and_then(NonZeroU32::new).filter(|it| it.get() <= most);
            if known.is_none() {
                problems.push(Problem::new(field, format!("must be an integer from 1 to {most}")));
            }
            known
        };
        let calls = read("effect.calls", calls, Self::MAX_CALLS);
        let period = read("effect.periodSeconds", period_seconds, Self::MAX_PERIOD_SECONDS);
        match (calls, period) {
            (Some(calls), Some(period_seconds)) => Ok(Self { calls, period_seconds }),
            _ => Err(problems),
        }
    }

    /// Calls of a supplier in a period.
    pub const fn calls(self) -> u32 {
        self.calls.get()
    }

    /// Length of a period.
    pub fn period(self) -> Duration {
        Duration::from_secs(self.period_seconds.get().into())
    }
}

/// Calls of each supplier in its current period. A period begins with the first call after the previous period.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Tallies(
    /// Sorted by supplier.
    Vec<Tally>,
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    supplier: SupplierId,
    since: Timestamp,
    calls: u64,
}

impl Tallies {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts a call of `supplier` at `now`. Over the limit, returns the time after `now` at which the next period begins.
    /// Calls over the limit do not delay it.
    pub(super) fn count(
        &mut self,
        limit: RateLimit,
        supplier: &SupplierId,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let index = self.0.binary_search_by(|tally| tally.supplier.cmp(supplier)).unwrap_or_else(|index| {
            self.0.insert(index, Tally { supplier: supplier.clone(), since: now, calls: 0 });
            index
        });
        let tally = self.0.get_mut(index)?;
        if now.since(tally.since) >= limit.period() {
            tally.since = now;
            tally.calls = 0;
        }
        tally.calls = tally.calls.saturating_add(1);
        (tally.calls > limit.calls().into()).then(|| tally.since.plus(limit.period()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::supplier_id;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn calls_over_the_limit_wait_for_the_next_period() {
        let (limit, aurora) = (RateLimit::new(2, 10).unwrap(), supplier_id("aurora"));
        let mut tallies = Tallies::default();
        let outcomes = [
            (5_000, None),
            (5_000, None),
            (5_000, Some(15_000)),
            (5_001, Some(15_000)),
            (14_999, Some(15_000)),
            (15_000, None),
            (16_000, None),
            (24_000, Some(25_000)),
            (900_000, None),
        ];
        for (millis, outcome) in outcomes {
            assert_eq!(tallies.count(limit, &aurora, at(millis)), outcome.map(at), "{millis}");
        }
    }

    #[test]
    fn each_supplier_has_calls_of_its_own() {
        let limit = RateLimit::new(1, 10).unwrap();
        let mut tallies = Tallies::default();
        for name in ["birch", "aurora", "cedar"] {
            assert_eq!(tallies.count(limit, &supplier_id(name), at(0)), None, "{name}");
        }
        for name in ["aurora", "birch", "cedar"] {
            assert_eq!(tallies.count(limit, &supplier_id(name), at(1)), Some(at(10_000)), "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_period_has_more_calls_and_no_wait_is_too_short_or_too_long(
            calls in 1_i64..5, period in 1_i64..20, steps in prop::collection::vec(0_i64..3_000, 1..100),
        ) {
            let (limit, aurora) = (RateLimit::new(calls, period).unwrap(), supplier_id("aurora"));
            let mut tallies = Tallies::default();
            let mut now = 0;
            for step in steps {
                now += step;
                if let Some(next) = tallies.count(limit, &aurora, at(now)) {
                    prop_assert!(next > at(now) && next.since(at(now)) <= limit.period());
                    prop_assert_eq!(tallies.clone().count(limit, &aurora, next), None);
                    let just_before = at(next.as_millis() - 1);
                    prop_assert_eq!(tallies.clone().count(limit, &aurora, just_before), Some(next));
                }
            }
        }
    }
}

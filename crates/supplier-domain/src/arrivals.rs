//! Orders that come in by themselves, as a sandbox's clock goes on.

mod plan;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use plan::{ArrivalMix, ArrivalPlan, Bursts, InvalidPerMinute, PerMinute};

use serde::{Deserialize, Serialize};

use crate::{Clock, OrderDraft, Timestamp};

/// Orders that come in from a moment on, and how far they have been asked for.
///
/// What comes in, and when, is a function of the plan and of that moment, however often it is asked in between. Those of
/// the rate come evenly: the n-th, from 1, at the first millisecond that is n / rate minutes or more after the start. A
/// burst comes at each multiple of its interval after the start, behind what the rate brings at that moment. All are
/// numbered from 1 in that order, and the number says what is drawn from the mix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrivals {
    plan: Arc<ArrivalPlan>,
    since: Timestamp,
    /// Up to when, included, it was asked what had come in.
    asked: Timestamp,
    skipped: u64,
    /// Of those, how many could not be placed.
    #[serde(default)]
    unplaced: u64,
}

/// What has come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The orders, none with a number yet, each with its moment; the earliest first, [`Arrivals::MAX_DUE`] at the most.
    pub orders: Vec<(Timestamp, OrderDraft)>,
    /// How many came before these and are left out.
    pub skipped: u64,
}

impl Arrivals {
    /// The most orders that come in at one question, and so the most that asking costs. Of more, the latest are kept.
    pub const MAX_DUE: usize = 10_000;

    /// Orders that come in after `now` by `plan`.
    pub fn new(plan: ArrivalPlan, now: Timestamp) -> Self {
        Self { plan: Arc::new(plan), since: now, asked: now, skipped: 0, unplaced: 0 }
    }

    /// Whether it is `earlier`, and nothing has come in since: what comes in from now on is the same.
    pub fn goes_on_as(&self, earlier: &Self) -> bool {
        let Self { plan, since, asked: _, skipped, unplaced } = self;
        (plan, since, *skipped, *unplaced, self.arrived())
            == (&earlier.plan, &earlier.since, earlier.skipped, earlier.unplaced, earlier.arrived())
    }

    /// What comes in.
    pub fn plan(&self) -> &ArrivalPlan {
        &self.plan
    }

    /// The moment after which orders come in.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// How many orders have come in, those that were skipped not counted.
    pub fn arrived(&self) -> u64 {
        self.come_by(self.asked).saturating_sub(self.skipped)
    }

    /// How many orders were left out, because too many came in at once or could not be placed.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// How many of those could not be placed.
    pub fn unplaced(&self) -> u64 {
        self.unplaced
    }

    /// How many orders have come in by `now` since it was last asked.
    pub fn waiting(&self, now: Timestamp) -> u64 {
        if now > self.asked { self.come_by(now).saturating_sub(self.come_by(self.asked)) } else { 0 }
    }

    /// When the next order comes in; `None` if that is after the last moment that a clock shows.
    pub fn next_at(&self) -> Option<Timestamp> {
        let passed = self.passed(self.asked);
        let steady = self.plan.per_minute.moment(self.plan.per_minute.count(passed) + 1);
        let burst = self.plan.bursts.map(|bursts| bursts.moment(bursts.count(passed) + 1));
        let next = burst.map_or(steady, |burst| burst.min(steady));
        let at = self.at(next);
        (at.since(self.since).as_millis() == u128::from(next) && at <= Clock::END).then_some(at)
    }

    /// What has come in up to and including `now` since it was last asked. Nothing, if `now` is not after that.
    pub fn due(&mut self, now: Timestamp) -> Due {
        if now <= self.asked {
            return Due { orders: Vec::new(), skipped: 0 };
        }
        let ArrivalPlan { per_minute, bursts, mix, seed } = &*self.plan;
        let passed = self.passed(now);
        let (first, mut n) = (self.come_by(self.asked), self.come_by(now));
        let count = usize::try_from(n.saturating_sub(first)).unwrap_or(usize::MAX).min(Self::MAX_DUE);
        let mut steady = per_minute.count(passed);
        let mut burst = bursts.map_or(0, |bursts| bursts.orders(passed));
        let mut orders = Vec::with_capacity(count);
        // From the last to the first: what is skipped need not be looked at.
        for _ in 0..count {
            let of_burst = bursts.filter(|_| burst > 0).map(|bursts| bursts.moment(bursts.burst_of(burst)));
            let of_rate = per_minute.moment(steady);
            let after = if let Some(at) = of_burst.filter(|at| *at >= of_rate || steady == 0) {
                burst -= 1;
                at
            } else {
                steady = steady.saturating_sub(1);
                of_rate
            };
            orders.push((self.at(after), mix.draw(*seed, n)));
            n -= 1;
        }
        orders.reverse();
        let skipped = n.saturating_sub(first);
        self.asked = now;
        self.skipped = self.skipped.saturating_add(skipped);
        Due { orders, skipped }
    }

    /// Counts `count` orders that came in as skipped: they could not be placed.
    pub fn leave_out(&mut self, count: u64) {
        self.skipped = self.skipped.saturating_add(count);
        self.unplaced = self.unplaced.saturating_add(count);
    }

    /// Goes on at `now` as if no time had passed since it was last asked.
    pub fn resume(&mut self, now: Timestamp) {
        let pause = now.since(self.asked);
        self.since = self.since.plus(pause);
        self.asked = self.asked.plus(pause);
    }

    /// How many orders have come in by `moment`, skipped ones included.
    fn come_by(&self, moment: Timestamp) -> u64 {
        let passed = self.passed(moment);
        let of_bursts = self.plan.bursts.map_or(0, |bursts| bursts.orders(passed));
        self.plan.per_minute.count(passed).saturating_add(of_bursts)
    }

    /// How many milliseconds after the start `moment` is.
    fn passed(&self, moment: Timestamp) -> u64 {
        u64::try_from(moment.since(self.since).as_millis()).unwrap_or(u64::MAX)
    }

    fn at(&self, passed: u64) -> Timestamp {
        self.since.plus(Duration::from_millis(passed))
    }
}

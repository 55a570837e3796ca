//! Arrivals: orders that come in by themselves as a sandbox's clock runs.

mod plan;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use plan::{ArrivalMix, ArrivalPlan, Bursts, InvalidPerMinute, PerMinute};

use serde::{Deserialize, Serialize};

use crate::{Clock, OrderDraft, Timestamp};

/// Arrivals from a start time on, with the time up to which they were taken.
///
/// Which orders arrive, and when, is a function of the plan and the start, however often it is asked in between.
///
/// - The rate spreads orders evenly: the n-th, from 1, arrives at the first millisecond that is n / rate minutes or more
///   after the start.
/// - A burst arrives at each multiple of its interval after the start, after the rate's orders of the same time.
/// - All orders are numbered from 1 in this sequence. The number decides which template of the mix an order has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrivals {
    plan: Arc<ArrivalPlan>,
    since: Timestamp,
    /// Time up to which, inclusive, arrivals were taken.
    asked: Timestamp,
    skipped: u64,
    /// Number of those that could not be placed.
    #[serde(default)]
    unplaced: u64,
}

/// Due orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The orders, each with its time and without a number, earliest first, at most [`Arrivals::MAX_DUE`].
    pub orders: Vec<(Timestamp, OrderDraft)>,
    /// Number of earlier orders that are left out.
    pub skipped: u64,
}

impl Arrivals {
    /// Maximum number of orders that one call of [`Arrivals::due`] returns. Of more, the latest are kept.
    pub const MAX_DUE: usize = 10_000;

    /// Arrivals by `plan` after `now`.
    pub fn new(plan: ArrivalPlan, now: Timestamp) -> Self {
        Self { plan: Arc::new(plan), since: now, asked: now, skipped: 0, unplaced: 0 }
    }

    /// Whether this is `earlier` without arrivals since, so that both continue in the same way.
    pub fn goes_on_as(&self, earlier: &Self) -> bool {
        let Self { plan, since, asked: _, skipped, unplaced } = self;
        (plan, since, *skipped, *unplaced, self.arrived())
            == (&earlier.plan, &earlier.since, earlier.skipped, earlier.unplaced, earlier.arrived())
    }

    /// The plan.
    pub fn plan(&self) -> &ArrivalPlan {
        &self.plan
    }

    /// The start time, after which orders arrive.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Number of orders that have arrived, without skipped ones.
    pub fn arrived(&self) -> u64 {
        self.come_by(self.asked).saturating_sub(self.skipped)
    }

    /// Number of skipped orders: too many at once, or not placed.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Number of skipped orders that could not be placed.
    pub fn unplaced(&self) -> u64 {
        self.unplaced
    }

    /// Number of orders that are due at `now`.
    pub fn waiting(&self, now: Timestamp) -> u64 {
        if now > self.asked { self.come_by(now).saturating_sub(self.come_by(self.asked)) } else { 0 }
    }

    /// Time of the next order; `None` if the clock ends before it.
    pub fn next_at(&self) -> Option<Timestamp> {
        let passed = self.passed(self.asked);
        let steady = self.plan.per_minute.moment(self.plan.per_minute.count(passed) + 1);
        let burst = self.plan.bursts.map(|bursts| bursts.moment(bursts.count(passed) + 1));
        let next = burst.map_or(steady, |burst| burst.min(steady));
        let at = self.at(next);
        (at.since(self.since).as_millis() == u128::from(next) && at <= Clock::END).then_some(at)
    }

    /// Takes the orders that are due up to and including `now`. None are due twice.
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
        // From the last to the first, so that skipped orders cost nothing.
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

    /// Counts `count` due orders as skipped, because they could not be placed.
    pub fn leave_out(&mut self, count: u64) {
        self.skipped = self.skipped.saturating_add(count);
        self.unplaced = self.unplaced.saturating_add(count);
    }

    /// Continues at `now` as if no time had passed.
    pub fn resume(&mut self, now: Timestamp) {
        let pause = now.since(self.asked);
        self.since = self.since.plus(pause);
        self.asked = self.asked.plus(pause);
    }

    /// Number of orders that have arrived by `moment`, with skipped ones.
    fn come_by(&self, moment: Timestamp) -> u64 {
        let passed = self.passed(moment);
        let of_bursts = self.plan.bursts.map_or(0, |bursts| bursts.orders(passed));
        self.plan.per_minute.count(passed).saturating_add(of_bursts)
    }

    /// Milliseconds from the start to `moment`.
    fn passed(&self, moment: Timestamp) -> u64 {
        u64::try_from(moment.since(self.since).as_millis()).unwrap_or(u64::MAX)
    }

    fn at(&self, passed: u64) -> Timestamp {
        self.since.plus(Duration::from_millis(passed))
    }
}

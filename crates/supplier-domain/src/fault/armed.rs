//! Armed fault.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::rate_limit::Tallies;
use super::{Afterwards, Call, Chance, Course, Effect, FaultAction, Filter, Instead, Replacement, When};
use crate::{Clock, Timestamp};

/// Number of a fault, from 1. A sandbox uses no number twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(pub u64);

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Occasions of a fault: at which of its matching calls the fault is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occasions {
    /// Maximum number of times that the fault fires; `None` for no maximum.
    pub times: Option<NonZeroU64>,
    /// Number of matching calls that pass before the first at which the fault can be due.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u64,
    /// Of the matching calls after those, the fault is due at each n-th.
    pub every: NonZeroU64,
    /// Probability at those calls.
    pub chance: Chance,
}

impl Default for Occasions {
    /// Every matching call.
    fn default() -> Self {
        Self { times: None, skip: 0, every: NonZeroU64::MIN, chance: Chance::ALWAYS }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// New fault to be armed. [`FaultRequest::check`](super::FaultRequest::check) makes one of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFault {
    /// Which calls it matches.
    pub filter: Filter,
    /// What it does.
    pub effect: Effect,
    /// When.
    pub occasions: Occasions,
    /// Lifetime by the sandbox's clock; `None` until it is disarmed.
    pub ttl: Option<Duration>,
    /// Random seed of its probability and jitter; `None` for the fault's number.
    pub seed: Option<u64>,
}

impl NewFault {
    /// A fault with `effect` at every call, until it is disarmed.
    pub fn new(effect: Effect) -> Self {
        Self { filter: Filter::default(), effect, occasions: Occasions::default(), ttl: None, seed: None }
    }
}

/// Armed fault, with its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Its number.
    pub id: FaultId,
    /// Which calls it matches.
    pub filter: Filter,
    /// What it does.
    pub effect: Effect,
    /// When.
    pub occasions: Occasions,
    /// End of its lifetime, by the sandbox's clock.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    /// Random seed of its probability and jitter.
    pub seed: u64,
    /// Number of matching calls.
    pub matched: u64,
    /// Number of times that it fired.
    pub fired: u64,
    #[serde(default, skip_serializing_if = "Tallies::is_empty")]
    tallies: Tallies,
}

impl Fault {
    /// Arms `new` at `now` as number `id`.
    pub(super) fn arm(new: NewFault, id: FaultId, now: Timestamp) -> Self {
        let NewFault { filter, effect, occasions, ttl, seed } = new;
        let expires = ttl.map(|ttl| now.plus(ttl));
        let (seed, tallies) = (seed.unwrap_or(id.0), Tallies::default());
        Self { id, filter, effect, occasions, expires, seed, matched: 0, fired: 0, tallies }
    }

    /// Whether its lifetime has ended at `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Counts a matching call, and returns the action if the fault is due.
    pub(super) fn meet(&mut self, call: &Call<'_>, clock: &Clock) -> Option<FaultAction> {
        self.matched = self.matched.saturating_add(1);
        // First, because a rate limit also counts calls at which the fault is not due.
        let action = self.action(call, clock)?;
        self.is_due().then_some(action)
    }

    /// Whether the fault is due at the last matching call.
    fn is_due(&self) -> bool {
        let Occasions { times, skip, every, chance } = self.occasions;
        let counted = self.matched.saturating_sub(skip);
        times.is_none_or(|times| self.fired < times.get())
            && counted > 0
            && counted.is_multiple_of(every.get())
            && chance.strikes(self.seed, self.matched)
    }

    fn action(&mut self, call: &Call<'_>, clock: &Clock) -> Option<FaultAction> {
        let replace = |answer, when| match when {
            When::Before => Course::Instead(Instead::Replace(answer)),
            When::After => Course::Afterwards(Afterwards::Replace(answer)),
        };
        let course = match self.effect {
            Effect::Delay { delay, when } => {
                return Some(FaultAction::Delay { time: delay.at(self.seed, self.matched), when });
            }
            Effect::Error { code, when } => replace(Replacement::Error(code), when),
            Effect::Status { status, envelope, when } => {
                replace(Replacement::Status { status, envelope }, when)
            }
            Effect::DropBefore { how } => Course::Instead(Instead::Drop(how)),
            Effect::DropAfter { how } => Course::Afterwards(Afterwards::Drop(how)),
            Effect::Truncate { bytes, framing } => {
                Course::Afterwards(Afterwards::Truncate { bytes, framing })
            }
            Effect::Garbage => Course::Afterwards(Afterwards::Garbage),
            Effect::RateLimit(limit) => {
                let next_period = self.tallies.count(limit, call.supplier, clock.now())?;
                Course::Instead(Instead::RateLimited { retry_after: clock.seconds_until(next_period) })
            }
        };
        Some(FaultAction::Course(course))
    }
}

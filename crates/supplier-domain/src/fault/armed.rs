//! A fault that is armed.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::rate_limit::Tallies;
use super::{Afterwards, Call, Chance, Course, Effect, FaultAction, Filter, Instead, Replacement, When};
use crate::{Clock, Timestamp};

/// The number of a fault, from 1; a sandbox gives none of them twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(pub u64);

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// At which of the calls that it matches a fault is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occasions {
    /// It fires at most so often; `None`: as often as it is due.
    pub times: Option<NonZeroU64>,
    /// At each so-manieth call.
    pub every: NonZeroU64,
    /// How likely, at those.
    pub chance: Chance,
}

impl Default for Occasions {
    /// Every time.
    fn default() -> Self {
        Self { times: None, every: NonZeroU64::MIN, chance: Chance::ALWAYS }
    }
}

/// A fault to be armed: [`FaultRequest::check`](super::FaultRequest::check) makes it of what a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFault {
    /// Which calls it matches.
    pub filter: Filter,
    /// What it does.
    pub effect: Effect,
    /// When.
    pub occasions: Occasions,
    /// For how long it stays armed, by the sandbox's clock; `None`: until it is disarmed.
    pub ttl: Option<Duration>,
    /// What its chance and its jitter are drawn from; `None`: the fault's own number.
    pub seed: Option<u64>,
}

impl NewFault {
    /// `effect` at every call, until it is disarmed.
    pub fn new(effect: Effect) -> Self {
        Self { filter: Filter::default(), effect, occasions: Occasions::default(), ttl: None, seed: None }
    }
}

/// A fault that is armed, and what became of it so far.
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
    /// From when on it is armed no longer, by the sandbox's clock.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    /// What its chance and its jitter are drawn from.
    pub seed: u64,
    /// How many calls matched it.
    pub matched: u64,
    /// How often it fired.
    pub fired: u64,
    #[serde(default, skip_serializing_if = "Tallies::is_empty")]
    tallies: Tallies,
}

impl Fault {
    /// `new`, armed at `now` as number `id`.
    pub(super) fn arm(new: NewFault, id: FaultId, now: Timestamp) -> Self {
        let NewFault { filter, effect, occasions, ttl, seed } = new;
        let expires = ttl.map(|ttl| now.plus(ttl));
        let (seed, tallies) = (seed.unwrap_or(id.0), Tallies::default());
        Self { id, filter, effect, occasions, expires, seed, matched: 0, fired: 0, tallies }
    }

    /// Whether it is armed no longer at `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Counts `call`, which matches, and says what it is due to do to it.
    pub(super) fn meet(&mut self, call: &Call<'_>, clock: &Clock) -> Option<FaultAction> {
        self.matched = self.matched.saturating_add(1);
        // First: a limit counts the calls at which the fault is not due, too.
        let action = self.action(call, clock)?;
        self.is_due().then_some(action)
    }

    /// Whether the last call that matched is one of its occasions.
    fn is_due(&self) -> bool {
        let Occasions { times, every, chance } = self.occasions;
        times.is_none_or(|times| self.fired < times.get())
            && self.matched.is_multiple_of(every.get())
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

//! Fault plan: all faults of a sandbox.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Call, Fault, FaultId, NewFault, Strike};
use crate::{Clock, Problem, Timestamp};

/// Maximum number of faults at once: every call checks each of them.
pub const MAX_FAULTS: usize = 100;

/// Error: the maximum number of faults is armed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sandbox has {MAX_FAULTS} faults, which is the maximum; remove one that is no longer needed")]
pub struct TooManyFaults;

/// Faults of a sandbox; none at first.
///
/// # Which calls a fault matches
/// Those of its operation, its supplier and its order; what it leaves out it does not ask for. Only updates are about
/// an order: a fault with an order matches no list call. The calls that match a fault are numbered from 1, whether it
/// fires or not.
///
/// # When it is due
/// At the n-th matching call if all of this holds: it has fired fewer than `times`; n is beyond `skip`, and n − `skip` a
/// multiple of `every`; the draw for n is within its chance; and, if it limits the rate, the supplier is over the limit. The
/// draw is a function of the fault's seed and n ([`Chance`](super::Chance)) and of nothing else, neither of the clock nor of other faults:
/// a fork, a replay, or the same calls made again meet the same faults.
///
/// # How faults combine
/// - Delays that are due all fire, and add up: those before the call and those after it separately, each to at most
///   [`Delay::MAX`](super::Delay::MAX).
/// - Of all others that are due, the one that was armed first wins. The rest did not fire: neither their count nor
///   their `times` moves. The call matched them all the same: it has its number for each, and counts towards each limit
///   of a rate.
/// - Delays surround what wins. The call waits for those before it. Then its handler runs, unless something is to happen
///   instead, and its answer is spoiled, if it is to be. Then what there is to send, or the end of the connection, waits for the
///   delays after it.
///
/// # Example
/// ```
/// use supplier_domain::fault::{Call, Course, EffectRequest, FaultRequest, Instead, Operation, Replacement};
/// use supplier_domain::{Clock, ErrorCode, Faults, Timestamp};
///
/// let now = Timestamp::from_millis(0);
/// let effect = EffectRequest {
///     kind: Some("error".to_owned()),
///     code: Some("ORDER_NOT_FOUND".to_owned()),
///     ..EffectRequest::default()
/// };
/// let request = FaultRequest { effect, every: Some(2), times: Some(1), ..FaultRequest::default() };
/// let mut faults = Faults::default();
/// let id = faults.arm(request.check().unwrap(), now).unwrap();
///
/// let supplier = "aurora".parse().unwrap();
/// let call = Call { operation: Operation::UpdateOrder, supplier: &supplier, order: None };
/// let clock = Clock::running(now);
/// assert_eq!(faults.decide(&call, &clock).course, Course::Usual);
/// let strike = faults.decide(&call, &clock);
/// assert_eq!(strike.course, Course::Instead(Instead::Replace(Replacement::Error(ErrorCode::OrderNotFound))));
/// assert_eq!(strike.fired[0].id, id);
/// let counts: Vec<_> = faults.armed(now).map(|fault| (fault.matched, fault.fired)).collect();
/// assert_eq!(counts, [(2, 1)]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Faults {
    /// Number of the last fault.
    last: u64,
    /// Faults, oldest first.
    armed: Vec<Fault>,
}

impl Faults {
    /// Arms a fault at the time `now` of the sandbox's clock.
    ///
    /// # Errors
    /// [`TooManyFaults`] if [`MAX_FAULTS`] are armed. A fault that has fired for the last time counts until it is disarmed,
    /// because its counts can still be read.
    pub fn arm(&mut self, new: NewFault, now: Timestamp) -> Result<FaultId, TooManyFaults> {
        self.expire(now);
        if self.armed.len() >= MAX_FAULTS {
            return Err(TooManyFaults);
        }
        self.last = self.last.saturating_add(1);
        let id = FaultId(self.last);
        self.armed.push(Fault::arm(new, id, now));
        Ok(id)
    }

    /// Disarms the fault `id`. Returns whether it was armed.
    pub fn disarm(&mut self, id: FaultId) -> bool {
        let before = self.armed.len();
        self.armed.retain(|fault| fault.id != id);
        self.armed.len() < before
    }

    /// Disarms all faults. Their numbers are not used again.
    pub fn clear(&mut self) {
        self.armed.clear();
    }

    /// Faults that are armed at `now`, oldest first, with their counts.
    pub fn armed(&self, now: Timestamp) -> impl Iterator<Item = &Fault> {
        self.armed.iter().filter(move |fault| !fault.is_expired(now))
    }

    /// Checks a deserialised plan: can it be the result of arming faults?
    ///
    /// # Errors
    /// The problem, with the field.
    pub fn check(&self) -> Result<(), Problem> {
        if self.armed.len() > MAX_FAULTS {
            return Err(Problem::new("armed", format!("must be at most {MAX_FAULTS} faults")));
        }
        let mut ids = HashSet::new();
        let is_given = |fault: &Fault| (1..=self.last).contains(&fault.id.0);
        if self.armed.iter().all(|fault| is_given(fault) && ids.insert(fault.id.0)) {
            return Ok(());
        }
        Err(Problem::new("armed", "must have different ids, from 1 to the last that was given"))
    }

    /// Number of armed faults, including those that have fired for the last time.
    pub fn len(&self) -> usize {
        self.armed.len()
    }

    /// Whether the plan is empty. Expired faults may still be in it.
    pub fn is_empty(&self) -> bool {
        self.armed.is_empty()
    }

    /// Decides which faults strike `call`, and counts the call; [`Faults`] explains how. `clock` is the sandbox's clock,
    /// read for this call.
    pub fn decide(&mut self, call: &Call<'_>, clock: &Clock) -> Strike {
        self.expire(clock.now());
        let mut strike = Strike::default();
        for fault in self.armed.iter_mut().filter(|fault| fault.filter.fits(call)) {
            if fault.meet(call, clock).is_some_and(|action| strike.add(fault.id, action)) {
                fault.fired = fault.fired.saturating_add(1);
            }
        }
        strike
    }

    fn expire(&mut self, now: Timestamp) {
        self.armed.retain(|fault| !fault.is_expired(now));
    }
}

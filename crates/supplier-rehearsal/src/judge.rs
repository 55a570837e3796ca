//! What a rehearsal showed: which rules the worker broke. Pure functions of what happened.

mod deliveries;
mod orders;
mod worker;

use supplier_domain::OrderId;
use supplier_rulebook::RuleId;

use crate::cause::Cause;
use crate::mishap::Mishap;
use crate::rehearsal::{Mode, Observation};
use crate::timeline::WorkerEvent;

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Breach {
    pub(crate) rule: RuleId,
    pub(crate) cause: Cause,
    /// The order that it happened to.
    pub(crate) order: Option<OrderId>,
    /// What happened, in a few words: "order 3: 10 accounts owed, 20 delivered".
    pub(crate) what: String,
}

impl Breach {
    /// What tells one kind of finding from another.
    pub(crate) fn kind(&self) -> (RuleId, Cause) {
        (self.rule, self.cause)
    }
}

/// The rules that the worker broke, the gravest first, each once for each order.
pub(crate) fn judge(observation: &Observation) -> Vec<Breach> {
    let mut breaches = deliveries::doubled(observation);
    breaches.extend(orders::lost(observation));
    breaches.extend(deliveries::stock_lost(observation));
    breaches.extend(deliveries::incomplete(observation));
    breaches.extend(orders::status_set_back(observation));
    breaches.extend(worker::did_not_survive(observation));
    breaches.extend(worker::did_not_end(observation));
    breaches.extend(worker::storm(observation));
    breaches.extend(worker::impatient(observation));
    breaches.extend(orders::slow(observation));
    breaches
}

/// Whether the rehearsal was ended before the worker had had the time to answer all orders.
pub(crate) fn is_unfinished(observation: &Observation) -> bool {
    observation.mode == Mode::Daemon
        && observation.timeline.worker().any(|event| matches!(event, WorkerEvent::OutOfTime { .. }))
}

/// Whether one of `mishaps` happened.
fn has(observation: &Observation, mishap: Mishap) -> bool {
    observation.reached.iter().any(|planned| planned.mishap == mishap)
}

#[cfg(test)]
pub(crate) mod tests;

//! What a rehearsal showed: which rules the worker broke. Pure functions of what happened.

mod deliveries;
mod orders;
mod worker;

use supplier_domain::OrderId;
use supplier_rulebook::RuleId;

use crate::cause::Cause;
use crate::mishap::Mishap;
use crate::performance::{Mode, Performance};
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
pub(crate) fn judge(performance: &Performance) -> Vec<Breach> {
    let mut breaches = deliveries::doubled(performance);
    breaches.extend(orders::lost(performance));
    breaches.extend(deliveries::stock_lost(performance));
    breaches.extend(deliveries::incomplete(performance));
    breaches.extend(orders::status_set_back(performance));
    breaches.extend(worker::did_not_survive(performance));
    breaches.extend(worker::did_not_end(performance));
    breaches.extend(worker::storm(performance));
    breaches.extend(worker::impatient(performance));
    breaches.extend(orders::slow(performance));
    breaches
}

/// Whether the rehearsal was ended before the worker had had the time to answer all orders.
pub(crate) fn is_unfinished(performance: &Performance) -> bool {
    performance.mode == Mode::Daemon
        && performance.timeline.worker().any(|event| matches!(event, WorkerEvent::OutOfTime { .. }))
}

/// Whether one of `mishaps` happened.
fn has(performance: &Performance, mishap: Mishap) -> bool {
    performance.reached.iter().any(|planned| planned.mishap == mishap)
}

#[cfg(test)]
pub(crate) mod tests;

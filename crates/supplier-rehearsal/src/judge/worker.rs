//! The worker itself: it survives, ends, and is patient.

use std::collections::HashMap;
use std::time::Duration;

use supplier_domain::OrderId;
use supplier_domain::fault::Operation;
use supplier_rulebook::{REHEARSAL_ENDS, REHEARSAL_NO_STORM, REHEARSAL_RETRY_AFTER, REHEARSAL_SURVIVES};

use super::{Breach, has};
use crate::cause::Cause;
use crate::interceptor::MAX_CALLS;
use crate::mishap::Mishap;
use crate::rehearsal::{Mode, Observation};
use crate::timeline::{Call, Entry, WorkerEvent};

/// So many failed calls of one kind in one run are a storm.
const STORM: usize = 30;
/// `Retry-After: 1`, less what a clock may be wrong by.
const RETRY_AFTER: Duration = Duration::from_millis(950);

/// A worker that ended or stopped calling, though it is to run for ever, or that was ended by a signal.
pub(super) fn did_not_survive(observation: &Observation) -> Option<Breach> {
    let is_daemon = observation.mode == Mode::Daemon;
    // A worker whose key is refused may end: who runs it gives it another one.
    let may_end = has(observation, Mishap::KeyRevoked);
    observation.timeline.worker().find_map(|event| {
        let (cause, what) = match event {
            WorkerEvent::Exited { code } if is_daemon && !may_end => {
                (Cause::Crashed, format!("the worker ended with exit code {code}"))
            }
            WorkerEvent::Crashed { signal } => (Cause::Crashed, format!("the worker was ended by {signal}")),
            WorkerEvent::Silent { for_millis } => (
                Cause::StoppedCalling,
                format!("the worker ran, and made no call for {} s", for_millis / 1_000),
            ),
            _ => return None,
        };
        Some(Breach { rule: REHEARSAL_SURVIVES, cause, order: None, what })
    })
}

/// A worker that had to be killed.
pub(super) fn did_not_end(observation: &Observation) -> Option<Breach> {
    observation.timeline.worker().find_map(|event| {
        let what = match event {
            WorkerEvent::HadToBeKilled { after_millis } => {
                format!("the worker still ran {} s after SIGTERM, and was killed", after_millis / 1_000)
            }
            WorkerEvent::Hung { after_millis } => {
                format!("the worker still ran after {} s, and was killed", after_millis / 1_000)
            }
            _ => return None,
        };
        Some(Breach { rule: REHEARSAL_ENDS, cause: Cause::DoesNotEnd, order: None, what })
    })
}

/// Calls of one kind that failed dozens of times in one run, or calls without an end.
pub(super) fn storm(observation: &Observation) -> Option<Breach> {
    type Kind = (usize, Option<Operation>, Option<OrderId>);
    let calls = observation.timeline.calls().count();
    if calls >= MAX_CALLS as usize {
        let what = format!("{calls} calls, and no end of them");
        return Some(Breach { rule: REHEARSAL_NO_STORM, cause: Cause::NoPause, order: None, what });
    }
    let mut failed: HashMap<Kind, Vec<&Call>> = HashMap::new();
    for call in observation.timeline.calls().filter(|call| !call.is_heard()) {
        failed.entry((call.run, call.operation, call.order())).or_default().push(call);
    }
    let ((_, operation, order), calls) = failed.into_iter().max_by_key(|(_, calls)| calls.len())?;
    let took = calls.last()?.since_start.saturating_sub(calls.first()?.since_start);
    (calls.len() >= STORM).then(|| Breach {
        rule: REHEARSAL_NO_STORM,
        cause: Cause::NoPause,
        order,
        what: format!(
            "{} failed calls of {} in {:.1} s",
            calls.len(),
            operation.map_or("no operation", Operation::as_str),
            took.as_secs_f64()
        ),
    })
}

/// A call that was made again before the time that `Retry-After` asks for.
pub(super) fn impatient(observation: &Observation) -> Option<Breach> {
    let entries = &observation.timeline.entries;
    entries.iter().enumerate().find_map(|(index, entry)| {
        let Entry::Call(call) = entry else { return None };
        if !call.mishaps.iter().any(|mishap| mishap.asks_to_wait()) {
            return None;
        }
        let next = entries[index + 1..].iter().take_while(|entry| matches!(entry, Entry::Call(_))).find_map(
            |entry| match entry {
                Entry::Call(next) if (next.operation, next.order()) == (call.operation, call.order()) => {
                    Some(next)
                }
                _ => None,
            },
        )?;
        let waited = next.since_start.saturating_sub(call.since_start);
        (waited < RETRY_AFTER).then(|| Breach {
            rule: REHEARSAL_RETRY_AFTER,
            cause: Cause::ImpatientRetry,
            order: call.order(),
            what: format!("made again after {:.2} s, though `Retry-After` was 1", waited.as_secs_f64()),
        })
    })
}

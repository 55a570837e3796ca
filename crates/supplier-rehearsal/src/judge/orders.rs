//! Orders: none lost, none set back, and none answered late.

use supplier_domain::{OrderId, OrderStatus, counted};
use supplier_rulebook::{REHEARSAL_NOTHING_LOST, REHEARSAL_RECOVERS, REHEARSAL_STATUS};

use super::{Breach, is_unfinished};
use crate::cause::Cause;
use crate::rehearsal::Observation;
use crate::timeline::{Call, Timeline};

/// The most hand-outs after the last failure by which an order is answered.
const MAX_HAND_OUTS: usize = 2;

/// Orders that were not answered.
pub(super) fn lost(observation: &Observation) -> Vec<Breach> {
    if is_unfinished(observation) {
        return Vec::new();
    }
    let unsettled = observation.orders.iter().filter(|order| !order.is_settled());
    let breach = |order: &crate::world::FinalOrder| {
        let number = order.order.order;
        let hand_outs = hand_outs(&observation.timeline, number).count();
        Breach {
            rule: REHEARSAL_NOTHING_LOST,
            cause: cause_of_loss(&observation.timeline, number),
            order: Some(number),
            what: format!(
                "order {number}: still {} in the end, handed out {}",
                order.status,
                match hand_outs {
                    0 => "in no answer that the worker got".to_owned(),
                    1 => "once".to_owned(),
                    more => format!("{more} times"),
                }
            ),
        }
    };
    unsettled.map(breach).collect()
}

/// The pages with an order that the worker got.
fn hand_outs(timeline: &Timeline, order: OrderId) -> impl Iterator<Item = &Call> {
    timeline.calls().filter(move |call| {
        call.is_heard() && call.outcome.as_ref().is_some_and(|outcome| outcome.listed.contains(&order))
    })
}

fn cause_of_loss(timeline: &Timeline, order: OrderId) -> Cause {
    let has_tried = timeline.updates(order).any(|call| !call.is_heard());
    if has_tried { Cause::GaveUp } else { Cause::PageThrownAway }
}

/// Updates that set a status back.
pub(super) fn status_set_back(observation: &Observation) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for order in observation.orders.iter().filter(|order| !order.is_amended) {
        let number = order.order.order;
        let (mut has_doubt, mut was_refused_then) = (false, false);
        for call in observation.timeline.updates(number) {
            if let Some((from, to)) = call.outcome.as_ref().and_then(|outcome| outcome.statuses)
                && is_back(from, to)
            {
                let cause = if was_refused_then { Cause::RefusalAsFailure } else { Cause::StatusRepeated };
                breaches.push(Breach {
                    rule: REHEARSAL_STATUS,
                    cause,
                    order: Some(number),
                    what: format!("order {number}: set from {from} to {to}"),
                });
                break;
            }
            was_refused_then |= has_doubt && call.is_refused();
            has_doubt |= !call.is_heard() && !call.is_refused();
        }
    }
    breaches
}

fn is_back(from: OrderStatus, to: OrderStatus) -> bool {
    from != to
        && (matches!(from, OrderStatus::Completed | OrderStatus::Cancelled) || to == OrderStatus::Pending)
}

/// Orders that were handed out again and again before they were answered, though nothing went wrong any more.
pub(super) fn slow(observation: &Observation) -> Vec<Breach> {
    let timeline = &observation.timeline;
    let calls: Vec<_> = timeline.calls().collect();
    let last = calls.iter().rposition(|call| !call.mishaps.is_empty());
    let after = &calls[last.map_or(0, |last| last + 1)..];
    let mut breaches = Vec::new();
    for order in observation.orders.iter().filter(|order| order.is_settled() && !order.is_amended) {
        let number = order.order.order;
        let answered = after
            .iter()
            .rposition(|call| {
                call.order() == Some(number)
                    && call.outcome.as_ref().is_some_and(|outcome| outcome.statuses.is_some())
            })
            .unwrap_or(0);
        let is_hand_out = |call: &&&Call| {
            call.is_heard() && call.outcome.as_ref().is_some_and(|outcome| outcome.listed.contains(&number))
        };
        let hand_outs = after[..answered].iter().filter(is_hand_out).count();
        if hand_outs > MAX_HAND_OUTS {
            breaches.push(Breach {
                rule: REHEARSAL_RECOVERS,
                cause: Cause::SlowRecovery,
                order: Some(number),
                what: format!("order {number}: answered after {}", counted(hand_outs, "hand-out")),
            });
        }
    }
    breaches
}

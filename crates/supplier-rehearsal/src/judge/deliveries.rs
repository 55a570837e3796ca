//! Deliveries: nothing twice, nothing lost, and `completed` when complete.

use std::collections::{BTreeMap, HashSet};

use supplier_domain::{Fingerprint, OrderId, OrderStatus, counted};
use supplier_rulebook::{REHEARSAL_COMPLETE, REHEARSAL_NO_STOCK_LOST, REHEARSAL_NOTHING_DOUBLED};

use super::Breach;
use crate::cause::Cause;
use crate::rehearsal::Observation;
use crate::timeline::{Call, Timeline};
use crate::world::FinalOrder;

/// The orders that accounts are owed for.
fn products(observation: &Observation) -> impl Iterator<Item = &FinalOrder> {
    observation.orders.iter().filter(|order| order.order.owed > 0)
}

fn is_granted(call: &Call) -> bool {
    call.outcome.as_ref().is_some_and(|outcome| outcome.statuses.is_some())
}

/// Orders with more accounts than are owed, and accounts that two orders got.
pub(super) fn doubled(observation: &Observation) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for order in products(observation).filter(|order| order.accounts > order.order.owed) {
        let number = order.order.order;
        let owed = counted(usize::try_from(order.order.owed).unwrap_or(usize::MAX), "account");
        breaches.push(Breach {
            rule: REHEARSAL_NOTHING_DOUBLED,
            cause: cause_of_surplus(&observation.timeline, order),
            order: Some(number),
            what: format!("order {number}: {owed} owed, {} delivered", order.accounts),
        });
    }
    let mut orders_of: BTreeMap<Fingerprint, Vec<OrderId>> = BTreeMap::new();
    for order in products(observation) {
        let number = order.order.order;
        for call in observation.timeline.updates(number).filter(|call| is_granted(call)) {
            for account in &call.accounts {
                let orders = orders_of.entry(*account).or_default();
                if !orders.contains(&number) {
                    orders.push(number);
                }
            }
        }
    }
    let mut shared: BTreeMap<Vec<OrderId>, usize> = BTreeMap::new();
    for orders in orders_of.into_values().filter(|orders| orders.len() > 1) {
        *shared.entry(orders).or_default() += 1;
    }
    breaches.extend(shared.into_iter().map(|(orders, count)| {
        let numbers: Vec<_> = orders.iter().map(ToString::to_string).collect();
        Breach {
            rule: REHEARSAL_NOTHING_DOUBLED,
            cause: cause_of_sharing(&observation.timeline, &orders),
            order: orders.first().copied(),
            what: format!("{} delivered for the orders {}", counted(count, "account"), numbers.join(", ")),
        }
    }));
    breaches
}

fn cause_of_sharing(timeline: &Timeline, orders: &[OrderId]) -> Cause {
    let is_in_doubt = |call: &Call| {
        let is_one = call.order().is_some_and(|order| orders.contains(&order));
        is_one && !call.accounts.is_empty() && !call.is_heard() && !call.is_refused()
    };
    if timeline.calls().any(is_in_doubt) { Cause::AccountsPutBack } else { Cause::SharedAccount }
}

fn cause_of_surplus(timeline: &Timeline, order: &FinalOrder) -> Cause {
    let deliveries: Vec<_> =
        timeline.updates(order.order.order).filter(|call| !call.accounts.is_empty()).collect();
    if deliveries.iter().any(|call| call.accounts.len() as u64 > order.order.owed) {
        return Cause::TooManyAccounts;
    }
    let differs = |pair: &[&Call]| pair[1].accounts.iter().any(|it| !pair[0].accounts.contains(it));
    match deliveries.windows(2).find(|pair| differs(pair)) {
        Some(pair) if pair[0].run != pair[1].run => Cause::RepeatedAfterRestart,
        Some(_) => Cause::OtherAccounts,
        None => Cause::TooManyAccounts,
    }
}

/// Accounts that were sent in a call whose outcome stayed unknown, and that came to nothing.
pub(super) fn stock_lost(observation: &Observation) -> Vec<Breach> {
    let timeline = &observation.timeline;
    let delivered: HashSet<_> =
        timeline.calls().filter(|call| is_granted(call)).flat_map(|call| &call.accounts).collect();
    let mut breaches = Vec::new();
    for order in products(observation).filter(|order| !order.is_amended) {
        let number = order.order.order;
        let updates: Vec<_> = timeline.updates(number).collect();
        let mut lost: HashSet<&Fingerprint> = HashSet::new();
        let mut cause = Cause::StockTakenFirst;
        for (index, call) in updates.iter().enumerate() {
            if call.is_heard() || call.is_refused() {
                continue;
            }
            let later = &updates[index + 1..];
            let is_lost = |account: &&Fingerprint| {
                !delivered.contains(account) && !later.iter().any(|call| call.accounts.contains(account))
            };
            let before = lost.len();
            lost.extend(call.accounts.iter().filter(is_lost));
            let next = later.iter().find(|call| !call.accounts.is_empty());
            if lost.len() > before && next.is_some_and(|next| next.run == call.run) {
                cause = Cause::OtherAccounts;
            }
        }
        if !lost.is_empty() {
            breaches.push(Breach {
                rule: REHEARSAL_NO_STOCK_LOST,
                cause,
                order: Some(number),
                what: format!(
                    "order {number}: {} sent in a call that failed, and {}",
                    counted(lost.len(), "account"),
                    if cause == Cause::OtherAccounts { "others sent instead" } else { "never again" }
                ),
            });
        }
    }
    breaches
}

/// Updates that leave an order `completed` with too few accounts.
pub(super) fn incomplete(observation: &Observation) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for order in products(observation).filter(|order| !order.is_amended) {
        let (number, owed) = (order.order.order, order.order.owed);
        let mut delivered = 0_u64;
        for call in observation.timeline.updates(number) {
            let Some(outcome) = &call.outcome else { continue };
            let Some((_, to)) = outcome.statuses else { continue };
            delivered += outcome.accepted as u64;
            if to == OrderStatus::Completed && delivered < owed {
                let cause =
                    if order.accounts >= owed { Cause::StatusBeforeAccounts } else { Cause::TooFewAccounts };
                breaches.push(Breach {
                    rule: REHEARSAL_COMPLETE,
                    cause,
                    order: Some(number),
                    what: format!("order {number}: completed with {delivered} of {owed} accounts"),
                });
                break;
            }
        }
    }
    breaches
}

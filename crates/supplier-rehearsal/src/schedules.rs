//! Which rehearsals there are: each call with each way in which it can go wrong, then pairs. Pure functions.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;
use supplier_domain::OrderId;
use supplier_domain::fault::Operation;

use crate::mishap::{CallName, Mishap, Planned};
use crate::timeline::Timeline;
use crate::world::{OrderKind, WorldOrder};

/// Of the list calls that bring nothing, only so many are rehearsed.
const VAIN_LISTS: usize = 1;

/// The calls of a rehearsal that mishaps are planned for. Orders of one kind stand for each other: the first stands for all.
pub(crate) fn calls(timeline: &Timeline, world: &[WorldOrder]) -> Vec<CallName> {
    let firsts: HashSet<OrderId> = first_of_each_kind(world).into_values().collect();
    let mut vain = 0;
    let mut calls: Vec<_> = timeline
        .calls()
        .filter_map(|call| {
            let name = call.name?;
            let is_wanted = match (name.operation, name.order) {
                (Operation::ListOrders, _) => {
                    let brought = call.outcome.as_ref().is_some_and(|outcome| !outcome.listed.is_empty());
                    vain += usize::from(!brought);
                    brought || vain <= VAIN_LISTS
                }
                (Operation::UpdateOrder, Some(order)) => firsts.contains(&order),
                (Operation::UpdateOrder, None) => false,
            };
            is_wanted.then_some(name)
        })
        .collect();
    let mut seen = HashSet::new();
    calls.retain(|call| seen.insert(*call));
    calls
}

/// For each kind, the first order of it.
fn first_of_each_kind(world: &[WorldOrder]) -> BTreeMap<OrderKind, OrderId> {
    let mut firsts = BTreeMap::new();
    for order in world {
        firsts.entry(order.kind()).or_insert(order.order);
    }
    firsts
}

/// Kinds of orders of which only the first is rehearsed, with how many more there are.
pub(crate) fn folded(world: &[WorldOrder]) -> Vec<(OrderKind, usize)> {
    let mut counts: BTreeMap<OrderKind, usize> = BTreeMap::new();
    for order in world {
        *counts.entry(order.kind()).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(kind, count)| (kind, count - 1)).collect()
}

/// One rehearsal for each call and each mishap. Early ones differ in both: whoever stops early has seen each mishap and each call.
pub(crate) fn singles(calls: &[CallName]) -> Vec<Vec<Planned>> {
    let fits = |mishap: Mishap, call: &CallName| {
        mishap.fits(call.operation) && (mishap != Mishap::TwoWorkers || call.nth == 1)
    };
    let mut singles = Vec::new();
    for round in 0..calls.len() {
        for (index, mishap) in Mishap::ALL.iter().enumerate() {
            let call = calls[(round + index) % calls.len()];
            if fits(*mishap, &call) {
                singles.push(vec![Planned { call, mishap: *mishap }]);
            }
        }
    }
    singles
}

/// A mishap that did no harm, and the calls that were made after it.
pub(crate) struct Harmless {
    pub(crate) planned: Planned,
    pub(crate) later: Vec<CallName>,
}

/// Pairs of mishaps of which the first did no harm. Those whose second call was only made because of the first come first,
/// then all others, both in an order that follows from `seed`.
pub(crate) fn pairs(harmless: &[Harmless], usual: &[CallName], seed: u64) -> Vec<Vec<Planned>> {
    let usual: BTreeSet<_> = usual.iter().collect();
    let (mut caused, mut others) = (Vec::new(), Vec::new());
    for Harmless { planned, later } in harmless {
        for call in later.iter().filter(|call| **call != planned.call) {
            let pairs = if usual.contains(call) { &mut others } else { &mut caused };
            let second =
                Mishap::ALL.iter().filter(|it| it.fits(call.operation) && **it != Mishap::TwoWorkers);
            pairs.extend(second.map(|mishap| vec![*planned, Planned { call: *call, mishap: *mishap }]));
        }
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    caused.shuffle(&mut random);
    others.shuffle(&mut random);
    caused.extend(others);
    caused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(nth: u32) -> CallName {
        CallName { operation: Operation::ListOrders, order: None, nth }
    }

    fn update(order: i64, nth: u32) -> CallName {
        CallName { operation: Operation::UpdateOrder, order: OrderId::new(order), nth }
    }

    #[test]
    fn each_call_goes_wrong_in_each_way_that_fits_it() {
        let calls = [list(1), update(3, 1), list(2)];
        let singles = singles(&calls);
        let expected: usize = Mishap::ALL
            .iter()
            .map(|mishap| match mishap {
                Mishap::TwoWorkers => 1,
                mishap => calls.iter().filter(|call| mishap.fits(call.operation)).count(),
            })
            .sum();
        assert_eq!(singles.len(), expected);
        let different: HashSet<_> = singles.iter().collect();
        assert_eq!(different.len(), expected);
    }

    #[test]
    fn pairs_follow_from_the_seed_and_begin_with_calls_that_the_first_mishap_caused() {
        let planned = Planned { call: update(3, 1), mishap: Mishap::CloseAfter };
        let harmless = [Harmless { planned, later: vec![update(3, 1), update(3, 2), list(2)] }];
        let usual = [list(1), update(3, 1), list(2)];
        let first = pairs(&harmless, &usual, 7);
        assert_eq!(first, pairs(&harmless, &usual, 7));
        assert_ne!(first, pairs(&harmless, &usual, 8));
        let seconds: Vec<_> = first.iter().map(|pair| pair[1].call).collect();
        let caused = seconds.iter().take_while(|call| **call == update(3, 2)).count();
        assert!(caused > 10 && seconds[caused..].iter().all(|call| *call == list(2)), "{seconds:?}");
    }

    #[test]
    fn orders_of_one_kind_are_folded() {
        let order =
            |number, owed, is_shared| WorldOrder { order: OrderId::new(number).unwrap(), owed, is_shared };
        let world = [order(1, 1, false), order(2, 4, false), order(3, 9, false), order(4, 0, true)];
        assert_eq!(folded(&world), [(OrderKind::ManyPieces, 1)]);
        let firsts: Vec<_> = first_of_each_kind(&world).into_values().map(OrderId::get).collect();
        assert_eq!(firsts, [1, 2, 4]);
    }
}

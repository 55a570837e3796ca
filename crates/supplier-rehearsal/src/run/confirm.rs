//! Makes a finding small, and confirms it: fewer orders, fewer mishaps, and the same again.

use supplier_domain::OrderId;

use crate::judge::{Breach, judge};
use crate::mishap::Planned;
use crate::rehearsal::{Failure, Mode, Observation, Setup, observe};
use crate::story::{Finding, finding};
use crate::worker::Worker;

/// How often a finding is repeated.
const TIMES: u32 = 3;

/// The smallest rehearsal that shows the same kind of finding, confirmed.
pub(super) async fn shrink(
    setup: &Setup,
    worker: &dyn Worker,
    mode: Mode,
    found: &Finding,
) -> Result<Finding, Failure> {
    let mut smallest = found.clone();
    for index in (0..smallest.mishaps.len()).rev() {
        let mut fewer = smallest.mishaps.clone();
        fewer.remove(index);
        if fewer.is_empty() {
            continue;
        }
        let orders = smallest.orders.clone();
        if let Some(smaller) = attempt(setup, worker, mode, &smallest, fewer, &orders).await? {
            smallest = smaller;
        }
    }
    for orders in fewer_orders(&smallest) {
        let mishaps = smallest.mishaps.clone();
        if let Some(smaller) = attempt(setup, worker, mode, &smallest, mishaps, &orders).await? {
            smallest = smaller;
            break;
        }
    }
    let small = setup.with_only(&smallest.orders).await?;
    let confirmed = again(&small, worker, Some(mode), &smallest, TIMES).await;
    small.close().await;
    let confirmed = confirmed?;
    Ok(Finding { rehearsals: found.rehearsals, after: found.after.clone(), ..confirmed })
}

/// Sets of orders to try, the smallest first: the order of the finding alone, then with each one that a mishap names or that is
/// beside it.
fn fewer_orders(finding: &Finding) -> Vec<Vec<OrderId>> {
    let mut needed: Vec<_> = finding.order.into_iter().collect();
    needed.extend(finding.mishaps.iter().filter_map(|planned| planned.call.order));
    needed.sort_unstable();
    needed.dedup();
    let others: Vec<_> = finding.orders.iter().filter(|order| !needed.contains(order)).copied().collect();
    let mut sets = Vec::new();
    if !needed.is_empty() {
        sets.push(needed.clone());
    }
    for other in &others {
        let mut with = needed.clone();
        with.push(*other);
        with.sort_unstable();
        sets.push(with);
    }
    sets.retain(|set| set.len() < finding.orders.len());
    sets
}

/// Tries a smaller rehearsal. Returns what it showed, if that is the same kind of finding.
async fn attempt(
    setup: &Setup,
    worker: &dyn Worker,
    mode: Mode,
    of: &Finding,
    mishaps: Vec<Planned>,
    orders: &[OrderId],
) -> Result<Option<Finding>, Failure> {
    let small = setup.with_only(orders).await?;
    let observed = observe(&small, worker, &mishaps, Some(mode)).await;
    small.close().await;
    let observation = observed?;
    Ok(same(of, &observation).map(|breach| finding(&breach, &observation, mishaps)))
}

/// The breach of the same kind as `finding`, if there is one.
fn same(finding: &Finding, observation: &Observation) -> Option<Breach> {
    let is_same = |breach: &Breach| breach.rule.as_str() == finding.rule && breach.cause == finding.cause;
    judge(observation).into_iter().find(is_same)
}

/// Repeats the rehearsal of a finding, and counts how often it shows the same. The finding is told as it showed last.
pub(super) async fn again(
    setup: &Setup,
    worker: &dyn Worker,
    mode: Option<Mode>,
    found: &Finding,
    times: u32,
) -> Result<Finding, Failure> {
    let mut told = found.clone();
    (told.repeated, told.confirmed) = (times, 0);
    for _ in 0..times {
        let observation = observe(setup, worker, &found.mishaps, mode).await?;
        if let Some(breach) = same(found, &observation) {
            let (repeated, confirmed) = (told.repeated, told.confirmed + 1);
            let (rehearsals, after) = (told.rehearsals, std::mem::take(&mut told.after));
            told = finding(&breach, &observation, found.mishaps.clone());
            told = Finding { repeated, confirmed, rehearsals, after, ..told };
        }
    }
    Ok(told)
}

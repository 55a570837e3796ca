//! Makes a scenario's world.

mod accounts;
mod arrivals;
mod buyers;
mod draw;
mod orders;
mod streams;

use supplier_domain::{AccountList, Deduplication, FingerprintKey, Order, World, clean};

use crate::scenario::{FixedPlan, Scenario};
use buyers::Buyers;
use orders::Orders;
use streams::Streams;

/// The world of `scenario` under `seed`.
pub(crate) fn world(scenario: &Scenario, seed: u64, key: &FingerprintKey) -> World {
    let streams = Streams::new(seed);
    let mut drawn =
        Orders::new(&streams, Buyers::new(&streams, scenario.buyers, scenario.epoch), key, scenario.epoch);
    let mut orders: Vec<Order> = scenario.fixed.iter().map(|plan| fixed(plan, key)).collect();
    orders.reserve(scenario.groups.iter().map(|group| group.count as usize).sum());
    for group in &scenario.groups {
        orders.extend((0..group.count).map(|index| drawn.order(group, index)));
    }
    orders.sort_unstable_by_key(|order| order.id);
    let arrivals = scenario.arrivals.as_ref();
    let arrivals = arrivals.and_then(|pattern| arrivals::plan(pattern, &mut drawn, seed));
    World { suppliers: scenario.suppliers.clone(), orders, arrivals }
}

fn fixed(plan: &FixedPlan, key: &FingerprintKey) -> Order {
    Order {
        accounts: clean(&plan.accounts, &AccountList::default(), &Deduplication::standard(key))
            .accepted
            .into(),
        ..plan.order.clone()
    }
}

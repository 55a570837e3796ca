//! Creation of a scenario's world from a random seed.

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

impl Scenario {
    /// Creates the world, the same for the same `seed`, with orders sorted by number.
    ///
    /// `key` fingerprints the accounts that orders already have.
    pub fn seed(&self, seed: u64, key: &FingerprintKey) -> World {
        let streams = Streams::new(seed);
        let buyers = Buyers::new(&streams, self.buyers, self.epoch);
        let mut drawn = Orders::new(&streams, buyers, key, self.epoch);
        let mut orders: Vec<Order> = self.fixed.iter().map(|plan| fixed(plan, key)).collect();
        orders.reserve(self.groups.iter().map(|group| group.count as usize).sum());
        for group in &self.groups {
            orders.extend((0..group.count).map(|index| drawn.order(group, index)));
        }
        orders.sort_unstable_by_key(|order| order.id);
        let arrivals = self.arrivals.as_ref();
        let arrivals = arrivals.and_then(|pattern| arrivals::plan(pattern, &mut drawn, seed));
        World { suppliers: self.suppliers.clone(), orders, arrivals }
    }
}

fn fixed(plan: &FixedPlan, key: &FingerprintKey) -> Order {
    Order {
        accounts: clean(&plan.accounts, &AccountList::default(), &Deduplication::standard(key))
            .accepted
            .into(),
        ..plan.order.clone()
    }
}

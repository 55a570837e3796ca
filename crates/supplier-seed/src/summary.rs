//! Summary of a scenario's world in numbers.

use std::collections::HashSet;
use std::fmt;

use supplier_domain::{FingerprintKey, Order, OrderStatus, World, counted};

use crate::Scenario;

/// Summary of a scenario's world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Number of suppliers.
    pub suppliers: usize,
    /// Number of products and services.
    pub products: usize,
    /// Number of orders.
    pub orders: usize,
    /// Number of orders by status, paid or not. Every status once, in the order of declaration.
    pub orders_by_status: Vec<(OrderStatus, usize)>,
}

impl Scenario {
    /// Summary of the world for `seed`.
    pub fn summary(&self, seed: u64) -> Summary {
        self.summary_of(&self.seed(seed, &FingerprintKey([0; 32])))
    }

    /// Summary of `world`, which [`Scenario::seed`] created from this scenario.
    pub fn summary_of(&self, world: &World) -> Summary {
        let count = |status| world.orders.iter().filter(|order| order.status == status).count();
        Summary {
            suppliers: world.suppliers.len(),
            products: self.offers.len(),
            orders: world.orders.len(),
            orders_by_status: OrderStatus::ALL.iter().map(|status| (*status, count(*status))).collect(),
        }
    }
}

impl Summary {
    /// Summary of these suppliers and orders. Only ordered products count.
    pub fn of_orders<'a>(suppliers: usize, orders: impl Iterator<Item = &'a Order>) -> Self {
        let (mut products, mut count, mut by_status) = (HashSet::new(), 0, [0; OrderStatus::ALL.len()]);
        for order in orders {
            products.extend(order.items.iter().map(|item| item.product.id));
            count += 1;
            by_status[order.status as usize] += 1;
        }
        let orders_by_status = OrderStatus::ALL.iter().copied().zip(by_status).collect();
        Self { suppliers, products: products.len(), orders: count, orders_by_status }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { suppliers, products, orders, orders_by_status } = self;
        let counts = [(*suppliers, "supplier"), (*products, "product"), (*orders, "order")];
        f.write_str(&counts.map(|(count, noun)| counted(count, noun)).join(", "))?;
        for (index, (status, count)) in orders_by_status.iter().filter(|(_, count)| *count > 0).enumerate() {
            write!(f, "{}{count} {status}", if index == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}

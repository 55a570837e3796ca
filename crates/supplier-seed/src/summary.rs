//! A scenario's world in numbers.

use std::fmt;

use supplier_domain::{OrderStatus, World};

use crate::Scenario;

/// How much a scenario's world holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many suppliers there are.
    pub suppliers: usize,
    /// How many products and services they offer.
    pub products: usize,
    /// How many orders there are.
    pub orders: usize,
    /// How many orders have each status, paid or not; every status once, in the order of its declaration.
    pub orders_by_status: Vec<(OrderStatus, usize)>,
}

impl Summary {
    /// The numbers of `world`, which was made from `scenario`.
    pub(crate) fn of(scenario: &Scenario, world: &World) -> Self {
        let count = |status| world.orders.iter().filter(|order| order.status == status).count();
        Self {
            suppliers: world.suppliers.len(),
            products: scenario.offers.len(),
            orders: world.orders.len(),
            orders_by_status: OrderStatus::ALL.iter().map(|status| (*status, count(*status))).collect(),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { suppliers, products, orders, orders_by_status } = self;
        write!(f, "{suppliers} suppliers, {products} products, {orders} orders")?;
        for (index, (status, count)) in orders_by_status.iter().filter(|(_, count)| *count > 0).enumerate() {
            write!(f, "{}{count} {status}", if index == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}

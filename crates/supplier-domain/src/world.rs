//! All that a sandbox holds when it begins.

use crate::{ArrivalPlan, Order, Supplier};

/// Suppliers, orders, and orders to come: what a scenario describes and a sandbox starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct World {
    /// The suppliers, with distinct ids.
    pub suppliers: Vec<Supplier>,
    /// The orders, with distinct numbers, of these suppliers only.
    pub orders: Vec<Order>,
    /// Which orders come in as its clock goes on, of these suppliers only; `None` for none.
    pub arrivals: Option<ArrivalPlan>,
}

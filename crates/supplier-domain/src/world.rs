//! World: everything that a sandbox holds at first.

use crate::{ArrivalPlan, Order, Supplier};

/// World: the suppliers, orders and arrivals that a scenario describes and a sandbox starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct World {
    /// The suppliers, with distinct ids.
    pub suppliers: Vec<Supplier>,
    /// The orders, with distinct numbers, of these suppliers only.
    pub orders: Vec<Order>,
    /// Arrivals as the clock runs, of these suppliers only; `None` for none.
    pub arrivals: Option<ArrivalPlan>,
}

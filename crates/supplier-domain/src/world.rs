//! All that a sandbox holds when it begins.

use crate::{Order, Supplier};

/// Suppliers and orders: what a scenario describes and a sandbox starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct World {
    /// The suppliers, with distinct ids.
    pub suppliers: Vec<Supplier>,
    /// The orders, with distinct numbers, of these suppliers only.
    pub orders: Vec<Order>,
}

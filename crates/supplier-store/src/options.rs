//! Options of a store.

use supplier_domain::MIN_ACCOUNTS_CAP;

use crate::RenderOrder;

/// How much a sandbox may hold. The bounds count what is added to the sandbox, or to the one it was forked from, after it
/// was seeded or restored: a scenario may hold more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most orders that are placed or arrive.
    pub orders: usize,
    /// The most accounts that are delivered (`update.accounts-cap`).
    pub accounts: usize,
    /// The most accounts of an order, those of the scenario included; or ten times the order's quantity, if that is more
    /// (`update.accounts-cap`).
    pub accounts_per_order: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { orders: 100_000, accounts: 1_000_000, accounts_per_order: MIN_ACCOUNTS_CAP }
    }
}

/// The options of a store.
#[derive(Debug, Clone, Copy)]
pub struct StoreOptions {
    /// Renders orders for pages.
    pub render: RenderOrder,
    /// How much a sandbox may hold.
    pub bounds: Bounds,
}

impl StoreOptions {
    /// Options with the default bounds.
    pub fn new(render: RenderOrder) -> Self {
        Self { render, bounds: Bounds::default() }
    }
}

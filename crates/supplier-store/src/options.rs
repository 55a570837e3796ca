//! Options of a store.

use supplier_domain::MIN_ACCOUNTS_CAP;

use crate::RenderOrder;

/// How much a sandbox may hold. Each counts what came on top of what the sandbox, or the one it was copied from, was seeded
/// with or restored from: a scenario may hold more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most orders that are placed or come in.
    pub orders: usize,
    /// The most accounts that are delivered (`update.accounts-cap`).
    pub accounts: usize,
    /// The most accounts of an order, what it was seeded with included, unless ten times its quantity is more
    /// (`update.accounts-cap`).
    pub accounts_per_order: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { orders: 100_000, accounts: 1_000_000, accounts_per_order: MIN_ACCOUNTS_CAP }
    }
}

/// What a store is opened with.
#[derive(Debug, Clone, Copy)]
pub struct StoreOptions {
    /// How orders are written.
    pub render: RenderOrder,
    /// How much a sandbox may hold.
    pub bounds: Bounds,
}

impl StoreOptions {
    /// With the default bounds.
    pub fn new(render: RenderOrder) -> Self {
        Self { render, bounds: Bounds::default() }
    }
}

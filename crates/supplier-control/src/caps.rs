//! Bounds on what the control API lets a server hold.

use std::time::Duration;

use supplier_store::Bounds;

/// Longest window of a sandbox, in minutes: a year.
pub const MAX_WINDOW_MINUTES: u32 = 366 * 24 * 60;

/// Limits of the control API: how many, how large, how long.
#[derive(Debug, Clone)]
pub struct Caps {
    /// Maximum number of sandboxes at once, `default` included.
    pub sandboxes: usize,
    /// Longest lifetime that a sandbox may be given.
    pub ttl: Duration,
    /// Lifetime of a sandbox by default.
    pub default_ttl: Duration,
    /// Maximum number of suppliers in a sandbox.
    pub suppliers: usize,
    /// Maximum number of valid keys of a supplier.
    pub keys: usize,
    /// Maximum number of orders placed at once.
    pub orders_at_once: usize,
    /// Limits of orders and accounts in a sandbox.
    pub bounds: Bounds,
    /// Maximum number of live listeners: event streams, and calls that wait for an order.
    pub listeners: usize,
    /// Maximum number of live listeners of one sandbox. Each call notifies all of them, which takes time.
    pub listeners_per_sandbox: usize,
    /// Maximum size of a snapshot in bytes, exported or restored.
    pub snapshot_bytes: usize,
    /// Maximum by which a clock is moved at once.
    pub advance: Duration,
}

impl Default for Caps {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            sandboxes: 10_000,
            ttl: Duration::from_secs(30 * DAY),
            default_ttl: Duration::from_secs(DAY),
            suppliers: 100,
            keys: 100,
            orders_at_once: 10_000,
            bounds: Bounds::default(),
            listeners: 500,
            listeners_per_sandbox: 50,
            snapshot_bytes: 32 << 20,
            advance: Duration::from_secs(366 * DAY),
        }
    }
}

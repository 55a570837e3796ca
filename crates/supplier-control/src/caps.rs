//! Bounds on what the control API lets a server hold.

use std::time::Duration;

use supplier_store::Bounds;

/// The longest window of a sandbox, in minutes: a year.
pub const MAX_WINDOW_MINUTES: u32 = 366 * 24 * 60;

/// How much, and how long.
#[derive(Debug, Clone)]
pub struct Caps {
    /// The most sandboxes at once, `default` included.
    pub sandboxes: usize,
    /// The longest that a sandbox may be asked to stay.
    pub ttl: Duration,
    /// How long one stays that was not asked to stay longer or shorter.
    pub default_ttl: Duration,
    /// The most suppliers of a sandbox.
    pub suppliers: usize,
    /// The most valid keys of a supplier.
    pub keys: usize,
    /// The most orders that are placed at once.
    pub orders_at_once: usize,
    /// How many orders and accounts a sandbox may hold.
    pub bounds: Bounds,
    /// The most live listeners at once: event streams, and calls that wait for an order.
    pub listeners: usize,
    /// The most of them that listen to one sandbox: each is told of every call, which takes its time.
    pub listeners_per_sandbox: usize,
    /// The largest snapshot, in bytes: exported or taken in.
    pub snapshot_bytes: usize,
    /// The most that a clock is moved at once.
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

//! Bounds on what one client may hold.

use std::time::Duration;

/// How much, and how long. The body's limit is a rule (`error.transport`), not a setting.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most connections at once; one more is answered 503 and closed.
    pub connections: usize,
    /// How long a connection may go without a request, give or take as much again: so long a client may take to send a
    /// request's head, and so long it may wait before it sends the next.
    pub idle_timeout: Duration,
    /// How long a request may take from its head to its answer's.
    pub request_timeout: Duration,
    /// How long what is in flight may take to finish once the server is told to stop.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            idle_timeout: Duration::from_secs(30),
            // Longer than the longest delay that a fault can set.
            request_timeout: Duration::from_secs(90),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

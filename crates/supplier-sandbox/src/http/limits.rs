//! Bounds on what one client may hold.

use std::time::Duration;

/// How much, and how long. The body's limit is a rule (`error.transport`), not a setting.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most connections at once; one more is answered 503 and closed.
    pub connections: usize,
    /// How long a client may take to send a request's head, and how long an HTTP/1.1 connection may wait for one.
    pub head_timeout: Duration,
    /// How long a connection of any kind may be open without a request, give or take as much again.
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
            head_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_mins(1),
            request_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

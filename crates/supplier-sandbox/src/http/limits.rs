//! Bounds on what clients may hold.

use std::time::Duration;

/// Limits of connections: how many, how much memory, how long. The size of a body is a rule (`error.transport`), not a
/// setting.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Maximum number of connections at once. A further one is answered 503 and closed.
    pub connections: usize,
    /// Maximum number of requests at once on one HTTP/2 connection. Further streams are refused.
    pub streams: u32,
    /// Maximum memory, in bytes, that all connections hold together: answers that clients have not read, and bodies of
    /// requests under way.
    ///
    /// While more than half is in use, a connection that holds more than 1/128 gets no further answer until its client
    /// reads. Beyond the maximum, the server closes connections that have waited for their client for 100 ms, first those
    /// that hold most for longest.
    ///
    /// An answer counts twice its length, which its buffer may take, and a connection that sends answers counts 32 KiB for
    /// its buffers. Content that all answers share, such as the documentation's script, does not count. While unread
    /// snapshots hold an eighth, the next snapshot waits.
    pub held_bytes: usize,
    /// Time in which a client must read 32 KiB of an answer, or the rest, give or take a quarter. Otherwise the server
    /// closes the connection with all of its streams. The time is longer than the 15 seconds after which an event stream
    /// sends a sign of life.
    pub stall_timeout: Duration,
    /// Time that a client may take to send a request's head, and to wait before the next request, up to twice as long.
    pub idle_timeout: Duration,
    /// Maximum time from a request's head to its answer's head.
    pub request_timeout: Duration,
    /// Maximum time for requests under way after the server is told to stop.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            streams: 32,
            held_bytes: 96 << 20,
            stall_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(30),
            // Faults can delay a call by less, before and after it is handled.
            request_timeout: Duration::from_secs(150),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

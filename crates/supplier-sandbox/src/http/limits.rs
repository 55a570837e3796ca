//! Bounds on what clients may hold.

use std::time::Duration;

/// How much, and how long. The body's limit is a rule (`error.transport`), not a setting.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most connections at once; one more is answered 503 and closed.
    pub connections: usize,
    /// The most requests at once on one HTTP/2 connection; a client that opens more streams has them refused.
    pub streams: u32,
    /// The most memory, in bytes, that all connections hold together: answers that their clients have not read yet, and
    /// bodies of requests under way. While more than half of it is in use, a connection that holds more than 1/128 of it
    /// gets no further answer until its client reads. Beyond it, the connections that hold most for longest are closed, of
    /// those that have waited for their client for 100 ms. An answer counts twice its length, which its buffer may take, and a
    /// connection that sends answers 32 KiB for its buffers. What all answers share, such as the documentation's script, is not
    /// counted. Snapshots that nobody reads hold an eighth of it; then the next one waits.
    pub held_bytes: usize,
    /// How long an answer may make no progress, give or take a quarter: in that time its client has to read 32 KiB of it,
    /// or what is left. Otherwise the connection is closed, with all its streams. Longer than the 15 seconds after which an
    /// event stream says that it is still there.
    pub stall_timeout: Duration,
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
            streams: 32,
            held_bytes: 96 << 20,
            stall_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(30),
            // Longer than faults can delay a call, before and after it is handled.
            request_timeout: Duration::from_secs(150),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

//! Progress of an answer to its client.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The steps of an answer to its client.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// Time of the last step, in milliseconds since the server began.
    last: AtomicU64,
    /// Number of pieces that wait for the client to read.
    waiting: AtomicUsize,
}

impl Steps {
    /// Notes a step at `now`.
    pub(super) fn step(&self, now: u64) {
        self.last.store(now, Ordering::Relaxed);
    }

    /// Notes a piece that waits for the client to read.
    pub(super) fn hand_over(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes at `now` that a piece has left.
    pub(super) fn leave(&self, now: u64) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.step(now);
    }

    /// Whether a piece waits for the client to read.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Milliseconds without a step at `now`.
    pub(super) fn age(&self, now: u64) -> u64 {
        now.saturating_sub(self.last.load(Ordering::Relaxed))
    }
}

//! The server's own time, the only place that reads it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use supplier_domain::Timestamp;

/// The system's clock, plus the time by which it was moved ahead.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerTime {
    /// In milliseconds.
    passed: Arc<AtomicU64>,
}

impl ServerTime {
    /// What the clock shows.
    #[expect(clippy::disallowed_methods, reason = "this is the edge at which time comes in")]
    pub(crate) fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system = Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX));
        system.plus(Duration::from_millis(self.passed.load(Ordering::Relaxed)))
    }

    /// Moves the clock ahead.
    pub(crate) fn pass(&self, by: Duration) {
        self.passed.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

//! The server's own time, the only place that reads it.

use std::time::{SystemTime, UNIX_EPOCH};

use supplier_domain::Timestamp;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ServerTime;

impl ServerTime {
    /// What the clock shows.
    #[expect(clippy::unused_self, reason = "whoever may read the time is handed this")]
    #[expect(clippy::disallowed_methods, reason = "this is the edge at which time comes in")]
    pub(crate) fn now(self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

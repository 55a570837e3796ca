//! Activity of a connection: is anything happening on it?

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts the requests of one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activity(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A request under way; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay(Activity);

impl Activity {
    /// Notes the start of a request.
    pub(crate) fn begin(&self) -> UnderWay {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        UnderWay(self.clone())
    }

    /// Waits until no request began or was under way for `idle`. It checks once every `idle`, so it may wait twice as long.
    /// A request costs two additions and no timer.
    pub(crate) async fn idle_for(&self, idle: Duration) {
        let begun = || self.0.begun.load(Ordering::Relaxed);
        loop {
            let before = begun();
            let under_way = before != self.0.ended.load(Ordering::Relaxed);
            tokio::time::sleep(idle).await;
            if !under_way && before == begun() {
                return;
            }
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

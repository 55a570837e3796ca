//! Long operations: work of more than a few milliseconds runs on threads that answer no calls.
//!
//! One long operation runs at a time for a sandbox, and a few for all sandboxes, so that no sandbox holds up another.

use std::panic::resume_unwind;
use std::sync::LazyLock;

use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use crate::SandboxId;
use crate::permits::Permits;

/// The most long operations that run at the same time.
pub const MAX_WORK_AT_ONCE: usize = 4;

static PERMITS: LazyLock<Permits> = LazyLock::new(|| Permits::new(MAX_WORK_AT_ONCE, 1));

/// Runs `work` for a sandbox on a thread that answers no calls. If the caller goes away, work that has begun still runs to
/// its end, and keeps its permit until then.
///
/// # Panics
/// If `work` panics.
pub async fn work_for<T: Send + 'static>(
    sandbox: &SandboxId,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let permit = PERMITS.acquire(sandbox).await;
    let work = spawn_blocking(move || {
        let done = work();
        drop(permit);
        done
    });
    done(work).await
}

/// Runs `work` on a thread that answers no calls, without a permit: for callers whose number is bounded by their
/// connections.
///
/// # Panics
/// If `work` panics.
pub(crate) async fn work_aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    done(spawn_blocking(work)).await
}

async fn done<T>(work: JoinHandle<T>) -> T {
    match work.await.map_err(JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The runtime stops, and answers no more calls.
        Err(Err(_)) => std::future::pending().await,
    }
}

/// Drops something large on another thread.
pub(crate) fn discard<T: Send + 'static>(garbage: T) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn_blocking(move || drop(garbage));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, mpsc};

    use super::*;

    /// Many long operations of one sandbox do not keep another sandbox's from beginning.
    #[tokio::test]
    async fn a_sandbox_takes_one_place_however_much_it_wants() {
        let [busy, other] = ["work-busy", "work-other"].map(|name| name.parse::<SandboxId>().unwrap());
        let (release, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let waiting: Vec<_> = (0..=MAX_WORK_AT_ONCE)
            .map(|_| {
                let (busy, held) = (busy.clone(), Arc::clone(&held));
                tokio::spawn(async move { work_for(&busy, move || held.lock().unwrap().recv()).await })
            })
            .collect();
        // All of them wait by now.
        tokio::task::yield_now().await;
        assert_eq!(work_for(&other, || 7).await, 7);
        assert!(waiting.iter().all(|work| !work.is_finished()));
        for _ in &waiting {
            release.send(()).unwrap();
        }
        for work in waiting {
            work.await.unwrap().unwrap();
        }
    }
}

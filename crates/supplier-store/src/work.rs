//! Work that takes longer than a few milliseconds: it leaves the threads that answer calls.
//!
//! One piece of work at a time is done for a sandbox, and a few for all of them, so that no sandbox holds up another.

use std::panic::resume_unwind;
use std::sync::LazyLock;

use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use crate::SandboxId;
use crate::permits::Permits;

/// How many pieces of work are done at once.
pub const MAX_WORK_AT_ONCE: usize = 4;

static PERMITS: LazyLock<Permits> = LazyLock::new(|| Permits::new(MAX_WORK_AT_ONCE, 1));

/// Does `work` for a sandbox on a thread that answers no calls. If whoever waits goes away, work that has begun is done
/// to its end, and counts as long.
///
/// # Panics
/// If `work` does.
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

/// Does `work` on a thread that answers no calls, at once: for those of whom there are few, each with a connection of its own.
///
/// # Panics
/// If `work` does.
pub(crate) async fn work_aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    done(spawn_blocking(work)).await
}

async fn done<T>(work: JoinHandle<T>) -> T {
    match work.await.map_err(JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The runtime stops, and nobody is answered any more.
        Err(Err(_)) => std::future::pending().await,
    }
}

/// Lets go of something large, and does not wait for that.
pub(crate) fn discard<T: Send + 'static>(garbage: T) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn_blocking(move || drop(garbage));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, mpsc};

    use super::*;

    /// However much work is wanted for one sandbox, work for another is begun.
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
        // They have all come to where they wait.
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

//! Ctrl-C and SIGTERM, which mean the same: end, but report what was found and give back what was made.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::timeout;

use super::exit::Failure;

/// How long what was begun has to be ready, so that it can be given back.
const GRACE: Duration = Duration::from_secs(2);

/// The signals that came.
pub(super) struct Signals(watch::Receiver<u32>);

impl Signals {
    /// Listens from now on.
    pub(super) fn listen() -> Self {
        let (tell, told) = watch::channel(0_u32);
        tokio::spawn(async move {
            let Ok(mut terminated) = signal(SignalKind::terminate()) else { return tell.closed().await };
            loop {
                tokio::select! {
                    pressed = tokio::signal::ctrl_c() => if pressed.is_err() { return tell.closed().await },
                    ended = terminated.recv() => if ended.is_none() { return tell.closed().await },
                }
                tell.send_modify(|times| *times += 1);
            }
        });
        Self(told)
    }

    /// Whether any came.
    pub(super) fn came(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// The first one.
    pub(super) async fn first(&self) {
        self.after(0).await;
    }

    async fn after(&self, times: u32) {
        if self.0.clone().wait_for(|came| *came > times).await.is_err() {
            // Nobody listens any more.
            std::future::pending::<()>().await;
        }
    }

    /// Does work, unless a second signal comes.
    pub(super) async fn or_at_once<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            done = work => done,
            () = self.after(1) => Err(Failure::interrupted()),
        }
    }

    /// Prepares something. If a signal comes first, what is ready soon is given back.
    pub(super) async fn prepared<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>>,
        give_back: impl AsyncFnOnce(&T),
    ) -> Result<Result<T, E>, Failure> {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            done = &mut work => return Ok(done),
            () = self.first() => {}
        }
        if let Ok(Ok(ready)) = timeout(GRACE, work).await {
            give_back(&ready).await;
        }
        Err(Failure::interrupted())
    }
}

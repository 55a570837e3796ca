//! A rehearsal of a worker that runs until it is asked to end: the clock steps with its polls.

use tokio::time::{Instant, sleep_until, timeout};

use super::{Copies, Failure, Mode, Rehearsal};
use crate::timeline::{WorkerEvent, millis};
use crate::worker::Ending;
use crate::world::FinalOrder;

/// How often a worker that ends by itself is started again.
const MAX_RESTARTS: u32 = 3;
/// How many vain polls in a row show that the worker goes on polling.
const VAIN_POLLS: u32 = 2;

/// Why a daemon is watched no longer.
enum WatchEnd {
    /// Enough: it is asked to end.
    Enough,
    /// It has ended, all copies of it.
    Ended(Vec<Ending>),
    /// Its key is revoked: whoever runs it starts it again with the new one.
    NeedsKey,
    /// It makes no calls.
    Silent,
    /// It has taken too long.
    Late,
}

impl Rehearsal<'_> {
    /// Runs the worker until all orders are settled and it has polled in vain, and has it end. If `is_unknown`, a worker that
    /// ends by itself is found to be a one-shot worker.
    pub(super) async fn daemon(&mut self, is_unknown: bool) -> Result<Mode, Failure> {
        let deadline = Instant::now() + self.setup.pace.time_out;
        let mut restarts = 0;
        let mut copies = self.start().await?;
        loop {
            let end = self.watch(&mut copies, deadline).await?;
            match end {
                WatchEnd::Ended(endings) => {
                    for ending in endings {
                        self.note_end(ending);
                    }
                    self.keep_output(&copies);
                    if is_unknown {
                        return Ok(Mode::OneShot);
                    }
                    restarts += u32::from(!self.interceptor.is_killed());
                    self.interceptor.run_is_over();
                    if restarts > MAX_RESTARTS || self.interceptor.is_stuck() {
                        return Ok(Mode::Daemon);
                    }
                    copies = self.start().await?;
                }
                WatchEnd::NeedsKey => {
                    self.end(&mut copies).await;
                    copies = self.start().await?;
                }
                WatchEnd::Silent => {
                    let for_millis = millis(self.setup.pace.patience);
                    self.interceptor.note(WorkerEvent::Silent { for_millis });
                    break;
                }
                WatchEnd::Late => {
                    let after_millis = millis(self.setup.pace.time_out);
                    self.interceptor.note(WorkerEvent::OutOfTime { after_millis });
                    break;
                }
                WatchEnd::Enough => break,
            }
        }
        self.end(&mut copies).await;
        Ok(Mode::Daemon)
    }

    /// Watches the worker until something has to be done.
    async fn watch(&self, copies: &mut Copies, deadline: Instant) -> Result<WatchEnd, Failure> {
        let mut calls = self.interceptor.calls();
        loop {
            let patience = Instant::now() + self.setup.pace.patience;
            tokio::select! {
                biased;
                endings = copies.ended() => return Ok(WatchEnd::Ended(endings)),
                _ = calls.changed() => {}
                () = sleep_until(deadline) => return Ok(WatchEnd::Late),
                () = sleep_until(patience) => return Ok(WatchEnd::Silent),
            }
            if self.interceptor.needs_new_key() {
                return Ok(WatchEnd::NeedsKey);
            }
            let vain_polls = self.interceptor.vain_polls();
            if vain_polls >= self.setup.pace.rounds || self.interceptor.is_stuck() {
                return Ok(WatchEnd::Enough);
            }
            if vain_polls >= VAIN_POLLS && self.orders().await?.0.iter().all(FinalOrder::is_settled) {
                return Ok(WatchEnd::Enough);
            }
        }
    }

    /// Asks the worker to end, as an operator does, and kills it if it does not.
    async fn end(&mut self, copies: &mut Copies) {
        self.interceptor.note(WorkerEvent::AskedToEnd);
        copies.ask_to_end();
        let grace = self.setup.pace.grace;
        if timeout(grace, copies.ended()).await.is_ok() {
            self.interceptor.note(WorkerEvent::Ended);
        } else {
            copies.kill().await;
            self.interceptor.note(WorkerEvent::HadToBeKilled { after_millis: millis(grace) });
        }
        self.keep_output(copies);
        self.interceptor.run_is_over();
    }
}

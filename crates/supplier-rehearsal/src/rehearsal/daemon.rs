//! A rehearsal of a worker that runs until it is asked to end: the clock steps with its polls.

use tokio::time::{Instant, sleep_until, timeout};

use super::one_shot::millis;
use super::{Copies, Failure, Mode, Play};
use crate::timeline::WorkerEvent;
use crate::worker::Ending;
use crate::world::FinalOrder;

/// How often a worker that ends by itself is started again.
const MAX_RESTARTS: u32 = 3;
/// How many vain polls in a row show that the worker goes on polling.
const VAIN_POLLS: u32 = 2;

/// Why a daemon is watched no longer.
enum Seen {
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

impl Play<'_> {
    /// Runs the worker until all orders are settled and it has polled in vain, and has it end. If `is_unknown`, a worker that
    /// ends by itself is found to be a one-shot worker.
    pub(super) async fn daemon(&mut self, is_unknown: bool) -> Result<Mode, Failure> {
        let deadline = Instant::now() + self.scene.pace.time_out;
        let mut restarts = 0;
        let mut copies = self.start().await?;
        loop {
            let seen = self.watch(&mut copies, deadline).await?;
            match seen {
                Seen::Ended(endings) => {
                    for ending in endings {
                        self.note_end(ending);
                    }
                    self.keep_output(&copies);
                    if is_unknown {
                        return Ok(Mode::OneShot);
                    }
                    restarts += u32::from(!self.stage.is_killed());
                    self.stage.run_is_over();
                    if restarts > MAX_RESTARTS || self.stage.is_stuck() {
                        return Ok(Mode::Daemon);
                    }
                    copies = self.start().await?;
                }
                Seen::NeedsKey => {
                    self.end(&mut copies).await;
                    copies = self.start().await?;
                }
                Seen::Silent => {
                    let for_millis = millis(self.scene.pace.patience);
                    self.stage.note(WorkerEvent::Silent { for_millis });
                    break;
                }
                Seen::Late => {
                    let after_millis = millis(self.scene.pace.time_out);
                    self.stage.note(WorkerEvent::OutOfTime { after_millis });
                    break;
                }
                Seen::Enough => break,
            }
        }
        self.end(&mut copies).await;
        Ok(Mode::Daemon)
    }

    /// Watches the worker until something has to be done.
    async fn watch(&self, copies: &mut Copies, deadline: Instant) -> Result<Seen, Failure> {
        let mut calls = self.stage.calls();
        loop {
            let patience = Instant::now() + self.scene.pace.patience;
            tokio::select! {
                biased;
                endings = copies.ended() => return Ok(Seen::Ended(endings)),
                _ = calls.changed() => {}
                () = sleep_until(deadline) => return Ok(Seen::Late),
                () = sleep_until(patience) => return Ok(Seen::Silent),
            }
            if self.stage.needs_new_key() {
                return Ok(Seen::NeedsKey);
            }
            let vain_polls = self.stage.vain_polls();
            if vain_polls >= self.scene.pace.rounds || self.stage.is_stuck() {
                return Ok(Seen::Enough);
            }
            if vain_polls >= VAIN_POLLS && self.orders().await?.0.iter().all(FinalOrder::is_settled) {
                return Ok(Seen::Enough);
            }
        }
    }

    /// Asks the worker to end, as an operator does, and kills it if it does not.
    async fn end(&mut self, copies: &mut Copies) {
        self.stage.note(WorkerEvent::AskedToEnd);
        copies.ask_to_end();
        let grace = self.scene.pace.grace;
        if timeout(grace, copies.ended()).await.is_ok() {
            self.stage.note(WorkerEvent::Ended);
        } else {
            copies.kill().await;
            self.stage.note(WorkerEvent::HadToBeKilled { after_millis: millis(grace) });
        }
        self.keep_output(copies);
        self.stage.run_is_over();
    }
}

//! The interceptor: sees every call of a rehearsal, and makes the planned mishaps happen.

mod course;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use supplier_control::ControlError;
use supplier_domain::fault::{Close, Course, Instead, Strike};
use supplier_domain::{
    AccountList, CallEffect, CallRecord, Deduplication, FingerprintKey, OrderId, SubmittedAccount, clean,
};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::mishap::{CallName, Mishap, Planned};
use crate::sandbox::Sandbox;
use crate::timeline::{Call, Entry, Timeline, WorkerEvent};
use crate::watch::{CallWatch, WatchedCall};
use crate::worker::Kill;
use course::course;
use state::{Outage, State};

/// Time that goes by before a delivery that comes too late: more than a window.
const SLOW_WORK: Duration = Duration::from_mins(31);
/// How long an outage lasts at most.
const OUTAGE: Duration = Duration::from_millis(1_500);
/// After how many calls an outage ends. Who calls more often storms.
const STORM: u32 = 40;
/// After so many hand-outs that settled no order, a worker has lost what is left.
const FRUITLESS: u32 = 4;
/// After so many calls a rehearsal ends: a worker calls in a loop.
pub(crate) const MAX_CALLS: u32 = 5_000;
/// Number of accounts that are remembered, so that they can be masked in what the worker writes.
const MAX_SECRETS: usize = 10_000;

/// Number of bytes from which a password is masked where it stands alone.
const MIN_PASSWORD: usize = 6;

/// How the clock moves while the worker runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stepping {
    /// It does not move: the worker ends by itself.
    Never,
    /// By so much at each list call that brings nothing.
    AtVainPolls(Duration),
}

/// Sees every call of a rehearsal, and makes the planned mishaps happen.
pub(crate) struct Interceptor {
    sandbox: Sandbox,
    late: Duration,
    stepping: Stepping,
    key: FingerprintKey,
    began: Instant,
    state: Mutex<State>,
    recorded: watch::Sender<u64>,
}

impl Interceptor {
    pub(crate) fn new(sandbox: Sandbox, schedule: Vec<Planned>, late: Duration, stepping: Stepping) -> Self {
        Self {
            sandbox,
            late,
            stepping,
            key: FingerprintKey([0x5a; 32]),
            began: Instant::now(),
            state: Mutex::new(State { schedule, ..State::default() }),
            recorded: watch::Sender::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Changes with every call that is recorded.
    pub(crate) fn calls(&self) -> watch::Receiver<u64> {
        self.recorded.subscribe()
    }

    /// Notes that a copy of the worker was started.
    pub(crate) fn started(&self, killer: Arc<dyn Kill>, is_first_copy: bool) {
        let mut state = self.lock();
        if is_first_copy {
            state.killers.clear();
            state.is_killed = false;
            let run = state.run;
            state.entries.push(Entry::Worker(WorkerEvent::Started { run }));
        }
        state.killers.push(killer);
    }

    /// Notes that all copies of the worker have ended: an outage is over then, and nobody is left to be killed.
    pub(crate) fn run_is_over(&self) {
        let mut state = self.lock();
        state.run += 1;
        state.outage = None;
        state.kills_at_next_call = false;
    }

    pub(crate) fn note(&self, event: WorkerEvent) {
        self.lock().entries.push(Entry::Worker(event));
    }

    /// Whether the rehearsal has killed the worker since it was started.
    pub(crate) fn is_killed(&self) -> bool {
        self.lock().is_killed
    }

    /// The key that took the place of a revoked one, once.
    pub(crate) fn take_new_key(&self) -> Option<String> {
        self.lock().new_key.take()
    }

    /// Whether a key was revoked whose successor the worker has not got yet.
    pub(crate) fn needs_new_key(&self) -> bool {
        self.lock().new_key.is_some()
    }

    pub(crate) fn is_amended(&self, order: OrderId) -> bool {
        self.lock().amended.contains(&order)
    }

    /// Whether a mishap happened in the present run.
    pub(crate) fn is_struck_in_this_run(&self) -> bool {
        let state = self.lock();
        state.entries.iter().any(
            |entry| matches!(entry, Entry::Call(call) if call.run == state.run && !call.mishaps.is_empty()),
        )
    }

    /// Whether the present run was handed out an order, or updated one.
    pub(crate) fn is_useful_run(&self) -> bool {
        let state = self.lock();
        let is_useful =
            |entry: &Entry| matches!(entry, Entry::Call(call) if call.run == state.run && call.is_useful());
        state.entries.iter().any(is_useful)
    }

    /// Number of list calls that brought nothing, since the last call that did something.
    pub(crate) fn vain_polls(&self) -> u32 {
        self.lock().vain_polls
    }

    /// Whether it makes no sense to go on: orders were handed out again and again, and none was settled any more; or the worker
    /// called too often.
    pub(crate) fn is_stuck(&self) -> bool {
        let state = self.lock();
        state.fruitless > FRUITLESS || state.calls > MAX_CALLS
    }

    pub(crate) async fn advance(&self, by: Duration) -> Result<(), ControlError> {
        self.sandbox.advance(by).await?;
        self.lock().entries.push(Entry::Clock(by));
        Ok(())
    }

    /// `text` without the accounts' passwords, beside their logins or alone.
    pub(crate) fn masked(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for account in &self.lock().secrets {
            let Some((login, password)) = account.split_once(':') else { continue };
            if text.contains(&**account) {
                text = text.replace(&**account, &format!("{login}:***"));
            }
            // A shorter one is a part of too many words.
            if password.len() >= MIN_PASSWORD && text.contains(password) {
                text = text.replace(password, "***");
            }
        }
        text
    }

    /// What happened, which mishaps were reached, and what kept a mishap from happening.
    pub(crate) fn take(&self) -> (Timeline, Vec<Planned>, Option<ControlError>) {
        let mut state = self.lock();
        let entries = std::mem::take(&mut state.entries);
        (Timeline { entries }, std::mem::take(&mut state.reached), state.failure.take())
    }

    /// Notes a call, and returns the mishaps that are planned for it. `None`: its worker is dead.
    fn enter(&self, call: &WatchedCall<'_>) -> Option<Vec<Mishap>> {
        let mut state = self.lock();
        state.calls += 1;
        if state.calls > MAX_CALLS {
            state.kill_all();
            return None;
        }
        let is_cut = std::mem::take(&mut state.kills_at_next_call);
        let supplier_domain::fault::Call { operation, order, .. } = call.call;
        let nth = state.counts.entry((operation, order)).or_default();
        *nth += 1;
        let name = CallName { operation, order, nth: *nth };
        let is_planned = |planned: &&Planned| planned.call == name && !is_cut;
        let planned: Vec<_> = state.schedule.iter().filter(is_planned).copied().collect();
        let mut mishaps: Vec<_> = planned.iter().map(|planned| planned.mishap).collect();
        if mishaps.contains(&Mishap::Outage) {
            state.outage = Some(Outage { since: Instant::now(), calls: 0 });
        }
        if let Some(outage) = &mut state.outage {
            outage.calls += 1;
            if outage.calls > STORM || outage.since.elapsed() > OUTAGE {
                state.outage = None;
            } else {
                // A call that reaches no server meets nothing else.
                mishaps = vec![Mishap::Outage];
            }
        }
        state.reached.extend(planned.iter().filter(|planned| mishaps.contains(&planned.mishap)));
        let accounts = self.accounts(&mut state, call);
        let entry = Call {
            id: call.id,
            name: Some(name),
            operation: Some(operation),
            run: state.run,
            since_start: self.began.elapsed(),
            at: None,
            asked: call.update.and_then(|update| update.status),
            accounts,
            mishaps: mishaps.clone(),
            is_cut,
            outcome: None,
        };
        state.entries.push(Entry::Call(entry));
        if is_cut {
            state.kill();
            return None;
        }
        if !mishaps.is_empty() {
            state.fruitless = 0;
        }
        Some(mishaps)
    }

    fn accounts(&self, state: &mut State, call: &WatchedCall<'_>) -> Vec<supplier_domain::Fingerprint> {
        let submitted = call.update.and_then(|update| update.accounts.as_deref()).unwrap_or_default();
        for account in submitted {
            if let SubmittedAccount::Text(text) = account
                && state.secrets.len() < MAX_SECRETS
            {
                state.secrets.insert(text.trim().into());
            }
        }
        let cleaned = clean(submitted, &AccountList::default(), &Deduplication::standard(&self.key));
        cleaned.accepted.into_iter().map(|account| account.fingerprint).collect()
    }

    /// Changes the world around a call.
    async fn change_world(&self, mishap: Mishap, order: Option<OrderId>) -> Result<(), ControlError> {
        match (mishap, order) {
            (Mishap::WindowOver, _) => self.sandbox.advance(SLOW_WORK).await?,
            (Mishap::BuyerCancels, Some(order)) => {
                self.sandbox.cancel(order).await?;
                self.lock().amended.insert(order);
            }
            (Mishap::Refunded, Some(order)) => {
                self.sandbox.refund(order).await?;
                self.lock().amended.insert(order);
            }
            (Mishap::KeyRevoked, _) => {
                let key = self.sandbox.replace_key().await?;
                self.lock().new_key = Some(key);
            }
            _ => {}
        }
        Ok(())
    }

    fn strike(&self, mishaps: &[Mishap]) -> Strike {
        let mut strike = Strike::default();
        for mishap in mishaps {
            if *mishap == Mishap::Late {
                strike.delay_after = self.late;
            } else if let course @ (Course::Instead(_) | Course::Afterwards(_)) = course(*mishap) {
                strike.course = course;
            }
        }
        strike
    }
}

/// How long it takes until the next withheld order comes back.
fn until_next(record: &CallRecord) -> Duration {
    match record.effect {
        CallEffect::Listed { next_at: Some(next), .. } => next.since(record.at),
        _ => Duration::ZERO,
    }
}

#[async_trait]
impl CallWatch for Interceptor {
    async fn before(&self, call: WatchedCall<'_>) -> Strike {
        let Some(mishaps) = self.enter(&call) else {
            return Strike { course: Course::Instead(Instead::Drop(Close::Rst)), ..Strike::default() };
        };
        for mishap in &mishaps {
            if let Err(error) = self.change_world(*mishap, call.call.order).await {
                self.lock().failure.get_or_insert(error);
            }
        }
        self.strike(&mishaps)
    }

    async fn recorded(&self, record: &CallRecord) {
        let is_vain = self.lock().record(record, self.began.elapsed());
        if let Stepping::AtVainPolls(step) = self.stepping
            && is_vain
            && let Err(error) = self.advance(step.max(until_next(record))).await
        {
            self.lock().failure.get_or_insert(error);
        }
        self.recorded.send_modify(|count| *count += 1);
    }
}

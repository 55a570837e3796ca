//! The scorecard: how well one supplier's client keeps the practices of the rulebook.
//!
//! It is folded from what the server saw, call by call ([`Scorecard::observe`]), and read at any time
//! ([`Scorecard::report`]). It enforces nothing: an answer never depends on it.
//!
//! What it keeps is bounded: a small record for each order, up to 64 accounts' stand-ins for each order, and beyond
//! that a fixed number of counts and request ids. No key, password, login or id of a supplier's own is among it.

mod accounts;
mod errors;
mod failure;
mod gaps;
mod mark;
mod names;
mod observation;
mod orders;
mod partial;
mod polling;
mod report;
mod resend;
mod secret;
mod status;
mod tally;
#[cfg(test)]
mod tests;
mod tracking;
mod update_call;
mod window;
mod words;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, OrderId, Timestamp};
use errors::Before;
use orders::{Granted, Orders};

pub use mark::CallDigest;
pub(crate) use mark::Mark;
pub use observation::{HandedOut, ListCall, Observation, ObservedCall};
pub use report::{Finding, PracticeReport, Report, Standing};
pub use resend::Resend;
pub use tally::MAX_EVIDENCE;
pub use update_call::{OrderFacts, Submission, UpdateCall};

/// What is kept of the client of one supplier in one sandbox.
///
/// A clone costs a pointer until one of the two observes more, and then what is not bounded (orders, accounts) stays
/// shared. It is written to JSON and read back exactly.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scorecard(Arc<State>);

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
// What a later version adds is empty in what an earlier one wrote.
#[serde(default)]
struct State {
    polling: polling::Polling,
    errors: errors::Errors,
    resend: resend::Resends,
    accounts: accounts::Accounts,
    tracking: tracking::Tracking,
    status: status::Status,
    partial: partial::Partial,
    secret: secret::Secret,
    window: window::Window,
    names: names::Names,
    orders: Orders,
}

impl Scorecard {
    /// The orders that were handed out to the client, awaited an answer then, and got none.
    pub fn unanswered(&self) -> impl Iterator<Item = OrderId> {
        self.0.orders.unanswered().map(|(order, _)| order)
    }

    /// Takes a call into account. Calls are given in the order in which they were judged; some disorder, such as that
    /// of concurrent calls, does no harm.
    ///
    /// Returns which call whose answer was lost it repeats, if it does (`practice.resend`).
    pub fn observe(&mut self, observation: &Observation) -> Option<Resend> {
        Arc::make_mut(&mut self.0).observe(observation)
    }

    /// What is to be said of the client: on `practice.polling`, `practice.errors`,
    /// `practice.resend`, `practice.accounts`, `practice.tracking`, `practice.status`, `practice.partial`,
    /// `practice.secret`, `practice.window` and `practice.names`. It takes time in proportion to the number of orders.
    pub fn report(&self, reading: &Reading<'_>) -> Report {
        let state = &*self.0;
        Report::of(vec![
            state.polling.report(),
            state.errors.report(),
            state.resend.report(),
            state.accounts.report(),
            state.tracking.report(),
            state.status.report(&state.orders, reading),
            state.partial.report(),
            state.secret.report(),
            state.window.report(),
            state.names.report(),
        ])
    }
}

/// When and of what orders a report is made.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The moment, by the sandbox's clock.
    pub now: Timestamp,
    /// Whether an order still waits for its supplier: it is paid, and neither done nor called off. One that does not is held
    /// against nobody (`practice.status`).
    pub awaits: &'a dyn Fn(OrderId) -> bool,
    /// Whether the client has stopped: then an order that it was handed out and did not answer counts at once, and not
    /// only when its window has run out (`practice.status`).
    pub has_ended: bool,
}

impl State {
    fn observe(&mut self, observation: &Observation) -> Option<Resend> {
        self.secret.observe(observation);
        self.names.observe(observation);
        let resend = self.resend.observe(observation);
        let before = self.errors.observe(observation);
        match &observation.call {
            // An order in an answer that was lost was not handed out as far as the client knows.
            ObservedCall::List(list) if observation.is_done && observation.is_lost() => {
                self.polling.lose(list);
            }
            ObservedCall::List(list) if observation.is_done => {
                self.polling.observe(observation, list);
                self.window.list(observation, list);
                self.orders.hand_out(observation, list);
            }
            // What a lost call did is judged once: its retry finds it done, as it should.
            ObservedCall::Update(_) if before == Before::Lost => {}
            ObservedCall::Update(call) if observation.is_done => self.grant(observation, call),
            ObservedCall::Update(call)
                if observation.is_refused() && observation.error == Some(ErrorCode::InvalidAccounts) =>
            {
                self.accounts.refuse(observation, call);
            }
            ObservedCall::List(_) | ObservedCall::Update(_) | ObservedCall::Other => {}
        }
        resend
    }

    /// An update that was granted, whether or not its client got to know.
    fn grant(&mut self, observation: &Observation, call: &UpdateCall) {
        let (Some(order), Some(facts)) = (call.order, call.facts) else { return };
        let granted = Granted { observation, call, order, facts };
        let record = self.orders.record(order);
        self.accounts.grant(&granted);
        self.tracking.grant(&granted, record);
        self.status.grant(&granted, record);
        self.partial.grant(&granted);
        self.window.grant(&granted, record);
        record.update(&granted);
    }
}

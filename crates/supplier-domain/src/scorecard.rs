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
mod observation;
mod orders;
mod partial;
mod polling;
mod report;
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

use crate::Timestamp;
use errors::Before;
use orders::{Granted, Orders};

pub use mark::CallDigest;
pub use observation::{HandedOut, ListCall, Observation, ObservedCall};
pub use report::{Finding, PracticeReport, Report, Standing};
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
    accounts: accounts::Accounts,
    tracking: tracking::Tracking,
    status: status::Status,
    partial: partial::Partial,
    secret: secret::Secret,
    window: window::Window,
    orders: Orders,
}

impl Scorecard {
    /// Takes a call into account. Calls are given in the order in which they were judged; some disorder, such as that
    /// of concurrent calls, does no harm.
    pub fn observe(&mut self, observation: &Observation) {
        Arc::make_mut(&mut self.0).observe(observation);
    }

    /// What is to be said at `now`, by the sandbox's clock: on `practice.polling`, `practice.errors`,
    /// `practice.accounts`, `practice.tracking`, `practice.status`, `practice.partial`, `practice.secret` and
    /// `practice.window`. It takes time in proportion to the number of orders.
    pub fn report(&self, now: Timestamp) -> Report {
        let state = &*self.0;
        Report::of([
            state.polling.report(),
            state.errors.report(),
            state.accounts.report(),
            state.tracking.report(),
            state.status.report(&state.orders, now),
            state.partial.report(),
            state.secret.report(),
            state.window.report(),
        ])
    }
}

impl State {
    fn observe(&mut self, observation: &Observation) {
        self.secret.observe(observation);
        let before = self.errors.observe(observation);
        match &observation.call {
            // An order in an answer that was lost was not handed out as far as the client knows.
            ObservedCall::List(list) if observation.is_done() && observation.reached => {
                self.polling.observe(observation, list, before == Before::Lost);
                self.window.list(observation, list);
                self.orders.hand_out(observation, list);
            }
            // What a lost call did is judged once: its retry finds it done, as it should.
            ObservedCall::Update(_) if before == Before::Lost => {}
            ObservedCall::Update(call) if observation.is_done() => self.grant(observation, call),
            ObservedCall::Update(call)
                if observation.is_refused() && observation.error.as_deref() == Some("INVALID_ACCOUNTS") =>
            {
                self.accounts.refuse(observation, call);
            }
            ObservedCall::List(_) | ObservedCall::Update(_) | ObservedCall::Other => {}
        }
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

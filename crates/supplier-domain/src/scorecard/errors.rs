//! `practice.errors`: does the client retry what can succeed, and only that?

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use supplier_rulebook::PRACTICE_ERRORS;

use super::failure::Failure;
use super::mark::CallDigest;
use super::observation::Observation;
use super::report::{Finding, PracticeReport};
use super::tally::Tally;
use super::words::{counted, was};

/// How many failed calls, and how many refused ones, are remembered to tell whether they come again.
const REMEMBERED: usize = 64;

/// How many different error codes are counted by name.
const CODES: usize = 16;

/// What became of the call that an observed one is a retry of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// It is no retry.
    Nothing,
    /// The call before failed and did nothing.
    Failed,
    /// The call before was done, and its answer lost: what this one repeats has happened.
    Lost,
}

/// The occasions are the calls that failed, each with all its retries, and the calls that were refused.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Errors {
    failures: u64,
    refusals: u64,
    /// Failed calls that were not answered yet, oldest first.
    open: Vec<Failure>,
    /// Calls that were refused last time, oldest first.
    refused: Vec<CallDigest>,
    /// Failed calls that were not retried before they were forgotten.
    forgotten: Tally,
    rushed: Tally,
    repeated: Tally,
    repeated_codes: BTreeMap<Arc<str>, u64>,
}

impl Errors {
    /// Any call. Returns what it repeats.
    ///
    /// A list call whose answer was lost is no occasion: to retry it is no better than to wait for the next poll, and worse
    /// where its orders were withheld (`practice.resend`).
    pub(super) fn observe(&mut self, observation: &Observation) -> Before {
        if observation.is_list() && observation.is_lost() {
            return Before::Nothing;
        }
        let before = self.retry(observation);
        if observation.is_refused() {
            self.refuse(observation);
        } else if observation.is_done {
            self.refused.retain(|digest| *digest != observation.digest);
        }
        before
    }

    fn retry(&mut self, observation: &Observation) -> Before {
        let fails = observation.is_transient();
        let Some(place) = self.open.iter().position(|failure| failure.digest == observation.digest) else {
            if fails {
                self.failures = self.failures.saturating_add(1);
                self.remember(Failure::of(observation));
            }
            return Before::Nothing;
        };
        let failure = &mut self.open[place];
        let before = if failure.was_done { Before::Lost } else { Before::Failed };
        if failure.retry(observation) {
            self.rushed.add(observation, observation.order());
        }
        if !fails {
            self.open.remove(place);
        }
        before
    }

    fn remember(&mut self, failure: Failure) {
        if self.open.len() >= REMEMBERED {
            let oldest = self.open.remove(0);
            if !oldest.is_retried() {
                self.forgotten.add_request(oldest.request, oldest.order());
            }
        }
        self.open.push(failure);
    }

    fn refuse(&mut self, observation: &Observation) {
        self.refusals = self.refusals.saturating_add(1);
        if !self.refused.contains(&observation.digest) {
            if self.refused.len() >= REMEMBERED {
                self.refused.remove(0);
            }
            self.refused.push(observation.digest);
            return;
        }
        self.repeated.add(observation, observation.order());
        let code = observation.error.map_or_else(|| observation.status.to_string(), |code| code.to_string());
        if self.repeated_codes.len() < CODES || self.repeated_codes.contains_key(&*code) {
            let count = self.repeated_codes.entry(code.into()).or_default();
            *count = count.saturating_add(1);
        }
    }

    pub(super) fn report(&self) -> PracticeReport {
        let mut given_up = self.forgotten.clone();
        for failure in self.open.iter().filter(|failure| !failure.is_retried()) {
            given_up.add_request(failure.request, failure.order());
        }
        let lost = given_up.count().saturating_add(self.rushed.count()).saturating_add(self.repeated.count());
        let summary = format!(
            "{} failed on the way or in the server, {} {} refused.",
            counted(self.failures, "call"),
            self.refusals,
            was(self.refusals)
        );
        let occasions = self.failures.saturating_add(self.refusals);
        let findings = [given_up_finding(&given_up), self.rushed_finding(), self.repeated_finding()];
        PracticeReport::of(PRACTICE_ERRORS, occasions, lost, summary, findings)
    }

    fn rushed_finding(&self) -> Option<Finding> {
        self.rushed.finding(
            |count| format!("{} {} retried without growing gaps", counted(count, "failed call"), was(count)),
            "Wait longer before each further retry, such as 1, 2, 4 and 8 seconds.",
        )
    }

    fn repeated_finding(&self) -> Option<Finding> {
        let codes: Vec<_> =
            self.repeated_codes.iter().map(|(code, count)| format!("{count} with `{code}`")).collect();
        self.repeated.finding(
            |count| {
                let calls = counted(count, "call");
                format!("{calls} repeated one that had been refused, and {} refused again: {}", was(count), codes.join(", "))
            },
            "Read the error and change the call, or give the order up: the same call gets the same 4xx again.",
        )
    }
}

fn given_up_finding(given_up: &Tally) -> Option<Finding> {
    given_up.finding(
        |count| {
            let calls = counted(count, "call");
            format!("{calls} that got a 5xx, a time-out or no answer {} never retried", was(count))
        },
        "Send a call again after a 5xx, a time-out or a dropped connection, with growing gaps.",
    )
}

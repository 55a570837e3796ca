//! `practice.secret`: does the client keep its key secret?

use serde::{Deserialize, Serialize};
use supplier_rulebook::PRACTICE_SECRET;

use super::observation::Observation;
use super::report::PracticeReport;
use super::tally::Tally;
use super::words::counted;

/// The one occasion is the key: once seen by others, it is no secret any more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Secret {
    calls: u64,
    in_url: Tally,
    in_body: Tally,
}

impl Secret {
    /// Any call.
    pub(super) fn observe(&mut self, observation: &Observation) {
        self.calls = self.calls.saturating_add(1);
        if observation.key_in_url {
            self.in_url.add(observation, None);
        }
        if observation.key_in_body {
            self.in_body.add(observation, None);
        }
    }

    pub(super) fn report(&self) -> PracticeReport {
        let in_url = self.in_url.finding(
            |count| format!("A key stood in the URL of {}", counted(count, "call")),
            "Send the key in the `X-Api-Key` header only, and have a new one made: URLs end up in logs.",
        );
        let in_body = self.in_body.finding(
            |count| format!("A key stood in the body of {}", counted(count, "call")),
            "Send the key in the `X-Api-Key` header only, and have a new one made.",
        );
        let lost = u64::from(in_url.is_some() || in_body.is_some());
        let summary =
            format!("{} looked through for a key outside of its header.", counted(self.calls, "call"));
        PracticeReport::of(PRACTICE_SECRET, self.calls.min(1), lost, summary, [in_url, in_body])
    }
}

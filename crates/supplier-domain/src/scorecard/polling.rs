//! `practice.polling`: does the client ask no more often than it helps?

use serde::{Deserialize, Serialize};
use supplier_rulebook::PRACTICE_POLLING;

use super::gaps::{Gaps, Moment};
use super::mark::CallDigest;
use super::observation::{ListCall, Observation};
use super::report::PracticeReport;
use super::tally::Tally;
use super::words::{counted, duration};
use crate::Timestamp;

/// After a poll that found nothing at all, the next is hasty within this many milliseconds.
const HASTY: u64 = 60_000;

/// How many different queries are followed at once: a client may ask for each subcategory by itself.
const QUERIES: usize = 32;

/// A poll is a list call from `offset` 0. One that soon takes up what the call before left over is a further page of
/// the same poll, not a new one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Polling {
    /// All list calls: the polls, and further pages of them.
    calls: u64,
    polls: u64,
    gaps: Gaps,
    futile: Tally,
    hasty: Tally,
    /// Until when orders of lost pages are withheld, in milliseconds by the sandbox's clock.
    lost_until: Option<i64>,
    /// The latest call of each query, the query that was asked longest ago first.
    latest: Vec<Latest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Latest {
    query: CallDigest,
    moment: Moment,
    found_nothing: bool,
    left_more: bool,
}

impl Polling {
    /// A list call whose answer was lost: its client does not know what is withheld.
    pub(super) fn lose(&mut self, list: &ListCall) {
        if !list.handed_out.is_empty() {
            self.lost_until = self.lost_until.max(list.withheld_until.map(Timestamp::as_millis));
        }
    }

    /// A list call that was answered.
    pub(super) fn observe(&mut self, observation: &Observation, list: &ListCall) {
        self.calls = self.calls.saturating_add(1);
        if list.offset > 0 {
            return;
        }
        let moment = Moment::of(observation);
        let found_nothing = list.total == 0 && list.handed_out.is_empty();
        let place = self.latest.iter().position(|latest| latest.query == observation.digest);
        let before = place.map(|place| self.latest.remove(place));
        let gap = before.as_ref().map(|before| moment.since(before.moment));
        let is_soon = gap.is_some_and(|gap| gap < HASTY);
        let is_further_page = is_soon && before.as_ref().is_some_and(|before| before.left_more);
        if !is_further_page {
            self.polls = self.polls.saturating_add(1);
            if let Some(gap) = gap {
                self.gaps.add(gap);
            }
            // What is withheld may be so because an answer was lost, and nobody is to blame for asking then.
            let is_after_loss = self.lost_until.is_some_and(|until| observation.at.as_millis() < until);
            if found_nothing && list.withheld > 0 && !is_after_loss {
                self.futile.add(observation, None);
            } else if found_nothing && is_soon && before.is_some_and(|before| before.found_nothing) {
                self.hasty.add(observation, None);
            }
        }
        if self.latest.len() >= QUERIES {
            self.latest.remove(0);
        }
        let left_more = list.total > list.handed_out.len();
        self.latest.push(Latest { query: observation.digest, moment, found_nothing, left_more });
    }

    pub(super) fn report(&self) -> PracticeReport {
        let gaps = match (self.gaps.shortest(), self.gaps.median()) {
            (Some(shortest), Some(median)) => format!(
                "; the shortest gap between two polls was {}, the median {}",
                duration(shortest),
                duration(median)
            ),
            _ => String::new(),
        };
        let futile = self.futile.finding(
            |count| format!("{count} of {} could bring nothing, since all that matched was withheld", counted(self.polls, "poll")),
            "Wait until the window has run out before you poll again, and stop asking for pages when `total` is no \
             more than `count`.",
        );
        let hasty = self.hasty.finding(
            |count| {
                format!(
                    "{} came within a minute of one that had found no orders either",
                    counted(count, "poll")
                )
            },
            "Leave more time between polls: minutes, not seconds.",
        );
        let lost = self.futile.count().saturating_add(self.hasty.count());
        // None are counted of what an earlier version has kept.
        let polls = counted(self.polls, "poll");
        let told = match self.calls.saturating_sub(self.polls) {
            0 => polls,
            further => format!(
                "{}: {polls}, and {} of them",
                counted(self.calls, "list call"),
                counted(further, "further page")
            ),
        };
        let summary = format!("{told}{gaps}.");
        PracticeReport::of(PRACTICE_POLLING, self.polls, lost, summary, [futile, hasty])
    }
}

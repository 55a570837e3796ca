//! Report of a run: how many rehearsals, and what they found.

mod html;
mod human;
mod markdown;

use std::fmt;

use serde::{Deserialize, Serialize};
use supplier_domain::counted;

use crate::mishap::Mishap;
use crate::rehearsal::Mode;
use crate::story::Finding;
use crate::timeline::Timeline;

/// Why a run ended that was told to stop.
pub(crate) const STOPPED: &str = "the run was stopped before its end";
/// Version of the report's form.
pub const REPORT_VERSION: u32 = 1;

/// Report of a run of rehearsals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Version of this form: [`REPORT_VERSION`].
    pub version: u32,
    /// The worker's command line.
    pub command: String,
    /// How the worker works.
    pub mode: Mode,
    /// Random seed of the order of pairs.
    pub seed: u64,
    /// Description of the orders; a replay needs it.
    pub world: WorldRecipe,
    /// Number of orders in a rehearsal.
    pub orders: usize,
    /// Number of list calls and of updates in the rehearsal without mishaps.
    pub calls: Calls,
    /// Number of rehearsals.
    pub rehearsals: Rehearsals,
    /// The mishaps that happened, each with the number of its rehearsals.
    pub mishaps: Vec<MishapCount>,
    /// How long the run took, in milliseconds.
    pub took_millis: u64,
    /// Why the run ended before all planned rehearsals, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// What to know about the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The findings, the gravest first.
    pub findings: Vec<Finding>,
    /// What one rehearsal showed, and none of its repetitions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<Finding>,
}

/// How the orders of a rehearsal are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorldRecipe {
    /// Number of mixed orders; `None` with a scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders: Option<usize>,
    /// Name of a built-in scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Id of the supplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<String>,
}

impl Default for WorldRecipe {
    /// Four mixed orders.
    fn default() -> Self {
        Self { orders: Some(4), scenario: None, supplier: None }
    }
}

/// Number of calls of the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Calls {
    /// List calls.
    pub list: usize,
    /// Updates.
    pub update: usize,
}

/// A mishap that happened in rehearsals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MishapCount {
    /// The mishap.
    pub mishap: Mishap,
    /// Number of rehearsals in which it happened.
    pub rehearsals: usize,
    /// Number of those in which the worker broke a rule that it keeps without mishaps.
    pub broken: usize,
}

impl fmt::Display for Calls {
    /// "1 list call, 4 updates".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", counted(self.list, "list call"), counted(self.update, "update"))
    }
}

impl Calls {
    pub(crate) fn of(timeline: &Timeline) -> Self {
        Self {
            list: timeline.calls().filter(|call| call.is_list()).count(),
            update: timeline.calls().filter(|call| call.is_update()).count(),
        }
    }
}

/// Number of rehearsals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rehearsals {
    /// How many took place, the one without mishaps included.
    pub done: usize,
    /// How often the worker was started in them.
    pub starts: usize,
    /// Rehearsals with one mishap.
    pub singles: usize,
    /// Rehearsals with two mishaps.
    pub pairs: usize,
    /// How many with one mishap had been planned and did not take place.
    pub left_out_singles: usize,
    /// How many pairs of mishaps there were that no rehearsal tried.
    pub left_out_pairs: usize,
    /// How many ended before the worker had the time to answer all orders.
    pub unfinished: usize,
    /// In how many a planned mishap did not happen, because its call was not made.
    pub not_reached: usize,
}

impl Report {
    /// Whether no rule was broken.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// The report as JSON.
    ///
    /// # Errors
    /// Never: everything in a report can be written as JSON.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Whether a signal, or whoever embeds the run, ended it.
    pub fn is_stopped(&self) -> bool {
        self.stopped.as_deref() == Some(STOPPED)
    }

    /// Why the run ended early and what it left out, if it did.
    pub fn left_out(&self) -> Option<String> {
        let stopped = self.stopped.as_deref()?;
        let Rehearsals { left_out_singles, left_out_pairs, .. } = self.rehearsals;
        let left = match (left_out_singles, left_out_pairs) {
            (0, 0) => String::new(),
            (0, pairs) => format!("; all single mishaps were tried, and {} were not", counted(pairs, "pair")),
            (singles, _) => format!("; {} and no pair of mishaps was tried", not_tried(singles)),
        };
        Some(format!("{stopped}{left}."))
    }

    /// The verdict in a sentence.
    pub fn headline(&self) -> String {
        let grave_count = |label: &str| self.findings.iter().filter(|finding| finding.label == label).count();
        let ways = |count: usize, what: &str| {
            (count > 0).then(|| format!("{count} {} to {what}", if count == 1 { "way" } else { "ways" }))
        };
        let told: Vec<_> = [
            ways(grave_count("LOST"), "lose an order"),
            ways(grave_count("DOUBLED"), "deliver twice"),
            ways(grave_count("STOCK LOST"), "lose accounts of the stock"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let grave = told.len();
        let others =
            self.findings.len() - ["LOST", "DOUBLED", "STOCK LOST"].map(grave_count).iter().sum::<usize>();
        let mut told = told.join(", ");
        match (others, grave) {
            (0, 0) => told.push_str("nothing lost, nothing doubled"),
            (0, _) => {}
            (others, 0) => told.push_str(&counted(others, "finding")),
            (others, _) => told = format!("{told}, and {}", counted(others, "other finding")),
        }
        format!("In {}: {told}.", counted(self.rehearsals.done, "rehearsal"))
    }
}

fn not_tried(singles: usize) -> String {
    format!("{} of a mishap at a call did not take place,", counted(singles, "rehearsal"))
}

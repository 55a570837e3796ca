//! Scorecard in a server's JSON. Fields that a later server adds are ignored.

use serde::Deserialize;

use super::super::Failure;
use super::ask::Server;

/// Scorecards of a sandbox.
#[derive(Debug, Deserialize)]
pub(super) struct Scorecard {
    /// Whether the journal still has all calls behind the scores.
    pub(super) complete: bool,
    /// Time by the sandbox's clock.
    pub(super) now: String,
    /// Lowest score; `None` if no client was observed.
    pub(super) score: Option<u8>,
    pub(super) suppliers: Vec<Supplier>,
}

/// Scorecard of one supplier's client.
#[derive(Debug, Deserialize)]
pub(super) struct Supplier {
    #[serde(rename = "supplier")]
    pub(super) id: String,
    pub(super) name: String,
    pub(super) score: Option<u8>,
    /// Number of practices that the score rests on.
    pub(super) observed: usize,
    pub(super) practices: Vec<Practice>,
}

/// One practice of the scorecard.
#[derive(Debug, Deserialize)]
pub(super) struct Practice {
    #[serde(rename = "practice")]
    pub(super) id: String,
    pub(super) title: String,
    pub(super) standing: Standing,
    pub(super) points: Option<u8>,
    pub(super) occasions: u64,
    pub(super) kept: u64,
    pub(super) summary: String,
    pub(super) findings: Vec<Finding>,
}

/// Standing of a practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    Met,
    NotMet,
    NotObserved,
}

/// Finding, with advice.
#[derive(Debug, Deserialize)]
pub(super) struct Finding {
    pub(super) sentence: String,
    pub(super) advice: String,
    pub(super) count: u64,
    pub(super) requests: Vec<String>,
    pub(super) orders: Vec<u64>,
}

impl Scorecard {
    /// Parses the server's answer.
    pub(super) fn read(json: &str, server: &Server<'_>) -> Result<Self, Failure> {
        match serde_json::from_str::<Self>(json) {
            Ok(scorecard) if scorecard.scores().all(|score| score <= 100) => Ok(scorecard),
            Ok(_) => Err(server.no_scorecard("a score is over 100")),
            Err(error) => Err(server.no_scorecard(&error.to_string())),
        }
    }

    fn scores(&self) -> impl Iterator<Item = u8> {
        let of_practices = self.suppliers.iter().flat_map(|supplier| &supplier.practices);
        let of_suppliers = self.suppliers.iter().filter_map(|supplier| supplier.score);
        self.score.into_iter().chain(of_suppliers).chain(of_practices.filter_map(|practice| practice.points))
    }
}

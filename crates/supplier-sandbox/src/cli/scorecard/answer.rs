//! A scorecard, as a server tells it in JSON. What a later server adds is not read.

use serde::Deserialize;

use super::super::Failure;
use super::ask::Server;

/// The whole of it.
#[derive(Debug, Deserialize)]
pub(super) struct Scorecard {
    /// Whether all that happened was observed.
    pub(super) complete: bool,
    /// The sandbox's time.
    pub(super) now: String,
    /// The least of the suppliers' scores; none if nothing was observed.
    pub(super) score: Option<u8>,
    pub(super) suppliers: Vec<Supplier>,
}

/// What is said of one supplier's client.
#[derive(Debug, Deserialize)]
pub(super) struct Supplier {
    #[serde(rename = "supplier")]
    pub(super) id: String,
    pub(super) name: String,
    pub(super) score: Option<u8>,
    /// How many practices the score rests on.
    pub(super) observed: usize,
    pub(super) practices: Vec<Practice>,
}

/// One of the things that it is judged by.
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

/// What a practice came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    Met,
    NotMet,
    NotObserved,
}

/// What was wrong, and what to do about it.
#[derive(Debug, Deserialize)]
pub(super) struct Finding {
    pub(super) sentence: String,
    pub(super) advice: String,
    pub(super) count: u64,
    pub(super) requests: Vec<String>,
    pub(super) orders: Vec<u64>,
}

impl Scorecard {
    /// Reads what `server` answered.
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

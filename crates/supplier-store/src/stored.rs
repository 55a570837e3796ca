//! Stored form of a sandbox, in a file as in a database: rows, JSON documents, and layers.

mod layer;
mod rebuild;
mod rows;

use serde::{Deserialize, Serialize};
use supplier_domain::{Arrivals, Clock, Faults, History, Order};

pub(crate) use layer::{Layer, parts};
pub(crate) use rebuild::Rebuild;
pub(crate) use rows::{SandboxRow, journal_of};

use crate::engine::state::State;

/// The document of an order. Its accounts have rows of their own.
#[derive(Serialize, Deserialize)]
struct OrderDocument {
    order: Order,
    history: History,
}

/// The document of the parts of a state that are small.
#[derive(Serialize, Deserialize)]
pub(crate) struct StateDocument {
    clock: Clock,
    faults: Faults,
    arrivals: Option<Arrivals>,
    #[serde(default)]
    last_given: Option<u64>,
}

impl StateDocument {
    pub(crate) fn of(state: &State) -> Self {
        let State { clock, faults, arrivals, last_given, .. } = state;
        Self {
            clock: clock.clone(),
            faults: faults.clone(),
            arrivals: arrivals.clone(),
            last_given: *last_given,
        }
    }

    pub(crate) fn put_into(self, state: &mut State) {
        Self {
            clock: state.clock,
            faults: state.faults,
            arrivals: state.arrivals,
            last_given: state.last_given,
        } = self;
    }

    /// Whether the document of `to` would say no more than that of `from`.
    pub(crate) fn is_same(from: &State, to: &State) -> bool {
        let arrivals = match (&from.arrivals, &to.arrivals) {
            (Some(earlier), Some(arrivals)) => arrivals.goes_on_as(earlier),
            (None, None) => true,
            _ => false,
        };
        arrivals
            && to.last_given == from.last_given
            && to.clock.goes_on_as(&from.clock)
            && to.faults == from.faults
    }
}

/// Writes a document.
pub(crate) fn written<T: Serialize>(document: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(document).map_err(|cause| sqlx::Error::Encode(Box::new(cause)))
}

/// Reads a document.
pub(crate) fn read<T: for<'a> Deserialize<'a>>(document: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(document).map_err(invalid)
}

/// The error of a value that no version of this program has written.
pub(crate) fn invalid(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::Decode(cause.into())
}

//! Metrics of all requests, for a monitoring system: counts, outcomes and durations.
//!
//! Every label is one of a small fixed set. Paths, queries and keys are no labels: they would leak secrets, and grow without
//! bound.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::MatchedPath;
use axum::response::Response;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::api::{LIST_PATH, UPDATE_PATH, Unsent};

/// In seconds: from a page out of memory to a fault that holds an answer back.
const BUCKETS: [f64; 14] =
    [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];
/// One more than the highest status.
const STATUSES: usize = 600;

/// The labels of a duration.
type ByOperation = [(&'static str, &'static str); 1];
/// The labels of a count.
type ByStatus = [(&'static str, String); 2];

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    ListOrders,
    UpdateOrder,
    Control,
    Page,
    Other,
}

impl Operation {
    const ALL: [Self; 5] = [Self::ListOrders, Self::UpdateOrder, Self::Control, Self::Page, Self::Other];

    fn of(route: Option<&MatchedPath>) -> Self {
        match route.map(MatchedPath::as_str) {
            Some(LIST_PATH) => Self::ListOrders,
            Some(UPDATE_PATH) => Self::UpdateOrder,
            Some("/_sandbox/openapi.json" | "/_sandbox/openapi.yaml") => Self::Page,
            Some(route) if route.starts_with("/_sandbox/") => Self::Control,
            Some(_) => Self::Page,
            None => Self::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::ListOrders => "listOrders",
            Self::UpdateOrder => "updateOrder",
            Self::Control => "control",
            Self::Page => "page",
            Self::Other => "other",
        }
    }
}

/// What is counted of one operation. A request finds its counters here, without a look into a map.
struct Counted {
    name: &'static str,
    duration: Histogram,
    /// By status, made when it is first answered with; at 0 the answers that a fault kept from being sent.
    answers: Box<[OnceLock<Counter>]>,
}

/// The counts of one server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<ByStatus, Counter>,
    sandboxes: Gauge,
    lost: Counter,
    operations: [Counted; Operation::ALL.len()],
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("supplier_sandbox");
        let requests = Family::default();
        registry.register("requests", "Requests that were answered", requests.clone());
        let durations: Family<ByOperation, Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let about = "From the head of a request to its answer, a fault's delay included";
        registry.register_with_unit("request_duration", about, Unit::Seconds, durations.clone());
        let sandboxes = Gauge::default();
        registry.register("sandboxes", "Sandboxes that there are", sandboxes.clone());
        let lost = Counter::default();
        registry.register(
            "calls_lost",
            "Calls that were dropped before they reached the journal",
            lost.clone(),
        );
        let operations = Operation::ALL.map(|operation| Counted {
            name: operation.name(),
            duration: durations.get_or_create_owned(&[("operation", operation.name())]),
            answers: (0..STATUSES).map(|_| OnceLock::new()).collect(),
        });
        Self { registry, requests, sandboxes, lost, operations }
    }
}

impl Metrics {
    /// Counts an answer to a request that came by `route`.
    pub(crate) fn count(&self, route: Option<&MatchedPath>, response: &Response, took: Duration) {
        let counted = &self.operations[Operation::of(route) as usize];
        counted.duration.observe(took.as_secs_f64());
        let is_sent = response.extensions().get::<Unsent>().is_none();
        let status = if is_sent { usize::from(response.status().as_u16()) } else { 0 };
        // No handler answers with a status that has no place.
        if let Some(answers) = counted.answers.get(status) {
            answers.get_or_init(|| self.answers(counted.name, status)).inc();
        }
    }

    fn answers(&self, operation: &'static str, status: usize) -> Counter {
        let status = if status == 0 { "unsent".to_owned() } else { status.to_string() };
        self.requests.get_or_create_owned(&[("operation", operation.to_owned()), ("status", status)])
    }

    /// All of it in the text format of Prometheus, with the number of sandboxes that there are now, and of calls
    /// that the journal has lost so far.
    pub(crate) fn render(&self, sandboxes: usize, lost: u64) -> Result<String, fmt::Error> {
        self.sandboxes.set(i64::try_from(sandboxes).unwrap_or(i64::MAX));
        self.lost.inner().store(lost, Ordering::Relaxed);
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_counts_in_its_own_place() {
        for (place, operation) in Operation::ALL.into_iter().enumerate() {
            assert_eq!(operation as usize, place);
            assert_eq!(Metrics::default().operations[place].name, operation.name());
        }
    }
}

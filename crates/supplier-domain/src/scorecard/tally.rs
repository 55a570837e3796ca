//! How often something was seen, with the first cases as evidence.

use serde::{Deserialize, Serialize};

use super::observation::Observation;
use super::report::Finding;
use crate::{OrderId, RequestId};

/// How many request ids, and how many orders, are kept as evidence of one finding.
pub const MAX_EVIDENCE: usize = 20;

/// A count, and the first [`MAX_EVIDENCE`] cases.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Tally {
    count: u64,
    requests: Vec<RequestId>,
    orders: Vec<OrderId>,
}

impl Tally {
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Names orders that what was counted last is about.
    pub(super) fn name(&mut self, orders: &[OrderId]) {
        for order in orders {
            if self.orders.len() < MAX_EVIDENCE && !self.orders.contains(order) {
                self.orders.push(*order);
            }
        }
    }

    /// One more, seen in the call `observation`.
    pub(super) fn add(&mut self, observation: &Observation, order: Option<OrderId>) {
        self.add_request(observation.request, order);
    }

    /// One more, seen in the request `request`; evidence that is there already is not repeated.
    pub(super) fn add_request(&mut self, request: RequestId, order: Option<OrderId>) {
        self.count = self.count.saturating_add(1);
        if self.requests.len() < MAX_EVIDENCE && !self.requests.contains(&request) {
            self.requests.push(request);
        }
        self.name(order.as_slice());
    }

    /// A finding, if anything was counted: the sentence that `say` makes of the count, followed by the orders it is
    /// about, and what to do.
    pub(super) fn finding(&self, say: impl FnOnce(u64) -> String, advice: &str) -> Option<Finding> {
        let orders = self.orders.clone();
        (self.count > 0).then(|| Finding {
            sentence: format!("{}{}.", say(self.count), super::words::named(&orders)),
            advice: advice.to_owned(),
            count: self.count,
            requests: self.requests.clone(),
            orders,
        })
    }
}

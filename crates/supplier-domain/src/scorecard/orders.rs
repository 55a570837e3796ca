//! Facts that a scorecard keeps about each order.

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::mark::Mark;
use super::observation::{ListCall, Observation};
use super::update_call::{OrderFacts, UpdateCall};
use crate::{OrderId, OrderStatus, RequestId};

/// An order that was handed out to the client or updated by it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct OrderRecord {
    /// The first time that it was handed out.
    pub(super) handed_out: Option<HandOut>,
    /// The end of its latest window, in milliseconds by the sandbox's clock.
    pub(super) withheld_until: Option<i64>,
    /// Whether it was handed out, last, with a status that waits for an answer.
    pub(super) waits: bool,
    /// Whether an update of it was granted.
    pub(super) is_answered: bool,
    /// Whether it was being worked on at some time, as far as its status told.
    pub(super) is_begun: bool,
    /// The supplier's own id of it.
    pub(super) supplier_order_id: Option<Mark>,
    /// How many of its accounts are kept to compare others with.
    pub(super) accounts_kept: u8,
}

/// When an order was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HandOut {
    /// The request whose answer held it.
    pub(super) request: RequestId,
    /// The end of that window, in milliseconds by the sandbox's clock; `None` if there was none.
    pub(super) until: Option<i64>,
}

/// An update that was granted, with the order as it was before.
pub(super) struct Granted<'a> {
    pub(super) observation: &'a Observation,
    pub(super) call: &'a UpdateCall,
    pub(super) order: OrderId,
    pub(super) facts: OrderFacts,
}

/// The orders that a client has to do with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Orders(OrdMap<OrderId, OrderRecord>);

impl Orders {
    pub(super) fn record(&mut self, order: OrderId) -> &mut OrderRecord {
        self.0.entry(order).or_default()
    }

    /// How many were answered.
    pub(super) fn answered(&self) -> u64 {
        self.0.values().filter(|record| record.is_answered).count() as u64
    }

    /// Those that were handed out with a status that waits for an answer, and got none; each with its first hand-out.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = (OrderId, &HandOut)> {
        let is_open = |record: &&OrderRecord| record.waits && !record.is_answered;
        self.0
            .iter()
            .filter_map(move |(id, record)| Some((*id, Some(record).filter(is_open)?.handed_out.as_ref()?)))
    }

    /// A page that the client received.
    pub(super) fn hand_out(&mut self, observation: &Observation, list: &ListCall) {
        let until = list.withheld_until.map(crate::Timestamp::as_millis);
        for handed_out in &list.handed_out {
            let waits = handed_out.status.awaits_supplier();
            let is_known = |known: &OrderRecord| {
                known.handed_out.is_some() && known.withheld_until == until && known.waits == waits
            };
            // To look is cheaper than to write, and without a window most that is handed out is known.
            if self.0.get(&handed_out.order).is_some_and(is_known) {
                continue;
            }
            let record = self.record(handed_out.order);
            record.withheld_until = until;
            record.waits = waits;
            if record.handed_out.is_none() {
                record.handed_out = Some(HandOut { request: observation.request, until });
            }
        }
    }
}

impl OrderRecord {
    /// Remembers an update that was granted, once all practices have looked at it.
    pub(super) fn update(&mut self, granted: &Granted<'_>) {
        self.is_answered = true;
        self.is_begun |= matches!(
            granted.call.status,
            Some(OrderStatus::Processing | OrderStatus::Partial | OrderStatus::Completed)
        );
    }
}

//! What happened to an order: counted and dated where the order is kept, and so never forgotten with a journal.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{OrderStatus, PaymentStatus, RequestId, SupplierId, Timestamp};

/// The most events that are kept of an order: its first ones give way.
pub const MAX_EVENTS: usize = 100;

/// When something happened, and which request did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// By the sandbox's clock.
    pub at: Timestamp,
    /// The request.
    pub request: RequestId,
}

/// Something that happened to an order, but for hand-outs, which [`Dealings`] count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, and by which request.
    #[serde(flatten)]
    pub moment: Moment,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What can happen to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum EventKind {
    /// A buyer ordered.
    Placed,
    /// An update by a supplier was granted.
    Updated {
        /// Whose.
        supplier: SupplierId,
        /// The status before.
        from: OrderStatus,
        /// The status after: the same if the update set none.
        to: OrderStatus,
        /// How many accounts it delivered.
        accepted: usize,
        /// How many of its accounts were not taken.
        dropped: usize,
        /// The supplier's own id of the order, if it gave one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        supplier_order_id: Option<Arc<str>>,
    },
    /// A buyer or the marketplace changed it.
    Amended {
        /// The status after.
        status: OrderStatus,
        /// How far the payment is after.
        payment_status: PaymentStatus,
    },
}

/// The events of one order, the oldest first; at most [`MAX_EVENTS`] are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    /// How many older ones were dropped.
    #[serde(default)]
    pub forgotten: u64,
    /// The events.
    pub events: Vec<Event>,
}

impl History {
    /// Adds what happened last.
    pub fn add(&mut self, moment: Moment, kind: EventKind) {
        if self.events.len() >= MAX_EVENTS {
            self.events.remove(0);
            self.forgotten = self.forgotten.saturating_add(1);
        }
        self.events.push(Event { moment, kind });
    }

    /// When the account at `index` of the `delivered` accounts that the order has was delivered, if that is still
    /// known: not of those that an order was seeded with.
    pub fn delivery_of(&self, index: usize, delivered: usize) -> Option<Moment> {
        // The last event delivered the last accounts.
        let mut first = delivered;
        for event in self.events.iter().rev() {
            if let EventKind::Updated { accepted, .. } = event.kind {
                first = first.saturating_sub(accepted);
                if index >= first {
                    return (accepted > 0).then_some(event.moment);
                }
            }
        }
        None
    }
}

/// What one supplier and an order have had to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Dealings {
    /// How often the order was handed out to the supplier.
    pub handed_out: u32,
    /// How often it was handed out again though it had been handed out before, that window was over, and no update of the
    /// supplier had been granted since.
    pub repeats: u32,
    /// How many updates of the supplier were granted.
    pub updates: u32,
    /// How many of those delivered accounts.
    pub deliveries: u32,
    /// When it was first handed out.
    pub first: Option<Moment>,
    /// When it was last handed out.
    pub last: Option<Moment>,
    /// Whether an update was granted since then.
    pub is_answered: bool,
}

impl Dealings {
    /// The order is handed out. `is_again` says whether an earlier window of it is over (`list.window-end`); it is not
    /// where there are no windows.
    pub fn hand_out(&mut self, moment: Moment, is_again: bool) {
        self.handed_out = self.handed_out.saturating_add(1);
        if is_again && !self.is_answered {
            self.repeats = self.repeats.saturating_add(1);
        }
        self.first.get_or_insert(moment);
        self.last = Some(moment);
        self.is_answered = false;
    }

    /// An update is granted that delivers so many accounts.
    pub fn update(&mut self, accepted: usize) {
        self.updates = self.updates.saturating_add(1);
        self.deliveries = self.deliveries.saturating_add(u32::from(accepted > 0));
        self.is_answered = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{request, supplier_id};

    fn moment(count: u64) -> Moment {
        Moment { at: Timestamp::from_millis(1_700_000_000_000), request: request(count) }
    }

    fn delivered(accepted: usize) -> EventKind {
        EventKind::Updated {
            supplier: supplier_id("aurora"),
            from: OrderStatus::Pending,
            to: OrderStatus::Partial,
            accepted,
            dropped: 0,
            supplier_order_id: None,
        }
    }

    #[test]
    fn an_account_is_traced_to_the_update_that_delivered_it() {
        let mut history = History::default();
        for (count, accepted) in [(1, 2), (2, 0), (3, 3)] {
            history.add(moment(count), delivered(accepted));
        }
        // Two were there from the beginning.
        let traced: Vec<_> =
            (0..7).map(|index| history.delivery_of(index, 7).map(|it| it.request.count)).collect();
        assert_eq!(traced, [None, None, Some(1), Some(1), Some(3), Some(3), Some(3)]);
    }

    #[test]
    fn only_the_last_events_are_kept_and_the_others_counted() {
        let mut history = History::default();
        for count in 1..=102 {
            history.add(moment(count), EventKind::Placed);
        }
        assert_eq!((history.events.len(), history.forgotten), (MAX_EVENTS, 2));
        assert_eq!(history.events[0].moment.request, request(3));
    }

    #[test]
    fn a_repeat_is_a_hand_out_after_a_window_that_brought_no_answer() {
        let mut dealings = Dealings::default();
        dealings.hand_out(moment(1), false);
        dealings.hand_out(moment(2), true);
        dealings.update(0);
        dealings.hand_out(moment(4), true);
        dealings.hand_out(moment(5), false);
        assert_eq!((dealings.handed_out, dealings.repeats, dealings.updates), (4, 1, 1));
        assert_eq!((dealings.first, dealings.last), (Some(moment(1)), Some(moment(5))));
        assert!(!dealings.is_answered);
    }
}

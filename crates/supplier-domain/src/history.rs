//! History of an order: counted and dated events, stored with the order. Unlike the journal it forgets nothing that counts.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::scorecard::Mark;
use crate::{OrderStatus, PaymentStatus, RequestId, SupplierId, Timestamp};

/// Maximum number of events of an order. Older events are dropped.
pub const MAX_EVENTS: usize = 100;

/// Time and request of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Time by the sandbox's clock.
    pub at: Timestamp,
    /// The request.
    pub request: RequestId,
}

/// Event of an order. Hand-outs are no events: [`Dealings`] count them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its time and request.
    #[serde(flatten)]
    pub moment: Moment,
    /// Its kind.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// Kind of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum EventKind {
    /// A buyer placed the order.
    Placed,
    /// A supplier's update was granted.
    Updated {
        /// The supplier.
        supplier: SupplierId,
        /// The status before.
        from: OrderStatus,
        /// The status after, the same if the update set none.
        to: OrderStatus,
        /// Number of delivered accounts.
        accepted: usize,
        /// Number of dropped accounts.
        dropped: usize,
        /// The supplier's own id of the order, if the update gave one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        supplier_order_id: Option<Arc<str>>,
    },
    /// A buyer or the marketplace changed the order.
    Amended {
        /// The status after.
        status: OrderStatus,
        /// The payment status after.
        payment_status: PaymentStatus,
    },
}

/// Events of one order, oldest first, at most [`MAX_EVENTS`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    /// Number of dropped older events.
    #[serde(default)]
    pub forgotten: u64,
    /// The events.
    pub events: Vec<Event>,
}

/// Source of an order's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusSource<'a> {
    /// The order began with the status.
    Beginning,
    /// A buyer or the marketplace.
    Marketplace,
    /// One of its suppliers.
    Supplier(&'a SupplierId),
}

impl History {
    /// Source of the present status.
    pub fn status_source(&self) -> StatusSource<'_> {
        let (mut source, mut status) = (StatusSource::Beginning, None);
        for event in &self.events {
            match &event.kind {
                EventKind::Placed => {}
                EventKind::Updated { supplier, from, to, .. } => {
                    if from != to {
                        source = StatusSource::Supplier(supplier);
                    }
                    status = Some(*to);
                }
                EventKind::Amended { status: to, .. } => {
                    if status.is_some_and(|from| from != *to) || source == StatusSource::Beginning {
                        source = StatusSource::Marketplace;
                    }
                    status = Some(*to);
                }
            }
        }
        source
    }

    /// Appends an event.
    pub fn add(&mut self, moment: Moment, kind: EventKind) {
        if self.events.len() >= MAX_EVENTS {
            self.events.remove(0);
            self.forgotten = self.forgotten.saturating_add(1);
        }
        self.events.push(Event { moment, kind });
    }

    /// Time and request that delivered the account at `index`, of `delivered` accounts in the order. `None` for a seeded
    /// account, or if the event was dropped.
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

/// Interaction of one supplier with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Dealings {
    /// Number of hand-outs to the supplier.
    pub handed_out: u32,
    /// Number of repeated hand-outs: an earlier window had ended, and no update of the supplier was granted since.
    pub repeats: u32,
    /// Number of granted updates of the supplier.
    pub updates: u32,
    /// Number of those that delivered accounts.
    pub deliveries: u32,
    /// First hand-out.
    pub first: Option<Moment>,
    /// Last hand-out.
    pub last: Option<Moment>,
    /// Whether an update was granted since the last hand-out.
    pub is_answered: bool,
    /// Number of hand-outs in an answer that nobody got.
    pub lost: u32,
    /// Whether nobody got the answer of the last hand-out.
    pub is_lost: bool,
    /// Number of updates that delivered accounts after the order was completed.
    pub late_deliveries: u32,
    /// Number of updates that processed a completed order again, or one that the buyer had cancelled.
    pub revivals: u32,
    /// The supplier's own id of the order.
    own_id: Option<Mark>,
    /// Number of times that the supplier changed its own id of the order.
    pub renames: u32,
    /// Number of deliveries of other accounts after a lost answer whose retry was refused.
    pub replacements: u32,
    /// What a lost answer makes the supplier believe.
    loss: LostDelivery,
}

/// Knowledge of a supplier about its last delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LostDelivery {
    /// The supplier got the answer.
    #[default]
    None,
    /// The answer was lost.
    Unheard,
    /// The retry was refused: the order has these accounts.
    Refused,
}

/// Granted update, as the history counts it.
#[derive(Debug, Clone, Copy)]
pub struct CountedUpdate<'a> {
    /// Whose.
    pub supplier: &'a SupplierId,
    /// The status before.
    pub from: OrderStatus,
    /// The status after.
    pub to: OrderStatus,
    /// Source of the status before.
    pub source: StatusSource<'a>,
    /// Number of delivered accounts.
    pub accepted: usize,
    /// The supplier's own id of the order, if it gave one.
    pub supplier_order_id: Option<&'a str>,
}

impl CountedUpdate<'_> {
    /// Whether the order was completed before, and not by another supplier.
    fn is_after_completion(&self) -> bool {
        self.from == OrderStatus::Completed && self.is_not_anothers()
    }

    fn is_not_anothers(&self) -> bool {
        !matches!(self.source, StatusSource::Supplier(other) if other != self.supplier)
    }

    /// Whether the update processes a completed order again, or one that the buyer has cancelled.
    fn revives(&self) -> bool {
        match self.from {
            OrderStatus::Completed => {
                let is_open =
                    matches!(self.to, OrderStatus::Pending | OrderStatus::Processing | OrderStatus::Partial);
                is_open && self.is_not_anothers()
            }
            OrderStatus::Cancelled => {
                let is_the_buyers = !matches!(self.source, StatusSource::Supplier(_));
                is_the_buyers && (self.to != OrderStatus::Cancelled || self.accepted > 0)
            }
            OrderStatus::Pending | OrderStatus::Processing | OrderStatus::Partial | OrderStatus::Error => {
                false
            }
        }
    }
}

impl Dealings {
    /// Notes a hand-out. `is_again` says whether an earlier window of the order has ended (`list.window-end`); without windows
    /// none has. A hand-out after a lost answer is no repeat.
    pub fn hand_out(&mut self, moment: Moment, is_again: bool) {
        self.handed_out = self.handed_out.saturating_add(1);
        if is_again && !self.is_answered && !self.is_lost {
            self.repeats = self.repeats.saturating_add(1);
        }
        self.is_lost = false;
        self.first.get_or_insert(moment);
        self.last = Some(moment);
        self.is_answered = false;
    }

    /// Notes that nobody got the answer to `request`, which handed the order out.
    pub fn lose_page(&mut self, request: RequestId) {
        if self.last.is_some_and(|last| last.request == request) && !self.is_lost {
            self.is_lost = true;
            self.lost = self.lost.saturating_add(1);
        }
    }

    /// Notes that nobody got the answer to an update that delivered accounts.
    pub fn lose_delivery(&mut self) {
        self.loss = LostDelivery::Unheard;
    }

    /// Notes that an update was refused because the order has all of its accounts.
    pub fn refuse_accounts(&mut self) {
        if self.loss == LostDelivery::Unheard {
            self.loss = LostDelivery::Refused;
        }
    }

    /// Whether the answer to the last delivery was lost, and its retry was not refused yet.
    pub fn is_unheard(&self) -> bool {
        self.loss == LostDelivery::Unheard
    }

    /// Whether the supplier got an answer with the order.
    pub fn is_seen(&self) -> bool {
        self.handed_out > self.lost
    }

    /// Notes a granted update.
    pub fn update(&mut self, update: &CountedUpdate<'_>) {
        let count = |counter: &mut u32, happened: bool| *counter = counter.saturating_add(happened.into());
        let is_delivery = update.accepted > 0;
        count(&mut self.updates, true);
        count(&mut self.deliveries, is_delivery);
        count(&mut self.late_deliveries, is_delivery && update.is_after_completion());
        count(&mut self.revivals, update.revives());
        count(&mut self.replacements, is_delivery && self.loss == LostDelivery::Refused);
        self.loss = LostDelivery::None;
        if let Some(id) = update.supplier_order_id.filter(|id| !id.trim().is_empty()).map(Mark::of_id) {
            let is_other = self.own_id.replace(id).is_some_and(|before| before != id);
            count(&mut self.renames, is_other);
        }
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

    fn update(from: OrderStatus, to: OrderStatus, accepted: usize) -> CountedUpdate<'static> {
        static AURORA: std::sync::LazyLock<SupplierId> = std::sync::LazyLock::new(|| supplier_id("aurora"));
        let source = StatusSource::Supplier(&AURORA);
        CountedUpdate { supplier: &AURORA, from, to, source, accepted, supplier_order_id: None }
    }

    #[test]
    fn who_gave_an_order_its_status_is_told_by_the_last_that_changed_it() {
        let aurora = supplier_id("aurora");
        let updated = |from, to| EventKind::Updated {
            supplier: aurora.clone(),
            from,
            to,
            accepted: 0,
            dropped: 0,
            supplier_order_id: None,
        };
        let amended = |status| EventKind::Amended { status, payment_status: PaymentStatus::Completed };
        let mut history = History::default();
        assert_eq!(history.status_source(), StatusSource::Beginning);
        history.add(moment(1), updated(OrderStatus::Pending, OrderStatus::Pending));
        assert_eq!(history.status_source(), StatusSource::Beginning);
        history.add(moment(2), updated(OrderStatus::Pending, OrderStatus::Cancelled));
        history.add(moment(3), amended(OrderStatus::Cancelled));
        assert_eq!(history.status_source(), StatusSource::Supplier(&aurora));
        history.add(moment(4), amended(OrderStatus::Pending));
        assert_eq!(history.status_source(), StatusSource::Marketplace);
    }

    #[test]
    fn what_nobody_got_is_not_handed_out_again() {
        let mut dealings = Dealings::default();
        dealings.hand_out(moment(1), false);
        dealings.lose_page(request(9));
        assert!(dealings.is_seen(), "another call's answer was lost");
        dealings.lose_page(request(1));
        assert!(dealings.is_lost && !dealings.is_seen());
        dealings.hand_out(moment(2), true);
        assert_eq!((dealings.repeats, dealings.lost, dealings.is_lost), (0, 1, false));
    }

    #[test]
    fn other_accounts_after_a_refused_retry_of_a_lost_delivery_are_counted() {
        use OrderStatus::{Completed, Processing};
        let delivery = update(Processing, Completed, 2);
        for (is_lost, is_refused, replacements) in [(true, true, 1), (true, false, 0), (false, true, 0)] {
            let mut dealings = Dealings::default();
            dealings.update(&delivery);
            if is_lost {
                dealings.lose_delivery();
            }
            if is_refused {
                dealings.refuse_accounts();
            }
            dealings.update(&delivery);
            assert_eq!(dealings.replacements, replacements, "{is_lost} {is_refused}");
        }
    }

    #[test]
    fn an_account_is_traced_to_the_update_that_delivered_it() {
        let mut history = History::default();
        for (count, accepted) in [(1, 2), (2, 0), (3, 3)] {
            history.add(moment(count), delivered(accepted));
        }
        // Two accounts were seeded.
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
        dealings.update(&update(OrderStatus::Pending, OrderStatus::Processing, 0));
        dealings.hand_out(moment(4), true);
        dealings.hand_out(moment(5), false);
        assert_eq!((dealings.handed_out, dealings.repeats, dealings.updates), (4, 1, 1));
        assert_eq!((dealings.first, dealings.last), (Some(moment(1)), Some(moment(5))));
        assert!(!dealings.is_answered);
    }
}

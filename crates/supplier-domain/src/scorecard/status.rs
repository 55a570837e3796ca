//! `practice.status`: does the client say `processing`, then `completed`, and answer what it was handed out?

use serde::{Deserialize, Serialize};
use supplier_rulebook::PRACTICE_STATUS;

use super::Reading;
use super::orders::{Granted, OrderRecord, Orders};
use super::report::PracticeReport;
use super::tally::Tally;
use super::words::{counted, was};
use crate::OrderStatus;

/// The occasions are the orders that were updated, or that waited for it until their window had run out and still do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    straight: Tally,
}

impl Status {
    /// An update that was granted.
    pub(super) fn grant(&mut self, granted: &Granted<'_>, record: &OrderRecord) {
        let was_begun = record.is_begun
            || matches!(
                granted.facts.status_before,
                OrderStatus::Processing | OrderStatus::Partial | OrderStatus::Completed
            );
        if granted.call.status == Some(OrderStatus::Completed) && !was_begun {
            self.straight.add(granted.observation, Some(granted.order));
        }
    }

    pub(super) fn report(&self, orders: &Orders, reading: &Reading<'_>) -> PracticeReport {
        let (answered, mut unanswered) = (orders.answered(), Tally::default());
        for (order, handed_out) in orders.unanswered() {
            // The first window counts: that the order comes back is no answer.
            let has_run_out = handed_out.until.is_some_and(|until| until <= reading.now.as_millis());
            if (has_run_out || reading.has_ended) && (reading.awaits)(order) {
                unanswered.add_request(handed_out.request, Some(order));
            }
        }
        let straight = self.straight.finding(
            |count| format!("{} {} taken straight to `completed`", counted(count, "order"), was(count)),
            "Set `processing` when you start to work on an order, and `completed` when it is done.",
        );
        let ignored = unanswered.finding(
            |count| {
                let orders = counted(count, "order");
                let since = if reading.has_ended { "" } else { ", and the window has run out" };
                format!("{orders} {} handed out and never answered{since}", was(count))
            },
            "Answer each order that you are handed out within the window: set `processing`, or `cancelled` or `error` if \
             you cannot deliver.",
        );
        let lost = self.straight.count().saturating_add(unanswered.count());
        let summary =
            format!("{} answered, {} not answered in time.", counted(answered, "order"), unanswered.count());
        let occasions = answered.saturating_add(unanswered.count());
        PracticeReport::of(PRACTICE_STATUS, occasions, lost, summary, [straight, ignored])
    }
}

//! `practice.partial`: does the client say `partial` when it delivers a part?

use serde::{Deserialize, Serialize};
use supplier_rulebook::PRACTICE_PARTIAL;

use super::orders::Granted;
use super::report::PracticeReport;
use super::tally::Tally;
use super::words::counted;
use crate::OrderStatus;

/// The occasions are the deliveries to orders of products.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Partial {
    deliveries: u64,
    ordered: u64,
    fewer: Tally,
    missing: u64,
    more: Tally,
    surplus: u64,
}

impl Partial {
    /// An update that was granted.
    pub(super) fn grant(&mut self, granted: &Granted<'_>) {
        let facts = &granted.facts;
        if facts.ordered == 0 || !granted.call.is_delivery() {
            return;
        }
        self.deliveries = self.deliveries.saturating_add(1);
        self.ordered = self.ordered.saturating_add(facts.ordered);
        let missing = facts.ordered.saturating_sub(facts.delivered);
        // What is too much is told by the whole order: its accounts may be other suppliers' too.
        let surplus = facts.delivered.saturating_sub(facts.ordered_in_all.max(facts.ordered));
        if granted.call.status == Some(OrderStatus::Completed) && missing > 0 {
            self.missing = self.missing.saturating_add(missing);
            self.fewer.add(granted.observation, Some(granted.order));
        } else if granted.call.delivered() > 0 && surplus > 0 {
            self.surplus = self.surplus.saturating_add(surplus);
            self.more.add(granted.observation, Some(granted.order));
        }
    }

    pub(super) fn report(&self) -> PracticeReport {
        let fewer = self.fewer.finding(
            |count| {
                let (updates, accounts) = (counted(count, "update"), counted(self.missing, "account"));
                format!(
                    "{updates} set `completed` with fewer accounts than were ordered, {accounts} short in all"
                )
            },
            "Set `partial` when you deliver a part, and `completed` with the last account.",
        );
        let more = self.more.finding(
            |count| {
                let (updates, accounts) = (counted(count, "update"), counted(self.surplus, "account"));
                format!("{updates} delivered more accounts than were ordered, {accounts} too many in all")
            },
            "Deliver as many accounts as are owed: the sum of `quantity` over the items whose `product.type` is `product`.",
        );
        let lost = self.fewer.count().saturating_add(self.more.count());
        let updates = counted(self.deliveries, "update");
        let summary = format!("{updates} delivered to orders of products.");
        PracticeReport::of(PRACTICE_PARTIAL, self.deliveries, lost, summary, [fewer, more])
    }
}

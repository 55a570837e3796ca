//! `practice.tracking`: does the client give each order an id of its own?

use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use supplier_rulebook::PRACTICE_TRACKING;

use super::mark::Mark;
use super::orders::{Granted, OrderRecord};
use super::report::PracticeReport;
use super::tally::Tally;
use super::words::counted;
use crate::OrderId;

/// The occasions are the deliveries, and the other updates that give an id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Tracking {
    occasions: u64,
    with_id: u64,
    missing: Tally,
    shared: Tally,
    /// Which order has which id.
    orders: OrdMap<Mark, OrderId>,
}

impl Tracking {
    /// An update that was granted.
    pub(super) fn grant(&mut self, granted: &Granted<'_>, record: &mut OrderRecord) {
        let given = granted.call.supplier_order_id.as_deref().filter(|id| !id.trim().is_empty());
        let is_delivery = granted.call.is_delivery();
        if !is_delivery && given.is_none() {
            return;
        }
        self.occasions = self.occasions.saturating_add(1);
        if let Some(id) = given {
            self.with_id = self.with_id.saturating_add(1);
            self.keep(Mark::of_id(id), granted, record);
        } else if record.supplier_order_id.is_none() {
            // An id that came earlier, such as with `processing`, will do.
            self.missing.add(granted.observation, Some(granted.order));
        }
    }

    fn keep(&mut self, id: Mark, granted: &Granted<'_>, record: &mut OrderRecord) {
        let order = granted.order;
        if let Some(before) = record.supplier_order_id.replace(id)
            && before != id
            && self.orders.get(&before) == Some(&order)
        {
            self.orders.remove(&before);
        }
        match self.orders.get(&id) {
            Some(other) if *other != order => self.shared.add(granted.observation, Some(granted.order)),
            Some(_) => {}
            None => {
                self.orders.insert(id, order);
            }
        }
    }

    pub(super) fn report(&self) -> PracticeReport {
        let missing = self.missing.finding(
            |count| format!("{} came without a `supplierOrderId`", counted(count, "delivery")),
            "Send your own id of the order as `supplierOrderId` with each delivery.",
        );
        let shared = self.shared.finding(
            |count| format!("{} gave a `supplierOrderId` that another order has", counted(count, "update")),
            "Give each order a `supplierOrderId` of its own.",
        );
        let lost = self.missing.count().saturating_add(self.shared.count());
        let updates = counted(self.occasions, "update");
        let summary =
            format!("{updates} delivered or gave an id, {} of them with a `supplierOrderId`.", self.with_id);
        PracticeReport::of(PRACTICE_TRACKING, self.occasions, lost, summary, [missing, shared])
    }
}

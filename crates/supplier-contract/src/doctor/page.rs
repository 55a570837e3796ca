//! Pages, as the doctor looks at them.

use jiff::Timestamp;
use serde_json::Value;

use crate::http::{Answer, number};

/// A page of orders.
pub(super) struct Page(pub(super) Answer);

impl Page {
    /// The order of that number, if the page has it.
    pub(super) fn order(&self, wanted: u64) -> Option<&Value> {
        self.0.orders().iter().find(|order| number(order) == Some(wanted))
    }

    pub(super) fn has(&self, wanted: u64) -> bool {
        self.order(wanted).is_some()
    }

    /// The numbers of its orders, for a sentence; none if it is empty.
    pub(super) fn told(&self) -> Option<String> {
        let numbers = self.0.numbers();
        let shown: Vec<_> = numbers.iter().take(3).map(u64::to_string).collect();
        let rest = if numbers.len() > shown.len() { ", …" } else { "" };
        (!self.0.orders().is_empty()).then(|| format!("{}{rest}", shown.join(", ")))
    }

    /// When an order was placed, by the page.
    pub(super) fn created(&self, wanted: u64) -> Option<Timestamp> {
        self.order(wanted)?["createdAt"].as_str()?.parse().ok()
    }
}

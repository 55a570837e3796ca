//! Updates, as clients send them.

use crate::{OrderStatus, OrderUpdate, SubmittedAccount};

/// An update of an order that says nothing yet.
pub(super) fn to(order: i64) -> OrderUpdate {
    OrderUpdate { order, ..OrderUpdate::default() }
}

/// What a test says of an update.
impl OrderUpdate {
    pub(super) fn status(mut self, status: OrderStatus) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn accounts(mut self, entries: &[&str]) -> Self {
        let text = |entry: &&str| SubmittedAccount::Text((*entry).to_owned());
        self.accounts = Some(entries.iter().map(text).collect());
        self
    }

    /// So many accounts that no other order has.
    pub(super) fn fresh_accounts(self, count: u64) -> Self {
        let entries: Vec<_> = (0..count).map(|n| format!("user-{}-{n}:secret", self.order)).collect();
        self.accounts(&entries.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub(super) fn tracked(mut self) -> Self {
        self.supplier_order_id = Some(format!("SUP-{}", self.order));
        self
    }
}

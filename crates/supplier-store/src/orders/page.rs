//! Results of a supplier's calls: a page of orders, and an update.

use std::sync::Arc;

use serde_json::value::RawValue;
use supplier_domain::{Decision, DropReason, FirstSeen, OrderId, OrderStatus, OrderView, Refusal, Timestamp};

/// Renders an order for a page. A store calls it once per change of an order where it can, and hands out the result.
pub type RenderOrder = fn(&OrderView<'_>) -> Arc<RawValue>;

/// An order in a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedOrder {
    /// The order's number.
    pub id: OrderId,
    /// The order's status.
    pub status: OrderStatus,
}

/// The result of a list call.
#[derive(Debug, Clone)]
pub struct Page {
    /// The orders, oldest first (`list.order`).
    pub orders: Vec<ListedOrder>,
    /// How many orders matched and were not withheld, before `limit` and `offset` (`list.total`).
    pub total: usize,
    /// How many more orders matched, but were withheld already when the page was read (`list.total-withheld`).
    pub withheld: usize,
    /// When, by the sandbox's clock, the next withheld order comes back.
    pub next_at: Option<Timestamp>,
    /// When, by the sandbox's clock, the page was handed out.
    pub now: Timestamp,
    /// Until when the orders of the page are withheld; `None` without a window.
    pub withheld_until: Option<Timestamp>,
}

/// An answer that nobody got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LostAnswer {
    /// A page with these orders.
    Page(Vec<OrderId>),
    /// The confirmation that accounts were delivered for this order.
    Delivery(OrderId),
}

/// For how many dropped accounts of an update a store finds out where they were seen first.
pub const MAX_TRACED: usize = 100;

/// The result of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// When, by the sandbox's clock, the update was decided.
    pub now: Timestamp,
    /// The decision.
    pub result: Result<Decision, Refusal>,
    /// The order's status before, if the update was granted.
    pub status_before: Option<OrderStatus>,
    /// How many accounts of the update were dropped; counted as well if the update was refused for that.
    pub dropped: usize,
    /// The first [`MAX_TRACED`] of the dropped accounts.
    pub first_dropped: Vec<TracedAccount>,
    /// Whether the update was granted and left the order as it was.
    pub changed_nothing: bool,
}

/// An account that was dropped, and where it was delivered first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TracedAccount {
    /// The account's index in the submission, from 0.
    pub index: usize,
    /// Why the account was dropped.
    pub reason: DropReason,
    /// Where the account was seen first, if it was dropped because it was not new.
    pub seen: Option<FirstSeen>,
}

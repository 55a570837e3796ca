//! Orders: handed out, and updated.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::value::RawValue;
use supplier_domain::{
    ArrivalPlan, Arrivals, Dealings, Decision, DropReason, EntityType, Fingerprint, FirstSeen, History,
    ListQuery, Order, OrderDraft, OrderId, OrderPatch, OrderStatus, OrderUpdate, OrderView, PaymentStatus,
    ProductType, Refusal, RequestId, SupplierId, Timestamp,
};

use crate::{Caller, SandboxId, StoreError};

/// How an order is written into a page. A store calls it once per change of an order where it can, and hands out what
/// it returned.
pub type RenderOrder = fn(&OrderView<'_>) -> Arc<RawValue>;

/// An order in a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedOrder {
    /// Its number.
    pub id: OrderId,
    /// How far it is.
    pub status: OrderStatus,
}

/// What a list call hands out.
#[derive(Debug, Clone)]
pub struct Page {
    /// The orders, oldest first (`list.order`).
    pub orders: Vec<ListedOrder>,
    /// How many orders matched and were not withheld, before `limit` and `offset` (`list.total`).
    pub total: usize,
    /// How many more matched, but were withheld already when the page was read (`list.total-withheld`).
    pub withheld: usize,
    /// When, by the sandbox's clock, the next of those comes back.
    pub next_at: Option<Timestamp>,
    /// When, by the sandbox's clock, it was handed out.
    pub now: Timestamp,
    /// Until when its orders are withheld; `None` where there is no window.
    pub withheld_until: Option<Timestamp>,
}

/// Of how many dropped accounts it is traced where they were seen before.
pub const MAX_TRACED: usize = 100;

/// What became of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// When, by the sandbox's clock, it was decided.
    pub now: Timestamp,
    /// What was decided.
    pub result: Result<Decision, Refusal>,
    /// The order's status before, if the update was granted.
    pub status_before: Option<OrderStatus>,
    /// How many of its accounts were not taken, be it of an update that was refused for that.
    pub dropped: usize,
    /// The first [`MAX_TRACED`] of those.
    pub first_dropped: Vec<TracedAccount>,
}

/// An account that was not taken, and where it was delivered first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TracedAccount {
    /// Its place in the submission, from 0.
    pub index: usize,
    /// Why it was not taken.
    pub reason: DropReason,
    /// Where it was seen first, if it is dropped for having been seen.
    pub seen: Option<FirstSeen>,
}

/// Which orders are looked for: those that fit all that is asked for. What is `None` is not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderSearch {
    /// One of whose items is this supplier's.
    pub supplier: Option<SupplierId>,
    /// Whose status is one of these.
    pub statuses: Option<Vec<OrderStatus>>,
    /// Whose payment is that far.
    pub payment_status: Option<PaymentStatus>,
    /// One of whose items, of that supplier's if one is asked for, is fulfilled so.
    pub product_type: Option<ProductType>,
    /// The same item is of that type.
    pub entity_type: Option<EntityType>,
    /// The same item is of that subcategory.
    pub sub_category: Option<String>,
    /// Of those that fit, so many are passed over.
    pub offset: usize,
    /// At most so many are found.
    pub limit: usize,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundOrders {
    /// The orders, by their numbers.
    pub orders: Vec<OrderState>,
    /// How many fit, before `offset` and `limit`.
    pub total: usize,
}

/// What a supplier and an order have had to do with each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// The order.
    pub order: OrderId,
    /// The supplier.
    pub supplier: SupplierId,
    /// How far the order is.
    pub status: OrderStatus,
    /// How many accounts it has.
    pub accounts: usize,
    /// What happened between them.
    pub dealings: Dealings,
    /// Until when it is withheld from the supplier, if it is.
    pub withheld_until: Option<Timestamp>,
}

/// An account that was delivered more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedTwice {
    /// Who logs in.
    pub login: Box<str>,
    /// The orders that it was delivered for, each as often as it was.
    pub orders: Vec<OrderId>,
}

/// What a sandbox counted of its orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecords {
    /// When, by the sandbox's clock, it was read.
    pub now: Timestamp,
    /// A record for each order and supplier that had to do with each other, by number and supplier.
    pub records: Vec<AuditRecord>,
    /// The accounts that were delivered more than once, by the first of their orders.
    pub used_twice: Vec<UsedTwice>,
}

/// All that a sandbox knows of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderState {
    /// The order.
    pub order: Order,
    /// For each supplier that it was handed out to within the window: until when it is withheld.
    pub withheld_until: Vec<(SupplierId, Timestamp)>,
    /// What happened to it, but for hand-outs.
    pub history: History,
    /// For each supplier that it had to do with: how often it was handed out, and answered.
    pub dealings: Vec<(SupplierId, Dealings)>,
}

/// How much a sandbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxSize {
    /// How many orders.
    pub orders: usize,
    /// How many accounts they have.
    pub accounts: usize,
}

impl SandboxSize {
    /// A number of bytes that a snapshot of it takes at the least: nothing has to be written to know that.
    pub const fn least_snapshot_bytes(self) -> usize {
        self.orders.saturating_mul(400).saturating_add(self.accounts.saturating_mul(60))
    }
}

/// The orders of a server's sandboxes. Each method is atomic: it happens as a whole at one moment, or not at all.
///
/// Before any of them looks at orders, what [`Arrivals::due`] says has come in by the sandbox's clock is placed, each order
/// at its own moment and with the next free number after the last that was given; what the sandbox has no room for is left
/// out and counted. A fork
/// goes on with the arrivals of its original, and one of a baseline begins them. A reset puts those back that a sandbox
/// began with, as far as they had come, as if no time had passed since.
///
/// `server` is always the server's own time; a sandbox's clock makes its own of it. `request` is who asks: it is kept
/// with what happens to an order.
#[async_trait]
pub trait Orders: Send + Sync {
    /// Hands a page out: exactly the orders for which [`supplier_domain::listing::hands_out`] says yes, oldest first,
    /// from `offset` on and up to `limit`. Those, and no others, are withheld from the caller from then on
    /// (`list.window`, `list.window-page`); no two calls hand out the same order within a window
    /// (`list.window-race`).
    ///
    /// What [`RenderOrder`] made of the orders for the caller is added to `json`, separated by commas.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::NoSupplier`], [`StoreError::Reset`]; then nothing was withheld, and `json` is
    /// as it was.
    async fn hand_out(
        &self,
        caller: &Caller,
        query: &ListQuery,
        request: RequestId,
        server: Timestamp,
        json: &mut Vec<u8>,
    ) -> Result<Page, StoreError>;

    /// Decides an update by [`supplier_domain::decide`] and keeps what came of it. Concurrent updates of an order
    /// happen one after the other (`update.visible`). Whether and until when the order is withheld stays as it was
    /// (`list.window-scope`).
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::Reset`]; a refusal is no failure of the store.
    async fn update(
        &self,
        caller: &Caller,
        update: &OrderUpdate,
        request: RequestId,
        server: Timestamp,
    ) -> Result<Updated, StoreError>;

    /// What a sandbox knows of an order, if there is one of that number.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        server: Timestamp,
    ) -> Result<Option<OrderState>, StoreError>;

    /// Places orders at the moment that the sandbox's clock shows, all of them or none, and returns their numbers in the
    /// same order. One that asks for no number gets the next free one after the last that was given, whatever numbers were asked for.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::NoSupplier`], [`StoreError::OrderExists`], [`StoreError::TooManyOrders`].
    async fn place_orders(
        &self,
        sandbox: &SandboxId,
        orders: Vec<OrderDraft>,
        request: RequestId,
        server: Timestamp,
    ) -> Result<Vec<OrderId>, StoreError>;

    /// Does to an order what a buyer or the marketplace does. Whether and until when it is withheld stays as it was.
    /// Returns what the sandbox knows of it then, if there is such an order.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn amend_order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        patch: OrderPatch,
        request: RequestId,
        server: Timestamp,
    ) -> Result<Option<OrderState>, StoreError>;

    /// The orders that fit a search, whoever's they are.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn find_orders(
        &self,
        sandbox: &SandboxId,
        search: &OrderSearch,
        server: Timestamp,
    ) -> Result<FoundOrders, StoreError>;

    /// How much a sandbox holds.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn size(&self, sandbox: &SandboxId, server: Timestamp) -> Result<SandboxSize, StoreError>;

    /// The fingerprints that accounts of a sandbox have.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn fingerprints(
        &self,
        sandbox: &SandboxId,
        accounts: &[String],
        server: Timestamp,
    ) -> Result<Vec<Fingerprint>, StoreError>;

    /// What a sandbox counted of its orders, for an audit.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn audit(&self, sandbox: &SandboxId, server: Timestamp) -> Result<AuditRecords, StoreError>;
    /// Lets orders come in by `plan` from the moment on that the sandbox's clock shows, in place of those that did before;
    /// `None` for none.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::NoSupplier`] if one of an item's is not there, [`StoreError::ClockAtEnd`];
    /// then nothing has changed.
    async fn set_arrivals(
        &self,
        sandbox: &SandboxId,
        plan: Option<ArrivalPlan>,
        server: Timestamp,
    ) -> Result<(), StoreError>;

    /// Which orders come in, how many did, and when the next does; `None` if none do.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn arrivals(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Option<Arrivals>, StoreError>;
}

//! Searches for orders, and what an audit reads of them.

use supplier_domain::{
    Dealings, EntityType, History, Order, OrderId, OrderStatus, PaymentStatus, ProductType, SupplierId,
    Timestamp,
};

/// A search for orders. An order must match every field that is `Some`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderSearch {
    /// The supplier of one of the order's items.
    pub supplier: Option<SupplierId>,
    /// The statuses of which the order has one.
    pub statuses: Option<Vec<OrderStatus>>,
    /// The order's payment status.
    pub payment_status: Option<PaymentStatus>,
    /// The product type of one of the order's items; of the supplier's, with `supplier`.
    pub product_type: Option<ProductType>,
    /// The entity type of the same item.
    pub entity_type: Option<EntityType>,
    /// The subcategory of the same item.
    pub sub_category: Option<String>,
    /// How many matching orders to skip.
    pub offset: usize,
    /// The most orders to return.
    pub limit: usize,
}

/// The result of a search for orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundOrders {
    /// The orders, by number.
    pub orders: Vec<OrderState>,
    /// How many orders match, before `offset` and `limit`.
    pub total: usize,
}

/// The interaction between a supplier and an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// The order.
    pub order: OrderId,
    /// The supplier.
    pub supplier: SupplierId,
    /// The order's status.
    pub status: OrderStatus,
    /// The order's payment status.
    pub payment_status: PaymentStatus,
    /// How many accounts are owed for the order.
    pub owed: u64,
    /// How many accounts the order has.
    pub accounts: usize,
    /// Counts of hand-outs and updates.
    pub dealings: Dealings,
    /// Until when the order is withheld from the supplier, if it is.
    pub withheld_until: Option<Timestamp>,
}

impl AuditRecord {
    /// Whether the supplier still has to answer the order, and can.
    pub fn awaits_supplier(&self) -> bool {
        self.payment_status == PaymentStatus::Completed && self.status.awaits_supplier()
    }
}

/// An account that was delivered more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedTwice {
    /// The account's login.
    pub login: Box<str>,
    /// The orders that the account was delivered for; an order is repeated if it has the account twice.
    pub orders: Vec<OrderId>,
}

/// What an audit of a sandbox reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecords {
    /// When, by the sandbox's clock, the records were read.
    pub now: Timestamp,
    /// One record for each order and supplier that interacted, by number and supplier.
    pub records: Vec<AuditRecord>,
    /// The accounts that were delivered more than once, by the first of their orders.
    pub used_twice: Vec<UsedTwice>,
}

/// An order with everything that the sandbox knows about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderState {
    /// The order.
    pub order: Order,
    /// For each supplier to which the order was handed out within the window: until when it is withheld.
    pub withheld_until: Vec<(SupplierId, Timestamp)>,
    /// The order's events, without hand-outs.
    pub history: History,
    /// For each supplier that interacted with the order: counts of hand-outs and updates.
    pub dealings: Vec<(SupplierId, Dealings)>,
}

impl OrderState {
    /// Until when the order is withheld from `supplier`, if it is.
    pub fn until(&self, supplier: &SupplierId) -> Option<Timestamp> {
        self.withheld_until.iter().find(|(known, _)| known == supplier).map(|(_, until)| *until)
    }
}

/// An order as a list call would find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPreview {
    /// The sandbox's time of the call, after the step that a list call makes the clock take.
    pub now: Timestamp,
    /// What the sandbox knows about the order at that time.
    pub state: OrderState,
    /// How many of the orders that the call could hand out come before this one (`list.order`); `None` if this one is not
    /// among them.
    pub before: Option<usize>,
    /// How many orders the call could hand out, before `limit` and `offset` (`list.total`).
    pub total: usize,
}

/// The size of a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxSize {
    /// How many orders the sandbox has.
    pub orders: usize,
    /// How many accounts the orders have.
    pub accounts: usize,
}

impl SandboxSize {
    /// A lower bound of the bytes of the sandbox's snapshot, known without writing one.
    pub const fn least_snapshot_bytes(self) -> usize {
        self.orders.saturating_mul(400).saturating_add(self.accounts.saturating_mul(60))
    }
}

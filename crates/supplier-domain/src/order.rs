//! Orders, and a supplier's view of one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::{AccountList, EntityType, Facet, Money, ObjectId, OrderId, Product, SupplierId, Timestamp};

/// Maximum number of pieces in an item.
pub const MAX_QUANTITY: u32 = 100_000;

closed_set! {
    /// Status of an order (`update.status-values`).
    OrderStatus {
        /// Not begun.
        Pending = "pending",
        /// The supplier works on it.
        Processing = "processing",
        /// Delivered in full.
        Completed = "completed",
        /// Delivered in part.
        Partial = "partial",
        /// Cancelled.
        Cancelled = "cancelled",
        /// Failed.
        Error = "error",
    }
}

impl OrderStatus {
    /// Whether an order of this status waits for its supplier: not completed, cancelled or failed.
    pub const fn awaits_supplier(self) -> bool {
        matches!(self, Self::Pending | Self::Processing | Self::Partial)
    }
}

closed_set! {
    /// Payment status of an order. Suppliers only ever see `completed` (`list.paid-only`).
    PaymentStatus {
        /// Not paid yet.
        Pending = "pending",
        /// Paid.
        Completed = "completed",
        /// The payment failed.
        Failed = "failed",
        /// Paid and refunded.
        Refunded = "refunded",
    }
}

/// A buyer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The buyer's id.
    pub id: ObjectId,
    /// The buyer's e-mail address.
    pub email: Arc<str>,
    /// The buyer's name.
    pub name: Arc<str>,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// What was ordered.
    pub product: Arc<Product>,
    /// Number of pieces, 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
    /// Price of one piece at the time of the order.
    pub unit_price: Money,
}

/// Order, as the marketplace knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// Its status.
    pub status: OrderStatus,
    /// Its payment status.
    pub payment_status: PaymentStatus,
    /// Its buyer.
    pub user: Arc<User>,
    /// Its items, of one supplier or of several. They never change.
    pub items: Arc<[Item]>,
    /// Time of the order.
    pub created_at: Timestamp,
    /// Delivered accounts, oldest first.
    pub accounts: AccountList,
    /// The supplier's own id of the order, if one was given (`update.supplier-order-id`).
    pub supplier_order_id: Option<Arc<str>>,
}

impl Order {
    /// Whether it is paid (`list.paid-only`, `update.unpaid`).
    pub fn is_paid(&self) -> bool {
        self.payment_status == PaymentStatus::Completed
    }

    /// Whether the order waits for its supplier's answer: paid, and neither completed, cancelled nor failed.
    pub fn awaits_supplier(&self) -> bool {
        self.is_paid() && self.status.awaits_supplier()
    }

    /// Number of accounts to deliver: the pieces of its products. Services need none.
    pub fn accounts_owed(&self) -> u64 {
        owed(self.items.iter())
    }

    /// The supplier's view of the order; `None` if the order has no item of the supplier (`list.own-only`).
    pub fn seen_by<'a>(&'a self, supplier: &'a SupplierId) -> Option<OrderView<'a>> {
        let view = OrderView { order: self, supplier };
        view.items().next().is_some().then_some(view)
    }

    /// Number of pieces of all items.
    pub fn quantity(&self) -> u64 {
        self.items.iter().map(|item| u64::from(item.quantity)).sum()
    }

    /// Suppliers of the items, each once, sorted.
    pub fn suppliers(&self) -> Vec<SupplierId> {
        let mut suppliers: Vec<_> = self.items.iter().map(|item| item.product.supplier.clone()).collect();
        suppliers.sort_unstable();
        suppliers.dedup();
        suppliers
    }
}

fn owed<'a>(items: impl Iterator<Item = &'a Item>) -> u64 {
    let products = items.filter(|item| item.product.facet.entity_type == EntityType::Product);
    products.map(|item| u64::from(item.quantity)).sum()
}

/// Draft of an order to be placed, without its time and, unless one is asked for, its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderDraft {
    /// Requested number; `None` for the next free one.
    pub id: Option<OrderId>,
    /// How far it is.
    pub status: OrderStatus,
    /// How far its payment is.
    pub payment_status: PaymentStatus,
    /// Its buyer.
    pub user: Arc<User>,
    /// Its items, at least one.
    pub items: Arc<[Item]>,
}

impl OrderDraft {
    /// The order, placed at `created_at` with the number `id`.
    pub fn placed(self, id: OrderId, created_at: Timestamp) -> Order {
        let Self { id: _, status, payment_status, user, items } = self;
        Order {
            id,
            status,
            payment_status,
            user,
            items,
            created_at,
            accounts: AccountList::default(),
            supplier_order_id: None,
        }
    }
}

/// Change of an order by a buyer or the marketplace. `None` leaves a field as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderPatch {
    /// The new status.
    pub status: Option<OrderStatus>,
    /// The new payment status.
    pub payment_status: Option<PaymentStatus>,
}

/// A supplier's view of an order: its own items only (`list.own-items`).
#[derive(Debug, Clone, Copy)]
pub struct OrderView<'a> {
    order: &'a Order,
    supplier: &'a SupplierId,
}

impl<'a> OrderView<'a> {
    /// The order.
    pub fn order(&self) -> &'a Order {
        self.order
    }

    /// The supplier's own items; at least one.
    pub fn items(&self) -> impl Iterator<Item = &'a Item> + use<'a> {
        let supplier = self.supplier;
        self.order.items.iter().filter(move |item| item.product.supplier == *supplier)
    }

    /// Number of pieces of the supplier's own items (`list.amounts`).
    pub fn quantity(&self) -> u64 {
        self.items().map(|item| u64::from(item.quantity)).sum()
    }

    /// Number of accounts that the supplier has to deliver: the pieces of its own products.
    pub fn accounts_owed(&self) -> u64 {
        owed(self.items())
    }

    /// Facets of the supplier's own items, each once, sorted.
    pub fn facets(&self) -> Vec<Facet> {
        let mut facets: Vec<_> = self.items().map(|item| item.product.facet.clone()).collect();
        facets.sort_unstable();
        facets.dedup();
        facets
    }
}

//! Orders, and what a supplier is shown of one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::{AccountList, EntityType, Facet, Money, ObjectId, OrderId, Product, SupplierId, Timestamp};

/// The most pieces that one item may count.
pub const MAX_QUANTITY: u32 = 100_000;

closed_set! {
    /// How far an order is (`update.status-values`).
    OrderStatus {
        /// Nobody has begun.
        Pending = "pending",
        /// The supplier works on it.
        Processing = "processing",
        /// Done.
        Completed = "completed",
        /// A part was delivered.
        Partial = "partial",
        /// Called off.
        Cancelled = "cancelled",
        /// It failed.
        Error = "error",
    }
}

impl OrderStatus {
    /// Whether an order of this status waits for its supplier: it is not done, called off or failed.
    pub const fn awaits_supplier(self) -> bool {
        matches!(self, Self::Pending | Self::Processing | Self::Partial)
    }
}

closed_set! {
    /// How far the buyer's payment is; suppliers only ever see `completed` (`list.paid-only`).
    PaymentStatus {
        /// Not paid yet.
        Pending = "pending",
        /// Paid.
        Completed = "completed",
        /// The payment failed.
        Failed = "failed",
        /// Paid, and paid back.
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
    /// How many pieces, 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
    /// The price of one piece when it was ordered.
    pub unit_price: Money,
}

/// An order, as the marketplace knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// How far it is.
    pub status: OrderStatus,
    /// How far its payment is.
    pub payment_status: PaymentStatus,
    /// Who ordered.
    pub user: Arc<User>,
    /// What was ordered, of one supplier or of several; it never changes.
    pub items: Arc<[Item]>,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// The accounts that were delivered, oldest first.
    pub accounts: AccountList,
    /// The supplier's own id of it, once one was given (`update.supplier-order-id`).
    pub supplier_order_id: Option<Arc<str>>,
}

impl Order {
    /// Whether it is paid (`list.paid-only`, `update.unpaid`).
    pub fn is_paid(&self) -> bool {
        self.payment_status == PaymentStatus::Completed
    }

    /// Whether its supplier is still to answer it, and can: it is paid, and neither done nor called off.
    pub fn awaits_supplier(&self) -> bool {
        self.is_paid() && self.status.awaits_supplier()
    }

    /// How many accounts are owed for it: the pieces of its products. Services need none.
    pub fn accounts_owed(&self) -> u64 {
        owed(self.items.iter())
    }

    /// What `supplier` is shown of it: `None` if nothing of it is theirs (`list.own-only`).
    pub fn seen_by<'a>(&'a self, supplier: &'a SupplierId) -> Option<OrderView<'a>> {
        let view = OrderView { order: self, supplier };
        view.items().next().is_some().then_some(view)
    }

    /// How many pieces all of its items come to.
    pub fn quantity(&self) -> u64 {
        self.items.iter().map(|item| u64::from(item.quantity)).sum()
    }

    /// The suppliers of its items, each once, sorted.
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

/// An order to be placed: what it holds but for its moment, and for its number unless one is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderDraft {
    /// The number that is asked for; without one it gets the next that is free.
    pub id: Option<OrderId>,
    /// How far it is.
    pub status: OrderStatus,
    /// How far its payment is.
    pub payment_status: PaymentStatus,
    /// Who orders.
    pub user: Arc<User>,
    /// What is ordered: at least one item.
    pub items: Arc<[Item]>,
}

impl OrderDraft {
    /// The order that was placed at `created_at` under the number `id`.
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

/// What a buyer or the marketplace does to an order; what is `None` stays as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderPatch {
    /// The new status.
    pub status: Option<OrderStatus>,
    /// How far the payment is from now on.
    pub payment_status: Option<PaymentStatus>,
}

/// An order as one of its suppliers sees it: the own items only (`list.own-items`).
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

    /// How many pieces the supplier's own items come to (`list.amounts`).
    pub fn quantity(&self) -> u64 {
        self.items().map(|item| u64::from(item.quantity)).sum()
    }

    /// How many accounts the supplier owes for it: the pieces of its own items of products.
    pub fn accounts_owed(&self) -> u64 {
        owed(self.items())
    }

    /// What the filters see of the supplier's own items, each once, sorted.
    pub fn facets(&self) -> Vec<Facet> {
        let mut facets: Vec<_> = self.items().map(|item| item.product.facet.clone()).collect();
        facets.sort_unstable();
        facets.dedup();
        facets
    }
}

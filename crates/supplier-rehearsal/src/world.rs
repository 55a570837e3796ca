//! The world of a rehearsal: a few orders, the same in every rehearsal.

use supplier_domain::{Order, OrderId, OrderStatus, PaymentStatus, SupplierId};

/// An order that the worker is to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorldOrder {
    /// Its number.
    pub(crate) order: OrderId,
    /// Number of accounts that are owed for it: the pieces of the supplier's own products. 0 for services.
    pub(crate) owed: u64,
    /// Whether it has items of another supplier too.
    pub(crate) is_shared: bool,
}

impl WorldOrder {
    /// What `supplier` owes for `order`; `None` if nothing of it is theirs, or nothing is to be done.
    pub(crate) fn of(order: &Order, supplier: &SupplierId) -> Option<Self> {
        let is_open = is_open(order.status, order.payment_status);
        let view = order.seen_by(supplier).filter(|_| is_open)?;
        let is_shared = view.items().count() < order.items.len();
        Some(Self { order: order.id, owed: view.accounts_owed(), is_shared })
    }

    /// The kind of the order: mishaps to orders of one kind are rehearsed with the first of them.
    pub(crate) fn kind(&self) -> OrderKind {
        match (self.is_shared, self.owed) {
            (_, 0) => OrderKind::Service,
            (true, _) => OrderKind::Shared,
            (false, 1) => OrderKind::OnePiece,
            (false, _) => OrderKind::ManyPieces,
        }
    }
}

/// Kind of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum OrderKind {
    /// One account.
    OnePiece,
    /// Several accounts.
    ManyPieces,
    /// An order with items of another supplier.
    Shared,
    /// A service: no accounts.
    Service,
}

impl OrderKind {
    /// In words, as the object of "orders of".
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::OnePiece => "one piece",
            Self::ManyPieces => "several pieces",
            Self::Shared => "two suppliers",
            Self::Service => "a service",
        }
    }
}

/// State of an order at the end of a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FinalOrder {
    /// What it was to begin with.
    pub(crate) order: WorldOrder,
    /// Its status.
    pub(crate) status: OrderStatus,
    /// Its payment status.
    pub(crate) payment_status: PaymentStatus,
    /// Number of accounts that it has.
    pub(crate) accounts: u64,
    /// Whether the rehearsal cancelled or refunded it.
    pub(crate) is_amended: bool,
}

impl FinalOrder {
    /// Whether nothing is left to do.
    pub(crate) fn is_settled(&self) -> bool {
        self.is_amended || !is_open(self.status, self.payment_status)
    }
}

/// Whether the supplier has to answer the order: a `partial` one is answered.
fn is_open(status: OrderStatus, payment_status: PaymentStatus) -> bool {
    payment_status == PaymentStatus::Completed
        && matches!(status, OrderStatus::Pending | OrderStatus::Processing)
}

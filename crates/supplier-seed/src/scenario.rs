//! A parsed scenario: everything that describes a world, except the random seed.

use std::ops::RangeInclusive;
use std::sync::Arc;

use supplier_domain::{
    Bursts, Money, Order, OrderId, OrderStatus, PaymentStatus, PerMinute, Product, SubmittedAccount,
    Supplier, Timestamp,
};

/// Scenario that a sandbox is seeded with.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) epoch: Timestamp,
    pub(crate) buyers: u32,
    pub(crate) suppliers: Vec<Supplier>,
    pub(crate) offers: Vec<Offer>,
    pub(crate) groups: Vec<OrderGroup>,
    pub(crate) fixed: Vec<FixedPlan>,
    pub(crate) documented: Vec<FixedOrder>,
    pub(crate) arrivals: Option<ArrivalPattern>,
}

/// Fixed order number of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedOrder {
    /// The number.
    pub number: OrderId,
    /// Its use, in one sentence.
    pub about: String,
    /// Whether the order exists. If not, the number is never used.
    pub exists: bool,
}

/// Product with the price of one piece.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) product: Arc<Product>,
    pub(crate) unit_price: Money,
}

/// Group of random orders.
#[derive(Debug, Clone)]
pub(crate) struct OrderGroup {
    /// Name of the group, and of its orders' random streams.
    pub(crate) label: String,
    pub(crate) first_number: OrderId,
    pub(crate) count: u32,
    pub(crate) statuses: Weights<OrderStatus>,
    pub(crate) payment_statuses: Weights<PaymentStatus>,
    pub(crate) basket: Basket,
    pub(crate) age_hours: RangeInclusive<u32>,
    /// Whether completed and partial orders have accounts.
    pub(crate) delivered: bool,
}

/// Basket: the source of an order's items.
#[derive(Debug, Clone)]
pub(crate) struct Basket {
    pub(crate) offers: Vec<Offer>,
    pub(crate) choice: Choice,
    /// Range of pieces in an item.
    pub(crate) quantity: RangeInclusive<u32>,
}

/// Products of the basket that an order has.
#[derive(Debug, Clone)]
pub(crate) enum Choice {
    /// A number of random products, all different.
    AtRandom(RangeInclusive<u32>),
    /// Each product once.
    OneOfEach,
}

/// Values with weights, which are not all 0.
#[derive(Debug, Clone)]
pub(crate) struct Weights<T>(pub(crate) Vec<(T, u32)>);

/// Arrival pattern: orders that come in as a sandbox's clock runs.
#[derive(Debug, Clone)]
pub(crate) struct ArrivalPattern {
    pub(crate) per_minute: PerMinute,
    pub(crate) bursts: Option<Bursts>,
    /// Baskets of the orders with weights, at least one.
    pub(crate) mix: Vec<(u32, Basket)>,
}

/// Fixed order.
#[derive(Debug, Clone)]
pub(crate) struct FixedPlan {
    /// The order, without accounts.
    pub(crate) order: Order,
    pub(crate) accounts: Vec<SubmittedAccount>,
}

impl Scenario {
    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its description.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The epoch, from which dates count back: no order is younger.
    pub fn epoch(&self) -> Timestamp {
        self.epoch
    }

    /// Its suppliers, in the order of the file; at least one.
    pub fn suppliers(&self) -> &[Supplier] {
        &self.suppliers
    }

    /// Fixed order numbers in the order of the file: those of orders, then those that no order has.
    pub fn fixed_orders(&self) -> &[FixedOrder] {
        &self.documented
    }
}

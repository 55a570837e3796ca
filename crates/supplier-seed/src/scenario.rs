//! A parsed scenario: everything that describes a world, except the random seed.

use std::ops::RangeInclusive;
use std::sync::Arc;

use supplier_domain::{
    Bursts, Money, Order, OrderId, OrderStatus, PaymentStatus, PerMinute, Product, SubmittedAccount,
    Supplier, Timestamp,
};

/// What a sandbox is seeded with.
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

/// An order number that a scenario's users may rely on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedOrder {
    /// The number.
    pub number: OrderId,
    /// What it is for, one sentence.
    pub about: String,
    /// Whether there is such an order; if not, there never is.
    pub exists: bool,
}

/// A product and what one piece of it costs.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) product: Arc<Product>,
    pub(crate) unit_price: Money,
}

/// A group of orders that are drawn at random.
#[derive(Debug, Clone)]
pub(crate) struct OrderGroup {
    /// Names the random streams of its orders.
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

/// What an order's items are drawn from.
#[derive(Debug, Clone)]
pub(crate) struct Basket {
    pub(crate) offers: Vec<Offer>,
    pub(crate) choice: Choice,
    /// How many pieces an item counts.
    pub(crate) quantity: RangeInclusive<u32>,
}

/// Which of a basket's products an order has.
#[derive(Debug, Clone)]
pub(crate) enum Choice {
    /// So many of them, drawn at random, all different.
    AtRandom(RangeInclusive<u32>),
    /// Each of them, once.
    OneOfEach,
}

/// How often each of several values is drawn, compared with the others; the weights are not all 0.
#[derive(Debug, Clone)]
pub(crate) struct Weights<T>(pub(crate) Vec<(T, u32)>);

/// Orders that come in as a sandbox's clock goes on.
#[derive(Debug, Clone)]
pub(crate) struct ArrivalPattern {
    pub(crate) per_minute: PerMinute,
    pub(crate) bursts: Option<Bursts>,
    /// What they are drawn from, each with its weight; at least one.
    pub(crate) mix: Vec<(u32, Basket)>,
}

/// An order that is written out.
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

    /// What it is for.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The moment that its dates count from: no order is younger.
    pub fn epoch(&self) -> Timestamp {
        self.epoch
    }

    /// Its suppliers, in the order of the file; at least one.
    pub fn suppliers(&self) -> &[Supplier] {
        &self.suppliers
    }

    /// The order numbers that can be relied on, in the order of the file: those that exist, then those that never do.
    pub fn fixed_orders(&self) -> &[FixedOrder] {
        &self.documented
    }
}

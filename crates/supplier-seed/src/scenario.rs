//! A scenario that was read: all that a world is made of, but for the seed.

use std::ops::RangeInclusive;
use std::sync::Arc;

use supplier_domain::{
    Bursts, FingerprintKey, Money, Order, OrderId, OrderStatus, PaymentStatus, PerMinute, Product,
    SubmittedAccount, Supplier, Timestamp, World,
};

use crate::{ScenarioErrors, Summary, builtin, format, seeding};

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
    /// Reads the text of the scenario file `file_name`.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn parse(file_name: &str, toml: &str) -> Result<Self, ScenarioErrors> {
        format::parse(file_name, toml)
    }

    /// The scenario of that name among [`crate::BUILTIN`].
    pub fn builtin(name: &str) -> Option<Self> {
        builtin::scenario(name)
    }

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

    /// Makes its world: the same for the same `seed`, orders sorted by number.
    ///
    /// Of the accounts that orders already have, the fingerprints are made with `key`.
    pub fn seed(&self, seed: u64, key: &FingerprintKey) -> World {
        seeding::world(self, seed, key)
    }

    /// What its world holds under `seed`, in numbers.
    pub fn summary(&self, seed: u64) -> Summary {
        self.summary_of(&self.seed(seed, &FingerprintKey([0; 32])))
    }

    /// What `world` holds, which [`Scenario::seed`] made of this scenario, in numbers.
    pub fn summary_of(&self, world: &World) -> Summary {
        Summary::of(self, world)
    }
}

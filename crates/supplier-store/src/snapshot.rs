//! Snapshot: a whole sandbox as one document.

mod limits;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use supplier_domain::{
    AccountDedup, Arrivals, CallRecord, Clock, Dealings, Facet, Faults, Fingerprint, History, Item,
    MAX_EVENTS, MAX_QUANTITY, Money, Order, OrderId, Problem, Product, Scorecard, Supplier, SupplierId,
    Timestamp, User,
};

/// The version of the format below.
pub const SNAPSHOT_VERSION: u32 = 1;

/// Everything of a sandbox but its API keys: its contents, its history, and how it continues.
///
/// A snapshot holds no password. It holds the sandbox's key for fingerprints, since accounts are compared with delivered
/// ones by their fingerprints.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    /// [`SNAPSHOT_VERSION`].
    pub version: u32,
    /// The scenario that the sandbox, or the one it was forked from, was seeded from.
    pub scenario: Arc<str>,
    /// The random seed of the sandbox's world.
    pub seed: u64,
    /// The sandbox's window, in minutes.
    pub window_minutes: u32,
    /// Which deliveries an account must be new to.
    pub account_dedup: AccountDedup,
    /// The sandbox's key for fingerprints: 64 hexadecimal digits.
    pub fingerprint_key: String,
    /// The sandbox's clock.
    pub clock: Clock,
    /// The sandbox's suppliers.
    pub suppliers: Vec<Supplier>,
    /// The sandbox's orders, by number.
    pub orders: Vec<SnapshotOrder>,
    /// The last number that an order without a number was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_number: Option<u64>,
    /// For which order each supplier first delivered an account.
    pub delivered: Vec<Delivered>,
    /// The sandbox's faults.
    pub faults: Faults,
    /// The sandbox's arrivals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<Arrivals>,
    /// The sandbox's journal.
    pub journal: SnapshotJournal,
    /// The suppliers' scorecards.
    pub scorecards: BTreeMap<SupplierId, Scorecard>,
}

/// An order with everything that is known about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotOrder {
    /// The order.
    pub order: Order,
    /// The order's events.
    #[serde(default)]
    pub history: History,
    /// The order's interaction with each supplier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dealings: Vec<SnapshotDealings>,
}

/// The interaction between a supplier and an order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotDealings {
    /// The supplier.
    pub supplier: SupplierId,
    /// Counts of hand-outs and updates.
    pub counts: Dealings,
    /// Until when, by the sandbox's clock, the order is withheld. The time may have passed.
    #[serde(default)]
    pub withheld_until: Option<Timestamp>,
}

/// The order for which a supplier first delivered an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delivered {
    /// The supplier.
    pub supplier: SupplierId,
    /// The account's fingerprint.
    pub fingerprint: Fingerprint,
    /// The order.
    pub order: OrderId,
}

/// A journal: its last calls, and how many calls there were.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotJournal {
    /// The number of the last call.
    pub last: u64,
    /// The calls that are kept, oldest first.
    pub calls: Vec<CallRecord>,
}

/// The most problems that are reported: a document may have thousands.
const MAX_PROBLEMS: usize = 10;
/// The most items of an order.
const MAX_ITEMS: usize = 100;

impl Snapshot {
    /// Reads a snapshot, and checks the lengths of its texts and the sizes of its numbers. The caller must
    /// [check](Snapshot::check) the snapshot then.
    ///
    /// # Errors
    /// The first problems.
    pub fn read(json: &str) -> Result<Self, Vec<Problem>> {
        limits::check(json)?;
        let wrong = |error| format!("is no snapshot as this server exports them: {error} of it");
        serde_json::from_str(json).map_err(|error| vec![Problem::new("snapshot", wrong(error))])
    }

    /// Checks that a sandbox can be restored from the snapshot. Every exported snapshot passes.
    ///
    /// # Errors
    /// The first problems.
    pub fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let mut refuse = |field: String, problem: &str| {
            if problems.len() < MAX_PROBLEMS {
                problems.push(Problem::new(format!("snapshot.{field}"), problem));
            }
        };
        if self.version != SNAPSHOT_VERSION {
            refuse("version".to_owned(), "is not the version that this server reads, which is 1");
        }
        if supplier_domain::FingerprintKey::from_hex(&self.fingerprint_key).is_err() {
            refuse("fingerprintKey".to_owned(), "must be 64 hexadecimal digits");
        }
        let is_name = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        if !is_name(&self.scenario) {
            refuse("scenario".to_owned(), "must be a name, without control characters");
        }
        if let Err(problem) = self.clock.check() {
            refuse(format!("clock.{}", problem.field), &problem.problem);
        }
        if self.last_number.is_some_and(|last| last > OrderId::MAX) {
            refuse("lastNumber".to_owned(), "must be the number of an order, or 0");
        }
        let mut suppliers = HashSet::new();
        for (index, supplier) in self.suppliers.iter().enumerate() {
            if !suppliers.insert(&supplier.id) {
                refuse(format!("suppliers[{index}].id"), "is there twice");
            }
        }
        let is_sound = |items: &[Item]| {
            let is_sound = |item: &Item| {
                suppliers.contains(&item.product.supplier)
                    && (1..=MAX_QUANTITY).contains(&item.quantity)
                    && item.unit_price <= Money::MAX_PRICE
            };
            (1..=MAX_ITEMS).contains(&items.len()) && items.iter().all(is_sound)
        };
        let items = "must be items of its suppliers, 1 to 100, each of 1 to 100000 pieces for at most 100000.0000 each";
        let mut drafts = self.arrivals.iter().flat_map(|arrivals| arrivals.plan().mix.drafts());
        if !drafts.all(|draft| is_sound(&draft.items)) {
            refuse("arrivals.plan.mix".to_owned(), items);
        }
        if let Err(problem) = self.faults.check() {
            refuse(format!("faults.{}", problem.field), &problem.problem);
        }
        if !self.scorecards.keys().all(|supplier| suppliers.contains(supplier)) {
            refuse("scorecards".to_owned(), "must be of suppliers of the sandbox");
        }
        if self.journal.last < self.journal.calls.len() as u64 {
            refuse("journal.last".to_owned(), "must not be less than the number of calls");
        }
        let mut numbers = HashSet::new();
        for (index, it) in self.orders.iter().enumerate() {
            if !numbers.insert(it.order.id) {
                refuse(format!("orders[{index}].order.id"), "is there twice");
            }
            if !is_sound(&it.order.items) {
                refuse(format!("orders[{index}].order.items"), items);
            }
            if !it.dealings.iter().all(|dealings| suppliers.contains(&dealings.supplier)) {
                refuse(format!("orders[{index}].dealings"), "must be with suppliers of the sandbox");
            }
            if it.history.events.len() > MAX_EVENTS {
                refuse(format!("orders[{index}].history.events"), "must be at most 100 events");
            }
        }
        let is_known = |it: &Delivered| suppliers.contains(&it.supplier) && numbers.contains(&it.order);
        if let Some(index) = self.delivered.iter().position(|it| !is_known(it)) {
            refuse(format!("delivered[{index}]"), "must be of a supplier and an order of the sandbox");
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Lets the orders share equal products, users and subcategories, as the orders of a seeded world do.
    pub(crate) fn shared(mut self) -> Self {
        let mut sharing = Sharing::default();
        for it in &mut self.orders {
            sharing.share(&mut it.order);
        }
        self
    }
}

/// Lets orders, one after the other, share equal products, users and subcategories.
#[derive(Default)]
pub(crate) struct Sharing {
    products: HashSet<Arc<Product>>,
    users: HashSet<Arc<User>>,
    sub_categories: HashSet<Arc<str>>,
}

impl Sharing {
    pub(crate) fn share(&mut self, order: &mut Order) {
        for item in Arc::make_mut(&mut order.items) {
            if let Some(known) = self.products.get(&item.product) {
                item.product = Arc::clone(known);
                continue;
            }
            let product = Arc::make_mut(&mut item.product);
            let Facet { sub_category, .. } = &mut product.facet;
            match self.sub_categories.get(sub_category) {
                Some(known) => *sub_category = Arc::clone(known),
                None => drop(self.sub_categories.insert(Arc::clone(sub_category))),
            }
            self.products.insert(Arc::clone(&item.product));
        }
        if let Some(known) = self.users.get(&order.user) {
            order.user = Arc::clone(known);
        } else {
            self.users.insert(Arc::clone(&order.user));
        }
    }
}

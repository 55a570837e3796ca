//! A whole sandbox as one document.

mod limits;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use supplier_domain::{
    AccountDedup, Arrivals, CallRecord, Clock, Dealings, Facet, Faults, Fingerprint, History, Item,
    MAX_EVENTS, MAX_QUANTITY, Money, Order, OrderId, Problem, Product, Scorecard, Supplier, SupplierId,
    Timestamp, User,
};

/// The version of the form below.
pub const SNAPSHOT_VERSION: u32 = 1;

/// All of a sandbox but its keys: what it holds, what happened to it, and how it goes on.
///
/// It holds no password. It does hold the sandbox's key for fingerprints, without which accounts could not be compared with
/// those that were delivered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    /// [`SNAPSHOT_VERSION`].
    pub version: u32,
    /// The scenario that it, or what it was forked from, was seeded from.
    pub scenario: Arc<str>,
    /// The seed that its world follows from.
    pub seed: u64,
    /// Its window, in minutes.
    pub window_minutes: u32,
    /// Which deliveries an account must be new to.
    pub account_dedup: AccountDedup,
    /// Its key for fingerprints, in hexadecimal digits.
    pub fingerprint_key: String,
    /// Its clock.
    pub clock: Clock,
    /// Its suppliers.
    pub suppliers: Vec<Supplier>,
    /// Its orders, by number.
    pub orders: Vec<SnapshotOrder>,
    /// The last number that was given to an order that asked for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_number: Option<u64>,
    /// For which order each supplier first delivered an account.
    pub delivered: Vec<Delivered>,
    /// Its faults.
    pub faults: Faults,
    /// What comes in as time goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<Arrivals>,
    /// Its journal.
    pub journal: SnapshotJournal,
    /// Its suppliers' scorecards.
    pub scorecards: BTreeMap<SupplierId, Scorecard>,
}

/// An order, and all that is known of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotOrder {
    /// The order.
    pub order: Order,
    /// What happened to it.
    #[serde(default)]
    pub history: History,
    /// What each supplier and the order have had to do with each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dealings: Vec<SnapshotDealings>,
}

/// What a supplier and an order have had to do with each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotDealings {
    /// The supplier.
    pub supplier: SupplierId,
    /// What was counted.
    pub counts: Dealings,
    /// Until when the order is withheld, by the sandbox's clock. It may be over.
    #[serde(default)]
    pub withheld_until: Option<Timestamp>,
}

/// The order that a supplier first delivered an account for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delivered {
    /// The supplier.
    pub supplier: SupplierId,
    /// The account.
    pub fingerprint: Fingerprint,
    /// The order.
    pub order: OrderId,
}

/// The calls that are kept, and how many there were.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotJournal {
    /// The number of the last call.
    pub last: u64,
    /// The calls that are kept, the last ones, the oldest first.
    pub calls: Vec<CallRecord>,
}

/// The most problems that are told: a document that somebody wrote may be wrong in thousands of places.
const MAX_PROBLEMS: usize = 10;
/// The most items of an order.
const MAX_ITEMS: usize = 100;

impl Snapshot {
    /// Reads a snapshot that was exported, whose texts are of the length and whose numbers are of the size that a sandbox's
    /// are. It is yet to be [checked](Snapshot::check).
    ///
    /// # Errors
    /// All that is wrong, at most a few problems.
    pub fn read(json: &str) -> Result<Self, Vec<Problem>> {
        limits::check(json)?;
        let wrong = |error| format!("is no snapshot as this server exports them: {error} of it");
        serde_json::from_str(json).map_err(|error| vec![Problem::new("snapshot", wrong(error))])
    }

    /// Whether a sandbox can be made of it: what was exported can, whatever a sandbox was like.
    ///
    /// # Errors
    /// All that is wrong, at most a few problems.
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

    /// Lets orders share what is equal in them, as those of a seeded world do.
    pub(crate) fn shared(mut self) -> Self {
        let mut sharing = Sharing::default();
        for it in &mut self.orders {
            sharing.share(&mut it.order);
        }
        self
    }
}

/// Lets orders that come one by one share what is equal in them.
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

//! Suppliers, orders, time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use tokio::time::Instant;

use super::{Choices, Defect, KEYS};

/// An item of an order.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Whose: 0 or 1.
    pub(super) owner: usize,
    pub(super) quantity: u32,
    /// In ten-thousandths.
    pub(super) unit_price: u64,
    pub(super) product_type: String,
    pub(super) entity_type: String,
    pub(super) sub_category: String,
}

/// An order.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) number: u64,
    /// When it was placed, in milliseconds of 1970.
    pub(super) created: i64,
    pub(super) status: String,
    pub(super) payment: String,
    pub(super) items: Vec<Item>,
    pub(super) accounts: Vec<String>,
    pub(super) supplier_order_id: Option<String>,
    /// When each supplier was last handed it, by the server's clock in milliseconds.
    pub(super) handed_out: [Option<u64>; 2],
    /// How often each supplier was handed it.
    pub(super) times: [u32; 2],
    /// By which `status` filter and which key it was handed out last: for defects only.
    pub(super) by: (String, String),
    /// What pages show in place of it: for a defect only.
    pub(super) shown: Option<Box<Order>>,
    /// The status that it had at first.
    pub(super) first_status: String,
    /// When it was last updated, in milliseconds of 1970.
    pub(super) updated: i64,
    /// How often it was updated: for a defect only.
    pub(super) updates: u32,
    /// Whether its pages fail: for a defect only.
    pub(super) breaks_pages: bool,
}

/// A key and whose it is.
pub(super) struct Key {
    pub(super) text: String,
    pub(super) owner: usize,
    pub(super) is_revoked: bool,
}

/// What changes.
pub(super) struct State {
    pub(super) orders: BTreeMap<u64, Order>,
    pub(super) keys: Vec<Key>,
    /// How far the clock was moved, in milliseconds.
    pub(super) advanced: u64,
    pub(super) next: u64,
    /// How many answers were given.
    pub(super) answers: u64,
    /// When the youngest order was placed, in milliseconds of 1970.
    pub(super) youngest: i64,
    /// The numbers that were handed out, the last at the end: for a defect only.
    pub(super) recent: Vec<u64>,
    /// How many updates were refused by `ACCESS_DENIED`, and how many by `INVALID_ACCOUNTS`: for defects only.
    pub(super) refused: [u32; 2],
    /// Pages by URL, with the time they were made at: for defects only.
    pub(super) pages: BTreeMap<String, (u64, Vec<u8>)>,
    /// Keys that were used: for a defect only.
    pub(super) used: BTreeSet<String>,
}

/// The server's world.
pub(super) struct World {
    defect: Option<Defect>,
    choices: Choices,
    started: Instant,
    /// When it started, in milliseconds of 1970.
    born: i64,
    state: Mutex<State>,
}

impl World {
    pub(super) fn new(defect: Option<Defect>, choices: Choices) -> Self {
        let keys = KEYS.iter().enumerate();
        let keys =
            keys.map(|(owner, text)| Key { text: (*text).to_owned(), owner, is_revoked: false }).collect();
        let state = State {
            orders: BTreeMap::new(),
            keys,
            advanced: 0,
            next: 70_001,
            answers: 0,
            youngest: 0,
            recent: Vec::new(),
            refused: [0, 0],
            pages: BTreeMap::new(),
            used: BTreeSet::new(),
        };
        let born = jiff::Timestamp::now().as_millisecond();
        Self { defect, choices, started: Instant::now(), born, state: Mutex::new(state) }
    }

    /// Whether it is broken so.
    pub(super) fn is(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    /// What it chose where the guide is silent.
    pub(super) const fn choices(&self) -> Choices {
        self.choices
    }

    /// Its time, in milliseconds of 1970.
    pub(super) fn clock(&self) -> i64 {
        self.clock_at(self.now())
    }

    /// The moment so long after it started, in milliseconds of 1970.
    pub(super) const fn clock_at(&self, now: u64) -> i64 {
        self.born.saturating_add_unsigned(now)
    }

    /// Looks at or changes the state. Nothing that panics holds it, and if something did, what is there is as good.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The server's time, in milliseconds since it started.
    pub(super) fn now(&self) -> u64 {
        let passed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        passed.saturating_add(self.with(|state| state.advanced))
    }

    /// How long the window is, in milliseconds.
    pub(super) fn window(&self) -> u64 {
        let minutes = match self.defect {
            Some(Defect::NoWindow) => 0,
            Some(Defect::Window15) => 15,
            Some(Defect::Window29) => 29,
            Some(Defect::Window31) => 31,
            Some(Defect::Window45) => 45,
            _ => 30,
        };
        match self.defect {
            Some(Defect::Window1799) => 1_799_900,
            Some(Defect::Window1801) => 1_800_100,
            _ => minutes * 60_000,
        }
    }
}

impl Order {
    /// The items that a supplier may see.
    pub(super) fn items_of(&self, owner: usize) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.owner == owner)
    }
}

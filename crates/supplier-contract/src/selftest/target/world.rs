//! Suppliers, orders, time.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tokio::time::Instant;

use super::{Defect, KEYS};

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
}

/// The server's world.
pub(super) struct World {
    defect: Option<Defect>,
    started: Instant,
    state: Mutex<State>,
}

impl World {
    pub(super) fn new(defect: Option<Defect>) -> Self {
        let keys = KEYS.iter().enumerate();
        let keys =
            keys.map(|(owner, text)| Key { text: (*text).to_owned(), owner, is_revoked: false }).collect();
        let state = State { orders: BTreeMap::new(), keys, advanced: 0, next: 70_001, answers: 0 };
        Self { defect, started: Instant::now(), state: Mutex::new(state) }
    }

    /// Whether it is broken so.
    pub(super) fn is(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
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
        minutes * 60_000
    }
}

impl Order {
    /// The items that a supplier may see.
    pub(super) fn items_of(&self, owner: usize) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.owner == owner)
    }
}

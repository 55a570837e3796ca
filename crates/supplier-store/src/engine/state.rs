//! Mutable state of a sandbox: its orders, and a shelf for each supplier.

use std::collections::HashSet;
use std::sync::Arc;

use imbl::OrdMap;
use supplier_domain::{
    Account, Arrivals, Clock, Facet, Faults, Fingerprint, History, Order, OrderId, Supplier, SupplierId,
    Timestamp, Window,
};

use super::shelf::{ListKey, Shelf};
use crate::{OrderState, StoreOptions};

/// The part of a sandbox that calls change, and that a reset restores.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) orders: OrdMap<OrderId, Arc<Entry>>,
    pub(crate) shelves: OrdMap<SupplierId, Arc<Shelf>>,
    /// For which order each supplier first delivered an account.
    pub(crate) delivered: Delivered,
    pub(crate) faults: Faults,
    /// Orders that arrive as the clock advances.
    pub(crate) arrivals: Option<Arrivals>,
    /// The last number that an order without a number was given; `None` if an older version did not record it.
    pub(crate) last_given: Option<u64>,
    /// How many accounts the orders have.
    pub(crate) accounts: usize,
    pub(crate) options: StoreOptions,
}

pub(crate) type Delivered = OrdMap<(SupplierId, Fingerprint), OrderId>;

pub(crate) fn note_delivered<'a>(
    delivered: &mut Delivered,
    supplier: &SupplierId,
    order: OrderId,
    accounts: impl Iterator<Item = &'a Account>,
) {
    for account in accounts {
        delivered.entry((supplier.clone(), account.fingerprint)).or_insert(order);
    }
}

/// An order, with its facets for each supplier.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) order: Order,
    pub(crate) views: Vec<View>,
    pub(crate) history: History,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) supplier: SupplierId,
    pub(crate) facets: Arc<[Facet]>,
}

/// Greater numbers were chosen by a user, and not given one after the other.
const FAR_OFF: u64 = 1 << 40;

pub(crate) fn place(order: &Order) -> ListKey {
    ListKey { created_at: order.created_at, id: order.id }
}

impl State {
    pub(crate) fn new(suppliers: &[Supplier], options: StoreOptions, server: Timestamp) -> Self {
        Self {
            clock: Clock::running(server),
            orders: OrdMap::new(),
            shelves: suppliers.iter().map(|supplier| (supplier.id.clone(), Arc::default())).collect(),
            delivered: OrdMap::new(),
            faults: Faults::default(),
            arrivals: None,
            last_given: None,
            accounts: 0,
            options,
        }
    }

    /// Adds a supplier. Returns whether the state did not have it yet.
    pub(crate) fn add_supplier(&mut self, supplier: &SupplierId) -> bool {
        let is_new = !self.shelves.contains_key(supplier);
        if is_new {
            self.shelves.insert(supplier.clone(), Arc::default());
        }
        is_new
    }

    /// An order with everything that is known about it at `now`.
    pub(crate) fn order_state(&self, entry: &Entry, now: Timestamp) -> OrderState {
        let id = entry.order.id;
        let interaction =
            || self.shelves.iter().filter_map(|(who, shelf)| Some((who, shelf.interaction(id)?)));
        let withheld_until = interaction().filter_map(|(supplier, interaction)| {
            let until = interaction.until.filter(|until| Window::withholds(Some(*until), now))?;
            Some((supplier.clone(), until))
        });
        OrderState {
            order: entry.order.clone(),
            withheld_until: withheld_until.collect(),
            history: entry.history.clone(),
            dealings: interaction()
                .map(|(supplier, interaction)| (supplier.clone(), interaction.dealings))
                .collect(),
        }
    }

    /// Places the arrivals that are due by the clock. Every operation that looks at orders calls this first.
    pub(crate) fn catch_up(&mut self, server: Timestamp) {
        let room = self.room();
        let Some(arrivals) = &mut self.arrivals else { return };
        let mut due = arrivals.due(self.clock.read(server)).orders;
        let unplaced = due.split_off(due.len().min(room));
        arrivals.leave_out(unplaced.len() as u64);
        let (ids, mut known_facets) = (self.give_numbers(due.len(), &HashSet::new()), HashSet::new());
        for (id, (at, draft)) in ids.into_iter().zip(due) {
            self.put(draft.placed(id, at), History::default(), &mut known_facets);
        }
    }

    /// Whether so many arrivals are due that placing them is a long operation.
    pub(crate) fn is_far_behind(&self, server: Timestamp) -> bool {
        const MANY: u64 = 200;
        let now = || self.clock.clone().read(server);
        self.arrivals.as_ref().is_some_and(|arrivals| arrivals.waiting(now()) > MANY)
    }

    /// How many more orders the state may have.
    pub(crate) fn room(&self) -> usize {
        self.options.bounds.orders.saturating_sub(self.orders.len())
    }

    /// Gives numbers: the next free ones after the last one given, without those in `taken`. After the greatest number, the
    /// smallest free ones follow.
    pub(crate) fn give_numbers(&mut self, count: usize, taken: &HashSet<OrderId>) -> Vec<OrderId> {
        let last = self.last_given();
        let numbers = (last + 1..=OrderId::MAX).chain(1..=last);
        let free = numbers.filter_map(|number| OrderId::try_from(number).ok());
        let free = free.filter(|id| !taken.contains(id) && !self.orders.contains_key(id));
        let given: Vec<_> = free.take(count).collect();
        self.last_given = Some(given.last().map_or(last, |id| id.get()));
        given
    }

    /// The last number given. If it was not recorded, the greatest number that no user seems to have chosen.
    pub(crate) fn last_given(&self) -> u64 {
        let greatest = || {
            let near = OrderId::try_from(FAR_OFF).ok();
            near.and_then(|near| self.orders.get_prev(&near)).map_or(0, |(id, _)| id.get())
        };
        self.last_given.unwrap_or_else(greatest)
    }

    /// Continues the arrivals from the clock's present time, as if no time had passed since the last arrival.
    pub(crate) fn resume_arrivals(&mut self, server: Timestamp) {
        let now = self.clock.read(server);
        if let Some(arrivals) = &mut self.arrivals {
            arrivals.resume(now);
        }
    }

    /// Adds a new order. Its accounts count as deliveries of its suppliers.
    pub(crate) fn put(&mut self, order: Order, history: History, known_facets: &mut HashSet<Arc<[Facet]>>) {
        for supplier in order.suppliers() {
            note_delivered(&mut self.delivered, &supplier, order.id, order.accounts.iter());
        }
        self.place(order, history, known_facets);
    }

    /// Places an order on its suppliers' shelves. An order that was there before must have been taken off.
    pub(crate) fn place(&mut self, order: Order, history: History, known_facets: &mut HashSet<Arc<[Facet]>>) {
        let mut views = Vec::new();
        for supplier in order.suppliers() {
            let Some(view) = order.seen_by(&supplier) else { continue };
            let facets: Arc<[Facet]> = view.facets().into();
            let facets = known_facets.get(&facets).cloned().unwrap_or(facets);
            known_facets.insert(Arc::clone(&facets));
            if order.is_paid()
                && let Some(shelf) = self.shelves.get_mut(&supplier)
            {
                Arc::make_mut(shelf).insert(
                    order.status,
                    &facets,
                    place(&order),
                    (self.options.render)(&view),
                );
            }
            views.push(View { supplier, facets });
        }
        self.accounts += order.accounts.len();
        let before = self.orders.insert(order.id, Arc::new(Entry { order, views, history }));
        self.accounts -= before.map_or(0, |before| before.order.accounts.len());
    }
}

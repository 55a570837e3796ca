//! One sandbox: its orders, and a shelf a supplier.

use std::collections::HashSet;
use std::sync::Arc;

use imbl::OrdMap;
use supplier_domain::{
    Clock, ClockChange, ClockGoesBack, ClockState, Decision, Deduplication, Facet, FingerprintKey, ListQuery,
    Order, OrderId, OrderUpdate, Refusal, SupplierId, Timestamp, Window, decide,
};

use super::shelf::{Place, Shelf};
use crate::{ListedOrder, NewSandbox, OrderState, Page, RenderOrder};

/// A sandbox. Cloning it costs a few pointers; the clone and the original then share what neither has changed.
#[derive(Clone)]
pub(super) struct Sandbox {
    window: Window,
    clock: Clock,
    fingerprint_key: FingerprintKey,
    orders: OrdMap<OrderId, Arc<Entry>>,
    shelves: OrdMap<SupplierId, Arc<Shelf>>,
}

/// An order, and where each of its suppliers finds it.
#[derive(Clone)]
struct Entry {
    order: Order,
    views: Vec<View>,
}

#[derive(Clone)]
struct View {
    supplier: SupplierId,
    facets: Arc<[Facet]>,
}

fn place(order: &Order) -> Place {
    Place { created_at: order.created_at, id: order.id }
}

impl Sandbox {
    pub(super) fn new(sandbox: NewSandbox, render: RenderOrder, server: Timestamp) -> Self {
        let suppliers = sandbox.world.suppliers.into_iter();
        let mut built = Self {
            window: sandbox.window,
            clock: Clock::running(server),
            fingerprint_key: sandbox.fingerprint_key,
            orders: OrdMap::new(),
            shelves: suppliers.map(|supplier| (supplier.id, Arc::default())).collect(),
        };
        // Orders have few different sets of facets: one allocation each serves them all.
        let mut known_facets = HashSet::new();
        for order in sandbox.world.orders {
            built.put(order, &mut known_facets, render);
        }
        built
    }

    fn put(&mut self, order: Order, known_facets: &mut HashSet<Arc<[Facet]>>, render: RenderOrder) {
        let mut views = Vec::new();
        for supplier in order.suppliers() {
            let Some(view) = order.seen_by(&supplier) else { continue };
            let facets: Arc<[Facet]> = view.facets().into();
            let facets = known_facets.get(&facets).cloned().unwrap_or(facets);
            known_facets.insert(Arc::clone(&facets));
            if order.is_paid()
                && let Some(shelf) = self.shelves.get_mut(&supplier)
            {
                Arc::make_mut(shelf).insert(order.status, &facets, place(&order), render(&view));
            }
            views.push(View { supplier, facets });
        }
        self.orders.insert(order.id, Arc::new(Entry { order, views }));
    }

    pub(super) fn has_supplier(&self, supplier: &SupplierId) -> bool {
        self.shelves.contains_key(supplier)
    }

    pub(super) fn change_clock(
        &mut self,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<ClockState, ClockGoesBack> {
        self.clock.change(change, server)
    }

    /// `None` if there is no such supplier.
    pub(super) fn hand_out(
        &mut self,
        supplier: &SupplierId,
        query: &ListQuery,
        server: Timestamp,
    ) -> Option<Page> {
        let now = self.clock.poll(server);
        let shelf = Arc::make_mut(self.shelves.get_mut(supplier)?);
        let selection = shelf.select(query, now);
        if let Some(until) = self.window.withheld_until(now) {
            shelf.withhold(&selection.places, until);
        }
        let orders = selection.places.into_iter().map(|(_, place, body)| ListedOrder { id: place.id, body });
        Some(Page {
            orders: orders.collect(),
            total: selection.total,
            withheld: selection.withheld,
            next_at: selection.next_at,
        })
    }

    pub(super) fn update(
        &mut self,
        supplier: &SupplierId,
        update: &OrderUpdate,
        render: RenderOrder,
    ) -> Result<Decision, Refusal> {
        let entry = OrderId::new(update.order).and_then(|id| self.orders.get_mut(&id));
        let current = entry.as_ref().map(|entry| &entry.order);
        let decision = decide(current, supplier, update, &Deduplication::standard(&self.fingerprint_key))?;
        let Some(entry) = entry.map(Arc::make_mut) else { return Err(Refusal::OrderNotFound) };
        let previous = std::mem::replace(&mut entry.order, decision.order.clone());
        let (order, statuses) = (&entry.order, (previous.status, entry.order.status));
        let shown_anew =
            previous.status != order.status || previous.supplier_order_id != order.supplier_order_id;
        for view in entry.views.iter().filter(|_| shown_anew) {
            if let Some(seen) = order.seen_by(&view.supplier)
                && let Some(shelf) = self.shelves.get_mut(&view.supplier)
            {
                Arc::make_mut(shelf).update(statuses, &view.facets, place(order), render(&seen));
            }
        }
        Ok(decision)
    }

    pub(super) fn order(&mut self, id: OrderId, server: Timestamp) -> Option<OrderState> {
        let now = self.clock.read(server);
        let order = self.orders.get(&id)?.order.clone();
        let until = |(supplier, shelf): (&SupplierId, &Arc<Shelf>)| {
            let until = shelf.withheld_until(id).filter(|until| Window::withholds(Some(*until), now))?;
            Some((supplier.clone(), until))
        };
        Some(OrderState { order, withheld_until: self.shelves.iter().filter_map(until).collect() })
    }
}

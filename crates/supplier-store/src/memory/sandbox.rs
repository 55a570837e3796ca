//! One sandbox: its orders, and a shelf a supplier.

use std::collections::HashSet;
use std::sync::Arc;

use imbl::OrdMap;
use supplier_domain::{
    Account, ArrivalPlan, Arrivals, Clock, ClockChange, ClockGoesBack, ClockState, Deduplication, EventKind,
    Facet, Faults, Fingerprint, FingerprintKey, History, ListQuery, Moment, Order, OrderDraft, OrderId,
    OrderPatch, OrderUpdate, Refusal, RequestId, Supplier, SupplierId, Timestamp, Window, clean, decide,
};

use super::shelf::{Place, Shelf};
use super::trace::trace;
use crate::{
    ListedOrder, NewFork, NewSandbox, OrderState, Page, RenderOrder, SandboxInfo, StoreError, Updated,
};

/// A sandbox. Cloning it costs a few pointers; the clone and the original then share what neither has changed.
#[derive(Clone)]
pub(super) struct Sandbox {
    pub(super) info: SandboxInfo,
    pub(super) fingerprint_key: FingerprintKey,
    pub(super) state: State,
    /// What it began as.
    pub(super) origin: Arc<State>,
}

/// What changes in a sandbox, and what a reset puts back.
#[derive(Clone)]
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) orders: OrdMap<OrderId, Arc<Entry>>,
    pub(super) shelves: OrdMap<SupplierId, Arc<Shelf>>,
    /// For which order each supplier first delivered an account.
    pub(super) delivered: Delivered,
    pub(super) faults: Faults,
    /// Orders that come in as the clock goes on.
    pub(super) arrivals: Option<Arrivals>,
    render: RenderOrder,
}

type Delivered = OrdMap<(SupplierId, Fingerprint), OrderId>;

fn note_delivered(delivered: &mut Delivered, supplier: &SupplierId, order: OrderId, accounts: &[Account]) {
    for account in accounts {
        delivered.entry((supplier.clone(), account.fingerprint)).or_insert(order);
    }
}

/// An order, and where each of its suppliers finds it.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) order: Order,
    views: Vec<View>,
    pub(super) history: History,
}

#[derive(Clone)]
struct View {
    supplier: SupplierId,
    facets: Arc<[Facet]>,
}

/// The numbers that orders may have after `last`.
fn numbers_after(last: u64) -> impl Iterator<Item = OrderId> {
    (last + 1..).map_while(|number| i64::try_from(number).ok().and_then(OrderId::new))
}

fn place(order: &Order) -> Place {
    Place { created_at: order.created_at, id: order.id }
}

impl Sandbox {
    pub(super) fn new(sandbox: NewSandbox, render: RenderOrder, server: Timestamp) -> Self {
        let mut state = State::new(&sandbox.world.suppliers, render, server);
        // Orders have few different sets of facets: one allocation each serves them all.
        let mut known_facets = HashSet::new();
        for order in sandbox.world.orders {
            state.put(order, History::default(), &mut known_facets);
        }
        state.arrivals = sandbox.world.arrivals.map(|plan| Arrivals::new(plan, server));
        let info = SandboxInfo {
            id: sandbox.id,
            scenario: sandbox.scenario,
            seed: sandbox.seed,
            settings: sandbox.settings,
            suppliers: sandbox.world.suppliers,
            created_at: server,
            expires_at: sandbox.expires_at,
        };
        let origin = Arc::new(state.clone());
        Self { info, fingerprint_key: sandbox.fingerprint_key, state, origin }
    }

    /// A copy of it as it stands.
    pub(super) fn fork(&mut self, fork: NewFork, server: Timestamp) -> Self {
        if !self.info.id.is_baseline() {
            self.state.catch_up(server);
        }
        let mut state = self.state.clone();
        // What was forked from a baseline begins now, whenever the baseline was made.
        state.resume_arrivals(server);
        let info = SandboxInfo {
            id: fork.id,
            settings: fork.settings,
            created_at: server,
            expires_at: fork.expires_at,
            ..self.info.clone()
        };
        let origin = Arc::new(state.clone());
        Self { info, fingerprint_key: self.fingerprint_key.clone(), state, origin }
    }

    /// Puts it back to how it began. Suppliers that were added stay, without orders, since their keys do.
    pub(super) fn reset(&mut self, server: Timestamp) {
        self.state = State::clone(&self.origin);
        self.state.resume_arrivals(server);
        for supplier in &self.info.suppliers {
            self.state.add_supplier(&supplier.id);
        }
    }

    pub(super) fn info(&self) -> &SandboxInfo {
        &self.info
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.info.expires_at
    }

    pub(super) fn has_supplier(&self, supplier: &SupplierId) -> bool {
        self.state.shelves.contains_key(supplier)
    }

    /// Returns whether it had no such supplier.
    pub(super) fn add_supplier(&mut self, supplier: Supplier) -> bool {
        let is_new = self.state.add_supplier(&supplier.id);
        self.info.suppliers.extend(is_new.then_some(supplier));
        is_new
    }

    pub(super) fn is_armed(&self) -> bool {
        !self.state.faults.is_empty()
    }

    /// The faults, to be changed, and what the clock shows.
    pub(super) fn faults(&mut self, server: Timestamp) -> (&mut Faults, Timestamp) {
        (&mut self.state.faults, self.state.clock.read(server))
    }

    pub(super) fn clock(&mut self, server: Timestamp) -> ClockState {
        self.state.clock.state(server)
    }

    pub(super) fn change_clock(
        &mut self,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<ClockState, ClockGoesBack> {
        self.state.clock.change(change, server)
    }

    /// `None` if there is no such supplier.
    pub(super) fn hand_out(
        &mut self,
        supplier: &SupplierId,
        query: &ListQuery,
        (request, server): (RequestId, Timestamp),
        json: &mut Vec<u8>,
    ) -> Option<Page> {
        let now = self.state.clock.poll(server);
        self.state.catch_up(server);
        let shelf = Arc::make_mut(self.state.shelves.get_mut(supplier)?);
        let selection = shelf.select(query, now, json);
        let withheld_until = self.info.settings.window.withheld_until(now);
        shelf.hand_out(&selection.places, withheld_until, Moment { at: now, request });
        let orders = selection.places.into_iter();
        let orders = orders.map(|((_, status), place)| ListedOrder { id: place.id, status });
        Some(Page {
            orders: orders.collect(),
            total: selection.total,
            withheld: selection.withheld,
            next_at: selection.next_at,
            now,
            withheld_until,
        })
    }

    pub(super) fn update(
        &mut self,
        supplier: &SupplierId,
        update: &OrderUpdate,
        (request, server): (RequestId, Timestamp),
    ) -> Updated {
        self.state.catch_up(server);
        let State { clock, orders, delivered, shelves, render, .. } = &mut self.state;
        let now = clock.read(server);
        let entry = OrderId::new(update.order).and_then(|id| orders.get_mut(&id));
        let current = entry.as_ref().map(|entry| &entry.order);
        let by = Deduplication {
            key: &self.fingerprint_key,
            scope: self.info.settings.account_dedup,
            delivered_elsewhere: &|account| {
                let first = delivered.get(&(supplier.clone(), account));
                first.is_some_and(|order| current.is_none_or(|current| current.id != *order))
            },
        };
        let result = decide(current, supplier, update, &by);
        let dropped = match (&result, &update.accounts) {
            (Ok(decision), Some(_)) => decision.dropped.clone(),
            (Err(Refusal::InvalidAccounts), Some(submitted)) => {
                clean(submitted, current.map_or(&[], |order| &order.accounts), &by).dropped
            }
            _ => Vec::new(),
        };
        let traced = match (entry.as_deref(), &update.accounts) {
            (Some(entry), Some(submitted)) if !dropped.is_empty() => {
                let elsewhere = |account| delivered.get(&(supplier.clone(), account)).copied();
                trace(&dropped, submitted, &entry.order, &entry.history, &self.fingerprint_key, elsewhere)
            }
            _ => Vec::new(),
        };
        let updated =
            Updated { now, result, status_before: None, dropped: dropped.len(), first_dropped: traced };
        let (Ok(decision), Some(entry)) = (&updated.result, entry.map(Arc::make_mut)) else { return updated };
        let previous = std::mem::replace(&mut entry.order, decision.order.clone());
        let accepted = &decision.order.accounts[previous.accounts.len()..];
        note_delivered(delivered, supplier, decision.order.id, accepted);
        let (order, statuses) = (&entry.order, (previous.status, entry.order.status));
        let kind = EventKind::Updated {
            supplier: supplier.clone(),
            from: statuses.0,
            to: statuses.1,
            accepted: accepted.len(),
            dropped: decision.dropped.len(),
            supplier_order_id: update.supplier_order_id.as_deref().map(Into::into),
        };
        entry.history.add(Moment { at: now, request }, kind);
        if let Some(shelf) = shelves.get_mut(supplier) {
            Arc::make_mut(shelf).note_update(order.id, accepted.len());
        }
        let shown_anew =
            previous.status != order.status || previous.supplier_order_id != order.supplier_order_id;
        for view in entry.views.iter().filter(|_| shown_anew) {
            if let Some(seen) = order.seen_by(&view.supplier)
                && let Some(shelf) = shelves.get_mut(&view.supplier)
            {
                Arc::make_mut(shelf).update(statuses, &view.facets, place(order), (*render)(&seen));
            }
        }
        Updated { status_before: Some(statuses.0), ..updated }
    }

    pub(super) fn place_orders(
        &mut self,
        drafts: Vec<OrderDraft>,
        (request, server): (RequestId, Timestamp),
    ) -> Result<Vec<OrderId>, StoreError> {
        self.state.catch_up(server);
        let now = self.state.clock.read(server);
        let mut numbers = HashSet::new();
        for draft in &drafts {
            self.demand_suppliers(draft)?;
            if let Some(id) = draft.id
                && (self.state.orders.contains_key(&id) || !numbers.insert(id))
            {
                return Err(StoreError::OrderExists(self.info.id.clone(), id));
            }
        }
        let last = numbers.iter().map(|id| id.get()).fold(self.state.last_number(), u64::max);
        let (mut free, mut known_facets) = (numbers_after(last), HashSet::new());
        let ids: Option<Vec<_>> = drafts.iter().map(|draft| draft.id.or_else(|| free.next())).collect();
        let ids = ids.ok_or_else(|| StoreError::NoNumbersLeft(self.info.id.clone()))?;
        for (draft, id) in drafts.into_iter().zip(&ids) {
            let mut history = History::default();
            history.add(Moment { at: now, request }, EventKind::Placed);
            self.state.put(draft.placed(*id, now), history, &mut known_facets);
        }
        Ok(ids)
    }

    /// Refuses a draft with an item of a supplier that the sandbox does not have.
    fn demand_suppliers(&self, draft: &OrderDraft) -> Result<(), StoreError> {
        let mut suppliers = draft.items.iter().map(|item| &item.product.supplier);
        let missing = suppliers.find(|supplier| !self.has_supplier(supplier));
        let refused = |supplier: &SupplierId| StoreError::NoSupplier(self.info.id.clone(), supplier.clone());
        missing.map_or(Ok(()), |supplier| Err(refused(supplier)))
    }

    /// Lets orders come in by `plan` from now on, in place of those that came in before.
    pub(super) fn set_arrivals(
        &mut self,
        plan: Option<ArrivalPlan>,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        for draft in plan.iter().flat_map(|plan| plan.mix.drafts()) {
            self.demand_suppliers(draft)?;
        }
        self.state.catch_up(server);
        let now = self.state.clock.read(server);
        self.state.arrivals = plan.map(|plan| Arrivals::new(plan, now));
        Ok(())
    }

    pub(super) fn arrivals(&mut self, server: Timestamp) -> Option<Arrivals> {
        self.state.catch_up(server);
        self.state.arrivals.clone()
    }

    /// `None` if there is no such order.
    pub(super) fn amend_order(
        &mut self,
        id: OrderId,
        patch: OrderPatch,
        (request, server): (RequestId, Timestamp),
    ) -> Option<OrderState> {
        self.state.catch_up(server);
        let State { clock, orders, shelves, render, .. } = &mut self.state;
        let now = clock.read(server);
        let entry = Arc::make_mut(orders.get_mut(&id)?);
        let (was_paid, former) = (entry.order.is_paid(), entry.order.status);
        entry.order.status = patch.status.unwrap_or(former);
        entry.order.payment_status = patch.payment_status.unwrap_or(entry.order.payment_status);
        let order = &entry.order;
        let kind = EventKind::Amended { status: order.status, payment_status: order.payment_status };
        entry.history.add(Moment { at: now, request }, kind);
        for view in &entry.views {
            let (Some(shelf), Some(seen)) = (shelves.get_mut(&view.supplier), order.seen_by(&view.supplier))
            else {
                continue;
            };
            let shelf = Arc::make_mut(shelf);
            if was_paid {
                shelf.remove(former, &view.facets, place(order));
            }
            if order.is_paid() {
                shelf.insert(order.status, &view.facets, place(order), (*render)(&seen));
            }
        }
        self.order(id, server)
    }

    pub(super) fn order(&mut self, id: OrderId, server: Timestamp) -> Option<OrderState> {
        self.state.catch_up(server);
        let now = self.state.clock.read(server);
        Some(self.state.order_state(self.state.orders.get(&id)?, now))
    }

    /// The fingerprints of accounts.
    pub(super) fn fingerprints(&self, accounts: &[String]) -> Vec<Fingerprint> {
        accounts.iter().map(|account| Fingerprint::of(account, &self.fingerprint_key)).collect()
    }
}

impl State {
    pub(super) fn new(suppliers: &[Supplier], render: RenderOrder, server: Timestamp) -> Self {
        Self {
            clock: Clock::running(server),
            orders: OrdMap::new(),
            shelves: suppliers.iter().map(|supplier| (supplier.id.clone(), Arc::default())).collect(),
            delivered: OrdMap::new(),
            faults: Faults::default(),
            arrivals: None,
            render,
        }
    }

    /// Returns whether there was no such supplier.
    fn add_supplier(&mut self, supplier: &SupplierId) -> bool {
        let is_new = !self.shelves.contains_key(supplier);
        if is_new {
            self.shelves.insert(supplier.clone(), Arc::default());
        }
        is_new
    }

    /// What is known of an order at `now`.
    pub(super) fn order_state(&self, entry: &Entry, now: Timestamp) -> OrderState {
        let id = entry.order.id;
        let dealt = || self.shelves.iter().filter_map(|(who, shelf)| Some((who, shelf.dealt(id)?)));
        let withheld_until = dealt().filter_map(|(supplier, dealt)| {
            let until = dealt.until.filter(|until| Window::withholds(Some(*until), now))?;
            Some((supplier.clone(), until))
        });
        OrderState {
            order: entry.order.clone(),
            withheld_until: withheld_until.collect(),
            history: entry.history.clone(),
            dealings: dealt().map(|(supplier, dealt)| (supplier.clone(), dealt.dealings)).collect(),
        }
    }

    /// Places the orders that have come in by what the clock shows. Whatever looks at orders calls it first.
    pub(super) fn catch_up(&mut self, server: Timestamp) {
        let Some(arrivals) = &mut self.arrivals else { return };
        let mut due = arrivals.due(self.clock.read(server)).orders.into_iter();
        let (mut free, mut known_facets) = (numbers_after(self.last_number()), HashSet::new());
        // A number is taken for an order that is there.
        while due.len() > 0
            && let Some(id) = free.next()
            && let Some((at, draft)) = due.next()
        {
            self.put(draft.placed(id, at), History::default(), &mut known_facets);
        }
        if let Some(arrivals) = &mut self.arrivals {
            arrivals.skip(due.len() as u64);
        }
    }

    /// Lets arrivals go on from what the clock shows as if no time had passed since orders last came in.
    fn resume_arrivals(&mut self, server: Timestamp) {
        let now = self.clock.read(server);
        if let Some(arrivals) = &mut self.arrivals {
            arrivals.resume(now);
        }
    }

    /// The greatest number of an order; 0 if there is none.
    fn last_number(&self) -> u64 {
        self.orders.get_max().map_or(0, |(id, _)| id.get())
    }

    pub(super) fn put(&mut self, order: Order, history: History, known_facets: &mut HashSet<Arc<[Facet]>>) {
        let mut views = Vec::new();
        for supplier in order.suppliers() {
            let Some(view) = order.seen_by(&supplier) else { continue };
            let facets: Arc<[Facet]> = view.facets().into();
            let facets = known_facets.get(&facets).cloned().unwrap_or(facets);
            known_facets.insert(Arc::clone(&facets));
            note_delivered(&mut self.delivered, &supplier, order.id, &order.accounts);
            if order.is_paid()
                && let Some(shelf) = self.shelves.get_mut(&supplier)
            {
                Arc::make_mut(shelf).insert(order.status, &facets, place(&order), (self.render)(&view));
            }
            views.push(View { supplier, facets });
        }
        self.orders.insert(order.id, Arc::new(Entry { order, views, history }));
    }
}

//! Operations on a sandbox's orders.

use std::collections::HashSet;
use std::sync::Arc;

use imbl::OrdMap;
use supplier_domain::{
    AccountList, AccountsRoom, ArrivalPlan, Arrivals, Clock, CountedUpdate, Decision, Deduplication,
    DropReason, DroppedAccount, EventKind, Fingerprint, History, ListQuery, Moment, Order, OrderDraft,
    OrderId, OrderPatch, OrderStatus, OrderUpdate, Refusal, RequestId, SupplierId, Timestamp, clean, decide,
    listing,
};

use super::sandbox::Sandbox;
use super::shelf::Shelf;
use super::state::{Entry, State, note_delivered, place};
use super::trace::trace;
use crate::{ListedOrder, LostAnswer, OrderPreview, OrderState, Page, RenderOrder, StoreError, Updated};

/// The most orders whose window a list call ends; more make a long operation.
const MANY_DUE: usize = 1_000;

/// Why a page cannot be handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HandOutError {
    /// The sandbox does not have the supplier.
    NoSupplier,
    /// The windows of many orders have ended: a long operation must release the orders first.
    ManyDue,
}

impl Sandbox {
    /// # Errors
    /// [`HandOutError`]; then nothing has changed.
    pub(crate) fn hand_out(
        &mut self,
        supplier: &SupplierId,
        query: &ListQuery,
        (request, server): (RequestId, Timestamp),
        json: &mut Vec<u8>,
    ) -> Result<Page, HandOutError> {
        let before = self.state.clock.clone();
        let now = self.state.clock.poll(server);
        self.state.catch_up(server);
        let shelf = Arc::make_mut(self.state.shelves.get_mut(supplier).ok_or(HandOutError::NoSupplier)?);
        let matching = shelf.matching(query);
        if shelf.due(&matching, now) > MANY_DUE {
            self.state.clock = before;
            return Err(HandOutError::ManyDue);
        }
        let selection = shelf.select(&matching, query, now, json);
        let withheld_until = self.info.settings.window.withheld_until(now);
        shelf.hand_out(&selection.places, withheld_until, Moment { at: now, request });
        let orders = selection.places.into_iter();
        let orders = orders.map(|((_, status), place)| ListedOrder { id: place.id, status });
        Ok(Page {
            orders: orders.collect(),
            total: selection.total,
            withheld: selection.withheld,
            next_at: selection.next_at,
            now,
            withheld_until,
        })
    }

    /// What a list call would find of an order. `self` is a copy of the sandbox: it is left as the call would leave it, but
    /// for what the call hands out.
    pub(crate) fn preview(
        &mut self,
        id: OrderId,
        supplier: &SupplierId,
        query: &ListQuery,
        server: Timestamp,
    ) -> Result<Option<OrderPreview>, StoreError> {
        let now = self.state.clock.poll(server);
        self.state.catch_up(server);
        let no_supplier = || StoreError::NoSupplier(self.info.id.clone(), supplier.clone());
        let shelf = self.state.shelves.get_mut(supplier).map(Arc::make_mut).ok_or_else(no_supplier)?;
        let matching = shelf.matching(query);
        shelf.release_all(&matching, now);
        let total = shelf.ready(&matching);
        let Some(entry) = self.state.orders.get(&id) else { return Ok(None) };
        let state = self.state.order_state(entry, now);
        let is_listed = listing::hands_out(&entry.order, supplier, query, state.until(supplier), now);
        let shelf = self.state.shelves.get(supplier).filter(|_| is_listed);
        let before = shelf.map(|shelf| shelf.ready_before(&matching, &place(&entry.order)));
        Ok(Some(OrderPreview { now, state, before, total }))
    }

    /// Releases all orders that a list call would release now: those whose window has ended.
    pub(crate) fn release(&mut self, supplier: &SupplierId, query: &ListQuery, server: Timestamp) {
        let now = self.state.clock.clone().poll(server);
        let Some(shelf) = self.state.shelves.get_mut(supplier).map(Arc::make_mut) else { return };
        let matching = shelf.matching(query);
        shelf.release_all(&matching, now);
    }

    pub(crate) fn update(
        &mut self,
        supplier: &SupplierId,
        update: &OrderUpdate,
        (request, server): (RequestId, Timestamp),
    ) -> Updated {
        self.state.catch_up(server);
        let State { clock, orders, delivered, shelves, accounts, options, .. } = &mut self.state;
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
        let left = options.bounds.accounts.saturating_sub(*accounts);
        let room = AccountsRoom { per_order: options.bounds.accounts_per_order, left };
        let result = decide(current, supplier, update, &by, room);
        let dropped = dropped(&result, update, current, &by);
        let traced = match (entry.as_deref(), &update.accounts) {
            (Some(entry), Some(submitted)) if !dropped.is_empty() => {
                let elsewhere = |account| delivered.get(&(supplier.clone(), account)).copied();
                trace(&dropped, submitted, &entry.order, &entry.history, &self.fingerprint_key, elsewhere)
            }
            _ => Vec::new(),
        };
        if matches!(result, Err(Refusal::InvalidAccounts(_)))
            && let (Some(current), Some(shelf)) = (current, shelves.get_mut(supplier))
        {
            note_refusal(shelf, current.id, &dropped);
        }
        let updated = Updated {
            now,
            result,
            status_before: None,
            dropped: dropped.len(),
            first_dropped: traced,
            changed_nothing: false,
        };
        let (Ok(decision), Some(entry)) = (&updated.result, entry.map(Arc::make_mut)) else { return updated };
        let previous = std::mem::replace(&mut entry.order, decision.order.clone());
        let accepted = decision.order.accounts.len() - previous.accounts.len();
        *accounts += accepted;
        let new = decision.order.accounts.since(previous.accounts.len());
        note_delivered(delivered, supplier, decision.order.id, new);
        let (order, statuses) = (&entry.order, (previous.status, entry.order.status));
        let kind = EventKind::Updated {
            supplier: supplier.clone(),
            from: statuses.0,
            to: statuses.1,
            accepted,
            dropped: decision.dropped.len(),
            supplier_order_id: update.supplier_order_id.as_deref().map(Into::into),
        };
        if let Some(shelf) = shelves.get_mut(supplier) {
            let counted = CountedUpdate {
                supplier,
                from: statuses.0,
                to: statuses.1,
                source: entry.history.status_source(),
                accepted,
                supplier_order_id: update.supplier_order_id.as_deref(),
            };
            Arc::make_mut(shelf).dealings_mut(order.id).update(&counted);
        }
        entry.history.add(Moment { at: now, request }, kind);
        let shown_anew =
            previous.status != order.status || previous.supplier_order_id != order.supplier_order_id;
        if shown_anew {
            show_anew(entry, statuses, shelves, options.render);
        }
        Updated { status_before: Some(statuses.0), changed_nothing: !shown_anew && accepted == 0, ..updated }
    }

    /// Notes that nobody got the answer of `request`, a call of `supplier`.
    pub(crate) fn lose_answer(&mut self, supplier: &SupplierId, lost: &LostAnswer, request: RequestId) {
        let Some(shelf) = self.state.shelves.get_mut(supplier).map(Arc::make_mut) else { return };
        match lost {
            LostAnswer::Page(orders) => {
                for id in orders.iter().filter(|id| self.state.orders.contains_key(*id)) {
                    shelf.dealings_mut(*id).lose_page(request);
                }
            }
            LostAnswer::Delivery(id) if self.state.orders.contains_key(id) => {
                shelf.dealings_mut(*id).lose_delivery();
            }
            LostAnswer::Delivery(_) => {}
        }
    }

    /// Which of these orders still wait for their suppliers.
    pub(crate) fn awaiting(&mut self, orders: &[OrderId], server: Timestamp) -> HashSet<OrderId> {
        self.state.catch_up(server);
        let awaits = |id: &&OrderId| self.state.orders.get(*id).is_some_and(|it| it.order.awaits_supplier());
        orders.iter().filter(awaits).copied().collect()
    }

    pub(crate) fn place_orders(
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
        let left = self.state.room();
        if drafts.len() > left {
            let cap = self.state.options.bounds.orders;
            return Err(StoreError::TooManyOrders { sandbox: self.info.id.clone(), cap, left });
        }
        let mut known_facets = HashSet::new();
        let given = self.state.give_numbers(drafts.len() - numbers.len(), &numbers);
        let mut given = given.into_iter();
        let ids: Vec<_> = drafts.iter().filter_map(|draft| draft.id.or_else(|| given.next())).collect();
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

    /// Replaces the arrivals: orders arrive by `plan` from now on.
    pub(crate) fn set_arrivals(
        &mut self,
        plan: Option<ArrivalPlan>,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        for draft in plan.iter().flat_map(|plan| plan.mix.drafts()) {
            self.demand_suppliers(draft)?;
        }
        self.state.catch_up(server);
        let now = self.state.clock.read(server);
        if plan.is_some() && now >= Clock::END {
            return Err(StoreError::ClockAtEnd(self.info.id.clone(), now));
        }
        self.state.arrivals = plan.map(|plan| Arrivals::new(plan, now));
        Ok(())
    }

    pub(crate) fn arrivals(&mut self, server: Timestamp) -> Option<Arrivals> {
        self.state.catch_up(server);
        self.state.arrivals.clone()
    }

    /// `None` if the sandbox has no order of that number.
    pub(crate) fn amend_order(
        &mut self,
        id: OrderId,
        patch: OrderPatch,
        (request, server): (RequestId, Timestamp),
    ) -> Option<OrderState> {
        self.state.catch_up(server);
        let State { clock, orders, shelves, options, .. } = &mut self.state;
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
                shelf.insert(order.status, &view.facets, place(order), (options.render)(&seen));
            }
        }
        self.order(id, server)
    }

    pub(crate) fn order(&mut self, id: OrderId, server: Timestamp) -> Option<OrderState> {
        self.state.catch_up(server);
        let now = self.state.clock.read(server);
        Some(self.state.order_state(self.state.orders.get(&id)?, now))
    }

    /// The fingerprints of accounts.
    pub(crate) fn fingerprints(&self, accounts: &[String]) -> Vec<Fingerprint> {
        accounts.iter().map(|account| Fingerprint::of(account, &self.fingerprint_key)).collect()
    }
}

/// Shows an order to its suppliers as it is now. `statuses` are its status before, and now.
fn show_anew(
    entry: &Entry,
    statuses: (OrderStatus, OrderStatus),
    shelves: &mut OrdMap<SupplierId, Arc<Shelf>>,
    render: RenderOrder,
) {
    for view in &entry.views {
        if let Some(seen) = entry.order.seen_by(&view.supplier)
            && let Some(shelf) = shelves.get_mut(&view.supplier)
        {
            Arc::make_mut(shelf).update(statuses, &view.facets, place(&entry.order), render(&seen));
        }
    }
}

/// The accounts of an update that were dropped, be the update refused for that.
fn dropped(
    result: &Result<Decision, Refusal>,
    update: &OrderUpdate,
    current: Option<&Order>,
    by: &Deduplication<'_>,
) -> Vec<DroppedAccount> {
    match (result, &update.accounts) {
        (Ok(decision), Some(_)) => decision.dropped.clone(),
        (Err(Refusal::InvalidAccounts(_)), Some(submitted)) => {
            let none = AccountList::default();
            clean(submitted, current.map_or(&none, |order| &order.accounts), by).dropped
        }
        _ => Vec::new(),
    }
}

/// Notes that accounts were refused after a delivery whose answer nobody got, if the order has one of them.
fn note_refusal(shelf: &mut Arc<Shelf>, id: OrderId, dropped: &[DroppedAccount]) {
    let is_known = dropped.iter().any(|it| it.reason == DropReason::AlreadyDelivered);
    if is_known && shelf.interaction(id).is_some_and(|it| it.dealings.is_unheard()) {
        Arc::make_mut(shelf).dealings_mut(id).refuse_accounts();
    }
}

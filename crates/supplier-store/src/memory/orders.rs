//! Operations on a sandbox's orders.

use std::collections::HashSet;
use std::sync::Arc;

use supplier_domain::{
    AccountList, AccountsRoom, ArrivalPlan, Arrivals, Clock, Deduplication, EventKind, Fingerprint, History,
    ListQuery, Moment, OrderDraft, OrderId, OrderPatch, OrderUpdate, Refusal, RequestId, SupplierId,
    Timestamp, clean, decide,
};

use super::sandbox::Sandbox;
use super::state::{State, note_delivered, place};
use super::trace::trace;
use crate::{ListedOrder, OrderState, Page, StoreError, Updated};

/// So many orders come back in a call; of more, that takes long.
const MANY_DUE: usize = 1_000;

/// Why a page cannot be handed out now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotYet {
    /// There is no such supplier.
    NoSupplier,
    /// So many orders come back that they are let come back first, elsewhere.
    ManyDue,
}

impl Sandbox {
    /// # Errors
    /// There is no such supplier, or more is to be done first than a call may take; then nothing has changed.
    pub(crate) fn hand_out(
        &mut self,
        supplier: &SupplierId,
        query: &ListQuery,
        (request, server): (RequestId, Timestamp),
        json: &mut Vec<u8>,
    ) -> Result<Page, NotYet> {
        let before = self.state.clock.clone();
        let now = self.state.clock.poll(server);
        self.state.catch_up(server);
        let shelf = Arc::make_mut(self.state.shelves.get_mut(supplier).ok_or(NotYet::NoSupplier)?);
        let matching = shelf.matching(query);
        if shelf.due(&matching, now) > MANY_DUE {
            self.state.clock = before;
            return Err(NotYet::ManyDue);
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

    /// Lets all orders come back that a list call would let come back now.
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
        let room = AccountsRoom {
            per_order: options.bounds.accounts_per_order,
            left: options.bounds.accounts.saturating_sub(*accounts),
        };
        let result = decide(current, supplier, update, &by, room);
        let dropped = match (&result, &update.accounts) {
            (Ok(decision), Some(_)) => decision.dropped.clone(),
            (Err(Refusal::InvalidAccounts), Some(submitted)) => {
                let none = AccountList::default();
                clean(submitted, current.map_or(&none, |order| &order.accounts), &by).dropped
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
        entry.history.add(Moment { at: now, request }, kind);
        if let Some(shelf) = shelves.get_mut(supplier) {
            Arc::make_mut(shelf).note_update(order.id, accepted);
        }
        let shown_anew =
            previous.status != order.status || previous.supplier_order_id != order.supplier_order_id;
        for view in entry.views.iter().filter(|_| shown_anew) {
            if let Some(seen) = order.seen_by(&view.supplier)
                && let Some(shelf) = shelves.get_mut(&view.supplier)
            {
                Arc::make_mut(shelf).update(statuses, &view.facets, place(order), (options.render)(&seen));
            }
        }
        Updated { status_before: Some(statuses.0), ..updated }
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

    /// Lets orders come in by `plan` from now on, in place of those that came in before.
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

    /// `None` if there is no such order.
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

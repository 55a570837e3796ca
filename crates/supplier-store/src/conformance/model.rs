//! Model of a store: the domain's functions alone, slow and obviously right.

use std::collections::BTreeMap;

use supplier_domain::{
    AccountsRoom, CountedUpdate, Dealings, Decision, Deduplication, ListQuery, Moment, Order, OrderId,
    OrderStatus, OrderUpdate, Refusal, StatusSource, SupplierId, Timestamp, Window, decide, listing,
};

use super::{KEY, REQUEST, SERVER};

/// A sandbox in which a list call looks at every order.
pub(super) struct Model {
    pub(super) orders: BTreeMap<OrderId, Order>,
    pub(super) now: Timestamp,
    window: Window,
    withheld_until: BTreeMap<(OrderId, SupplierId), Timestamp>,
    dealings: BTreeMap<(OrderId, SupplierId), Dealings>,
    /// Which supplier gave each order its status, if one did.
    sources: BTreeMap<OrderId, SupplierId>,
}

/// A page of the model.
pub(super) struct ModelPage {
    pub(super) orders: Vec<OrderId>,
    pub(super) total: usize,
    pub(super) withheld: usize,
    pub(super) next_at: Option<Timestamp>,
}

impl Model {
    pub(super) fn new(orders: &[Order], window: Window) -> Self {
        let orders = orders.iter().map(|order| (order.id, order.clone())).collect();
        let now = SERVER;
        Self {
            orders,
            now,
            window,
            withheld_until: BTreeMap::new(),
            dealings: BTreeMap::new(),
            sources: BTreeMap::new(),
        }
    }

    pub(super) fn hand_out(&mut self, supplier: &SupplierId, query: &ListQuery) -> ModelPage {
        let until = |order: &Order| self.withheld_until.get(&(order.id, supplier.clone())).copied();
        let fits = |order: &&Order| listing::hands_out(order, supplier, query, None, self.now);
        let (mut listed, withheld): (Vec<_>, Vec<_>) = self
            .orders
            .values()
            .filter(fits)
            .partition(|order| listing::hands_out(order, supplier, query, until(order), self.now));
        listed.sort_by_key(|order| (order.created_at, order.id));
        let skipped = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let page = ModelPage {
            orders: listed.iter().skip(skipped).take(query.limit).map(|order| order.id).collect(),
            total: listed.len(),
            withheld: withheld.len(),
            next_at: withheld.into_iter().filter_map(until).min(),
        };
        let moment = Moment { at: self.now, request: REQUEST };
        for id in &page.orders {
            let dealings = self.dealings.entry((*id, supplier.clone())).or_default();
            dealings
                .hand_out(moment, dealings.last.is_some() && self.window.withheld_until(self.now).is_some());
        }
        if let Some(until) = self.window.withheld_until(self.now) {
            let handed_out = page.orders.iter().map(|id| ((*id, supplier.clone()), until));
            self.withheld_until.extend(handed_out);
        }
        page
    }

    pub(super) fn update(
        &mut self,
        supplier: &SupplierId,
        update: &OrderUpdate,
    ) -> Result<Decision, Refusal> {
        let current = OrderId::new(update.order).and_then(|id| self.orders.get(&id));
        let had = current.map_or(0, |order| order.accounts.len());
        let from = current.map_or(OrderStatus::Pending, |order| order.status);
        let decision =
            decide(current, supplier, update, &Deduplication::standard(&KEY), AccountsRoom::ENDLESS)?;
        let dealings = self.dealings.entry((decision.order.id, supplier.clone())).or_default();
        dealings.update(&CountedUpdate {
            supplier,
            from,
            to: decision.order.status,
            source: self
                .sources
                .get(&decision.order.id)
                .map_or(StatusSource::Beginning, StatusSource::Supplier),
            accepted: decision.order.accounts.len() - had,
            supplier_order_id: update.supplier_order_id.as_deref(),
        });
        if from != decision.order.status {
            self.sources.insert(decision.order.id, supplier.clone());
        }
        self.orders.insert(decision.order.id, decision.order.clone());
        Ok(decision)
    }

    /// The interactions between each supplier and an order.
    pub(super) fn dealings(&self, id: OrderId) -> Vec<(SupplierId, Dealings)> {
        let of_order = self.dealings.iter().filter(|((order, _), _)| *order == id);
        of_order.map(|((_, supplier), dealings)| (supplier.clone(), *dealings)).collect()
    }

    /// For each supplier, until when an order is withheld.
    pub(super) fn withheld_until(&self, id: OrderId) -> Vec<(SupplierId, Timestamp)> {
        let of_order = self.withheld_until.iter().filter(|((order, _), _)| *order == id);
        of_order
            .filter(|(_, until)| Window::withholds(Some(**until), self.now))
            .map(|((_, supplier), until)| (supplier.clone(), *until))
            .collect()
    }
}

//! A store reduced to the domain's functions: slow, and plainly right.

use std::collections::BTreeMap;

use supplier_domain::{
    AccountsRoom, Dealings, Decision, Deduplication, ListQuery, Moment, Order, OrderId, OrderUpdate, Refusal,
    SupplierId, Timestamp, Window, decide, listing,
};

use super::{KEY, REQUEST, SERVER};

/// One sandbox of which every list call looks at every order.
pub(super) struct Model {
    pub(super) orders: BTreeMap<OrderId, Order>,
    pub(super) now: Timestamp,
    window: Window,
    withheld_until: BTreeMap<(OrderId, SupplierId), Timestamp>,
    dealings: BTreeMap<(OrderId, SupplierId), Dealings>,
}

/// A page as the model has it.
pub(super) struct ModelPage {
    pub(super) orders: Vec<OrderId>,
    pub(super) total: usize,
    pub(super) withheld: usize,
    pub(super) next_at: Option<Timestamp>,
}

impl Model {
    pub(super) fn new(orders: &[Order], window: Window) -> Self {
        let orders = orders.iter().map(|order| (order.id, order.clone())).collect();
        Self { orders, now: SERVER, window, withheld_until: BTreeMap::new(), dealings: BTreeMap::new() }
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
        let decision =
            decide(current, supplier, update, &Deduplication::standard(&KEY), AccountsRoom::ENDLESS)?;
        let dealings = self.dealings.entry((decision.order.id, supplier.clone())).or_default();
        dealings.update(decision.order.accounts.len() - had);
        self.orders.insert(decision.order.id, decision.order.clone());
        Ok(decision)
    }

    /// What each supplier and an order have had to do with each other.
    pub(super) fn dealings(&self, id: OrderId) -> Vec<(SupplierId, Dealings)> {
        let of_order = self.dealings.iter().filter(|((order, _), _)| *order == id);
        of_order.map(|((_, supplier), dealings)| (supplier.clone(), *dealings)).collect()
    }

    /// Until when an order is withheld from each supplier.
    pub(super) fn withheld_until(&self, id: OrderId) -> Vec<(SupplierId, Timestamp)> {
        let of_order = self.withheld_until.iter().filter(|((order, _), _)| *order == id);
        of_order
            .filter(|(_, until)| Window::withholds(Some(**until), self.now))
            .map(|((_, supplier), until)| (supplier.clone(), *until))
            .collect()
    }
}

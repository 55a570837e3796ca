//! What a database keeps of a sandbox: documents, and the rows in which two states differ.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};
use supplier_domain::{Arrivals, Clock, Facet, Faults, Fingerprint, History, Order, OrderId, SupplierId};

use crate::memory::shelf::Dealt;
use crate::memory::state::{State, place};
use crate::snapshot::Sharing;

/// An order as it is kept.
#[derive(Serialize, Deserialize)]
struct OrderDocument {
    order: Order,
    history: History,
}

/// What is small in a state, and kept whole.
#[derive(Serialize, Deserialize)]
pub(crate) struct StateDocument {
    clock: Clock,
    faults: Faults,
    arrivals: Option<Arrivals>,
}

impl StateDocument {
    pub(crate) fn of(state: &State) -> Self {
        let State { clock, faults, arrivals, .. } = state;
        Self { clock: clock.clone(), faults: faults.clone(), arrivals: arrivals.clone() }
    }

    pub(crate) fn put_into(self, state: &mut State) {
        Self { clock: state.clock, faults: state.faults, arrivals: state.arrivals } = self;
    }

    /// Whether the document of `to` would say no more than that of `from` does.
    pub(crate) fn is_same(from: &State, to: &State) -> bool {
        let arrivals = match (&from.arrivals, &to.arrivals) {
            (Some(earlier), Some(arrivals)) => arrivals.goes_on_as(earlier),
            (None, None) => true,
            _ => false,
        };
        arrivals && to.clock.goes_on_as(&from.clock) && to.faults == from.faults
    }
}

/// Rows that are put over those of a state below. Nothing is ever taken away from it: orders do not go.
#[derive(Default)]
pub(crate) struct Layer {
    /// By number.
    pub(crate) orders: Vec<(i64, String)>,
    /// By supplier and number.
    pub(crate) dealt: Vec<(String, i64, String)>,
    /// For which order each supplier first delivered an account, by its fingerprint.
    pub(crate) delivered: Vec<(String, String, i64)>,
}

/// What `is` of a difference between two maps, whose keys are never taken out.
#[expect(clippy::needless_pass_by_value, reason = "it is what an iterator of differences gives")]
fn now<K, V>(difference: DiffItem<'_, '_, K, V>) -> Option<(K, V)>
where
    K: Clone,
    V: Clone,
{
    match difference {
        DiffItem::Add(key, value) | DiffItem::Update { new: (key, value), .. } => {
            Some((key.clone(), value.clone()))
        }
        DiffItem::Remove(..) => None,
    }
}

fn failed(cause: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(cause))
}

pub(crate) fn written<T: Serialize>(document: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(document).map_err(failed)
}

/// What [`written`] wrote.
pub(crate) fn read<T: for<'a> Deserialize<'a>>(document: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(document).map_err(|cause| sqlx::Error::Decode(Box::new(cause)))
}

/// A number as the database keeps it. No order has a greater one (`crate::memory::state::numbers_after`).
fn column(id: OrderId) -> i64 {
    i64::try_from(id.get()).unwrap_or(i64::MAX)
}

fn number(column: i64) -> Result<OrderId, sqlx::Error> {
    OrderId::new(column).ok_or_else(|| sqlx::Error::Decode(format!("{column} is no order's number").into()))
}

fn name(text: &str) -> Result<SupplierId, sqlx::Error> {
    text.parse().map_err(|cause| sqlx::Error::Decode(Box::new(cause)))
}

impl Layer {
    /// What makes `to` of `from`. It costs what differs, since they share the rest.
    pub(crate) fn between(from: &State, to: &State) -> Result<Self, sqlx::Error> {
        let mut layer = Self::default();
        for (id, entry) in from.orders.diff(&to.orders).filter_map(now) {
            let (order, history) = (entry.order.clone(), entry.history.clone());
            layer.orders.push((column(id), written(&OrderDocument { order, history })?));
        }
        let none = Arc::default();
        for (supplier, shelf) in &to.shelves {
            let below = from.shelves.get(supplier).unwrap_or(&none);
            if Arc::ptr_eq(below, shelf) {
                continue;
            }
            for (id, dealt) in shelf.dealt_since(below).filter_map(now) {
                layer.dealt.push((supplier.as_str().to_owned(), column(id), written(&dealt)?));
            }
        }
        let delivered = from.delivered.diff(&to.delivered).filter_map(now);
        layer.delivered.extend(delivered.map(|((supplier, account), id)| {
            (supplier.as_str().to_owned(), account.to_string(), column(id))
        }));
        Ok(layer)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.dealt.is_empty() && self.delivered.is_empty()
    }
}

/// Makes states of layers. What is equal in their orders is shared.
#[derive(Default)]
pub(crate) struct Layers {
    sharing: Sharing,
    known_facets: HashSet<Arc<[Facet]>>,
}

impl Layers {
    /// Puts a layer's rows over a state.
    pub(crate) fn put(&mut self, layer: Layer, onto: &mut State) -> Result<(), sqlx::Error> {
        let Layer { orders, dealt, delivered } = layer;
        // An order's place on a shelf depends on what was dealt: those that change are taken off first, then put again.
        let mut entries: Vec<(Order, History)> = Vec::with_capacity(orders.len());
        let mut replaced = BTreeSet::new();
        for (id, document) in orders {
            let OrderDocument { mut order, history } = read(&document)?;
            self.sharing.share(&mut order);
            let id = number(id)?;
            take_off(onto, id);
            replaced.insert(id);
            entries.push((order, history));
        }
        for (supplier, id, document) in dealt {
            let (supplier, id, dealt) = (name(&supplier)?, number(id)?, read::<Dealt>(&document)?);
            let Some(shelf) = onto.shelves.get_mut(&supplier).map(Arc::make_mut) else { continue };
            let entry = onto.orders.get(&id).filter(|entry| entry.order.is_paid() && !replaced.contains(&id));
            let view = entry.and_then(|entry| entry.views.iter().find(|view| view.supplier == supplier));
            match entry.zip(view) {
                Some((entry, view)) => {
                    shelf.deal(entry.order.status, &view.facets, place(&entry.order), dealt);
                }
                None => shelf.remember(id, dealt),
            }
        }
        // Putting an order takes its accounts for delivered by all of its suppliers, as is so when it is new.
        let known = onto.delivered.clone();
        for (order, history) in entries {
            onto.put(order, history, &mut self.known_facets);
        }
        onto.delivered = known;
        for (supplier, account, id) in delivered {
            let account: Fingerprint =
                account.parse().map_err(|cause| sqlx::Error::Decode(Box::new(cause)))?;
            onto.delivered.insert((name(&supplier)?, account), number(id)?);
        }
        Ok(())
    }
}

/// Takes an order off its suppliers' shelves.
fn take_off(state: &mut State, id: OrderId) {
    let State { orders, shelves, .. } = state;
    let Some(entry) = orders.get(&id) else { return };
    for view in entry.views.iter().filter(|_| entry.order.is_paid()) {
        if let Some(shelf) = shelves.get_mut(&view.supplier) {
            Arc::make_mut(shelf).remove(entry.order.status, &view.facets, place(&entry.order));
        }
    }
}

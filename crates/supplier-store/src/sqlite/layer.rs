//! What differs between two states of a sandbox, as rows.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use supplier_domain::{Arrivals, Clock, Facet, Faults, Fingerprint, History, Order, OrderId, SupplierId};

use crate::memory::shelf::Dealt;
use crate::memory::state::{Entry, State, place};
use crate::snapshot::Sharing;

/// How many rows are written, or read, at once.
const MANY: usize = 4_000;

/// An order as it is kept.
#[derive(Serialize, Deserialize)]
struct OrderDocument {
    order: Order,
    history: History,
}

/// What is small in a state, and kept whole.
#[derive(Serialize, Deserialize)]
pub(super) struct StateDocument {
    clock: Clock,
    faults: Faults,
    arrivals: Option<Arrivals>,
}

impl StateDocument {
    pub(super) fn of(state: &State) -> Self {
        let State { clock, faults, arrivals, .. } = state;
        Self { clock: clock.clone(), faults: faults.clone(), arrivals: arrivals.clone() }
    }

    pub(super) fn put_into(self, state: &mut State) {
        Self { clock: state.clock, faults: state.faults, arrivals: state.arrivals } = self;
    }

    /// Whether the document of `to` would say no more than that of `from` does.
    pub(super) fn is_same(from: &State, to: &State) -> bool {
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
pub(super) struct Layer {
    orders: Vec<(OrderId, String)>,
    dealt: Vec<(SupplierId, OrderId, String)>,
    delivered: Vec<(SupplierId, String, OrderId)>,
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

pub(super) fn written<T: Serialize>(document: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(document).map_err(failed)
}

/// What [`written`] wrote.
pub(super) fn read<T: for<'a> Deserialize<'a>>(document: &str) -> Result<T, sqlx::Error> {
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
    pub(super) fn between(from: &State, to: &State) -> Result<Self, sqlx::Error> {
        let mut layer = Self::default();
        for (id, entry) in from.orders.diff(&to.orders).filter_map(now) {
            let (order, history) = (entry.order.clone(), entry.history.clone());
            layer.orders.push((id, written(&OrderDocument { order, history })?));
        }
        let none = Arc::default();
        for (supplier, shelf) in &to.shelves {
            let below = from.shelves.get(supplier).unwrap_or(&none);
            if Arc::ptr_eq(below, shelf) {
                continue;
            }
            for (id, dealt) in shelf.dealt_since(below).filter_map(now) {
                layer.dealt.push((supplier.clone(), id, written(&dealt)?));
            }
        }
        let delivered = from.delivered.diff(&to.delivered).filter_map(now);
        layer
            .delivered
            .extend(delivered.map(|((supplier, account), id)| (supplier, account.to_string(), id)));
        Ok(layer)
    }

    pub(super) async fn write(self, number: i64, to: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        for rows in self.orders.chunks(MANY) {
            let rows: Vec<_> = rows.iter().map(|(id, document)| (column(*id), document)).collect();
            let statement =
                "INSERT OR REPLACE INTO orders SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)";
            sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
        }
        for rows in self.dealt.chunks(MANY) {
            let row = |(supplier, id, document): &(SupplierId, OrderId, String)| {
                (supplier.as_str().to_owned(), column(*id), document.clone())
            };
            let rows: Vec<_> = rows.iter().map(row).collect();
            let statement = "INSERT OR REPLACE INTO dealt SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)";
            sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
        }
        for rows in self.delivered.chunks(MANY) {
            let row = |(supplier, account, id): &(SupplierId, String, OrderId)| {
                (supplier.as_str().to_owned(), account.clone(), column(*id))
            };
            let rows: Vec<_> = rows.iter().map(row).collect();
            let statement = "INSERT OR REPLACE INTO delivered SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)";
            sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
        }
        Ok(())
    }

    pub(super) async fn delete(number: i64, from: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        for statement in [
            "DELETE FROM orders WHERE layer = ?",
            "DELETE FROM dealt WHERE layer = ?",
            "DELETE FROM delivered WHERE layer = ?",
        ] {
            sqlx::query(statement).bind(number).execute(&mut *from).await?;
        }
        Ok(())
    }
}

/// Makes states of layers. What is equal in their orders is shared.
#[derive(Default)]
pub(super) struct Layers {
    sharing: Sharing,
    known_facets: HashSet<Arc<[Facet]>>,
}

impl Layers {
    /// Puts a layer's rows over a state.
    pub(super) async fn put(
        &mut self,
        layer: i64,
        onto: &mut State,
        from: &mut SqliteConnection,
    ) -> Result<(), sqlx::Error> {
        let orders: Vec<(i64, String)> =
            sqlx::query_as("SELECT number, document FROM orders WHERE layer = ? ORDER BY number")
                .bind(layer)
                .fetch_all(&mut *from)
                .await?;
        let dealt: Vec<(String, i64, String)> =
            sqlx::query_as("SELECT supplier, number, document FROM dealt WHERE layer = ?")
                .bind(layer)
                .fetch_all(&mut *from)
                .await?;
        let delivered: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT supplier, fingerprint, number FROM delivered WHERE layer = ?")
                .bind(layer)
                .fetch_all(&mut *from)
                .await?;
        // An order's place on a shelf depends on what was dealt: all that change are taken off first, then put again.
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
            if replaced.insert(id)
                && let Some(entry) = take_off(onto, id)
            {
                entries.push((entry.order.clone(), entry.history.clone()));
            }
            if let Some(shelf) = onto.shelves.get_mut(&supplier) {
                Arc::make_mut(shelf).remember(id, dealt);
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
fn take_off(state: &mut State, id: OrderId) -> Option<Arc<Entry>> {
    let State { orders, shelves, .. } = state;
    let entry = orders.get(&id)?;
    for view in entry.views.iter().filter(|_| entry.order.is_paid()) {
        if let Some(shelf) = shelves.get_mut(&view.supplier) {
            Arc::make_mut(shelf).remove(entry.order.status, &view.facets, place(&entry.order));
        }
    }
    Some(Arc::clone(entry))
}

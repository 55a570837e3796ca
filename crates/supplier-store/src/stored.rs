//! Stored form of a sandbox: documents, and the rows in which two states differ.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};
use supplier_domain::{
    Account, AccountList, Arrivals, Clock, Facet, Faults, Fingerprint, History, Order, OrderId, SupplierId,
    Timestamp,
};

use crate::memory::shelf::Interaction;
use crate::memory::state::{State, place};
use crate::snapshot::Sharing;
use crate::work::work_aside;

/// An order as it is kept: its accounts are not in it, and have rows of their own.
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
    #[serde(default)]
    last_given: Option<u64>,
}

impl StateDocument {
    pub(crate) fn of(state: &State) -> Self {
        let State { clock, faults, arrivals, last_given, .. } = state;
        Self {
            clock: clock.clone(),
            faults: faults.clone(),
            arrivals: arrivals.clone(),
            last_given: *last_given,
        }
    }

    pub(crate) fn put_into(self, state: &mut State) {
        Self {
            clock: state.clock,
            faults: state.faults,
            arrivals: state.arrivals,
            last_given: state.last_given,
        } = self;
    }

    /// Whether the document of `to` would say no more than that of `from` does.
    pub(crate) fn is_same(from: &State, to: &State) -> bool {
        let arrivals = match (&from.arrivals, &to.arrivals) {
            (Some(earlier), Some(arrivals)) => arrivals.goes_on_as(earlier),
            (None, None) => true,
            _ => false,
        };
        arrivals
            && to.last_given == from.last_given
            && to.clock.goes_on_as(&from.clock)
            && to.faults == from.faults
    }
}

/// Rows that are put over those of a state below. Nothing is ever taken away from it: orders do not go.
#[derive(Default)]
pub(crate) struct Layer {
    /// By number.
    pub(crate) orders: Vec<(i64, String)>,
    /// Accounts by their order's number, and by the place of the first of them.
    pub(crate) accounts: Vec<(i64, i64, String)>,
    /// By supplier and number.
    pub(crate) interaction: Vec<(String, i64, String)>,
    /// For which order each supplier first delivered an account, by its fingerprint.
    pub(crate) delivered: Vec<(String, String, i64)>,
}

/// So many rows take long.
const MUCH: usize = 200;

/// How many accounts one row holds.
const ACCOUNTS_OF_A_ROW: usize = 1_000;

/// How many rows are written at once,
const MANY_ROWS: usize = 4_000;
/// and of how many bytes of documents, unless one row alone has more.
const MANY_BYTES: usize = 4 << 20;

/// The same rows in parts that one statement takes. `size` says how long a row's documents are.
pub(crate) fn parts<T>(mut rows: &[T], size: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let mut parts = Vec::new();
    while !rows.is_empty() {
        let mut bytes = 0_usize;
        let fits = |row: &&T| {
            bytes = bytes.saturating_add(size(row));
            bytes <= MANY_BYTES
        };
        let count = rows.iter().take(MANY_ROWS).take_while(fits).count().max(1);
        let (part, rest) = rows.split_at(count);
        parts.push(part);
        rows = rest;
    }
    parts
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

/// A number as the database keeps it. No order has a greater one ([`OrderId::MAX`]).
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
        for difference in from.orders.diff(&to.orders) {
            let had = match &difference {
                DiffItem::Update { old: (_, old), .. } => old.order.accounts.len(),
                DiffItem::Add(..) | DiffItem::Remove(..) => 0,
            };
            let Some((id, entry)) = now(difference) else { continue };
            layer.write_accounts(id, &entry.order.accounts, had)?;
            let order = Order { accounts: AccountList::default(), ..entry.order.clone() };
            let document = OrderDocument { order, history: entry.history.clone() };
            layer.orders.push((column(id), written(&document)?));
        }
        let none = Arc::default();
        for (supplier, shelf) in &to.shelves {
            let below = from.shelves.get(supplier).unwrap_or(&none);
            if Arc::ptr_eq(below, shelf) {
                continue;
            }
            for (id, interaction) in shelf.interactions_since(below).filter_map(now) {
                layer.interaction.push((supplier.as_str().to_owned(), column(id), written(&interaction)?));
            }
        }
        let delivered = from.delivered.diff(&to.delivered).filter_map(now);
        layer.delivered.extend(delivered.map(|((supplier, account), id)| {
            (supplier.as_str().to_owned(), account.to_string(), column(id))
        }));
        Ok(layer)
    }

    /// The same; what differs much is compared where no call is answered.
    pub(crate) async fn between_at_length(from: &State, to: &State) -> Result<Self, sqlx::Error> {
        let orders = to.orders.len().abs_diff(from.orders.len());
        if orders < MUCH && to.accounts.abs_diff(from.accounts) < 10 * MUCH {
            return Self::between(from, to);
        }
        let (from, to) = (from.clone(), to.clone());
        work_aside(move || Self::between(&from, &to)).await
    }

    /// Writes those of an order's accounts that come after the first `had`, which stand below.
    fn write_accounts(&mut self, id: OrderId, accounts: &AccountList, had: usize) -> Result<(), sqlx::Error> {
        for first in (had..accounts.len()).step_by(ACCOUNTS_OF_A_ROW) {
            let some: Vec<_> = accounts.since(first).take(ACCOUNTS_OF_A_ROW).collect();
            let first = i64::try_from(first).unwrap_or(i64::MAX);
            self.accounts.push((column(id), first, written(&some)?));
        }
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.orders.is_empty()
            && self.accounts.is_empty()
            && self.interaction.is_empty()
            && self.delivered.is_empty()
    }
}

/// Makes states of layers. What is equal in their orders is shared.
#[derive(Default)]
pub(crate) struct Layers {
    sharing: Sharing,
    known_facets: HashSet<Arc<[Facet]>>,
}

impl Layers {
    /// Puts a layer's rows over a state; many of them where no call is answered.
    pub(crate) async fn put_at_length(&mut self, layer: Layer, onto: &mut State) -> Result<(), sqlx::Error> {
        if layer.orders.len() + layer.interaction.len() + layer.delivered.len() < MUCH {
            return self.put(layer, onto);
        }
        let empty = State::new(&[], onto.options, Timestamp::from_millis(0));
        let (mut layers, mut state) = (std::mem::take(self), std::mem::replace(onto, empty));
        let (layers, state, put) = work_aside(move || {
            let put = layers.put(layer, &mut state);
            (layers, state, put)
        })
        .await;
        (*self, *onto) = (layers, state);
        put
    }

    /// Puts a layer's rows over a state.
    pub(crate) fn put(&mut self, layer: Layer, onto: &mut State) -> Result<(), sqlx::Error> {
        let Layer { orders, accounts, interaction, delivered } = layer;
        let mut accounts_of = BTreeMap::<i64, Vec<(i64, String)>>::new();
        for (order, first, document) in accounts {
            accounts_of.entry(order).or_default().push((first, document));
        }
        // An order's place on a shelf depends on its interaction: orders whose interaction changes are taken off first, then put again.
        let mut entries: Vec<(Order, History)> = Vec::with_capacity(orders.len());
        let mut replaced = BTreeSet::new();
        for (id, document) in orders {
            let OrderDocument { mut order, history } = read(&document)?;
            self.sharing.share(&mut order);
            let added = accounts_of.remove(&id).unwrap_or_default();
            let id = number(id)?;
            order.accounts =
                onto.orders.get(&id).map(|below| below.order.accounts.clone()).unwrap_or_default();
            add_accounts(&mut order.accounts, added)?;
            take_off(onto, id);
            replaced.insert(id);
            entries.push((order, history));
        }
        for (supplier, id, document) in interaction {
            let (supplier, id, interaction) =
                (name(&supplier)?, number(id)?, read::<Interaction>(&document)?);
            let Some(shelf) = onto.shelves.get_mut(&supplier).map(Arc::make_mut) else { continue };
            let entry = onto.orders.get(&id).filter(|entry| entry.order.is_paid() && !replaced.contains(&id));
            let view = entry.and_then(|entry| entry.views.iter().find(|view| view.supplier == supplier));
            match entry.zip(view) {
                Some((entry, view)) => {
                    shelf.deal(entry.order.status, &view.facets, place(&entry.order), interaction);
                }
                None => shelf.remember(id, interaction),
            }
        }
        for (order, history) in entries {
            onto.place(order, history, &mut self.known_facets);
        }
        for (supplier, account, id) in delivered {
            let account: Fingerprint =
                account.parse().map_err(|cause| sqlx::Error::Decode(Box::new(cause)))?;
            onto.delivered.insert((name(&supplier)?, account), number(id)?);
        }
        Ok(())
    }
}

/// Adds what rows say to the accounts of an order. Rows that were written before they had only what a layer adds begin anew.
fn add_accounts(accounts: &mut AccountList, mut rows: Vec<(i64, String)>) -> Result<(), sqlx::Error> {
    rows.sort_unstable_by_key(|(first, _)| *first);
    for (first, document) in rows {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let known = accounts.len().checked_sub(first);
        let known = known.ok_or_else(|| sqlx::Error::Decode("accounts of an order are missing".into()))?;
        let some: Vec<Account> = read(&document)?;
        accounts.extend(some.into_iter().skip(known).collect());
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use supplier_domain::samples::{manual, order, supplier};
    use supplier_domain::{
        FingerprintKey, OrderUpdate, RequestId, SubmittedAccount, Timestamp, Window, World,
    };

    use super::Layer;
    use crate::memory::sandbox::Sandbox;
    use crate::{NewSandbox, Settings, StoreOptions, conformance};

    /// What an update has written is what it adds: it does not grow with what the order has.
    #[test]
    fn an_update_writes_what_it_adds_however_many_accounts_the_order_has() {
        let server = Timestamp::from_millis(1_800_000_000_000);
        let orders = vec![order(1).with_item("aurora", manual("Mail accounts"), 2)];
        let new = NewSandbox {
            id: "accounts".parse().unwrap(),
            scenario: "custom".into(),
            seed: 1,
            world: World { suppliers: vec![supplier("aurora")], orders, arrivals: None },
            settings: Settings {
                window: Window::STANDARD,
                account_dedup: supplier_domain::AccountDedup::Order,
            },
            fingerprint_key: FingerprintKey([9; 32]),
            keys: Vec::new(),
            expires_at: None,
        };
        let mut sandbox = Sandbox::new(new, StoreOptions::new(conformance::render), 1, server);
        let mut given = 0;
        let mut written = |accounts: usize| {
            let before = sandbox.state.clone();
            let account = |number| SubmittedAccount::Text(format!("user-{number:06}@example.com:secret"));
            let accounts = Some((given..given + accounts).map(account).collect::<Vec<_>>());
            given += accounts.as_ref().map_or(0, Vec::len);
            let update = OrderUpdate { order: 1, accounts, ..OrderUpdate::default() };
            let updated =
                sandbox.update(&supplier("aurora").id, &update, (RequestId { server: 1, count: 1 }, server));
            updated.result.unwrap();
            let layer = Layer::between(&before, &sandbox.state).unwrap();
            let sizes = (layer.orders.iter().map(|(_, document)| document.len()))
                .chain(layer.accounts.iter().map(|(.., document)| document.len()));
            sizes.sum::<usize>() + layer.delivered.len() * 40
        };
        // The history of an order is full after 100 updates, and is written whole.
        for _ in 0..100 {
            written(1);
        }
        let of_few = written(1);
        written(9_000);
        let of_many = written(1);
        assert!(of_many < of_few + 1_000, "{of_few} bytes for the 101st account, {of_many} for the 9102nd");
    }
}

//! Layers: the rows in which a state differs from the state below it.

use std::sync::Arc;

use imbl::ordmap::DiffItem;
use supplier_domain::{AccountList, Order, OrderId};

use super::{OrderDocument, written};
use crate::engine::state::State;
use crate::work::work_aside;

/// The rows that a state adds to the state below it, or replaces there. No row is ever removed: orders stay.
#[derive(Default)]
pub(crate) struct Layer {
    /// Documents of orders, by number.
    pub(crate) orders: Vec<(i64, String)>,
    /// Documents of accounts, by their order's number, and by the index of the first account.
    pub(crate) accounts: Vec<(i64, i64, String)>,
    /// Documents of interactions, by supplier and order number.
    pub(crate) interaction: Vec<(String, i64, String)>,
    /// For which order each supplier first delivered an account, by supplier and fingerprint.
    pub(crate) delivered: Vec<(String, String, i64)>,
}

/// From so many rows on, comparing and rebuilding states is a long operation.
const MANY_ORDERS: usize = 200;
/// The most accounts of one row.
const ACCOUNTS_OF_A_ROW: usize = 1_000;
/// The most rows of one statement.
const ROWS_OF_A_STATEMENT: usize = 4_000;
/// The most bytes of documents of one statement, unless one row alone has more.
const BYTES_OF_A_STATEMENT: usize = 4 << 20;

/// Splits rows into parts, one for each statement. `size` is the length of a row's documents.
pub(crate) fn parts<T>(mut rows: &[T], size: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let mut parts = Vec::new();
    while !rows.is_empty() {
        let mut bytes = 0_usize;
        let fits = |row: &&T| {
            bytes = bytes.saturating_add(size(row));
            bytes <= BYTES_OF_A_STATEMENT
        };
        let count = rows.iter().take(ROWS_OF_A_STATEMENT).take_while(fits).count().max(1);
        let (part, rest) = rows.split_at(count);
        parts.push(part);
        rows = rest;
    }
    parts
}

/// The new entry of a difference between two maps; keys are never removed.
#[expect(clippy::needless_pass_by_value, reason = "it is what an iterator of differences gives")]
fn new_entry<K: Clone, V: Clone>(difference: DiffItem<'_, '_, K, V>) -> Option<(K, V)> {
    match difference {
        DiffItem::Add(key, value) | DiffItem::Update { new: (key, value), .. } => {
            Some((key.clone(), value.clone()))
        }
        DiffItem::Remove(..) => None,
    }
}

/// An order's number as a column. The greatest, [`OrderId::MAX`], fits.
fn column(id: OrderId) -> i64 {
    i64::try_from(id.get()).unwrap_or(i64::MAX)
}

impl Layer {
    /// The difference between two states, at the cost of what differs: they share the rest.
    pub(crate) fn between(from: &State, to: &State) -> Result<Self, sqlx::Error> {
        let mut layer = Self::default();
        for difference in from.orders.diff(&to.orders) {
            let had = match &difference {
                DiffItem::Update { old: (_, old), .. } => old.order.accounts.len(),
                DiffItem::Add(..) | DiffItem::Remove(..) => 0,
            };
            let Some((id, entry)) = new_entry(difference) else { continue };
            layer.add_accounts(id, &entry.order.accounts, had)?;
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
            for (id, interaction) in shelf.interactions_since(below).filter_map(new_entry) {
                layer.interaction.push((supplier.as_str().to_owned(), column(id), written(&interaction)?));
            }
        }
        let delivered = from.delivered.diff(&to.delivered).filter_map(new_entry);
        layer.delivered.extend(delivered.map(|((supplier, account), id)| {
            (supplier.as_str().to_owned(), account.to_string(), column(id))
        }));
        Ok(layer)
    }

    /// [`Layer::between`]; on a thread that answers no calls, if much differs.
    pub(crate) async fn between_at_length(from: &State, to: &State) -> Result<Self, sqlx::Error> {
        let orders = to.orders.len().abs_diff(from.orders.len());
        if orders < MANY_ORDERS && to.accounts.abs_diff(from.accounts) < 10 * MANY_ORDERS {
            return Self::between(from, to);
        }
        let (from, to) = (from.clone(), to.clone());
        work_aside(move || Self::between(&from, &to)).await
    }

    /// Adds rows for an order's accounts after the first `had`, which are in the layers below.
    fn add_accounts(&mut self, id: OrderId, accounts: &AccountList, had: usize) -> Result<(), sqlx::Error> {
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

    /// Whether applying this layer is a long operation.
    pub(super) fn is_long(&self) -> bool {
        self.orders.len() + self.interaction.len() + self.delivered.len() >= MANY_ORDERS
    }
}

#[cfg(test)]
mod tests {
    use supplier_domain::samples::{manual, order, supplier};
    use supplier_domain::{
        FingerprintKey, OrderUpdate, RequestId, SubmittedAccount, Timestamp, Window, World,
    };

    use super::Layer;
    use crate::engine::sandbox::Sandbox;
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

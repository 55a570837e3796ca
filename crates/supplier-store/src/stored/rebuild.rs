//! Rebuilding of states from their layers.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use supplier_domain::{
    Account, AccountList, Facet, Fingerprint, History, Order, OrderId, SupplierId, Timestamp,
};

use super::{Layer, OrderDocument, invalid, read};
use crate::StoreOptions;
use crate::engine::sandbox::BaseState;
use crate::engine::shelf::Interaction;
use crate::engine::state::{State, place};
use crate::snapshot::Sharing;
use crate::work::work_aside;

/// Rebuilds states, whose orders share what is equal in them.
#[derive(Default)]
pub(crate) struct Rebuild {
    sharing: Sharing,
    known_facets: HashSet<Arc<[Facet]>>,
}

fn number(column: i64) -> Result<OrderId, sqlx::Error> {
    OrderId::new(column).ok_or_else(|| invalid(format!("{column} is no order's number")))
}

fn name(text: &str) -> Result<SupplierId, sqlx::Error> {
    text.parse().map_err(invalid)
}

impl Rebuild {
    /// Rebuilds a base state from its suppliers' document and its layer.
    pub(crate) async fn base(
        &mut self,
        number: i64,
        suppliers: &str,
        layer: Layer,
        options: StoreOptions,
    ) -> Result<Arc<BaseState>, sqlx::Error> {
        let suppliers: Vec<_> = read(suppliers)?;
        let mut state = State::new(&suppliers, options, Timestamp::from_millis(0));
        self.apply(layer, &mut state).await?;
        Ok(Arc::new(BaseState::new(number, suppliers, state)))
    }

    /// Applies a layer to the state below it; a long one on a thread that answers no calls.
    pub(crate) async fn apply(&mut self, layer: Layer, state: &mut State) -> Result<(), sqlx::Error> {
        if !layer.is_long() {
            return self.apply_now(layer, state);
        }
        let empty = State::new(&[], state.options, Timestamp::from_millis(0));
        let (mut rebuild, mut taken) = (std::mem::take(self), std::mem::replace(state, empty));
        let (rebuild, taken, applied) = work_aside(move || {
            let applied = rebuild.apply_now(layer, &mut taken);
            (rebuild, taken, applied)
        })
        .await;
        (*self, *state) = (rebuild, taken);
        applied
    }

    fn apply_now(&mut self, layer: Layer, state: &mut State) -> Result<(), sqlx::Error> {
        let Layer { orders, accounts, interaction, delivered } = layer;
        let mut accounts_of = BTreeMap::<i64, Vec<(i64, String)>>::new();
        for (order, first, document) in accounts {
            accounts_of.entry(order).or_default().push((first, document));
        }
        // An order's place on a shelf depends on its interaction: changed orders are taken off first, then placed again.
        let mut entries: Vec<(Order, History)> = Vec::with_capacity(orders.len());
        let mut replaced = BTreeSet::new();
        for (id, document) in orders {
            let OrderDocument { mut order, history } = read(&document)?;
            self.sharing.share(&mut order);
            let added = accounts_of.remove(&id).unwrap_or_default();
            let id = number(id)?;
            order.accounts =
                state.orders.get(&id).map(|below| below.order.accounts.clone()).unwrap_or_default();
            add_accounts(&mut order.accounts, added)?;
            take_off(state, id);
            replaced.insert(id);
            entries.push((order, history));
        }
        for (supplier, id, document) in interaction {
            let (supplier, id, interaction) =
                (name(&supplier)?, number(id)?, read::<Interaction>(&document)?);
            let Some(shelf) = state.shelves.get_mut(&supplier).map(Arc::make_mut) else { continue };
            let entry =
                state.orders.get(&id).filter(|entry| entry.order.is_paid() && !replaced.contains(&id));
            let view = entry.and_then(|entry| entry.views.iter().find(|view| view.supplier == supplier));
            match entry.zip(view) {
                Some((entry, view)) => {
                    shelf.deal(entry.order.status, &view.facets, place(&entry.order), interaction);
                }
                None => shelf.remember(id, interaction),
            }
        }
        for (order, history) in entries {
            state.place(order, history, &mut self.known_facets);
        }
        for (supplier, account, id) in delivered {
            let account: Fingerprint = account.parse().map_err(invalid)?;
            state.delivered.insert((name(&supplier)?, account), number(id)?);
        }
        Ok(())
    }
}

/// Adds the accounts of rows to an order's. Rows of older versions may repeat accounts of the layers below.
fn add_accounts(accounts: &mut AccountList, mut rows: Vec<(i64, String)>) -> Result<(), sqlx::Error> {
    rows.sort_unstable_by_key(|(first, _)| *first);
    for (first, document) in rows {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let known = accounts.len().checked_sub(first);
        let known = known.ok_or_else(|| invalid("accounts of an order are missing"))?;
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

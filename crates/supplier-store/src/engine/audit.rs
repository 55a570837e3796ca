//! Searches for orders, and audits: long operations that read all orders.

use std::collections::BTreeMap;
use std::sync::Arc;

use supplier_domain::{Facet, Fingerprint, Order, OrderId, Timestamp, Window};

use super::sandbox::Sandbox;
use super::state::Entry;
use crate::{AuditRecord, AuditRecords, FoundOrders, OrderSearch, UsedTwice};

fn fits(order: &Order, search: &OrderSearch) -> bool {
    search.statuses.as_ref().is_none_or(|statuses| statuses.contains(&order.status))
        && search.payment_status.is_none_or(|payment| payment == order.payment_status)
        && order.items.iter().any(|item| {
            let Facet { product_type, entity_type, sub_category } = &item.product.facet;
            search.supplier.as_ref().is_none_or(|supplier| item.product.supplier == *supplier)
                && search.product_type.is_none_or(|wanted| wanted == *product_type)
                && search.entity_type.is_none_or(|wanted| wanted == *entity_type)
                && search.sub_category.as_ref().is_none_or(|wanted| **wanted == **sub_category)
        })
}

impl Sandbox {
    /// The orders that match a search.
    pub(crate) fn find_orders(&mut self, search: &OrderSearch, server: Timestamp) -> FoundOrders {
        self.state.catch_up(server);
        let now = self.state.clock.read(server);
        let mut found = FoundOrders { orders: Vec::new(), total: 0 };
        for (_, entry) in self.state.orders.iter().filter(|(_, entry)| fits(&entry.order, search)) {
            if found.total >= search.offset && found.orders.len() < search.limit {
                found.orders.push(self.state.order_state(entry, now));
            }
            found.total += 1;
        }
        found
    }

    /// What an audit reads of all orders.
    pub(crate) fn audit(&mut self, server: Timestamp) -> AuditRecords {
        self.state.catch_up(server);
        let now = self.state.clock.read(server);
        let mut records = Vec::new();
        for (supplier, shelf) in &self.state.shelves {
            for (id, interaction) in shelf.all_interactions() {
                let Some(entry) = self.state.orders.get(&id) else { continue };
                records.push(AuditRecord {
                    order: id,
                    supplier: supplier.clone(),
                    status: entry.order.status,
                    payment_status: entry.order.payment_status,
                    owed: entry.order.accounts_owed(),
                    accounts: entry.order.accounts.len(),
                    dealings: interaction.dealings,
                    withheld_until: interaction.until.filter(|until| Window::withholds(Some(*until), now)),
                });
            }
        }
        records.sort_by(|a, b| (a.order, &a.supplier).cmp(&(b.order, &b.supplier)));
        AuditRecords { now, records, used_twice: used_twice(self.state.orders.values()) }
    }
}

fn used_twice<'a>(entries: impl Iterator<Item = &'a Arc<Entry>>) -> Vec<UsedTwice> {
    let mut orders_of: BTreeMap<Fingerprint, (&str, Vec<OrderId>)> = BTreeMap::new();
    for entry in entries {
        for account in entry.order.accounts.iter() {
            let used = orders_of.entry(account.fingerprint).or_insert((&account.login, Vec::new()));
            used.1.push(entry.order.id);
        }
    }
    let twice = orders_of.into_values().filter(|(_, orders)| orders.len() > 1);
    let mut twice: Vec<_> = twice.map(|(login, orders)| UsedTwice { login: login.into(), orders }).collect();
    twice.sort_by(|a, b| (&a.orders, &a.login).cmp(&(&b.orders, &b.login)));
    twice
}

//! `[[orders]]`: groups of random orders.

use std::fmt;
use std::str::FromStr;

use supplier_domain::{OrderId, PaymentStatus};

use super::numbers::Numbers;
use super::{basket, limits};
use crate::reading::{Field, Fields, Register};
use crate::scenario::{Basket, Choice, Offer, OrderGroup, Weights};

const FIELDS: &[&str] = &[
    "group",
    "first_number",
    "count",
    "statuses",
    "payment_statuses",
    "products",
    "items",
    "one_of_each",
    "quantity",
    "age_hours",
    "accounts",
];

/// Reads the groups of orders.
pub(super) fn read(
    file: &Fields<'_>,
    offers: &Register<Offer>,
    numbers: &mut Numbers,
) -> Option<Vec<OrderGroup>> {
    let mut labels = Register::new("group");
    let mut totals = Totals::default();
    let read = |element: Field<'_>| {
        let group = group(&element.fields(FIELDS)?, offers, &mut labels, numbers)?;
        totals.add(&element, &group)?;
        Some(group)
    };
    let groups: Vec<_> = file.elements("orders").into_iter().map(read).collect();
    groups.into_iter().collect()
}

fn group(
    fields: &Fields<'_>,
    offers: &Register<Offer>,
    labels: &mut Register<()>,
    numbers: &mut Numbers,
) -> Option<OrderGroup> {
    let label_field = fields.required("group");
    let label = label_field.as_ref().and_then(Field::word);
    labels.enter(label_field.as_ref().zip(label), None);
    let count = fields.required("count").and_then(|field| field.integer(&limits::GROUP_ORDERS));
    let first_number =
        fields.required("first_number").and_then(|field| first_number(&field, count, fields, numbers));
    let statuses = fields.required("statuses").and_then(|field| weights(&field));
    let paid = Weights(vec![(PaymentStatus::Completed, 1)]);
    let payment_statuses = fields.or("payment_statuses", paid, |field| weights(&field));
    let basket = basket::read(fields, offers);
    let age_hours = fields.required("age_hours").and_then(|field| field.least_and_most(&limits::AGE_HOURS));
    let delivered = fields.or("accounts", false, |field| field.truth());
    Some(OrderGroup {
        label: label?.to_owned(),
        first_number: first_number?,
        count: count?,
        statuses: statuses?,
        payment_statuses: payment_statuses?,
        basket: basket?,
        age_hours: age_hours?,
        delivered: delivered?,
    })
}

fn first_number(
    field: &Field<'_>,
    count: Option<u32>,
    group: &Fields<'_>,
    numbers: &mut Numbers,
) -> Option<OrderId> {
    let first: u64 = field.integer(&limits::NUMBER)?;
    let last = first + u64::from(count?) - 1;
    if last > OrderId::MAX {
        return field
            .refuse(format_args!("the group's last number would be {last}; at most {}", OrderId::MAX));
    }
    numbers.claim(group.place(), field.place(), first, last);
    OrderId::new(i64::try_from(first).ok()?)
}

fn weights<T>(field: &Field<'_>) -> Option<Weights<T>>
where
    T: FromStr<Err: fmt::Display> + Ord,
{
    let mut weights = field.numbers(&limits::WEIGHT)?;
    // The value of a draw must not depend on the order of the file.
    weights.sort_unstable();
    if weights.iter().all(|(_, weight)| *weight == 0) {
        return field.refuse("must have a weight above 0");
    }
    Some(Weights(weights))
}

/// Totals of all groups so far.
#[derive(Default)]
struct Totals {
    orders: u64,
    accounts: u64,
}

impl Totals {
    /// Adds `group`. Only the group that brings a total over its limit is refused, not the ones after it.
    fn add(&mut self, element: &Field<'_>, group: &OrderGroup) -> Option<()> {
        let orders = u64::from(group.count);
        if passes(&mut self.orders, orders, limits::MAX_ORDERS) {
            let (orders, most) = (self.orders, limits::MAX_ORDERS);
            return element.refuse(format_args!("brings the orders to {orders}; at most {most} in all"));
        }
        let Basket { offers, choice, quantity } = &group.basket;
        let items = match choice {
            Choice::AtRandom(items) => u64::from(*items.end()),
            Choice::OneOfEach => offers.len() as u64,
        };
        let accounts = if group.delivered { orders * items * u64::from(*quantity.end()) } else { 0 };
        if passes(&mut self.accounts, accounts, limits::MAX_ACCOUNTS) {
            let (accounts, most) = (self.accounts, limits::MAX_ACCOUNTS);
            return element.refuse(format_args!(
                "could bring the accounts to {accounts}; at most {most} in all: take fewer orders or smaller \
                 quantities, or leave accounts out"
            ));
        }
        Some(())
    }
}

/// Adds to a total. Returns whether this exceeds `most`.
fn passes(total: &mut u64, more: u64, most: u64) -> bool {
    let was_over = *total > most;
    *total = total.saturating_add(more);
    *total > most && !was_over
}

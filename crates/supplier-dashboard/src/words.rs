//! Wording of the pages: moments, durations, counts.

use supplier_control::OrderState;
use supplier_domain::{SupplierId, Timestamp};

/// A time in the form `2026-01-05 10:00:00`.
pub(crate) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

/// A time of day, to the millisecond.
pub(crate) fn time(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(11..23).unwrap_or(&text).to_owned()
}

/// State of an order for a supplier: a CSS class, and a text.
pub(crate) fn standing(state: &OrderState, supplier: &SupplierId) -> (&'static str, String) {
    let order = &state.order;
    if !order.is_paid() {
        return ("unpaid", format!("not paid ({}): in no list", order.payment_status));
    }
    match state.until(supplier) {
        Some(until) => ("withheld", format!("withheld until {}", &time(until)[..8])),
        None => ("available", "available".to_owned()),
    }
}

/// Number of delivered accounts of an order.
pub(crate) fn delivered(state: &OrderState, supplier: &SupplierId) -> String {
    let quantity = state.order.seen_by(supplier).map_or(0, |view| view.quantity());
    format!("{} of {quantity}", state.order.accounts.len())
}

/// Parts of a text; those between backticks are code.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(place, part)| (place % 2 == 1, part))
}

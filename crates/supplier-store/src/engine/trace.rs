//! Tracing of dropped accounts to where they were seen first.

use std::collections::HashMap;

use supplier_domain::{
    DropReason, DroppedAccount, Fingerprint, FingerprintKey, FirstSeen, History, Order, OrderId,
    SubmittedAccount,
};

use crate::{MAX_TRACED, TracedAccount};

const NOWHERE: FirstSeen = FirstSeen { index: None, order: None, request: None, at: None };

/// The first [`MAX_TRACED`] of the `dropped` accounts, each with where it was seen first. `submitted` are the accounts of
/// the update, and `order` is the order before the update.
pub(super) fn trace(
    dropped: &[DroppedAccount],
    submitted: &[SubmittedAccount],
    order: &Order,
    history: &History,
    key: &FingerprintKey,
    elsewhere: impl Fn(Fingerprint) -> Option<OrderId>,
) -> Vec<TracedAccount> {
    let dropped = &dropped[..dropped.len().min(MAX_TRACED)];
    let text = |index: usize| match submitted.get(index) {
        Some(SubmittedAccount::Text(text)) => Some(text.trim()),
        _ => None,
    };
    // Submissions can be long: one pass for all accounts.
    let mut first_of = HashMap::new();
    if dropped.iter().any(|it| it.reason == DropReason::Repeated) {
        for index in 0..submitted.len() {
            text(index).map(|text| first_of.entry(text).or_insert(index));
        }
    }
    let seen = |dropped: &DroppedAccount| {
        let text = text(dropped.index)?;
        let fingerprint = || Fingerprint::of(text, key);
        match dropped.reason {
            DropReason::Malformed => None,
            DropReason::Repeated => Some(FirstSeen { index: first_of.get(text).copied(), ..NOWHERE }),
            DropReason::AlreadyDelivered => {
                let place = order.accounts.place_of(fingerprint())?;
                let moment = history.delivery_of(place, order.accounts.len());
                let (request, at) = (moment.map(|it| it.request), moment.map(|it| it.at));
                Some(FirstSeen { order: Some(order.id), request, at, index: None })
            }
            DropReason::DeliveredElsewhere => Some(FirstSeen { order: elsewhere(fingerprint()), ..NOWHERE }),
        }
    };
    dropped.iter().map(|it| TracedAccount { index: it.index, reason: it.reason, seen: seen(it) }).collect()
}

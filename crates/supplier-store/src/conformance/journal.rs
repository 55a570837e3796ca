//! Conformance tests of journals and scorecards.

use std::borrow::Cow;

use supplier_domain::fault::Operation;
use supplier_domain::samples::{request, supplier_id};
use supplier_domain::{
    CallDigest, CallEffect, CallRecord, Excerpt, ListCall, Observation, ObservedCall, OddAccounts, OrderId,
    Reading, Window,
};

use super::orders::open_orders;
use super::{REQUEST, SERVER, caller, new_fork, sandbox};
use crate::{CallSearch, MAX_CALLS, MAX_CALLS_BYTES, SandboxId, Store};

pub(super) fn list_call(count: u64, orders: &[i64]) -> CallRecord {
    CallRecord {
        id: request(count),
        at: SERVER,
        server_at: SERVER,
        micros: 10,
        operation: Some(Operation::ListOrders),
        supplier: Some(supplier_id("aurora")),
        method: "GET".into(),
        target: Excerpt { text: "/api/admin/v2/orders".into(), is_cut: false },
        body: Excerpt::default(),
        status: Some(200),
        is_lost: false,
        resend: None,
        key_problem: None,
        ignored: Vec::new(),
        error: None,
        answer: Excerpt::default(),
        problems: Vec::new(),
        rules: Vec::new(),
        faults: Vec::new(),
        effect: CallEffect::Listed {
            orders: orders.iter().filter_map(|number| OrderId::new(*number)).collect(),
            total: orders.len(),
            withheld: 0,
            next_at: None,
        },
    }
}

fn refused(count: u64) -> CallRecord {
    let error = Some(Cow::Borrowed("ORDER_NOT_FOUND"));
    let order = OrderId::new(99);
    let effect = CallEffect::Update {
        order,
        statuses: None,
        accepted: 0,
        dropped: 0,
        first_dropped: Vec::new(),
        odd: OddAccounts::default(),
        changed_nothing: false,
    };
    let operation = Some(Operation::UpdateOrder);
    CallRecord { operation, status: Some(404), error, effect, ..list_call(count, &[]) }
}

pub(super) fn observed(count: u64) -> Observation {
    Observation {
        request: request(count),
        at: SERVER,
        server: SERVER,
        ended: SERVER,
        operation: Some(Operation::ListOrders),
        reached: true,
        hung_up: false,
        is_done: true,
        status: 200,
        error: None,
        key_in_url: count == 1,
        key_in_body: false,
        digest: CallDigest::from_bits(count),
        forwarded_for: None,
        ignored: Vec::new(),
        call: ObservedCall::List(ListCall::default()),
    }
}

async fn counts(store: &dyn Store, sandbox: &SandboxId, search: CallSearch) -> Vec<u64> {
    let found = store.calls(sandbox, &search, SERVER).await.unwrap();
    found.calls.iter().map(|call| call.record.id.count).collect()
}

pub(super) async fn calls_are_found_by_what_they_were(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(1), Window::STANDARD).await;
    let mut changes = store.changes(&sandbox, SERVER).await.unwrap();
    for record in [list_call(11, &[1]), refused(12), list_call(13, &[]), refused(14)] {
        store.keep_call(&sandbox, None, record, None, SERVER).await.unwrap();
    }
    assert!(changes.has_changed().unwrap(), "who waits for calls is told");
    changes.mark_unchanged();
    let all = CallSearch { limit: 10, ..CallSearch::default() };
    for (search, expected) in [
        (all.clone(), &[11, 12, 13, 14][..]),
        // Without `after`, a search finds the last calls.
        (CallSearch { limit: 2, ..all.clone() }, &[13, 14]),
        (CallSearch { limit: 2, after: Some(0), ..all.clone() }, &[11, 12]),
        (CallSearch { after: Some(3), ..all.clone() }, &[14]),
        (CallSearch { after: Some(99), ..all.clone() }, &[]),
        (CallSearch { operation: Some(Operation::ListOrders), ..all.clone() }, &[11, 13]),
        (CallSearch { status: Some(404), ..all.clone() }, &[12, 14]),
        (CallSearch { error: Some("ORDER_NOT_FOUND".to_owned()), after: Some(2), ..all.clone() }, &[14]),
        (CallSearch { order: OrderId::new(99), ..all.clone() }, &[12, 14]),
        (CallSearch { order: OrderId::new(1), ..all.clone() }, &[11]),
    ] {
        assert_eq!(counts(store, &sandbox, search.clone()).await, expected, "{search:?}");
    }
    let call = store.call(&sandbox, request(12), SERVER).await.unwrap().unwrap();
    assert_eq!((call.number, &*call.record), (2, &refused(12)));
    assert!(store.call(&sandbox, request(15), SERVER).await.unwrap().is_none());
    store.clear_calls(&sandbox, SERVER).await.unwrap();
    store.keep_call(&sandbox, None, refused(16), None, SERVER).await.unwrap();
    let found = store.calls(&sandbox, &all, SERVER).await.unwrap();
    assert_eq!((found.calls[0].number, found.last, found.dropped), (5, 5, 4), "numbers go on");
    store
        .update(
            &caller(&sandbox, "aurora"),
            &supplier_domain::OrderUpdate { order: 1, ..Default::default() },
            REQUEST,
            SERVER,
        )
        .await
        .unwrap();
    assert!(changes.has_changed().unwrap(), "who waits for orders is told");
    store.delete(&sandbox, SERVER).await.unwrap();
    assert!(changes.has_changed().is_err(), "the sandbox is gone");
}

/// Keeps more calls than a journal holds, without a pause. Returns how many calls are too many.
///
/// # Panics
/// If the store fails.
pub async fn flood(store: &dyn Store) -> u64 {
    let sandbox = sandbox(store, Vec::new(), Window::STANDARD).await;
    for count in 0..MAX_CALLS as u64 + 100 {
        store.keep_call(&sandbox, None, list_call(count, &[]), None, SERVER).await.unwrap();
    }
    let kept = store.calls(&sandbox, &CallSearch::default(), SERVER).await.unwrap();
    assert_eq!(kept.dropped, 100);
    100
}

/// Creates a sandbox whose next call has a number that no database can store, and another sandbox. Keeps a call of each.
///
/// # Panics
/// If the store fails.
pub async fn journal_at_its_end(store: &dyn Store) -> [SandboxId; 2] {
    let good = sandbox(store, Vec::new(), Window::STANDARD).await;
    let bad: SandboxId = format!("{good}-bad").parse().unwrap();
    let mut snapshot = store.export(&good, SERVER).await.unwrap();
    snapshot.journal.last = i64::MAX as u64;
    store.restore(snapshot, new_fork(&bad), SERVER).await.unwrap();
    for id in [&bad, &good] {
        store.keep_call(id, None, list_call(1, &[]), Some(observed(1)), SERVER).await.unwrap();
    }
    [bad, good]
}

pub(super) async fn the_oldest_calls_give_way(store: &dyn Store) {
    let sandbox = sandbox(store, Vec::new(), Window::STANDARD).await;
    let all = CallSearch { limit: usize::MAX, ..CallSearch::default() };
    for count in 1..=MAX_CALLS as u64 + 3 {
        store.keep_call(&sandbox, None, list_call(count, &[]), None, SERVER).await.unwrap();
    }
    let found = store.calls(&sandbox, &all, SERVER).await.unwrap();
    assert_eq!((found.calls.len(), found.dropped, found.calls[0].number), (MAX_CALLS, 3, 4));
    let long: Box<str> = "x".repeat(MAX_CALLS_BYTES / 4).into();
    for count in 1..=9 {
        let body = Excerpt { text: long.clone(), is_cut: false };
        store
            .keep_call(&sandbox, None, CallRecord { body, ..list_call(count, &[]) }, None, SERVER)
            .await
            .unwrap();
    }
    assert_eq!(counts(store, &sandbox, all).await, [7, 8, 9]);
}

pub(super) async fn scorecards_follow_what_was_observed(store: &dyn Store) {
    let original = sandbox(store, Vec::new(), Window::STANDARD).await;
    for count in 1..=2 {
        store.keep_call(&original, None, list_call(count, &[]), Some(observed(count)), SERVER).await.unwrap();
    }
    let fork: SandboxId = format!("{original}-scores").parse().unwrap();
    store.fork(&original, new_fork(&fork), SERVER).await.unwrap();
    let scores = |sandbox| async move {
        let scorecards = store.scorecards(sandbox, SERVER).await.unwrap();
        let reading = Reading { now: scorecards.now, awaits: &|_| true, has_ended: false };
        let scores = scorecards.by_supplier.iter().map(|(_, card)| card.report(&reading).score);
        (scores.collect::<Vec<_>>(), scorecards.dropped)
    };
    let (seen, dropped) = scores(&original).await;
    assert!(seen[0].is_some_and(|score| score < 100) && seen[1].is_none(), "{seen:?}");
    assert_eq!(dropped, 0);
    assert_eq!(scores(&fork).await, (vec![None, None], 0), "a fork begins anew");
    store.clear_calls(&original, SERVER).await.unwrap();
    assert_eq!(scores(&original).await, (seen, 2));
    store.reset(&original, SERVER).await.unwrap();
    assert_eq!(scores(&original).await, (vec![None, None], 0), "and so does a reset");
}

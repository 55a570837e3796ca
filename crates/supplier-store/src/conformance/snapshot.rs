//! Conformance tests of snapshots.

use std::time::Duration;

use supplier_domain::fault::{Effect, NewFault};
use supplier_domain::samples::{manual, order};
use supplier_domain::{
    AccountDedup, ClockChange, OrderDraft, OrderId, OrderUpdate, SubmittedAccount, Window,
};

use super::arrivals::one_a_minute;
use super::journal::{list_call, observed};
use super::orders::{advance, draft, open_orders, poll};
use super::{REQUEST, SERVER, caller, new_fork, numbers, sandbox};
use crate::{CallSearch, SandboxId, Snapshot, Store};

async fn restored(store: &dyn Store, from: &SandboxId, name: &str) -> SandboxId {
    let id: SandboxId = format!("{from}-{name}").parse().unwrap();
    let text = serde_json::to_string(&store.export(from, SERVER).await.unwrap()).unwrap();
    // An exported snapshot can be restored, and is not shorter than its lower bound.
    let snapshot = Snapshot::read(&text).unwrap();
    snapshot.check().unwrap();
    let size = store.size(from, SERVER).await.unwrap();
    assert!(size.orders > 0 && size.least_snapshot_bytes() <= text.len(), "{size:?} of {} bytes", text.len());
    store.restore(snapshot, new_fork(&id), SERVER).await.unwrap();
    id
}

fn delivery(order: i64) -> OrderUpdate {
    let accounts = Some(vec![SubmittedAccount::Text("a:1".to_owned())]);
    OrderUpdate { order, accounts, ..OrderUpdate::default() }
}

/// Rules: `list.window`, `update.accounts-dedup-scope`.
pub(super) async fn a_snapshot_is_all_of_a_sandbox_but_its_keys(store: &dyn Store) {
    let original = sandbox(store, open_orders(3), Window::STANDARD).await;
    poll(store, &original, "aurora", &[("limit", "1")]).await;
    store.update(&caller(&original, "aurora"), &delivery(1), REQUEST, SERVER).await.unwrap().result.unwrap();
    store.arm_fault(&original, NewFault::new(Effect::Garbage), SERVER).await.unwrap().unwrap();
    store.keep_call(&original, None, list_call(1, &[1]), Some(observed(1)), SERVER).await.unwrap();
    advance(store, &original, 60_000).await;
    store.set_arrivals(&original, Some(one_a_minute("birch")), SERVER).await.unwrap();
    advance(store, &original, 90_000).await;
    let copy = restored(store, &original, "s").await;
    // The same snapshot, byte for byte.
    let [was, is] = [&original, &copy]
        .map(|id| async move { serde_json::to_string(&store.export(id, SERVER).await.unwrap()).unwrap() });
    assert_eq!(was.await, is.await);
    assert!(store.keys(&copy, &caller(&copy, "aurora").supplier, SERVER).await.unwrap().is_empty());
    let search = CallSearch { limit: 9, ..CallSearch::default() };
    assert_eq!(store.calls(&copy, &search, SERVER).await.unwrap().calls.len(), 1);
    assert_eq!(store.faults(&copy, SERVER).await.unwrap(), store.faults(&original, SERVER).await.unwrap());
    for id in [&original, &copy] {
        advance(store, id, 30_000).await;
        assert_eq!(numbers(&poll(store, id, "birch", &[]).await), [4, 5], "what comes in goes on");
    }
    // The restored sandbox continues, and a reset restores the snapshot.
    let again = store.update(&caller(&copy, "aurora"), &delivery(1), REQUEST, SERVER).await.unwrap();
    assert!(again.result.is_err(), "the account is known");
    for _ in 0..2 {
        let page = poll(store, &copy, "aurora", &[]).await;
        assert_eq!((numbers(&page), page.withheld), (vec![2, 3], 1));
        store.reset(&copy, SERVER).await.unwrap();
    }
    assert_eq!(numbers(&poll(store, &original, "aurora", &[]).await), [2, 3], "the original did not notice");
}

pub(super) async fn a_snapshot_goes_on_with_the_numbers_that_were_given(store: &dyn Store) {
    let original = sandbox(store, open_orders(3), Window::STANDARD).await;
    let chosen = OrderDraft { id: OrderId::new(1_000), ..draft() };
    store.place_orders(&original, vec![draft(), chosen], REQUEST, SERVER).await.unwrap();
    let copy = restored(store, &original, "numbers").await;
    let placed = store.place_orders(&copy, vec![draft()], REQUEST, SERVER).await.unwrap();
    assert_eq!(placed, [OrderId::new(5).unwrap()]);
    // Without `lastNumber`, numbers continue after the greatest one that no user seems to have chosen.
    let mut older = store.export(&original, SERVER).await.unwrap();
    older.last_number = None;
    let id: SandboxId = format!("{original}-older").parse().unwrap();
    store.restore(older, new_fork(&id), SERVER).await.unwrap();
    let placed = store.place_orders(&id, vec![draft()], REQUEST, SERVER).await.unwrap();
    assert_eq!(placed, [OrderId::new(1_001).unwrap()]);
}

/// Rules: `update.accounts-dedup-scope`.
pub(super) async fn a_snapshot_knows_who_delivered_what_and_when_it_was(store: &dyn Store) {
    let shared = open_orders(1).remove(0).with_item("birch", manual("Mail accounts"), 1);
    let birch_s = order(2).with_item("birch", manual("Mail accounts"), 1);
    let original = sandbox(store, vec![shared, birch_s], Window::STANDARD).await;
    store.update(&caller(&original, "aurora"), &delivery(1), REQUEST, SERVER).await.unwrap().result.unwrap();
    store.change_clock(&original, ClockChange::RUN, SERVER).await.unwrap().unwrap();
    let was = store.clock(&original, SERVER).await.unwrap().now;
    let id: SandboxId = format!("{original}-later").parse().unwrap();
    let snapshot = store.export(&original, SERVER).await.unwrap();
    let mut fork = new_fork(&id);
    fork.settings.account_dedup = AccountDedup::Supplier;
    let (hour, later) = (Duration::from_hours(1), SERVER.plus(Duration::from_hours(1)));
    store.restore(snapshot, fork, later).await.unwrap();
    assert_eq!(store.clock(&id, later).await.unwrap().now, was, "no time passes for a document");
    assert_eq!(
        store.clock(&id, later.plus(hour)).await.unwrap().now,
        was.plus(hour),
        "and then it runs again"
    );
    // The order belongs to both suppliers, but aurora has delivered the account.
    let by_birch = store.update(&caller(&id, "birch"), &delivery(2), REQUEST, later).await.unwrap();
    assert!(by_birch.result.is_ok(), "{by_birch:?}");
}

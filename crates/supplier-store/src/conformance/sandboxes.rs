//! Conformance tests of sandboxes: creation, settings and expiry.

use std::time::Duration;

use supplier_domain::fault::{Call, Operation};
use supplier_domain::{
    AccountDedup, ClockChange, ClockSetting, OrderId, OrderUpdate, Refusal, SubmittedAccount, Timestamp,
    Window, World, samples,
};

use super::journal::{list_call, observed};
use super::orders::{advance, open_orders, poll};
use super::{
    REQUEST, SERVER, asking, caller, known, new_fork, new_key, new_sandbox, numbers, quiet, sandbox, settings,
};
use crate::{CallSearch, KeyHash, NewFork, SandboxId, Store, StoreError};

fn server(millis_later: i64) -> Timestamp {
    Timestamp::from_millis(SERVER.as_millis() + millis_later)
}

fn named(sandbox: &SandboxId, ending: &str) -> SandboxId {
    format!("{sandbox}-{ending}").parse().unwrap()
}

fn delivery(order: i64, account: &str) -> OrderUpdate {
    let accounts = Some(vec![SubmittedAccount::Text(account.to_owned())]);
    OrderUpdate { order, accounts, ..OrderUpdate::default() }
}

pub(super) async fn a_sandbox_says_what_it_is(store: &dyn Store) {
    let id = sandbox(store, vec![], Window::from_minutes(5)).await;
    store.add_supplier(&id, samples::supplier("cedar"), SERVER).await.unwrap();
    let again = store.add_supplier(&id, samples::supplier("cedar"), SERVER).await;
    assert!(matches!(again, Err(StoreError::SupplierExists(..))));
    let info = store.sandbox(&id, SERVER).await.unwrap();
    let suppliers: Vec<_> = info.suppliers.iter().map(|supplier| supplier.id.as_str()).collect();
    assert_eq!(suppliers, ["aurora", "birch", "cedar"]);
    assert_eq!((&*info.scenario, info.seed), ("conformance", 7));
    assert_eq!(info.settings, settings(Window::from_minutes(5)));
    assert_eq!((info.created_at, info.expires_at), (SERVER, None));
    assert!(store.sandboxes(SERVER).await.unwrap().contains(&info));
    assert_eq!(numbers(&poll(store, &id, "cedar", &[]).await), [0; 0]);
}

pub(super) async fn a_sandbox_goes_when_its_time_has_come(store: &dyn Store) {
    let original = sandbox(store, open_orders(2), Window::STANDARD).await;
    let id = named(&original, "ends");
    let fork = NewFork { expires_at: Some(server(1_000)), ..new_fork(&id) };
    store.fork(&original, fork.clone(), SERVER).await.unwrap();
    let text = format!("key of {id}");
    let hash = KeyHash::of(text.as_bytes());
    store.add_key(&id, new_key("aurora", &text), SERVER).await.unwrap();
    assert!(store.authenticate(&hash, server(999)).await.unwrap().is_some());
    assert!(store.sandbox(&id, server(999)).await.is_ok());

    let count = store.count(server(999)).await.unwrap();
    assert_eq!(store.count(server(1_000)).await.unwrap(), count - 1);
    assert_eq!(store.authenticate(&hash, server(1_000)).await.unwrap(), None);
    assert!(matches!(store.sandbox(&id, server(1_000)).await, Err(StoreError::NoSandbox(_))));
    assert!(store.sandboxes(server(1_000)).await.unwrap().iter().all(|info| info.id != id));
    assert!(matches!(store.delete(&id, server(1_000)).await, Err(StoreError::NoSandbox(_))));
    assert!(store.expire(server(1_000)).await.unwrap() >= 1);
    assert_eq!(store.count(server(1_000)).await.unwrap(), count - 1);
    store.fork(&original, new_fork(&id), server(1_000)).await.expect("the name is free again");
}

/// Rules: `list.window`, `auth.invalid-key`.
pub(super) async fn a_reset_puts_all_back_but_keys(store: &dyn Store) {
    let id = sandbox(store, open_orders(3), Window::STANDARD).await;
    let text = format!("key of {id}");
    store.add_supplier(&id, samples::supplier("cedar"), SERVER).await.unwrap();
    store.add_key(&id, new_key("cedar", &text), SERVER).await.unwrap();
    assert_eq!(numbers(&poll(store, &id, "aurora", &[("limit", "2")]).await), [1, 2]);
    store.update(&caller(&id, "aurora"), &delivery(1, "a:1"), REQUEST, SERVER).await.unwrap().result.unwrap();
    let moved = advance(store, &id, 60_000).await;

    store.reset(&id, SERVER).await.unwrap();
    let began = store.order(&id, OrderId::new(1).unwrap(), SERVER).await.unwrap().unwrap();
    assert!(began.order.accounts.is_empty() && began.withheld_until.is_empty());
    assert!(store.clock(&id, SERVER).await.unwrap().now < moved, "only a reset goes back");
    assert_eq!(numbers(&poll(store, &id, "aurora", &[]).await), [1, 2, 3]);
    let supplier = known(store, &KeyHash::of(text.as_bytes())).await;
    assert_eq!(supplier, Some(quiet(&id, "cedar")), "a key leads where it led");
    assert_eq!(numbers(&poll(store, &id, "cedar", &[]).await), [0; 0]);
}

pub(super) async fn a_call_that_was_let_in_before_a_reset_does_nothing_after_it(store: &dyn Store) {
    let id = sandbox(store, open_orders(3), Window::STANDARD).await;
    let text = format!("key of {id}");
    store.add_key(&id, new_key("aurora", &text), SERVER).await.unwrap();
    let let_in =
        async || store.authenticate(&KeyHash::of(text.as_bytes()), SERVER).await.unwrap().unwrap().caller;
    for _ in 0..2 {
        let before = let_in().await;
        store.reset(&id, SERVER).await.unwrap();
        let page = store.hand_out(&before, &asking(&[]), REQUEST, SERVER, &mut Vec::new()).await;
        assert!(matches!(page, Err(StoreError::Reset(_))), "{page:?}");
        let updated = store.update(&before, &delivery(1, "a:1"), REQUEST, SERVER).await;
        assert!(matches!(updated, Err(StoreError::Reset(_))), "{updated:?}");
        let call = Call { operation: Operation::ListOrders, supplier: &before.supplier, order: None };
        let strike = store.strike(&before, &call, SERVER).await;
        assert!(matches!(strike, Err(StoreError::Reset(_))), "{strike:?}");
        store.keep_call(&id, before.epoch, list_call(1, &[]), Some(observed(1)), SERVER).await.unwrap();
        let kept = store.calls(&id, &CallSearch { limit: 9, ..CallSearch::default() }, SERVER).await.unwrap();
        assert!(kept.calls.is_empty() && kept.last == 0, "{kept:?}");
        let order = store.order(&id, OrderId::new(1).unwrap(), SERVER).await.unwrap().unwrap();
        assert!(order.order.accounts.is_empty() && order.withheld_until.is_empty());

        let after = let_in().await;
        let page = store
            .hand_out(
                &after,
                &asking(&[("productType", "manual"), ("limit", "1")]),
                REQUEST,
                SERVER,
                &mut Vec::new(),
            )
            .await;
        assert_eq!(numbers(&page.unwrap()), [1]);
        store.update(&after, &delivery(1, "a:1"), REQUEST, SERVER).await.unwrap().result.unwrap();
        store.keep_call(&id, after.epoch, list_call(1, &[]), Some(observed(1)), SERVER).await.unwrap();
        let kept = store.calls(&id, &CallSearch { limit: 9, ..CallSearch::default() }, SERVER).await.unwrap();
        assert_eq!(kept.calls.len(), 1);
    }
}

pub(super) async fn a_baseline_is_forked_afresh_and_never_listed(store: &dyn Store) {
    let of = sandbox(store, vec![], Window::STANDARD).await;
    let baseline = SandboxId::baseline(of.as_str(), 1, 7);
    let world =
        World { suppliers: vec![samples::supplier("aurora")], orders: open_orders(3), arrivals: None };
    store.create(new_sandbox(&baseline, world, Window::STANDARD), SERVER).await.unwrap();
    let fork = named(&of, "fork");
    store.fork(&baseline, new_fork(&fork), server(5_000)).await.unwrap();
    let clock = store.clock(&fork, server(5_000)).await.unwrap();
    assert_eq!(clock.now, server(5_000), "its clock begins with it");
    assert_eq!(numbers(&poll(store, &fork, "aurora", &[]).await), [1, 2, 3]);
    let listed = store.sandboxes(SERVER).await.unwrap();
    assert!(listed.iter().any(|info| info.id == fork) && listed.iter().all(|info| !info.id.is_baseline()));
    store.delete(&baseline, SERVER).await.unwrap();
    assert_eq!(poll(store, &fork, "aurora", &[]).await.withheld, 3, "what was forked stays");
}

/// Rules: `list.window`, `list.window-end`.
pub(super) async fn a_list_call_moves_a_clock_that_steps(store: &dyn Store) {
    let id = sandbox(store, open_orders(1), Window::from_minutes(2)).await;
    let step = ClockSetting { step_on_poll: Some(Duration::from_mins(1)), ..ClockSetting::default() };
    store.change_clock(&id, ClockChange::Set(step), SERVER).await.unwrap().unwrap();
    let mut handed_out = Vec::new();
    for _ in 0..5 {
        handed_out.push(poll(store, &id, "aurora", &[]).await.orders.len());
    }
    assert_eq!(handed_out, [1, 0, 1, 0, 1], "it comes back two steps later");
}

/// Rules: `update.accounts-dedup-scope`.
pub(super) async fn accounts_must_be_new_to_what_the_sandbox_says(store: &dyn Store) {
    let original = sandbox(store, open_orders(2), Window::STANDARD).await;
    for (scope, here, elsewhere) in [
        (AccountDedup::Order, false, true),
        (AccountDedup::Submission, true, true),
        (AccountDedup::Supplier, false, false),
    ] {
        let id = named(&original, scope.as_str());
        let mut fork = new_fork(&id);
        fork.settings.account_dedup = scope;
        store.fork(&original, fork, SERVER).await.unwrap();
        let aurora = caller(&id, "aurora");
        store.update(&aurora, &delivery(1, "a:1"), REQUEST, SERVER).await.unwrap().result.unwrap();
        for (order, is_taken) in [(1, here), (2, elsewhere)] {
            match store.update(&aurora, &delivery(order, "a:1"), REQUEST, SERVER).await.unwrap().result {
                Ok(_) => assert!(is_taken, "{scope}, order {order}"),
                Err(refusal) => {
                    assert_eq!((is_taken, refusal), (false, Refusal::InvalidAccounts(Vec::new())), "{scope}");
                }
            }
        }
    }
}

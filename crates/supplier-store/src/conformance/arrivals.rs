//! Conformance tests of arrivals.

use std::time::Duration;

use supplier_domain::samples::{manual, order, supplier, supplier_id};
use supplier_domain::{
    ArrivalMix, ArrivalPlan, ClockChange, OrderDraft, OrderId, OrderPatch, OrderUpdate, PerMinute, Refusal,
    Timestamp, Window, World,
};

use super::orders::{advance, open_orders, poll};
use super::{REQUEST, SERVER, caller, new_fork, new_sandbox, numbers, sandbox};
use crate::{SandboxId, Store, StoreError};

const MINUTE: u64 = 60_000;

fn draft(supplier: &str) -> OrderDraft {
    let order = order(1).with_item(supplier, manual("Mail accounts"), 2);
    let (status, payment_status) = (order.status, order.payment_status);
    OrderDraft { id: None, status, payment_status, user: order.user, items: order.items }
}

/// One order of `supplier` each minute.
pub(super) fn one_a_minute(supplier: &str) -> ArrivalPlan {
    ArrivalPlan {
        per_minute: PerMinute::from_thousandths(1_000).unwrap(),
        bursts: None,
        mix: ArrivalMix::new([(1, draft(supplier))]).unwrap(),
        seed: 7,
    }
}

async fn set(store: &dyn Store, sandbox: &SandboxId, plan: Option<ArrivalPlan>) {
    store.set_arrivals(sandbox, plan, SERVER).await.unwrap();
}

/// How many orders have arrived, how many were left out, and in how many milliseconds the next is due.
async fn counts(store: &dyn Store, sandbox: &SandboxId) -> (u64, u64, u128) {
    let arrivals = store.arrivals(sandbox, SERVER).await.unwrap().unwrap();
    let now = store.clock(sandbox, SERVER).await.unwrap().now;
    (arrivals.arrived(), arrivals.skipped(), arrivals.next_at().unwrap().since(now).as_millis())
}

/// Rules: `list.order`, `list.total`.
pub(super) async fn orders_come_in_as_the_clock_goes_on(store: &dyn Store) {
    let id = sandbox(store, open_orders(2), Window::STANDARD).await;
    assert_eq!(store.arrivals(&id, SERVER).await.unwrap(), None);
    let began = advance(store, &id, 1).await;
    set(store, &id, Some(one_a_minute("aurora"))).await;
    assert_eq!(
        numbers(&poll(store, &id, "aurora", &[]).await),
        [1, 2],
        "nothing comes in while time stands still"
    );
    advance(store, &id, 3 * MINUTE - 1).await;
    assert_eq!(numbers(&poll(store, &id, "aurora", &[]).await), [3, 4]);
    advance(store, &id, 1).await;
    let page = poll(store, &id, "aurora", &[]).await;
    assert_eq!((numbers(&page), page.withheld), (vec![5], 4));
    assert_eq!(numbers(&poll(store, &id, "birch", &[]).await), [0; 0]);
    for (number, minutes) in [(3, 1), (4, 2), (5, 3)] {
        let state = store.order(&id, OrderId::new(number).unwrap(), SERVER).await.unwrap().unwrap();
        assert_eq!(state.order.created_at, began.plus(Duration::from_mins(minutes)), "its own moment");
    }
    assert_eq!(counts(store, &id).await, (3, 0, MINUTE.into()));
}

pub(super) async fn whatever_looks_at_orders_finds_what_has_come_in(store: &dyn Store) {
    let id = sandbox(store, vec![], Window::STANDARD).await;
    set(store, &id, Some(one_a_minute("aurora"))).await;
    let number = |number| OrderId::new(number).unwrap();
    advance(store, &id, MINUTE).await;
    assert!(store.order(&id, number(1), SERVER).await.unwrap().is_some());
    advance(store, &id, MINUTE).await;
    let update = OrderUpdate { order: 2, ..OrderUpdate::default() };
    store.update(&caller(&id, "aurora"), &update, REQUEST, SERVER).await.unwrap().result.unwrap();
    let denied = store.update(&caller(&id, "birch"), &update, REQUEST, SERVER).await.unwrap();
    assert_eq!(denied.result, Err(Refusal::AccessDenied));
    advance(store, &id, MINUTE).await;
    assert!(
        store.amend_order(&id, number(3), OrderPatch::default(), REQUEST, SERVER).await.unwrap().is_some()
    );
    advance(store, &id, MINUTE).await;
    assert_eq!(store.place_orders(&id, vec![draft("birch")], REQUEST, SERVER).await.unwrap(), [number(5)]);
    advance(store, &id, MINUTE).await;
    assert_eq!(counts(store, &id).await, (5, 0, MINUTE.into()));
    assert_eq!(numbers(&poll(store, &id, "aurora", &[]).await), [1, 2, 3, 4, 6]);
}

pub(super) async fn a_plan_replaces_another_and_unknown_suppliers_are_refused(store: &dyn Store) {
    let id = sandbox(store, vec![], Window::STANDARD).await;
    set(store, &id, Some(one_a_minute("aurora"))).await;
    advance(store, &id, MINUTE + 1).await;
    let mut strange = one_a_minute("aurora");
    strange.mix = ArrivalMix::new([(1, draft("birch")), (1, draft("cedar"))]).unwrap();
    let refused = store.set_arrivals(&id, Some(strange), SERVER).await;
    assert!(matches!(refused, Err(StoreError::NoSupplier(_, supplier)) if supplier == supplier_id("cedar")));
    assert_eq!(counts(store, &id).await, (1, 0, u128::from(MINUTE - 1)), "nothing has changed");

    set(store, &id, Some(one_a_minute("birch"))).await;
    assert_eq!(counts(store, &id).await, (0, 0, MINUTE.into()));
    advance(store, &id, 2 * MINUTE).await;
    set(store, &id, None).await;
    advance(store, &id, 5 * MINUTE).await;
    assert_eq!(numbers(&poll(store, &id, "aurora", &[]).await), [1]);
    assert_eq!(numbers(&poll(store, &id, "birch", &[]).await), [2, 3], "what had come in stays");
    assert_eq!(store.arrivals(&id, SERVER).await.unwrap(), None);
    let nowhere = "nowhere".parse().unwrap();
    assert!(matches!(store.set_arrivals(&nowhere, None, SERVER).await, Err(StoreError::NoSandbox(_))));
    assert!(matches!(store.arrivals(&nowhere, SERVER).await, Err(StoreError::NoSandbox(_))));
}

pub(super) async fn numbers_that_somebody_chose_stop_nothing(store: &dyn Store) {
    let greatest = order(i64::try_from(OrderId::MAX).unwrap()).with_item("aurora", manual("x"), 1);
    let id = sandbox(store, vec![open_orders(1).remove(0), greatest], Window::STANDARD).await;
    set(store, &id, Some(one_a_minute("birch"))).await;
    advance(store, &id, 3 * MINUTE).await;
    assert_eq!(numbers(&poll(store, &id, "birch", &[]).await), [2, 3, 4]);
    assert_eq!(counts(store, &id).await, (3, 0, MINUTE.into()));
}

pub(super) async fn a_fork_and_its_original_have_arrivals_of_their_own(store: &dyn Store) {
    let original = sandbox(store, vec![], Window::STANDARD).await;
    set(store, &original, Some(one_a_minute("aurora"))).await;
    advance(store, &original, MINUTE + MINUTE / 2).await;
    let fork: SandboxId = format!("{original}-fork").parse().unwrap();
    store.fork(&original, new_fork(&fork), SERVER).await.unwrap();
    advance(store, &fork, MINUTE / 2).await;
    assert_eq!(
        numbers(&poll(store, &fork, "aurora", &[]).await),
        [1, 2],
        "it goes on where the original was"
    );
    assert_eq!(counts(store, &original).await, (1, 0, u128::from(MINUTE / 2)));
    set(store, &original, None).await;
    advance(store, &fork, MINUTE).await;
    assert_eq!(counts(store, &fork).await, (3, 0, MINUTE.into()));
}

pub(super) async fn a_reset_puts_back_the_arrivals_that_a_sandbox_began_with(store: &dyn Store) {
    let of = sandbox(store, vec![], Window::STANDARD).await;
    let later = |minutes: u64| Timestamp::plus(SERVER, Duration::from_millis(minutes * MINUTE));
    let world =
        World { suppliers: vec![supplier("aurora")], orders: vec![], arrivals: Some(one_a_minute("aurora")) };
    let baseline = SandboxId::baseline(of.as_str(), 1, 7);
    store.create(new_sandbox(&baseline, world, Window::STANDARD), SERVER).await.unwrap();
    let id: SandboxId = format!("{of}-of-baseline").parse().unwrap();
    store.fork(&baseline, new_fork(&id), later(100)).await.unwrap();
    let came = async |minutes| store.arrivals(&id, later(minutes)).await.unwrap().map(|it| it.arrived());
    assert_eq!(came(100).await, Some(0), "they begin when the sandbox does");
    assert_eq!(came(103).await, Some(3));
    store.set_arrivals(&id, None, later(103)).await.unwrap();
    store.reset(&id, later(200)).await.unwrap();
    assert_eq!(came(200).await, Some(0));
    assert_eq!(came(202).await, Some(2));
    let first = store.order(&id, OrderId::new(1).unwrap(), later(202)).await.unwrap().unwrap();
    assert_eq!(first.order.created_at, later(201));

    // A fork continues the arrivals of its original, and a reset restores them.
    let fork: SandboxId = format!("{id}-fork").parse().unwrap();
    store.fork(&id, new_fork(&fork), later(202)).await.unwrap();
    store.change_clock(&fork, ClockChange::FREEZE, later(202)).await.unwrap().unwrap();
    store
        .change_clock(&fork, ClockChange::Advance(Duration::from_mins(5)), later(202))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(store.arrivals(&fork, later(202)).await.unwrap().unwrap().arrived(), 7);
    store.reset(&fork, later(202)).await.unwrap();
    assert_eq!(store.arrivals(&fork, later(202)).await.unwrap().unwrap().arrived(), 2);
}

//! Conformance tests of orders: hand-outs and updates.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use supplier_domain::samples::{manual, order};
use supplier_domain::{
    ClockChange, ClockSetting, Order, OrderDraft, OrderId, OrderPatch, OrderStatus, OrderUpdate,
    PaymentStatus, Refusal, SubmittedAccount, Timestamp, Window,
};

use super::{REQUEST, SERVER, asking, caller, numbers, sandbox};
use crate::{SandboxId, Store, StoreError};

const MINUTES: u64 = 60_000;

pub(super) fn open_orders(count: i64) -> Vec<Order> {
    (1..=count).map(|number| order(number).with_item("aurora", manual("Mail accounts"), 2)).collect()
}

/// A draft of an order for aurora.
pub(super) fn draft() -> OrderDraft {
    let order = order(1).with_item("aurora", manual("Mail accounts"), 2);
    let (status, payment_status) = (order.status, order.payment_status);
    OrderDraft { id: None, status, payment_status, user: order.user, items: order.items }
}

pub(super) async fn advance(store: &dyn Store, sandbox: &SandboxId, millis: u64) -> Timestamp {
    store
        .change_clock(sandbox, ClockChange::Advance(Duration::from_millis(millis)), SERVER)
        .await
        .unwrap()
        .unwrap()
        .now
}

pub(super) async fn poll(
    store: &dyn Store,
    sandbox: &SandboxId,
    supplier: &str,
    pairs: &[(&str, &str)],
) -> crate::Page {
    let pairs: Vec<_> = [("productType", "manual")].iter().chain(pairs).copied().collect();
    store
        .hand_out(&caller(sandbox, supplier), &asking(&pairs), REQUEST, SERVER, &mut Vec::new())
        .await
        .unwrap()
}

/// Rules: `list.limit`, `list.offset`, `list.total`, `list.no-duplicates`, `list.order`.
pub(super) async fn pages_of_any_size_join_to_the_list(store: &dyn Store) {
    // Two statuses, so that a page merges two classes.
    let mixed = |(index, order): (usize, Order)| {
        order.with_status(if index % 3 == 0 { OrderStatus::Processing } else { OrderStatus::Pending })
    };
    let orders = open_orders(23).into_iter().enumerate().map(mixed).collect();
    let sandbox = sandbox(store, orders, Window::from_minutes(0)).await;
    for limit in [1, 2, 7, 22, 23, 24, 500] {
        let mut joined = Vec::new();
        for offset in (0..24).step_by(limit) {
            let (limit, offset) = (limit.to_string(), offset.to_string());
            let page = poll(store, &sandbox, "aurora", &[("limit", &limit), ("offset", &offset)]).await;
            assert_eq!(page.total, 23);
            joined.extend(numbers(&page));
        }
        assert_eq!(joined, (1..=23).collect::<Vec<_>>(), "pages of {limit}");
    }
}

/// Rules: `list.window`, `list.window-end`, `list.total-withheld`.
pub(super) async fn an_order_comes_back_when_its_window_ends(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(3), Window::STANDARD).await;
    for _ in 0..3 {
        let page = poll(store, &sandbox, "aurora", &[]).await;
        assert_eq!((numbers(&page), page.withheld, page.next_at), (vec![1, 2, 3], 0, None));
        let end = advance(store, &sandbox, 30 * MINUTES - 1).await.plus(Duration::from_millis(1));
        let page = poll(store, &sandbox, "aurora", &[]).await;
        assert_eq!((numbers(&page), page.total), (vec![], 0));
        assert_eq!((page.withheld, page.next_at), (3, Some(end)));
        advance(store, &sandbox, 1).await;
    }
}

/// Rules: `list.window-page`, `list.window-scope`.
pub(super) async fn only_the_page_is_withheld_and_only_from_its_supplier(store: &dyn Store) {
    let shared = |order: Order| order.with_item("birch", manual("Social accounts"), 1);
    let orders = open_orders(4).into_iter().map(shared).collect();
    let sandbox = sandbox(store, orders, Window::STANDARD).await;
    let page = poll(store, &sandbox, "aurora", &[("offset", "1"), ("limit", "2")]).await;
    assert_eq!((numbers(&page), page.total), (vec![2, 3], 4));
    let page =
        poll(store, &sandbox, "aurora", &[("subCategory", "Mail accounts"), ("status", "pending")]).await;
    assert_eq!((numbers(&page), page.withheld), (vec![1, 4], 2));
    assert_eq!(numbers(&poll(store, &sandbox, "birch", &[]).await), [1, 2, 3, 4]);
    let state = store.order(&sandbox, OrderId::new(2).unwrap(), SERVER).await.unwrap().unwrap();
    let suppliers: Vec<_> = state.withheld_until.iter().map(|(supplier, _)| supplier.as_str()).collect();
    assert_eq!(suppliers, ["aurora", "birch"]);
}

/// Rules: `update.visible`, `list.window-scope`.
pub(super) async fn an_update_shows_at_once_and_leaves_the_window_alone(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(2), Window::STANDARD).await;
    poll(store, &sandbox, "aurora", &[("limit", "1")]).await;
    advance(store, &sandbox, 10 * MINUTES).await;
    for number in [1, 2] {
        let (status, id) = (Some(OrderStatus::Processing), Some("SUP-1".to_owned()));
        let update = OrderUpdate { order: number, status, supplier_order_id: id, ..OrderUpdate::default() };
        store.update(&caller(&sandbox, "aurora"), &update, REQUEST, SERVER).await.unwrap().result.unwrap();
    }
    let (aurora, mut json) = (caller(&sandbox, "aurora"), Vec::new());
    let query = asking(&[("productType", "manual"), ("status", "processing")]);
    let page = store.hand_out(&aurora, &query, REQUEST, SERVER, &mut json).await.unwrap();
    assert_eq!((numbers(&page), page.withheld), (vec![2], 1));
    assert_eq!(String::from_utf8(json).unwrap(), r#"[2,"processing",2,"SUP-1"]"#);
    assert_eq!(poll(store, &sandbox, "aurora", &[("status", "pending")]).await.withheld, 0);
    advance(store, &sandbox, 20 * MINUTES).await;
    assert_eq!(numbers(&poll(store, &sandbox, "aurora", &[("status", "processing")]).await), [1]);
}

/// Rules: `update.atomic`, `update.invalid-accounts`.
pub(super) async fn a_refused_update_changes_nothing(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(1), Window::STANDARD).await;
    let before = store.order(&sandbox, OrderId::new(1).unwrap(), SERVER).await.unwrap();
    let update = OrderUpdate {
        order: 1,
        status: Some(OrderStatus::Completed),
        accounts: Some(vec![SubmittedAccount::NotText]),
        supplier_order_id: Some("SUP-1".to_owned()),
    };
    for (supplier, refusal) in
        [("aurora", Refusal::InvalidAccounts(Vec::new())), ("birch", Refusal::AccessDenied)]
    {
        let answer = store.update(&caller(&sandbox, supplier), &update, REQUEST, SERVER).await.unwrap();
        assert_eq!(answer.result, Err(refusal));
        assert_eq!(store.order(&sandbox, OrderId::new(1).unwrap(), SERVER).await.unwrap(), before);
    }
    assert_eq!(numbers(&poll(store, &sandbox, "aurora", &[("status", "pending")]).await), [1]);
}

/// Rules: `list.window-end`.
pub(super) async fn many_orders_come_back_at_once(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(1_300), Window::STANDARD).await;
    let step = ClockSetting { step_on_poll: Some(Duration::from_millis(1)), ..ClockSetting::default() };
    store.change_clock(&sandbox, ClockChange::Set(step), SERVER).await.unwrap().unwrap();
    for count in [500, 500, 300] {
        assert_eq!(poll(store, &sandbox, "aurora", &[("limit", "500")]).await.orders.len(), count);
    }
    let before = advance(store, &sandbox, 30 * MINUTES).await;
    let page = poll(store, &sandbox, "aurora", &[("limit", "2")]).await;
    assert_eq!((numbers(&page), page.total, page.withheld), (vec![1, 2], 1_300, 0));
    assert_eq!(page.now, before.plus(Duration::from_millis(1)), "it is one list call, however long it took");
}

/// Rules: `list.window-end`, `list.total`.
pub(super) async fn a_preview_looks_when_the_call_would_look(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(3), Window::STANDARD).await;
    store.set_arrivals(&sandbox, Some(super::arrivals::one_a_minute("aurora")), SERVER).await.unwrap();
    assert_eq!(numbers(&poll(store, &sandbox, "aurora", &[("limit", "2")]).await), [1, 2]);
    let clock = advance(store, &sandbox, 0).await;
    let step = Some(Duration::from_millis(30 * MINUTES));
    let step = ClockSetting { step_on_poll: step, ..ClockSetting::default() };
    store.change_clock(&sandbox, ClockChange::Set(step), SERVER).await.unwrap().unwrap();
    let (aurora, query) = (caller(&sandbox, "aurora").supplier, asking(&[("productType", "manual")]));
    let preview = async |number| {
        store.preview(&sandbox, OrderId::new(number).unwrap(), &aurora, &query, SERVER).await.unwrap()
    };
    let now = clock.plus(Duration::from_millis(30 * MINUTES));
    for (number, before) in [(1, Some(0)), (3, Some(2)), (33, Some(32))] {
        let found = preview(number).await.unwrap();
        assert_eq!((found.now, found.before, found.total), (now, before, 33), "{number}");
    }
    assert_eq!(preview(34).await, None);
    assert_eq!(store.clock(&sandbox, SERVER).await.unwrap().now, clock, "a preview moves no clock");
    let page = poll(store, &sandbox, "aurora", &[]).await;
    assert_eq!((numbers(&page).len(), page.now), (33, now));
}

/// Rules: `update.accounts-cap`, `update.atomic`.
pub(super) async fn accounts_are_kept_to_the_cap_and_what_is_beyond_is_refused_whole(store: &dyn Store) {
    let original = sandbox(store, open_orders(1), Window::STANDARD).await;
    let deliver = async |sandbox: &SandboxId, numbers: std::ops::Range<usize>| {
        let account = |number| SubmittedAccount::Text(format!("user-{number}@example.com:secret"));
        let update = OrderUpdate {
            order: 1,
            status: Some(OrderStatus::Partial),
            accounts: Some(numbers.map(account).collect()),
            ..OrderUpdate::default()
        };
        store.update(&caller(sandbox, "aurora"), &update, REQUEST, SERVER).await.unwrap().result
    };
    let kept = async |sandbox: &SandboxId| {
        store.order(sandbox, OrderId::new(1).unwrap(), SERVER).await.unwrap().unwrap().order.accounts.len()
    };
    for start in (0..6_000).step_by(1_500) {
        deliver(&original, start..start + 1_500).await.unwrap();
    }
    // A fork starts with the accounts of its original, and a reset restores those.
    let fork: SandboxId = format!("{original}-fork").parse().unwrap();
    store.fork(&original, super::new_fork(&fork), SERVER).await.unwrap();
    deliver(&fork, 5_990..10_000).await.unwrap();
    assert_eq!((kept(&original).await, kept(&fork).await), (6_000, 10_000));
    let before = store.order(&fork, OrderId::new(1).unwrap(), SERVER).await.unwrap();
    let refused = deliver(&fork, 9_999..10_001).await;
    assert!(matches!(refused, Err(Refusal::TooManyAccounts(_))), "{refused:?}");
    assert_eq!(deliver(&fork, 0..10_000).await, Err(Refusal::InvalidAccounts(Vec::new())));
    assert_eq!(store.order(&fork, OrderId::new(1).unwrap(), SERVER).await.unwrap(), before);
    store.reset(&fork, SERVER).await.unwrap();
    assert_eq!(kept(&fork).await, 6_000);
    deliver(&fork, 6_000..6_001).await.unwrap();
    assert_eq!(kept(&fork).await, 6_001);
}

pub(super) async fn numbers_follow_the_last_that_was_given_and_not_one_that_was_chosen(store: &dyn Store) {
    let id = sandbox(store, open_orders(3), Window::STANDARD).await;
    let place = async |ids: &[Option<u64>]| {
        let draft =
            |id: &Option<u64>| OrderDraft { id: id.and_then(|id| OrderId::try_from(id).ok()), ..draft() };
        let placed = store.place_orders(&id, ids.iter().map(draft).collect(), REQUEST, SERVER).await.unwrap();
        placed.into_iter().map(OrderId::get).collect::<Vec<_>>()
    };
    assert_eq!(place(&[None]).await, [4]);
    assert_eq!(place(&[Some(OrderId::MAX), Some(6), None, Some(7), None]).await, [OrderId::MAX, 6, 5, 7, 8]);
    assert_eq!(place(&[None, None]).await, [9, 10]);
    // A fork continues the numbers of its original, and a reset restores the first ones.
    let fork: SandboxId = format!("{id}-fork").parse().unwrap();
    store.fork(&id, super::new_fork(&fork), SERVER).await.unwrap();
    for _ in 0..2 {
        let placed = store.place_orders(&fork, vec![draft()], REQUEST, SERVER).await.unwrap();
        assert_eq!(placed, [OrderId::new(11).unwrap()]);
        store.reset(&fork, SERVER).await.unwrap();
    }
    assert_eq!(place(&[None]).await, [11]);
}

pub(super) async fn a_fork_and_its_original_go_their_own_ways(store: &dyn Store) {
    let original = sandbox(store, open_orders(4), Window::STANDARD).await;
    poll(store, &original, "aurora", &[("limit", "1")]).await;
    let fork: SandboxId = format!("{original}-fork").parse().unwrap();
    store.fork(&original, super::new_fork(&fork), SERVER).await.unwrap();
    assert!(store.fork(&original, super::new_fork(&fork), SERVER).await.is_err());

    let complete =
        |order| OrderUpdate { order, status: Some(OrderStatus::Completed), ..OrderUpdate::default() };
    store.update(&caller(&original, "aurora"), &complete(2), REQUEST, SERVER).await.unwrap().result.unwrap();
    store.update(&caller(&fork, "aurora"), &complete(3), REQUEST, SERVER).await.unwrap().result.unwrap();
    advance(store, &original, 30 * MINUTES).await;
    let open = [("status", "pending")];
    assert_eq!(numbers(&poll(store, &original, "aurora", &open).await), [1, 3, 4]);
    let page = poll(store, &fork, "aurora", &open).await;
    assert_eq!((numbers(&page), page.withheld), (vec![2, 4], 1), "withheld orders are forked too");
    store.delete(&original, SERVER).await.unwrap();
    assert_eq!(poll(store, &fork, "aurora", &open).await.withheld, 3);
}

/// Rules: `list.window-race`.
pub(super) async fn callers_at_once_share_the_orders_out(store: &Arc<dyn Store>) {
    let sandbox = sandbox(&**store, open_orders(500), Window::STANDARD).await;
    let drain = || {
        let (store, sandbox) = (Arc::clone(store), sandbox.clone());
        tokio::spawn(async move {
            let mut mine = Vec::new();
            // Each page but the last has at least one order, so that an endless list is a defect.
            for _ in 0..=500 {
                let page = poll(&*store, &sandbox, "aurora", &[("limit", "7")]).await;
                if page.orders.is_empty() {
                    return mine;
                }
                mine.extend(numbers(&page));
                tokio::task::yield_now().await;
            }
            unreachable!("orders come again and again: {mine:?}")
        })
    };
    let mut all = Vec::new();
    for caller in (0..16).map(|_| drain()).collect::<Vec<_>>() {
        all.extend(caller.await.unwrap());
    }
    assert_eq!(all.len(), 500);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 500);
}

/// Rules: `update.visible`.
pub(super) async fn updates_at_once_are_all_kept(store: &Arc<dyn Store>) {
    let sandbox = sandbox(&**store, open_orders(1), Window::STANDARD).await;
    let deliver = |number: u32| {
        let (store, caller) = (Arc::clone(store), caller(&sandbox, "aurora"));
        let account = SubmittedAccount::Text(format!("user-{number}:pass"));
        let update = OrderUpdate { order: 1, accounts: Some(vec![account]), ..OrderUpdate::default() };
        tokio::spawn(
            async move { store.update(&caller, &update, REQUEST, SERVER).await.unwrap().result.unwrap() },
        )
    };
    for update in (0..64).map(deliver).collect::<Vec<_>>() {
        update.await.unwrap();
    }
    let state = store.order(&sandbox, OrderId::new(1).unwrap(), SERVER).await.unwrap().unwrap();
    let logins: BTreeSet<_> = state.order.accounts.iter().map(|account| account.login.clone()).collect();
    assert_eq!((state.order.accounts.len(), logins.len()), (64, 64));
}

/// Rules: `list.order`, `list.paid-only`, `list.total`.
pub(super) async fn orders_are_placed_at_the_sandbox_s_own_time(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(1), Window::STANDARD).await;
    let now = advance(store, &sandbox, MINUTES).await;
    let draft = |id| OrderDraft { id: OrderId::new(id), ..draft() };
    let placed =
        store.place_orders(&sandbox, vec![draft(50), draft(-1), draft(-1)], REQUEST, SERVER).await.unwrap();
    assert_eq!(placed.iter().map(|id| id.get()).collect::<Vec<_>>(), [50, 2, 3]);
    let state = store.order(&sandbox, placed[1], SERVER).await.unwrap().unwrap();
    assert_eq!((state.order.created_at, state.order.accounts.len()), (now, 0));
    for (drafts, number) in [(vec![draft(-1), draft(50)], 50), (vec![draft(60), draft(60)], 60)] {
        let again = store.place_orders(&sandbox, drafts, REQUEST, SERVER).await;
        assert!(matches!(again, Err(StoreError::OrderExists(_, id)) if id.get() == number), "{again:?}");
    }
    let mut foreign = draft(-1);
    foreign.items = order(1).with_item("cedar", manual("Mail accounts"), 1).items;
    let refused = store.place_orders(&sandbox, vec![draft(-1), foreign], REQUEST, SERVER).await;
    assert!(matches!(refused, Err(StoreError::NoSupplier(..))));
    assert_eq!(numbers(&poll(store, &sandbox, "aurora", &[]).await), [1, 2, 3, 50], "all of them or none");
}

/// Rules: `list.paid-only`, `list.status`, `list.window-scope`, `update.unpaid`.
pub(super) async fn what_a_buyer_does_shows_and_leaves_the_window_alone(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(2), Window::STANDARD).await;
    let (first, aurora) = (OrderId::new(1).unwrap(), caller(&sandbox, "aurora"));
    assert_eq!(numbers(&poll(store, &sandbox, "aurora", &[("limit", "1")]).await), [1]);
    let paid = |payment_status| OrderPatch { payment_status: Some(payment_status), ..OrderPatch::default() };
    let state = store
        .amend_order(&sandbox, first, paid(PaymentStatus::Refunded), REQUEST, SERVER)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state.order.payment_status, PaymentStatus::Refunded);
    assert_eq!(poll(store, &sandbox, "aurora", &[("limit", "1"), ("offset", "9")]).await.withheld, 0);
    let update = OrderUpdate { order: 1, ..OrderUpdate::default() };
    let answer = store.update(&aurora, &update, REQUEST, SERVER).await.unwrap();
    assert_eq!(answer.result, Err(Refusal::OrderNotFound));

    store.amend_order(&sandbox, first, paid(PaymentStatus::Completed), REQUEST, SERVER).await.unwrap();
    let page = poll(store, &sandbox, "aurora", &[("limit", "1"), ("offset", "9")]).await;
    assert_eq!((page.total, page.withheld), (1, 1), "it is withheld as it was");
    advance(store, &sandbox, 30 * MINUTES).await;
    let cancelled = OrderPatch { status: Some(OrderStatus::Cancelled), ..OrderPatch::default() };
    store.amend_order(&sandbox, first, cancelled, REQUEST, SERVER).await.unwrap();
    assert_eq!(numbers(&poll(store, &sandbox, "aurora", &[("status", "cancelled")]).await), [1]);
    let nobody = OrderId::new(99).unwrap();
    assert_eq!(store.amend_order(&sandbox, nobody, cancelled, REQUEST, SERVER).await.unwrap(), None);
}

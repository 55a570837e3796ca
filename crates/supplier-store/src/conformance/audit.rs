//! Conformance tests of the audit.

use supplier_domain::samples::request;
use supplier_domain::{
    DropReason, EventKind, FirstSeen, OrderDraft, OrderId, OrderPatch, OrderStatus, OrderUpdate,
    PaymentStatus, RequestId, SubmittedAccount, Window,
};

use super::orders::{advance, open_orders, poll};
use super::{REQUEST, SERVER, caller, new_fork, sandbox};
use crate::{OrderSearch, SandboxId, Store};

const MINUTES: u64 = 60_000;

fn id(number: i64) -> OrderId {
    OrderId::new(number).unwrap()
}

fn delivery(order: i64, accounts: &[&str]) -> OrderUpdate {
    let accounts = accounts.iter().map(|text| SubmittedAccount::Text((*text).to_owned())).collect();
    OrderUpdate { order, accounts: Some(accounts), ..OrderUpdate::default() }
}

async fn deliver(
    store: &dyn Store,
    sandbox: &SandboxId,
    update: &OrderUpdate,
    request: RequestId,
) -> crate::Updated {
    store.update(&caller(sandbox, "aurora"), update, request, SERVER).await.unwrap()
}

pub(super) async fn an_order_tells_what_happened_to_it_and_by_which_request(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(1), Window::STANDARD).await;
    let draft = store.order(&sandbox, id(1), SERVER).await.unwrap().unwrap().order;
    let draft = OrderDraft {
        id: Some(id(9)),
        status: draft.status,
        payment_status: draft.payment_status,
        user: draft.user,
        items: draft.items,
    };
    store.place_orders(&sandbox, vec![draft], request(1), SERVER).await.unwrap();
    poll(store, &sandbox, "aurora", &[]).await;
    deliver(store, &sandbox, &delivery(9, &["a:1", "a:1"]), request(2)).await;
    let refund = OrderPatch { payment_status: Some(PaymentStatus::Refunded), status: None };
    let state = store.amend_order(&sandbox, id(9), refund, request(3), SERVER).await.unwrap().unwrap();
    let events: Vec<_> =
        state.history.events.iter().map(|event| (event.moment.request.count, &event.kind)).collect();
    assert!(matches!(events[0], (1, EventKind::Placed)), "{events:?}");
    assert!(matches!(events[1], (2, EventKind::Updated { accepted: 1, dropped: 1, .. })), "{events:?}");
    assert!(
        matches!(events[2], (3, EventKind::Amended { payment_status: PaymentStatus::Refunded, .. })),
        "{events:?}"
    );
    let (supplier, dealings) = &state.dealings[0];
    assert_eq!((supplier.as_str(), dealings.handed_out, dealings.deliveries), ("aurora", 1, 1));
    assert_eq!(dealings.last.unwrap().request, REQUEST);
    assert!(dealings.is_answered && events.len() == 3);
}

/// Rules: `update.accounts-dedup`, `update.accounts-dedup-scope`, `update.accounts-valid`.
pub(super) async fn a_dropped_account_is_traced_to_where_it_was_first(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(2), Window::STANDARD).await;
    let at = advance(store, &sandbox, 1).await;
    deliver(store, &sandbox, &delivery(1, &["a:1", "b:2"]), request(4)).await;
    let nowhere = FirstSeen { index: None, order: None, request: None, at: None };
    let had = FirstSeen { order: Some(id(1)), request: Some(request(4)), at: Some(at), ..nowhere };
    for (accounts, taken) in [(&["b:2", "c", "x:9", " x:9"][..], true), (&["b:2", "c", "a:1", "a:1"], false)]
    {
        let updated = deliver(store, &sandbox, &delivery(1, accounts), request(5)).await;
        assert_eq!((updated.result.is_ok(), updated.status_before.is_some()), (taken, taken));
        assert_eq!(updated.dropped, if taken { 3 } else { 4 });
        let traced: Vec<_> = updated.first_dropped.iter().map(|it| (it.index, it.reason, it.seen)).collect();
        assert_eq!(traced[0], (0, DropReason::AlreadyDelivered, Some(had)));
        assert_eq!(traced[1], (1, DropReason::Malformed, None));
        let first = FirstSeen { index: Some(2), ..nowhere };
        assert_eq!(*traced.last().unwrap(), (3, DropReason::Repeated, Some(first)));
    }
}

/// Rules: `list.window-end`.
pub(super) async fn hand_outs_and_answers_are_counted(store: &dyn Store) {
    let sandbox = sandbox(store, open_orders(3), Window::STANDARD).await;
    poll(store, &sandbox, "aurora", &[]).await;
    deliver(store, &sandbox, &delivery(1, &["a:1"]), REQUEST).await;
    deliver(store, &sandbox, &delivery(2, &["a:1"]), REQUEST).await;
    advance(store, &sandbox, 30 * MINUTES).await;
    poll(store, &sandbox, "aurora", &[]).await;
    let audit = store.audit(&sandbox, SERVER).await.unwrap();
    let counts: Vec<_> = audit
        .records
        .iter()
        .map(|it| (it.order.get(), it.dealings.handed_out, it.dealings.repeats, it.dealings.deliveries))
        .collect();
    assert_eq!(counts, [(1, 2, 0, 1), (2, 2, 0, 1), (3, 2, 1, 0)]);
    assert!(audit.records.iter().all(|it| it.withheld_until.is_some() && it.supplier.as_str() == "aurora"));
    assert_eq!(audit.used_twice.len(), 1);
    assert_eq!((&*audit.used_twice[0].login, &audit.used_twice[0].orders[..]), ("a", &[id(1), id(2)][..]));
    store.reset(&sandbox, SERVER).await.unwrap();
    let audit = store.audit(&sandbox, SERVER).await.unwrap();
    assert!(audit.records.is_empty() && audit.used_twice.is_empty(), "a reset begins anew");
}

pub(super) async fn orders_are_found_by_what_they_are(store: &dyn Store) {
    let mut orders = open_orders(4);
    orders[1] = orders[1].clone().with_status(OrderStatus::Completed);
    orders[2] = orders[2].clone().with_payment_status(PaymentStatus::Failed);
    let sandbox = sandbox(store, orders, Window::STANDARD).await;
    let all = OrderSearch { limit: 10, ..OrderSearch::default() };
    let pending = Some(vec![OrderStatus::Pending]);
    for (search, numbers, total) in [
        (all.clone(), &[1, 2, 3, 4][..], 4),
        (OrderSearch { limit: 2, offset: 1, ..all.clone() }, &[2, 3], 4),
        (OrderSearch { statuses: pending.clone(), ..all.clone() }, &[1, 3, 4], 3),
        (
            OrderSearch { statuses: pending, payment_status: Some(PaymentStatus::Completed), ..all.clone() },
            &[1, 4],
            2,
        ),
        (OrderSearch { supplier: Some(supplier_domain::samples::supplier_id("birch")), ..all }, &[], 0),
    ] {
        let found = store.find_orders(&sandbox, &search, SERVER).await.unwrap();
        let ids: Vec<_> = found.orders.iter().map(|state| state.order.id.get()).collect();
        assert_eq!((&ids[..], found.total), (numbers, total), "{search:?}");
    }
    // A search hands nothing out.
    assert_eq!(poll(store, &sandbox, "aurora", &[("status", "pending")]).await.total, 2);
}

pub(super) async fn equal_accounts_have_equal_fingerprints(store: &dyn Store) {
    let original = sandbox(store, open_orders(1), Window::STANDARD).await;
    let fork: SandboxId = format!("{original}-prints").parse().unwrap();
    store.fork(&original, new_fork(&fork), SERVER).await.unwrap();
    let accounts = ["a:1", " a:1 ", "a:2"].map(str::to_owned);
    let prints = store.fingerprints(&fork, &accounts, SERVER).await.unwrap();
    assert!(prints[0] == prints[1] && prints[0] != prints[2]);
    deliver(store, &original, &delivery(1, &["a:1"]), REQUEST).await;
    let state = store.order(&original, id(1), SERVER).await.unwrap().unwrap();
    assert_eq!(state.order.accounts.get(0).unwrap().fingerprint, prints[0]);
}

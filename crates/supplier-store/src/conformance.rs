//! Conformance suite of the backends: async functions over a [`Store`], and a model that a store must equal call by call.
//!
//! A backend's test opens a store with [`render`], and calls [`all`] and, under proptest, [`follow`] on [`scripts`]. Each
//! function creates its own sandboxes, so that all can share a store.

mod arrivals;
mod audit;
mod journal;
mod keys;
mod model;
mod orders;
mod sandboxes;
mod script;
mod sessions;
mod snapshot;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::value::RawValue;
use supplier_domain::fault::{Call, Operation};
use supplier_domain::{
    AccountDedup, FingerprintKey, ListQuery, Order, OrderId, OrderStatus, OrderUpdate, OrderView, Refusal,
    RequestId, SubmittedAccount, Timestamp, Window, World, samples,
};

use crate::{
    Authenticated, CallSearch, Caller, KeyHash, KeyId, NewFork, NewKey, NewSandbox, Page, SandboxId,
    Settings, Store, StoreError,
};

pub use journal::{flood, journal_at_its_end};
pub use script::{Script, Step, follow, scripts};

/// The server's time in this suite, in which only the clocks of sandboxes advance.
const SERVER: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const REQUEST: RequestId = RequestId { server: 7, count: 1 };
const KEY: FingerprintKey = FingerprintKey([9; 32]);

/// Renders an order for a page: enough to notice a stale order.
///
/// # Panics
/// Never: the parts are numbers and plain words.
pub fn render(view: &OrderView<'_>) -> Arc<RawValue> {
    let order = view.order();
    let id = order.supplier_order_id.as_deref().unwrap_or("");
    let text = format!(r#"[{},"{}",{},{id:?}]"#, order.id, order.status, view.quantity());
    RawValue::from_string(text).expect("JSON").into()
}

/// Runs every function of the suite, one after the other.
pub async fn all(store: Arc<dyn Store>) {
    keys::a_key_leads_to_its_supplier_until_it_is_revoked(&*store).await;
    keys::a_deleted_sandbox_is_gone_with_its_keys(&*store).await;
    keys::what_is_not_there_is_said_to_be_missing(&*store).await;
    keys::a_key_says_when_it_was_made_and_used(&*store).await;
    keys::a_key_that_ended_is_told_from_one_that_never_was(&*store).await;
    keys::the_key_of_an_expired_sandbox_is_known_before_and_after_it_is_removed(&*store).await;
    sandboxes::a_sandbox_says_what_it_is(&*store).await;
    sandboxes::a_sandbox_goes_when_its_time_has_come(&*store).await;
    sandboxes::a_reset_puts_all_back_but_keys(&*store).await;
    sandboxes::a_call_that_was_let_in_before_a_reset_does_nothing_after_it(&*store).await;
    sandboxes::a_baseline_is_forked_afresh_and_never_listed(&*store).await;
    sandboxes::a_list_call_moves_a_clock_that_steps(&*store).await;
    sandboxes::accounts_must_be_new_to_what_the_sandbox_says(&*store).await;
    orders::pages_of_any_size_join_to_the_list(&*store).await;
    orders::an_order_comes_back_when_its_window_ends(&*store).await;
    orders::many_orders_come_back_at_once(&*store).await;
    orders::a_preview_looks_when_the_call_would_look(&*store).await;
    orders::only_the_page_is_withheld_and_only_from_its_supplier(&*store).await;
    orders::an_update_shows_at_once_and_leaves_the_window_alone(&*store).await;
    orders::a_refused_update_changes_nothing(&*store).await;
    orders::accounts_are_kept_to_the_cap_and_what_is_beyond_is_refused_whole(&*store).await;
    orders::orders_are_placed_at_the_sandbox_s_own_time(&*store).await;
    orders::numbers_follow_the_last_that_was_given_and_not_one_that_was_chosen(&*store).await;
    orders::what_a_buyer_does_shows_and_leaves_the_window_alone(&*store).await;
    orders::a_fork_and_its_original_go_their_own_ways(&*store).await;
    audit::an_order_tells_what_happened_to_it_and_by_which_request(&*store).await;
    audit::a_dropped_account_is_traced_to_where_it_was_first(&*store).await;
    audit::hand_outs_and_answers_are_counted(&*store).await;
    audit::orders_are_found_by_what_they_are(&*store).await;
    audit::equal_accounts_have_equal_fingerprints(&*store).await;
    journal::calls_are_found_by_what_they_were(&*store).await;
    journal::the_oldest_calls_give_way(&*store).await;
    journal::scorecards_follow_what_was_observed(&*store).await;
    snapshot::a_snapshot_is_all_of_a_sandbox_but_its_keys(&*store).await;
    snapshot::a_snapshot_goes_on_with_the_numbers_that_were_given(&*store).await;
    snapshot::a_snapshot_knows_who_delivered_what_and_when_it_was(&*store).await;
    arrivals::orders_come_in_as_the_clock_goes_on(&*store).await;
    arrivals::whatever_looks_at_orders_finds_what_has_come_in(&*store).await;
    arrivals::a_plan_replaces_another_and_unknown_suppliers_are_refused(&*store).await;
    arrivals::numbers_that_somebody_chose_stop_nothing(&*store).await;
    arrivals::a_fork_and_its_original_have_arrivals_of_their_own(&*store).await;
    arrivals::a_reset_puts_back_the_arrivals_that_a_sandbox_began_with(&*store).await;
    sessions::a_session_is_what_it_was_last_until_it_is_ended(&*store).await;
    sessions::a_session_that_is_not_used_ends(&*store).await;
    sessions::of_too_many_sessions_the_one_that_was_used_longest_ago_gives_way(&*store).await;
    orders::callers_at_once_share_the_orders_out(&store).await;
    orders::updates_at_once_are_all_kept(&store).await;
}

/// Everything that a store returns about its sandboxes, as text.
///
/// # Panics
/// If the store fails.
pub async fn picture(store: &dyn Store) -> Vec<String> {
    // Later than every earlier read of a clock, since reading a clock that runs is not stored.
    let at = SERVER.plus(std::time::Duration::from_hours(24));
    let mut picture = Vec::new();
    for info in store.sandboxes(at).await.unwrap() {
        let snapshot = store.export(&info.id, at).await.unwrap();
        picture.push(format!("{info:?} {}", serde_json::to_string(&snapshot).unwrap()));
        for supplier in &info.suppliers {
            picture.push(format!("{:?}", store.keys(&info.id, &supplier.id, at).await.unwrap()));
        }
        let audit = store.audit(&info.id, at).await.unwrap();
        picture.push(format!("{audit:?} {:?}", store.scorecards(&info.id, at).await.unwrap()));
    }
    picture
}

/// A sandbox without calls, and a fork of it whose orders were listed and updated.
///
/// # Panics
/// If the store fails.
pub async fn a_sandbox_and_what_was_done_with_its_copy(store: &dyn Store) -> [SandboxId; 2] {
    let fresh = sandbox(store, orders::open_orders(3), Window::STANDARD).await;
    orders::poll(store, &fresh, "birch", &[("limit", "1")]).await;
    let changed: SandboxId = format!("{fresh}-changed").parse().unwrap();
    store.fork(&fresh, new_fork(&changed), SERVER).await.unwrap();
    orders::poll(store, &changed, "aurora", &[]).await;
    let update = OrderUpdate { order: 1, status: Some(OrderStatus::Processing), ..OrderUpdate::default() };
    store.update(&caller(&changed, "aurora"), &update, REQUEST, SERVER).await.unwrap().result.unwrap();
    [fresh, changed]
}

/// A sandbox with a few hundred orders. A supplier with an API key was handed some of them, and has answered.
///
/// # Panics
/// If the store fails.
pub async fn busy(store: &dyn Store) -> SandboxId {
    let original = sandbox(store, orders::open_orders(300), Window::STANDARD).await;
    let busy: SandboxId = format!("{original}-busy").parse().unwrap();
    store.fork(&original, new_fork(&busy), SERVER).await.unwrap();
    store.add_key(&busy, new_key("aurora", "busy"), SERVER).await.unwrap();
    for _ in 0..10 {
        use_busy(store, &busy).await;
    }
    busy
}

/// Makes the calls of suppliers on that sandbox.
///
/// # Panics
/// If the store fails.
pub async fn use_busy(store: &dyn Store, id: &SandboxId) {
    let aurora = store.authenticate(&KeyHash::of(b"busy"), SERVER).await.unwrap().unwrap().caller;
    assert_eq!((&aurora.sandbox, aurora.supplier.as_str()), (id, "aurora"));
    let call = Call { operation: Operation::ListOrders, supplier: &aurora.supplier, order: None };
    store.strike(&aurora, &call, SERVER).await.unwrap();
    let page = orders::poll(store, id, "aurora", &[("limit", "3")]).await;
    for order in numbers(&page) {
        let accounts = Some(vec![SubmittedAccount::Text(format!("user-{order}@example.com:secret"))]);
        let order = i64::try_from(order).unwrap();
        let update = OrderUpdate { order, accounts, ..OrderUpdate::default() };
        store.update(&aurora, &update, REQUEST, SERVER).await.unwrap().result.unwrap();
    }
    let call = journal::list_call(1, &[1]);
    store.keep_call(id, None, call, Some(journal::observed(1)), SERVER).await.unwrap();
    let last = CallSearch { limit: 1, ..CallSearch::default() };
    assert_eq!(store.calls(id, &last, SERVER).await.unwrap().calls.len(), 1);
}

/// Fills a sandbox by placed orders and by arrivals, and forks the full one. A sandbox has room for `most` orders.
///
/// # Panics
/// If the store fails.
pub async fn orders_are_bounded(store: &dyn Store, most: usize) {
    let id = sandbox(store, orders::open_orders(3), Window::STANDARD).await;
    let place = async |id: &SandboxId, count| {
        store.place_orders(id, vec![orders::draft(); count], REQUEST, SERVER).await
    };
    place(&id, most - 1).await.unwrap();
    let refused = place(&id, 2).await;
    assert!(matches!(refused, Err(StoreError::TooManyOrders { left: 1, .. })), "{refused:?}");
    assert_eq!(store.size(&id, SERVER).await.unwrap().orders, most + 2, "nothing was placed");
    place(&id, 1).await.unwrap();
    store.set_arrivals(&id, Some(arrivals::one_a_minute("aurora")), SERVER).await.unwrap();
    orders::advance(store, &id, 7 * 60_000).await;
    let arrivals = store.arrivals(&id, SERVER).await.unwrap().unwrap();
    assert_eq!((arrivals.arrived(), arrivals.skipped(), arrivals.unplaced()), (0, 7, 7));
    let fork: SandboxId = format!("{id}-fork").parse().unwrap();
    store.fork(&id, new_fork(&fork), SERVER).await.unwrap();
    assert!(place(&fork, 1).await.is_err(), "a copy has no more room than its original");
    store.reset(&id, SERVER).await.unwrap();
    place(&id, 1).await.unwrap();
}

/// Delivers accounts to several orders. A sandbox has room for `most` accounts.
///
/// # Panics
/// If the store fails.
pub async fn accounts_are_bounded(store: &dyn Store, most: usize) {
    let id = sandbox(store, orders::open_orders(3), Window::STANDARD).await;
    let deliver = async |order, count| {
        let account = |number| SubmittedAccount::Text(format!("user-{order}-{number}:secret"));
        let accounts = Some((0..count).map(account).collect());
        let update = OrderUpdate { order, accounts, ..OrderUpdate::default() };
        store.update(&caller(&id, "aurora"), &update, REQUEST, SERVER).await.unwrap().result
    };
    deliver(1, most - 1).await.unwrap();
    assert!(matches!(deliver(2, 2).await, Err(Refusal::TooManyAccounts(_))));
    deliver(2, 1).await.unwrap();
    assert!(matches!(deliver(3, 1).await, Err(Refusal::TooManyAccounts(_))));
    assert_eq!(store.size(&id, SERVER).await.unwrap().accounts, most);
    store.reset(&id, SERVER).await.unwrap();
    deliver(3, 1).await.unwrap();
}

/// Reads an order, which waits for a long operation on the sandbox.
///
/// # Panics
/// If the store fails.
pub async fn look_at_an_order(store: Arc<dyn Store>, id: SandboxId) {
    store.order(&id, OrderId::new(1).expect("a number"), SERVER).await.unwrap();
}

/// Calls every method of a store on a sandbox.
///
/// # Panics
/// If the store fails.
pub async fn use_all(store: &dyn Store, id: &SandboxId) {
    orders::poll(store, id, "aurora", &[]).await;
    let update = OrderUpdate { order: 2, status: Some(OrderStatus::Partial), ..OrderUpdate::default() };
    store.update(&caller(id, "aurora"), &update, REQUEST, SERVER).await.unwrap().result.unwrap();
    store.place_orders(id, vec![orders::draft(); 500], REQUEST, SERVER).await.unwrap();
    let search = crate::OrderSearch { limit: 10, ..crate::OrderSearch::default() };
    store.find_orders(id, &search, SERVER).await.unwrap();
    store.audit(id, SERVER).await.unwrap();
    let text = serde_json::to_string(&store.export(id, SERVER).await.unwrap()).unwrap();
    let copy = |name: &str| new_fork(&format!("{id}-{name}").parse::<SandboxId>().unwrap());
    store.restore(crate::Snapshot::read(&text).unwrap(), copy("restored"), SERVER).await.unwrap();
    store.fork(id, copy("forked"), SERVER).await.unwrap();
    store.set_arrivals(id, Some(arrivals::one_a_minute("aurora")), SERVER).await.unwrap();
    orders::advance(store, id, 500 * 60_000).await;
    assert_eq!(store.arrivals(id, SERVER).await.unwrap().unwrap().arrived(), 500);
    store.reset(id, SERVER).await.unwrap();
    use_beside_orders(store, id).await;
    store.delete(id, SERVER).await.unwrap();
}

/// Calls the methods of a store that do not need the sandbox's orders.
///
/// # Panics
/// If the store fails.
pub async fn use_beside_orders(store: &dyn Store, id: &SandboxId) {
    let text = format!("key beside orders of {id}");
    let key = new_key("aurora", &text);
    store.add_key(id, key.clone(), SERVER).await.unwrap();
    store.authenticate(&KeyHash::of(text.as_bytes()), SERVER).await.unwrap().unwrap();
    store.keys(id, &key.supplier, SERVER).await.unwrap();
    store.revoke_key(id, &key.supplier, &key.id, SERVER).await.unwrap();
    store.count(SERVER).await.unwrap();
    assert!(store.sandboxes(SERVER).await.unwrap().iter().any(|info| info.id == *id));
    store.expire(SERVER).await.unwrap();
    store.keep_call(id, None, journal::list_call(1, &[1]), None, SERVER).await.unwrap();
    store.calls(id, &CallSearch::default(), SERVER).await.unwrap();
}

/// Resets a sandbox.
///
/// # Panics
/// If the store fails.
pub async fn reset(store: &dyn Store, id: &SandboxId) {
    store.reset(id, SERVER).await.unwrap();
}

/// A sandbox's orders with their history, as text.
///
/// # Panics
/// If the store fails.
pub async fn orders_of(store: &dyn Store, id: SandboxId) -> String {
    serde_json::to_string(&store.export(&id, SERVER).await.unwrap().orders).unwrap()
}

/// A sandbox with the suppliers `aurora` and `birch`, its clock frozen.
async fn sandbox(store: &dyn Store, orders: Vec<Order>, window: Window) -> SandboxId {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let id: SandboxId =
        format!("conformance-{}", COUNT.fetch_add(1, Ordering::Relaxed)).parse().expect("a name");
    let suppliers = ["aurora", "birch"].map(samples::supplier).to_vec();
    let world = World { suppliers, orders, arrivals: None };
    store.create(new_sandbox(&id, world, window), SERVER).await.expect("a new sandbox");
    store
        .change_clock(&id, supplier_domain::ClockChange::FREEZE, SERVER)
        .await
        .expect("its clock")
        .expect("it stands still");
    id
}

fn new_sandbox(id: &SandboxId, world: World, window: Window) -> NewSandbox {
    NewSandbox {
        id: id.clone(),
        scenario: "conformance".into(),
        seed: 7,
        world,
        settings: settings(window),
        fingerprint_key: KEY,
        keys: Vec::new(),
        expires_at: None,
    }
}

fn settings(window: Window) -> Settings {
    Settings { window, account_dedup: AccountDedup::Order }
}

fn new_fork(id: &SandboxId) -> NewFork {
    NewFork { id: id.clone(), settings: settings(Window::STANDARD), expires_at: None }
}

fn new_key(supplier: &str, key: &str) -> NewKey {
    NewKey {
        id: KeyId(format!("id of {key}").into()),
        supplier: samples::supplier_id(supplier),
        hash: KeyHash::of(key.as_bytes()),
        prefix: "prefix".into(),
    }
}

fn caller(sandbox: &SandboxId, supplier: &str) -> Caller {
    Caller { sandbox: sandbox.clone(), supplier: samples::supplier_id(supplier), epoch: None }
}

/// A caller in a sandbox without a fault.
fn quiet(sandbox: &SandboxId, supplier: &str) -> Authenticated {
    Authenticated { caller: caller(sandbox, supplier), is_armed: false }
}

/// The caller that a key authenticates, in any epoch.
async fn known(store: &dyn Store, key: &KeyHash) -> Option<Authenticated> {
    let known = store.authenticate(key, SERVER).await.expect("an answer")?;
    Some(Authenticated { caller: Caller { epoch: None, ..known.caller }, ..known })
}

fn asking(pairs: &[(&str, &str)]) -> ListQuery {
    ListQuery::parse(pairs.iter().copied()).expect("a well-formed query")
}

/// The numbers of a page's orders.
fn numbers(page: &Page) -> Vec<u64> {
    page.orders.iter().map(|order| order.id.get()).collect()
}

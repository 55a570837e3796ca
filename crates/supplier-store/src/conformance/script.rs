//! Random calls, made on a store and on the model.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use supplier_domain::samples::{facet, order};
use supplier_domain::{
    ClockChange, EntityType, ListQuery, Order, OrderId, OrderStatus, OrderUpdate, PaymentStatus, ProductType,
    SubmittedAccount, Timestamp, Window, listing,
};

use super::model::Model;
use super::{REQUEST, SERVER, caller, render, sandbox};
use crate::{Caller, ListedOrder, NewFork, OrderPreview, SandboxId, Store};

const SUPPLIERS: [&str; 2] = ["aurora", "birch"];
const SUB_CATEGORIES: [&str; 2] = ["Mail accounts", "Channel growth"];
const MOST_ORDERS: usize = 40;

/// A sandbox, and the calls on it.
#[derive(Debug, Clone)]
pub struct Script {
    orders: Vec<Order>,
    window_minutes: u32,
    steps: Vec<Step>,
}

/// One call.
#[derive(Debug, Clone)]
pub enum Step {
    /// A list call of the supplier of that index.
    List(usize, ListQuery),
    /// An update of the supplier of that index.
    Update(usize, OrderUpdate),
    /// The clock advances by so many milliseconds.
    BatchTicket(u64),
    /// A fork replaces the sandbox.
    Fork,
    /// A sandbox that is restored from a snapshot, as JSON, replaces the sandbox.
    Restore,
    /// The store is closed and opened again, if the backend can.
    Restart,
}

fn facets() -> impl Strategy<Value = supplier_domain::Facet> {
    let product_type = prop::sample::select(ProductType::ALL);
    let entity_type = prop::sample::select(EntityType::ALL);
    (product_type, entity_type, prop::sample::select(&SUB_CATEGORIES[..]))
        .prop_map(|(product_type, entity_type, sub_category)| facet(product_type, entity_type, sub_category))
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let items = prop::collection::vec((0..2_usize, facets(), 1..5_u32), 1..4);
    let payment =
        prop_oneof![9 => Just(PaymentStatus::Completed), 1 => prop::sample::select(PaymentStatus::ALL)];
    let drawn = (items, prop::sample::select(OrderStatus::ALL), payment, 0..5_i64);
    prop::collection::vec(drawn, 0..MOST_ORDERS).prop_map(|orders| {
        let build = |(number, (items, status, payment, created)): (i64, (Vec<_>, _, _, i64))| {
            let bare = order(number).with_status(status).with_payment_status(payment);
            let items = items.into_iter();
            let mut built = items.fold(bare, |order, (who, facet, quantity): (usize, _, _)| {
                order.with_item(SUPPLIERS[who], facet, quantity)
            });
            built.created_at = Timestamp::from_millis(1_700_000_000_000 + created);
            built
        };
        (1..).zip(orders).map(build).collect()
    })
}

fn queries() -> impl Strategy<Value = ListQuery> {
    let statuses = prop::option::of(prop::sample::subsequence(OrderStatus::ALL.to_vec(), 1..4));
    let product_types = prop::sample::subsequence(ProductType::ALL.to_vec(), 1..=3);
    let entity_type = prop::option::of(prop::sample::select(EntityType::ALL));
    let sub_category = prop::option::of(prop::sample::select(&SUB_CATEGORIES[..]));
    (statuses, product_types, entity_type, sub_category, 1..20_usize, 0..12_u64).prop_map(
        |(statuses, product_types, entity_type, sub_category, limit, offset)| ListQuery {
            statuses: statuses.unwrap_or_else(|| OrderStatus::ALL.to_vec()),
            product_types,
            entity_type,
            sub_category: sub_category.map(str::to_owned),
            limit,
            offset: offset.saturating_sub(6),
        },
    )
}

fn updates() -> impl Strategy<Value = OrderUpdate> {
    let account = "[ab]:?[12]{0,1}".prop_map(SubmittedAccount::Text);
    let accounts = prop::option::of(prop::collection::vec(account, 0..4));
    (
        -1..=41_i64,
        prop::option::of(prop::sample::select(OrderStatus::ALL)),
        accounts,
        prop::option::of("[xy]"),
    )
        .prop_map(|(order, status, accounts, supplier_order_id)| OrderUpdate {
            order,
            status,
            accounts,
            supplier_order_id,
        })
}

/// Any script.
pub fn scripts() -> impl Strategy<Value = Script> {
    // The interesting times are the end of a window, and a millisecond before and after it.
    let pass = prop::sample::select(&[0, 1, 59_999, 60_000, 120_000, 179_999, 180_000][..]);
    let step = prop_oneof![
        8 => (0..2_usize, queries()).prop_map(|(who, query)| Step::List(who, query)),
        6 => (0..2_usize, updates()).prop_map(|(who, update)| Step::Update(who, update)),
        4 => pass.prop_map(Step::BatchTicket),
        1 => Just(Step::Fork),
        1 => Just(Step::Restore),
        1 => Just(Step::Restart),
    ];
    (orders(), 0..4_u32, prop::collection::vec(step, 1..40))
        .prop_map(|(orders, window_minutes, steps)| Script { orders, window_minutes, steps })
}

/// Makes every call of `script` on `store` and on the model, and compares the results. `restart` closes a store and returns
/// the reopened one; or the same store, if the backend cannot reopen. The store stays open.
///
/// # Errors
/// The first difference.
#[expect(clippy::too_many_lines, reason = "one match over all steps")]
pub async fn follow(
    mut store: Arc<dyn Store>,
    script: Script,
    mut restart: impl AsyncFnMut(Arc<dyn Store>) -> Arc<dyn Store>,
) -> Result<(), TestCaseError> {
    let window = Window::from_minutes(script.window_minutes);
    let mut model = Model::new(&script.orders, window);
    let mut sandbox = sandbox(&*store, script.orders, window).await;
    for (index, step) in script.steps.into_iter().enumerate() {
        match step {
            Step::List(who, query) => {
                let caller = caller(&sandbox, SUPPLIERS[who]);
                let some = model.orders.keys().skip(index % 20).step_by(20).copied().collect();
                let previews = previews(&*store, some, &caller, &query).await?;
                let expected = model.hand_out(&caller.supplier, &query);
                let mut json = b"[".to_vec();
                let page = store.hand_out(&caller, &query, REQUEST, SERVER, &mut json).await.map_err(fail)?;
                let ids: Vec<_> = page.orders.iter().map(|order| order.id).collect();
                for (id, is_in_page, preview) in previews {
                    prop_assert_eq!(is_in_page, ids.contains(&id), "order {} of step {}", id, index);
                    prop_assert_eq!((preview.now, preview.total), (page.now, page.total));
                }
                prop_assert_eq!(ids, expected.orders, "the orders of step {}", index);
                let counts = (page.total, page.withheld, page.next_at);
                prop_assert_eq!(
                    counts,
                    (expected.total, expected.withheld, expected.next_at),
                    "step {}",
                    index
                );
                let shown = |listed: &ListedOrder| {
                    let order = &model.orders[&listed.id];
                    let view = order.seen_by(&caller.supplier).map(|view| render(&view));
                    (listed.status == order.status).then(|| view.map(|view| view.get().to_owned())).flatten()
                };
                let shown: Option<Vec<_>> = page.orders.iter().map(shown).collect();
                prop_assert_eq!(String::from_utf8(json).ok(), shown.map(|it| format!("[{}", it.join(","))));
            }
            Step::Update(who, update) => {
                let caller = caller(&sandbox, SUPPLIERS[who]);
                let expected = model.update(&caller.supplier, &update);
                let answer = store.update(&caller, &update, REQUEST, SERVER).await.map_err(fail)?;
                prop_assert_eq!(answer.result, expected, "step {}", index);
            }
            Step::BatchTicket(millis) => {
                model.now = model.now.plus(Duration::from_millis(millis));
                let change = ClockChange::Advance(Duration::from_millis(millis));
                let now =
                    store.change_clock(&sandbox, change, SERVER).await.map_err(fail)?.map_err(fail)?.now;
                prop_assert_eq!(now, model.now);
            }
            Step::Fork => {
                let fork: SandboxId = format!("{sandbox}-f").parse().map_err(fail)?;
                let settings = super::settings(window);
                let new = NewFork { settings, ..super::new_fork(&fork) };
                store.fork(&sandbox, new, SERVER).await.map_err(fail)?;
                store.delete(&sandbox, SERVER).await.map_err(fail)?;
                sandbox = fork;
            }
            Step::Restore => {
                let restored: SandboxId = format!("{sandbox}-r").parse().map_err(fail)?;
                let settings = super::settings(window);
                let new = NewFork { settings, ..super::new_fork(&restored) };
                let written = serde_json::to_string(&store.export(&sandbox, SERVER).await.map_err(fail)?);
                let snapshot: crate::Snapshot =
                    serde_json::from_str(&written.map_err(fail)?).map_err(fail)?;
                prop_assert_eq!(snapshot.check(), Ok(()));
                store.restore(snapshot, new, SERVER).await.map_err(fail)?;
                store.delete(&sandbox, SERVER).await.map_err(fail)?;
                sandbox = restored;
            }
            Step::Restart => store = restart(store).await,
        }
    }
    compare(&*store, &sandbox, &model).await?;
    store.delete(&sandbox, SERVER).await.map_err(fail)
}

/// What list calls would find of these orders, and whether they would be in the page.
async fn previews(
    store: &dyn Store,
    orders: Vec<OrderId>,
    caller: &Caller,
    query: &ListQuery,
) -> Result<Vec<(OrderId, bool, OrderPreview)>, TestCaseError> {
    let mut previews = Vec::new();
    for id in orders {
        let preview =
            store.preview(&caller.sandbox, id, &caller.supplier, query, SERVER).await.map_err(fail)?;
        let is_let_through = |before| listing::explain_place(query, before).iter().all(|it| it.passes);
        previews.extend(preview.map(|it| (id, it.before.is_some_and(is_let_through), it)));
    }
    Ok(previews)
}

/// Compares what is known of every order.
async fn compare(store: &dyn Store, sandbox: &SandboxId, model: &Model) -> Result<(), TestCaseError> {
    for (id, order) in &model.orders {
        let state = store.order(sandbox, *id, SERVER).await.map_err(fail)?;
        let state = state.map(|state| (state.order, state.withheld_until, state.dealings));
        prop_assert_eq!(state, Some((order.clone(), model.withheld_until(*id), model.dealings(*id))));
    }
    Ok(())
}

fn fail(error: impl std::error::Error) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

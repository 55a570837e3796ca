//! Order search, long polling for an order, and fingerprints of accounts.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use supplier_domain::Problem;
use supplier_store::OrderSearch;
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::{Body, InSandbox};
use super::orders::OrderStateBody;
use super::query::Params;
use crate::app::App;
use crate::wire::fields::{Field, FieldValue, kind, take};

/// Orders that were found.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderList {
    orders: Vec<OrderStateBody>,
    /// How many fit, before `limit` and `offset`.
    total: usize,
}

/// Find orders
///
/// Whoever's they are, withheld or not, by their numbers. It hands out nothing. Of each order the first 10 accounts and the
/// last 10 events are shown; `GET …/orders/{order}` shows the others.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/orders", operation_id = "findOrders", tag = "Orders",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("supplier" = Option<String>, Query, description = "Of which an item is this supplier's."),
        ("status" = Option<String>, Query, description = "Of one of these statuses, with commas between them."),
        ("paymentStatus" = Option<String>, Query, description = "Whose payment is that far."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 1_000, description = "At most so many; 50 if left out."),
        ("offset" = Option<u64>, Query, minimum = 0, description = "So many are passed over.")),
    responses((status = 200, description = "The orders.", body = OrderList)))]
pub(crate) async fn find_orders(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    RawQuery(query): RawQuery,
) -> Result<Json<OrderList>, ControlProblem> {
    let known = ["supplier", "status", "paymentStatus", "limit", "offset"];
    let mut params = Params::read(query.as_deref(), &known);
    let search = OrderSearch {
        supplier: params.parsed("supplier"),
        statuses: params.words("status"),
        payment_status: params.parsed("paymentStatus"),
        limit: params.size("limit", 1..=1_000, 50),
        offset: params.size("offset", 0..=u64::MAX, 0),
        ..OrderSearch::default()
    };
    params.finish()?;
    let found = app.control.find_orders(&id, &search, app.time.now()).await?;
    let orders = found.orders.into_iter().map(OrderStateBody::in_a_list).collect();
    Ok(Json(OrderList { orders, total: found.total }))
}

/// The most accounts that are compared at once.
const MAX_ACCOUNTS: usize = 10_000;

struct Accounts(Vec<String>);

impl FieldValue for Accounts {
    fn read(json: &str) -> Result<Self, String> {
        let entries: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| {
            format!("must be an array of strings such as \"username:password\", not {}", kind(json))
        })?;
        if entries.len() > MAX_ACCOUNTS {
            return Err(format!("must be at most {MAX_ACCOUNTS} accounts"));
        }
        let accounts: Result<_, _> = entries.iter().map(|entry| String::read(entry.get())).collect();
        accounts.map(Self).map_err(|problem| format!("must hold strings only; an entry {problem}"))
    }
}

/// Accounts whose fingerprints are asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskFingerprints {
    /// Each as it was or would be delivered.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required, max_items = 10_000)]
    accounts: Field<Accounts>,
}

/// Fingerprints of accounts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Fingerprints {
    /// In the order of the accounts.
    fingerprints: Vec<String>,
}

/// Fingerprint accounts
///
/// What `accounts[].fingerprint` of an order shows of these accounts, so that a test can tell what was delivered without
/// keeping a password. Equal accounts have equal fingerprints within a sandbox and its copies.
#[utoipa::path(post, path = "/_sandbox/sandboxes/{id}/fingerprints", operation_id = "fingerprintAccounts", tag = "Orders",
    params(("id" = String, Path, description = "The sandbox's id.")),
    request_body(content = AskFingerprints, description = "The accounts. They are not kept."),
    responses((status = 200, description = "Their fingerprints.", body = Fingerprints)))]
pub(crate) async fn fingerprint_accounts(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    Body(ask): Body<AskFingerprints>,
) -> Result<Json<Fingerprints>, ControlProblem> {
    let mut problems = Vec::new();
    let accounts = take("accounts", ask.accounts, &mut problems);
    let Some(Accounts(accounts)) = accounts else {
        if problems.is_empty() {
            problems.push(Problem::new("accounts", "is required: an array of accounts"));
        }
        return Err(problems.into());
    };
    let prints = app.control.fingerprints(&id, &accounts, app.time.now()).await?;
    Ok(Json(Fingerprints { fingerprints: prints.iter().map(ToString::to_string).collect() }))
}

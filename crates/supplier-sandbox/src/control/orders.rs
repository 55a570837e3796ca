//! `/_sandbox/sandboxes/{id}/orders`: an order's state, and why a list has it or not.

use std::time::Duration;

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::Serialize;
use supplier_control::Why;
use supplier_domain::{Item, ListQuery, OrderStatus, Problem, SupplierId};
use supplier_store::OrderState;
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::OfOrder;
use super::history::EventBody;
use super::query::Params;
use crate::app::App;
use crate::wire::{ListOrdersParams, sets};

/// All that a sandbox knows of an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderState)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderStateBody {
    id: u64,
    #[schema(value_type = sets::OrderStatus)]
    status: &'static str,
    /// Suppliers see paid orders only.
    #[schema(value_type = String, example = "completed")]
    payment_status: &'static str,
    /// Of all its suppliers.
    items: Vec<ItemBody>,
    #[schema(format = DateTime)]
    created_at: String,
    /// The supplier's own id of it; null until one was given.
    supplier_order_id: Option<String>,
    /// How many accounts were delivered.
    accounts_delivered: usize,
    /// Some of those, the oldest first: a page of them, or in a list the first 10.
    accounts: Vec<AccountBody>,
    /// From whom it is withheld now.
    withheld: Vec<WithheldBody>,
    /// What happened to it, the oldest first: the first and the last hand-out to each supplier, and the last 100 of all
    /// other events, or in a list the last 10.
    history: Vec<EventBody>,
    /// How many older events were forgotten, or are left out of a list.
    history_forgotten: u64,
}

/// A line of an order.
#[derive(Serialize, ToSchema)]
#[schema(as = ItemState)]
#[serde(rename_all = "camelCase")]
struct ItemBody {
    supplier: String,
    product: String,
    #[schema(value_type = sets::ProductType)]
    product_type: &'static str,
    #[schema(value_type = sets::EntityType)]
    entity_type: &'static str,
    sub_category: String,
    quantity: u32,
    /// The price of one piece.
    unit_price: f64,
}

/// An account that was delivered, without its password.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
struct AccountBody {
    login: String,
    /// Equal for equal accounts of this sandbox, passwords included; it cannot be turned back.
    fingerprint: String,
}

/// From whom an order is withheld.
#[derive(Serialize, ToSchema)]
#[schema(as = Withheld)]
struct WithheldBody {
    supplier: String,
    /// By the sandbox's clock.
    #[schema(format = DateTime)]
    until: String,
}

impl From<&Item> for ItemBody {
    fn from(item: &Item) -> Self {
        let facet = &item.product.facet;
        Self {
            supplier: item.product.supplier.to_string(),
            product: item.product.name.to_string(),
            product_type: facet.product_type.as_str(),
            entity_type: facet.entity_type.as_str(),
            sub_category: facet.sub_category.to_string(),
            quantity: item.quantity,
            unit_price: item.unit_price.to_f64(),
        }
    }
}

/// Which accounts of an order are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct AccountsPage {
    /// So many are passed over.
    offset: usize,
    /// At most so many are shown.
    limit: usize,
}

impl Default for AccountsPage {
    /// The first page.
    fn default() -> Self {
        Self { offset: 0, limit: 100 }
    }
}

impl AccountsPage {
    /// The most accounts of a page.
    const MAX: u64 = 1_000;

    fn read(params: &mut Params) -> Self {
        Self {
            offset: params.size("accountsOffset", 0..=u64::MAX, 0),
            limit: params.size("accountsLimit", 1..=Self::MAX, Self::default().limit),
        }
    }
}

/// How many accounts, and how many events, a list shows of each order.
const IN_A_LIST: usize = 10;

impl OrderStateBody {
    /// As one of many, of each of which little is shown.
    pub(super) fn in_a_list(mut state: OrderState) -> Self {
        let events = &mut state.history.events;
        let surplus = events.len().saturating_sub(IN_A_LIST);
        events.drain(..surplus);
        state.history.forgotten = state.history.forgotten.saturating_add(surplus as u64);
        Self::with_accounts(state, AccountsPage { offset: 0, limit: IN_A_LIST })
    }

    /// With these accounts.
    pub(super) fn with_accounts(state: OrderState, page: AccountsPage) -> Self {
        let order = state.order;
        let account = |account: &supplier_domain::Account| AccountBody {
            login: account.login.to_string(),
            fingerprint: account.fingerprint.to_string(),
        };
        let withheld = state.withheld_until.into_iter();
        Self {
            id: order.id.get(),
            status: order.status.as_str(),
            payment_status: order.payment_status.as_str(),
            items: order.items.iter().map(ItemBody::from).collect(),
            created_at: order.created_at.to_string(),
            supplier_order_id: order.supplier_order_id.map(|id| id.to_string()),
            accounts_delivered: order.accounts.len(),
            accounts: order.accounts.since(page.offset).take(page.limit).map(account).collect(),
            history: super::history::of(&state.history, &state.dealings),
            history_forgotten: state.history.forgotten,
            withheld: withheld
                .map(|(supplier, until)| WithheldBody {
                    supplier: supplier.to_string(),
                    until: until.to_string(),
                })
                .collect(),
        }
    }
}

/// Why an order is, or is not, in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = Why)]
pub(crate) struct WhyBody {
    /// Whether every rule lets it through: it is in the page that the list call with these parameters would return.
    listed: bool,
    /// When the list call would look, by the sandbox's clock: now, or with `stepOnPoll` after that step.
    #[schema(format = DateTime)]
    now: String,
    /// What each rule of the list says; `list.offset` and `list.limit` only of an order that all the others let through.
    rules: Vec<ReasonBody>,
}

/// What one rule says of an order.
#[derive(Serialize, ToSchema)]
#[schema(as = Reason)]
struct ReasonBody {
    /// The rule's name.
    #[schema(value_type = String, example = "list.window")]
    rule: &'static str,
    /// Whether it lets the order through.
    passes: bool,
    /// Why: a sentence.
    sentence: String,
    /// When the window ends that hides the order, by the sandbox's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    until: Option<String>,
}

impl From<Why> for WhyBody {
    fn from(why: Why) -> Self {
        let rules = why.reasons.into_iter().map(|reason| ReasonBody {
            rule: reason.rule.as_str(),
            passes: reason.passes,
            sentence: reason.sentence,
            until: reason.until.map(|until| until.to_string()),
        });
        Self { listed: why.is_listed, now: why.now.to_string(), rules: rules.collect() }
    }
}

/// Look at an order
///
/// All of its state, whoever's it is: what was delivered (logins and fingerprints, never a password), from whom it is
/// withheld, and what happened to it by which request. It hands out nothing.
///
/// With `until` the answer waits until the order has one of those statuses, or `waitSeconds` have passed by the server's
/// time: then it is the order as it is by then.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/orders/{order}", operation_id = "getOrder", tag = "Orders",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("order" = u64, Path, description = "The order's number."),
        ("until" = Option<String>, Query, description = "Statuses to wait for, with commas between them."),
        ("waitSeconds" = Option<u64>, Query, minimum = 0, maximum = 60,
            description = "How long to wait for them at the most; 10 if left out."),
        ("accountsLimit" = Option<u64>, Query, minimum = 1, maximum = 1_000,
            description = "Show at most so many of its accounts; 100 if left out."),
        ("accountsOffset" = Option<u64>, Query, minimum = 0, description = "Pass over so many of its accounts.")),
    responses((status = 200, description = "The order.", body = OrderStateBody)))]
pub(crate) async fn get_order(
    State(app): State<App>,
    OfOrder(id, order): OfOrder,
    RawQuery(query): RawQuery,
) -> Result<Json<OrderStateBody>, ControlProblem> {
    let known = ["until", "waitSeconds", "accountsLimit", "accountsOffset"];
    let mut params = Params::read(query.as_deref(), &known);
    let until: Option<Vec<OrderStatus>> = params.words("until");
    let wait = params.whole("waitSeconds", 0..=60);
    let page = AccountsPage::read(&mut params);
    if wait.is_some() && until.is_none() {
        params.refuse("until", "is required with waitSeconds: the statuses to wait for");
    }
    params.finish()?;
    if let Some(statuses) = until {
        let waiting = app.control.wait_for_order(&id, order, &statuses, || app.time.now());
        let mut stopping = app.stopping.clone();
        tokio::select! {
            state = waiting => return Ok(Json(OrderStateBody::with_accounts(state?, page))),
            () = tokio::time::sleep(Duration::from_secs(wait.unwrap_or(10))) => {}
            _ = stopping.wait_for(|stops| *stops) => {}
        }
    }
    let state = app.control.order(&id, order, app.time.now()).await?;
    Ok(Json(OrderStateBody::with_accounts(state, page)))
}

/// Ask why an order is not in a list
///
/// For each rule of the list, whether it lets the order through to a supplier who would ask with these parameters now,
/// with a sentence and, for the window, the moment it ends. All parameters count, `limit` and `offset` too. It hands out
/// nothing.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/orders/{order}/why", operation_id = "whyOrder", tag = "Orders",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("order" = u64, Path, description = "The order's number."),
        ("supplier" = String, Query, description = "Who would ask: the supplier's id."),
        ListOrdersParams),
    responses((status = 200, description = "What each rule says.", body = WhyBody)))]
pub(crate) async fn why_order(
    State(app): State<App>,
    OfOrder(id, order): OfOrder,
    RawQuery(query): RawQuery,
) -> Result<Json<WhyBody>, ControlProblem> {
    let query = query.unwrap_or_default();
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let mut named = pairs.iter().filter(|(name, _)| name == "supplier").map(|(_, value)| value.parse());
    let supplier: Option<SupplierId> = match (named.next(), named.next()) {
        (Some(Ok(supplier)), None) => Some(supplier),
        _ => None,
    };
    // The list itself knows no supplier parameter, and ignores what it does not know.
    let (supplier, query) = match (supplier, ListQuery::parse(pairs)) {
        (Some(supplier), Ok(query)) => (supplier, query),
        (supplier, query) => {
            let violations = query.err().unwrap_or_default().into_iter();
            let mut problems: Vec<_> = violations.map(|violation| violation.problem).collect();
            if supplier.is_none() {
                problems.insert(
                    0,
                    Problem::new("supplier", "is required, once: the id of the supplier who would ask"),
                );
            }
            return Err(problems.into());
        }
    };
    Ok(Json(app.control.why(&id, order, &supplier, &query, app.time.now()).await?.into()))
}

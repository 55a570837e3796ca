//! Order page: its history, and why it is in the list or not.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use supplier_control::{OrderState, Why};
use supplier_domain::{EventKind, ListQuery, OrderId, ProductType, SupplierId, counted, was};

use super::{Frame, html};
use crate::Dashboard;
use crate::access::{PageQuery, Visitor};
use crate::failure::Failure;
use crate::words::{delivered, moment, standing};

#[derive(Template)]
#[template(path = "order.html")]
struct Page {
    frame: Frame,
    state: OrderState,
    look: &'static str,
    standing: String,
    delivered: String,
    created: String,
    events: Vec<(String, String, Option<String>)>,
    forgotten: u64,
    why: Why,
    query: String,
    /// Accounts of this page, position of the first one, and links to the pages before and after.
    logins: Vec<String>,
    first: usize,
    earlier: Option<usize>,
    later: Option<usize>,
}

/// Number of accounts on a page.
const ACCOUNTS: usize = 100;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Paging {
    /// Page of the accounts, from 1.
    accounts: String,
}

pub(crate) async fn show(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    Path(order): Path<String>,
    PageQuery(paging): PageQuery<Paging>,
) -> Result<Response, Failure> {
    let unknown = || Failure::new(StatusCode::NOT_FOUND, "There is no such order of yours.");
    let order: OrderId = order.parse().map_err(|_| unknown())?;
    let frame = Frame::of(&dashboard, &visitor, "orders").await?;
    let (now, control, session) = (dashboard.now(), dashboard.control(), &visitor.session);
    let state = control.order(&session.sandbox, order, now).await?;
    // Another supplier's order is as unknown as none.
    let product_type = {
        let view = state.order.seen_by(&session.supplier).ok_or_else(unknown)?;
        view.items().next().map_or(ProductType::Manual, |item| item.product.facet.product_type)
    };
    let query = ListQuery { product_types: vec![product_type], ..ListQuery::default() };
    let mut why = control.why(&session.sandbox, order, &session.supplier, &query, now).await?;
    // First the rules that keep the order out of the list.
    why.reasons.sort_by_key(|reason| reason.passes);
    let (look, standing) = standing(&state, &session.supplier);
    let events = events(&state, &session.supplier);
    let in_all = state.order.accounts.len();
    let last = in_all.div_ceil(ACCOUNTS).max(1);
    let page = paging.accounts.parse().ok().filter(|page| (1..=last).contains(page)).unwrap_or(1);
    let passed = (page - 1) * ACCOUNTS;
    let logins = state.order.accounts.since(passed).take(ACCOUNTS).map(|account| account.login.to_string());
    html(&Page {
        frame,
        look,
        standing,
        delivered: delivered(&state, &session.supplier),
        created: moment(state.order.created_at),
        events,
        forgotten: state.history.forgotten,
        why,
        query: format!("productType={product_type}"),
        logins: logins.collect(),
        first: passed + 1,
        earlier: (page > 1).then(|| page - 1),
        later: (page < last).then(|| page + 1),
        state,
    })
}

/// Events with time, text and request, oldest first.
fn events(state: &OrderState, supplier: &SupplierId) -> Vec<(String, String, Option<String>)> {
    let mut told: Vec<_> = state
        .history
        .events
        .iter()
        .map(|event| {
            (event.moment.at, sentence(&event.kind, supplier), Some(event.moment.request.to_string()))
        })
        .collect();
    for (_, dealings) in state.dealings.iter().filter(|(known, _)| known == supplier) {
        if let Some(first) = dealings.first {
            told.push((first.at, "It was handed out to you.".to_owned(), Some(first.request.to_string())));
        }
        if let Some(last) = dealings.last.filter(|_| dealings.handed_out > 1) {
            let text = format!("It was handed out to you for the {}. time.", dealings.handed_out);
            told.push((last.at, text, Some(last.request.to_string())));
        }
    }
    told.sort_by_key(|(at, _, _)| *at);
    told.into_iter().map(|(at, text, request)| (moment(at), text, request)).collect()
}

fn sentence(kind: &EventKind, own: &SupplierId) -> String {
    match kind {
        EventKind::Placed => "A buyer ordered it.".to_owned(),
        EventKind::Amended { status, payment_status } => {
            format!("The marketplace changed it: {status}, payment {payment_status}.")
        }
        EventKind::Updated { supplier, from, to, accepted, dropped, supplier_order_id } => {
            let who = if supplier == own { "You" } else { "Another supplier" };
            let mut did = Vec::new();
            if from != to {
                did.push(format!("set its status from {from} to {to}"));
            }
            if *accepted > 0 {
                did.push(format!("delivered {}", counted(*accepted, "account")));
            }
            if *dropped > 0 {
                did.push(format!("sent {} that {} not taken", counted(*dropped, "account"), was(*dropped)));
            }
            if let Some(id) = supplier_order_id {
                did.push(format!("gave it the id {id}"));
            }
            if did.is_empty() {
                did.push("changed nothing".to_owned());
            }
            format!("{who} {}.", did.join(", "))
        }
    }
}

//! `GET /api/admin/v2/orders`

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header, header::HeaderName};
use axum::response::{IntoResponse, Response};
use supplier_domain::ListQuery;
use supplier_store::{Caller, Page};

use super::caller::Authenticated;
use super::notes::Outcome;
use super::{ApiError, Notes, struck};
use crate::app::App;
use crate::wire::{ListOrdersParams, OrderPage};

const WITHHELD: HeaderName = HeaderName::from_static("sandbox-withheld");
const NEXT_AT: HeaderName = HeaderName::from_static("sandbox-next-at");

/// List orders
///
/// Hands out the paid orders that contain a product or service of the calling supplier, oldest first. An order in the
/// answer is withheld from further answers to the same supplier for 30 minutes (`list.window`).
///
/// Manual orders come only with `productType=manual`; the orders to work on are those of `status=pending,processing`.
/// Since what was handed out is withheld, the next orders come with the same `offset=0` again: a higher one skips
/// orders.
#[utoipa::path(
    get,
    path = "/api/admin/v2/orders",
    operation_id = "listOrders",
    tag = "Orders",
    params(ListOrdersParams),
    security(("apiKey" = [])),
    responses((
        status = 200,
        description = "The orders that may be handed out now, a page of them. Empty when there is none.",
        body = OrderPage,
        headers(
            ("Sandbox-Withheld" = u64, description = "How many more orders match but are withheld. Sandbox only."),
            ("Sandbox-Next-At" = String, description = "When the next of those comes back; absent without one. \
                Sandbox only."),
        ),
    )),
)]
pub(crate) async fn list_orders(
    State(app): State<App>,
    authenticated: Authenticated,
    notes: Notes,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = ListQuery::parse(form_urlencoded::parse(query.unwrap_or_default().as_bytes()))?;
    let handler = hand_out(&app, &authenticated.known.caller, &query, &notes);
    struck::answer(&app, &authenticated, None, &notes, handler).await
}

async fn hand_out(
    app: &App,
    caller: &Caller,
    query: &ListQuery,
    notes: &Notes,
) -> Result<impl IntoResponse + use<>, ApiError> {
    // The store writes the orders where they are to stand.
    let mut body = OrderPage::OPENING.as_bytes().to_vec();
    let page = app.store.hand_out(caller, query, notes.id(), app.time.now(), &mut body).await?;
    body.extend_from_slice(OrderPage::closing(page.orders.len(), page.total).as_bytes());
    let (headers, body) = (diagnostics(&page), Bytes::from(body));
    notes.answer(&body);
    notes.outcome(Outcome::Listed { offset: query.offset, page });
    Ok((headers, body))
}

fn diagnostics(page: &Page) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(WITHHELD, page.withheld.into());
    if let Some(moment) = page.next_at.and_then(|at| HeaderValue::from_str(&at.to_string()).ok()) {
        headers.insert(NEXT_AT, moment);
    }
    headers
}

//! `POST /api/admin/v2/orders-update`

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use supplier_domain::{Order, OrderUpdate, SupplierId, Violation};
use supplier_rulebook::ERROR_TRANSPORT;
use supplier_store::Caller;

use super::caller::Authenticated;
use super::notes::Outcome;
use super::{ApiError, Notes, struck};
use crate::app::App;
use crate::http::{BodyError, body};
use crate::redact::{self, Carried, Secrets};
use crate::wire::declared::check_json;
use crate::wire::{UpdateOrderRequest, UpdatedOrder};

/// The largest body that is read: 1 MiB (`error.transport`).
const MAX_BODY: usize = 1 << 20;

/// Update an order
///
/// Sets the status of an order, delivers accounts for it, notes the supplier's own id of it, or any of these together.
/// What is left out stays as it was; a refused update changes nothing (`update.atomic`).
///
/// Accounts are de-duplicated within the call and against those the order already has, entries that are no account
/// are dropped, and the rest is delivered. If none is left the call is refused with `INVALID_ACCOUNTS`: so is a repeated
/// delivery (`update.resubmission`).
#[utoipa::path(
    post,
    path = "/api/admin/v2/orders-update",
    operation_id = "updateOrder",
    tag = "Orders",
    request_body(content = UpdateOrderRequest, description = "The order's number, and what is to change."),
    security(("apiKey" = [])),
    responses((
        status = 200,
        description = "The order as it is now.",
        body = UpdatedOrder<'_>,
    )),
)]
pub(crate) async fn update_order(
    State(app): State<App>,
    authenticated: Authenticated,
    notes: Notes,
    WellFormed(update): WellFormed,
) -> Result<Response, ApiError> {
    // Its body may have taken a while.
    authenticated.check_again(&app).await?;
    let update = Arc::new(update);
    let handler = apply(&app, &authenticated.known.caller, Arc::clone(&update), &notes);
    struck::answer(&app, &authenticated, Some(&update), &notes, handler).await
}

async fn apply(
    app: &App,
    caller: &Caller,
    update: Arc<OrderUpdate>,
    notes: &Notes,
) -> Result<impl IntoResponse + use<>, ApiError> {
    let updated = app.store.update(caller, &update, notes.id(), app.time.now()).await?;
    let answer = match &updated.result {
        Ok(decision) => show(&decision.order, &caller.supplier),
        Err(refusal) => Err(refusal.clone().into()),
    };
    if let Ok(body) = &answer {
        notes.answer(body);
    }
    notes.outcome(Outcome::Updated { update, updated });
    Ok(([(header::CONTENT_TYPE, "application/json")], answer?))
}

/// The store grants updates to an order's suppliers only, so there is a view of it, and that is strings and numbers.
fn show(order: &Order, supplier: &SupplierId) -> Result<Bytes, ApiError> {
    let view = order.seen_by(supplier).ok_or(ApiError::Internal)?;
    serde_json::to_vec(&UpdatedOrder::from(view)).map(Bytes::from).map_err(|_| ApiError::Internal)
}

/// An update of the documented form. Its size is judged before its type, and its type before its content
/// (`error.transport`).
pub(crate) struct WellFormed(OrderUpdate);

impl FromRequest<App> for WellFormed {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let body = body::read(&parts, body, MAX_BODY).await;
        if body == Err(BodyError::TooLarge) {
            return Err(ApiError::PayloadTooLarge);
        }
        if let (Ok(body), Some(notes)) = (&body, parts.extensions.get::<Notes>()) {
            notes.body(body);
        }
        check_json(&parts.headers)?;
        let body = body?;
        let request = UpdateOrderRequest::read(&body)
            .map_err(|problem| Violation::new(ERROR_TRANSPORT, "body", problem))?;
        let mut update = request.check()?;
        // It is stored and shown: what the call has in it that is secret is not (`update.secret`).
        update.supplier_order_id = update.supplier_order_id.map(|id| {
            let headers = redact::secret_headers(&parts.headers);
            let secrets = Secrets::of(Carried { headers: &headers, uri: &parts.uri, body: &body });
            redact::own_id(id, &secrets)
        });
        Ok(Self(update))
    }
}

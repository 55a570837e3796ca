//! Request page: what was sent, what was answered, and why.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use supplier_control::{CallWhy, KeptCall, shell_command};
use supplier_domain::RequestId;

use super::requests::{is_shown, what};
use super::{Frame, html};
use crate::Dashboard;
use crate::access::Visitor;
use crate::failure::Failure;
use crate::words::moment;

#[derive(Template)]
#[template(path = "request.html")]
struct Page {
    frame: Frame,
    call: KeptCall,
    at: String,
    what: String,
    status: String,
    why: CallWhy,
    curl: String,
}

pub(crate) async fn show(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    Path(request): Path<String>,
) -> Result<Response, Failure> {
    let unknown =
        || Failure::new(StatusCode::NOT_FOUND, "You have no such request, or it is no longer kept.");
    let id: RequestId = request.parse().map_err(|_| unknown())?;
    let frame = Frame::of(&dashboard, &visitor, "requests").await?;
    let (now, control, session) = (dashboard.now(), dashboard.control(), &visitor.session);
    let call = control.call(&session.sandbox, id, now).await?;
    if !is_shown(&call.record, session) {
        return Err(unknown());
    }
    let why = control.why_call(&session.sandbox, id, now).await?;
    let record = &call.record;
    html(&Page {
        frame,
        at: moment(record.at),
        what: what(record),
        status: record.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string()),
        why,
        curl: shell_command(record, &dashboard.setup.url),
        call,
    })
}

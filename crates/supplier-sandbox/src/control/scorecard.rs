//! `/_sandbox/sandboxes/{id}/scorecard`: reviews of the suppliers' clients.

mod body;
mod junit;
mod markdown;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use mediatype::MediaType;
use mediatype::names::{APPLICATION, JSON, MARKDOWN, TEXT, XML};

use super::ControlProblem;
use super::extract::InSandbox;
use super::query::Params;
use crate::app::App;
use crate::http::preferred;

use body::ScorecardBody;

const AS_JSON: MediaType<'static> = MediaType::new(APPLICATION, JSON);
const AS_XML: MediaType<'static> = MediaType::new(APPLICATION, XML);
const AS_TEXT_XML: MediaType<'static> = MediaType::new(TEXT, XML);
const AS_MARKDOWN: MediaType<'static> = MediaType::new(TEXT, MARKDOWN);
/// In the order in which they are preferred.
static TYPES: [MediaType<'static>; 4] = [AS_JSON, AS_MARKDOWN, AS_XML, AS_TEXT_XML];
const NAMES: &str = "application/json, text/markdown, application/xml";

/// Score clients
///
/// For each supplier how its client stands to each practice of the rulebook: met, not met or not observed, with what was
/// seen, what to change, and the requests that show it. JSON, or by `Accept` JUnit (`application/xml`) or Markdown
/// (`text/markdown`). It is judged as calls come in, so it is whole whatever the journal has dropped; `complete` says
/// whether all its evidence is still there.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/scorecard", operation_id = "getScorecard", tag = "Judgement",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("supplier" = Option<String>, Query, description = "Only this supplier's client."),
        ("ended" = Option<bool>, Query, description = "Whether the client has stopped: then an order that it was handed \
            out and did not answer counts at once, and not only when its window has run out. False if left out.")),
    responses((status = 200, description = "How the clients stand.", content(
        (ScorecardBody = "application/json"), (String = "text/markdown"), (String = "application/xml")))))]
pub(crate) async fn get_scorecard(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ControlProblem> {
    let mut params = Params::read(query.as_deref(), &["supplier", "ended"]);
    let supplier = params.parsed("supplier");
    let has_ended = params.flag("ended");
    params.finish()?;
    let kind = preferred(&headers, &TYPES).ok_or(ControlProblem::NotAcceptable(NAMES))?;
    let reports = app.control.scorecards(&id, supplier.as_ref(), has_ended, app.time.now()).await?;
    let as_text =
        |text: String| ([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], text).into_response();
    let mut answer = if *kind == AS_MARKDOWN {
        as_text(markdown::write(&id, &reports))
    } else if *kind == AS_JSON {
        Json(ScorecardBody::from(&reports)).into_response()
    } else {
        as_text(junit::write(&id, &reports))
    };
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(answer)
}

//! `/_sandbox/sandboxes/{id}/requests`: the calls that suppliers made.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use serde::Serialize;
use supplier_control::shell_command;
use supplier_domain::fault::Operation;
use supplier_domain::{CallEffect, Excerpt, IgnoredName, KeyProblem, OrderId, Resend};
use supplier_store::{CallSearch, KeptCall};
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::{InSandbox, OfCall};
use super::query::Params;
use crate::app::App;
use crate::wire::{FieldProblem, sets};

/// A call of the Supplier API.
#[derive(Serialize, ToSchema)]
#[schema(as = Call)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallBody {
    /// Its number in the sandbox's journal, from 1: `after` goes on from it.
    number: u64,
    /// Its answer's `Sandbox-Request-Id`.
    #[schema(example = "req-01ab23cd-7")]
    id: String,
    /// By the sandbox's clock.
    #[schema(format = DateTime)]
    at: String,
    /// `listOrders` or `updateOrder`; null if its method or path is of neither.
    #[schema(value_type = Option<String>, example = "listOrders")]
    operation: Option<&'static str>,
    /// Who called; null if its key leads to nobody.
    supplier: Option<String>,
    method: String,
    /// The path and the query, without keys and passwords; what is not a word of the API's may be masked.
    target: String,
    /// The answer's status; null if the connection was closed without an answer.
    status: Option<u16>,
    /// Whether nobody got the answer: a fault spoiled it, or the client was gone.
    lost: bool,
    /// The answer's error code.
    error: Option<String>,
    /// The parameters and fields in it that the API does not know, and ignored; the first 20.
    ignored: Vec<IgnoredBody>,
    /// Why its key leads to nobody, if it was refused with `INVALID_API_KEY`: `why` tells what to do.
    #[schema(value_type = Option<String>, example = "scheme")]
    key_problem: Option<&'static str>,
    /// The orders that it handed out or was about.
    orders: Vec<u64>,
    /// The rules that spoke.
    #[schema(value_type = Vec<String>, example = json!(["list.window"]))]
    rules: Vec<&'static str>,
    /// The faults that fired.
    faults: Vec<u64>,
    /// How long it took, in milliseconds.
    duration_ms: f64,
}

/// A parameter or a field that the API does not know.
#[derive(Serialize, ToSchema)]
#[schema(as = IgnoredName)]
struct IgnoredBody {
    /// `list-parameter`, `update-parameter` or `update-field`.
    #[schema(value_type = String, example = "list-parameter")]
    place: &'static str,
    /// Its first 64 characters, without keys and passwords.
    #[schema(example = "status[]")]
    name: String,
    /// The known name that was probably meant; null if none is near.
    #[schema(example = "status")]
    nearest: Option<String>,
}

impl From<&IgnoredName> for IgnoredBody {
    fn from(ignored: &IgnoredName) -> Self {
        Self {
            place: ignored.place.as_str(),
            name: ignored.name.to_string(),
            nearest: ignored.nearest.as_ref().map(ToString::to_string),
        }
    }
}

/// Calls.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallList {
    requests: Vec<CallBody>,
    /// The number of the last call so far: to go on from here, ask for what comes after it.
    last: u64,
    /// How many calls the journal no longer keeps.
    dropped: u64,
}

/// All that is known of a call.
#[derive(Serialize, ToSchema)]
#[schema(as = CallDetails)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallDetailsBody {
    #[serde(flatten)]
    call: CallBody,
    /// When it came, by the server's time.
    #[schema(format = DateTime)]
    server_at: String,
    request_body: ExcerptBody,
    /// What the server answered, even if a fault spoiled it on its way; or the error that a fault answered in its place.
    answer_body: ExcerptBody,
    /// All that was wrong with it, if it was not of the documented form.
    problems: Vec<FieldProblem>,
    /// The call that this one repeats, if nobody got that one's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    resend: Option<ResendBody>,
    /// What a list call found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<PageBody>,
    /// What an update did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    update: Option<UpdateBody>,
    /// The call as a command of a shell, which makes it again. It takes the key from `$API_KEY`, and what was masked or is
    /// not kept from further variables, such as `$ACCOUNT_1`; if one is not set, it says so and calls nothing.
    curl: String,
}

/// A body, or its beginning, without keys and passwords. Of a request's body that is neither JSON nor a form, its type and its
/// length: `(not kept: 120 bytes of text/xml)`.
#[derive(Serialize, ToSchema)]
#[schema(as = Excerpt)]
#[serde(rename_all = "camelCase")]
struct ExcerptBody {
    text: String,
    /// Whether there was more of it.
    is_cut: bool,
}

/// The call that another one repeats, since nobody got its answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Resend)]
#[serde(rename_all = "camelCase")]
struct ResendBody {
    /// The call whose answer was lost.
    of: String,
    /// Whether that call did what it asked for.
    was_done: bool,
    /// How many milliseconds after that call's end this one came.
    gap_ms: u64,
    /// Whether it came so soon that an HTTP client or a proxy sent it again by itself.
    is_automatic: bool,
    /// Whether both came through a proxy that named the same client, so that the proxy may have sent it again.
    may_be_proxy: bool,
    /// How many orders the lost answer held, which stay withheld.
    unseen: u64,
    /// Until when, by the sandbox's clock, they are withheld; null without any.
    #[schema(format = DateTime)]
    unseen_until: Option<String>,
}

impl From<Resend> for ResendBody {
    fn from(resend: Resend) -> Self {
        Self {
            of: resend.of.to_string(),
            was_done: resend.was_done,
            gap_ms: resend.gap_millis,
            is_automatic: resend.is_automatic,
            may_be_proxy: resend.may_be_proxy,
            unseen: resend.unseen,
            unseen_until: resend.unseen_until.map(|until| until.to_string()),
        }
    }
}

/// What a list call found.
#[derive(Serialize, ToSchema)]
#[schema(as = FoundPage)]
#[serde(rename_all = "camelCase")]
struct PageBody {
    /// How many orders could be handed out, before `limit` and `offset`.
    total: usize,
    /// How many more matched, but were withheld already.
    withheld: usize,
    /// When, by the sandbox's clock, the next of those comes back.
    #[schema(format = DateTime)]
    next_at: Option<String>,
}

/// What an update did.
#[derive(Serialize, ToSchema)]
#[schema(as = DoneUpdate)]
#[serde(rename_all = "camelCase")]
struct UpdateBody {
    /// The order's status before; null if the update was refused.
    #[schema(value_type = Option<sets::OrderStatus>)]
    status_before: Option<&'static str>,
    /// The order's status after; null if the update was refused.
    #[schema(value_type = Option<sets::OrderStatus>)]
    status_after: Option<&'static str>,
    /// How many accounts it delivered.
    accepted: usize,
    /// How many of its accounts were not taken: `why` tells of each.
    dropped: usize,
    /// Whether it was granted and left the order as it was.
    changed_nothing: bool,
    /// How many of the accounts that it delivered are hardly meant as sent: `why` tells of the first.
    odd: usize,
}

impl From<&KeptCall> for CallBody {
    fn from(call: &KeptCall) -> Self {
        let record = &*call.record;
        Self {
            number: call.number,
            id: record.id.to_string(),
            at: record.at.to_string(),
            operation: record.operation.map(Operation::as_str),
            supplier: record.supplier.as_ref().map(ToString::to_string),
            method: record.method.to_string(),
            target: record.target.text.to_string(),
            status: record.status,
            lost: record.is_lost,
            error: record.error.as_ref().map(ToString::to_string),
            ignored: record.ignored.iter().map(IgnoredBody::from).collect(),
            key_problem: record.key_problem.map(KeyProblem::as_str),
            orders: record.orders().iter().map(|id| id.get()).collect(),
            rules: record.rules.iter().map(|rule| rule.as_str()).collect(),
            faults: record.faults.iter().map(|fault| fault.id.0).collect(),
            duration_ms: f64::from(u32::try_from(record.micros).unwrap_or(u32::MAX)) / 1_000.0,
        }
    }
}

impl From<&Excerpt> for ExcerptBody {
    fn from(excerpt: &Excerpt) -> Self {
        Self { text: excerpt.text.to_string(), is_cut: excerpt.is_cut }
    }
}

impl CallDetailsBody {
    fn of(call: &KeptCall, url: &str) -> Self {
        let record = &*call.record;
        let (page, update) = effect(&record.effect);
        Self {
            call: call.into(),
            server_at: record.server_at.to_string(),
            request_body: (&record.body).into(),
            answer_body: (&record.answer).into(),
            problems: record.problems.iter().cloned().map(FieldProblem::from).collect(),
            resend: record.resend.map(ResendBody::from),
            page,
            update,
            curl: shell_command(record, url),
        }
    }
}

fn effect(effect: &CallEffect) -> (Option<PageBody>, Option<UpdateBody>) {
    match effect {
        CallEffect::None => (None, None),
        CallEffect::Listed { total, withheld, next_at, .. } => {
            let next_at = next_at.map(|at| at.to_string());
            (Some(PageBody { total: *total, withheld: *withheld, next_at }), None)
        }
        CallEffect::Update { statuses, accepted, dropped, changed_nothing, odd, .. } => {
            let update = UpdateBody {
                status_before: statuses.map(|(before, _)| before.as_str()),
                status_after: statuses.map(|(_, after)| after.as_str()),
                accepted: *accepted,
                dropped: *dropped,
                changed_nothing: *changed_nothing,
                odd: odd.count,
            };
            (None, Some(update))
        }
    }
}

/// The most calls that are answered at once.
const MAX_LIMIT: u64 = 1_000;

fn search(query: Option<&str>) -> Result<CallSearch, ControlProblem> {
    let known = ["operation", "status", "error", "order", "after", "limit"];
    let mut params = Params::read(query, &known);
    let search = CallSearch {
        operation: params.parsed("operation"),
        status: params.whole("status", 100..=599).and_then(|status| u16::try_from(status).ok()),
        error: params.take("error", |text| Ok(text.to_owned())),
        order: params
            .whole("order", 1..=OrderId::MAX)
            .and_then(|number| i64::try_from(number).ok().and_then(OrderId::new)),
        after: params.whole("after", 0..=u64::MAX),
        limit: params.size("limit", 1..=MAX_LIMIT, 100),
    };
    params.finish()?;
    Ok(search)
}

/// List requests
///
/// The calls of the Supplier API by this sandbox's keys, the oldest first: the last ones, or with `after` those that came
/// next. Calls whose key leads to no sandbox are kept with the sandbox `default`. The journal keeps the last 1,000 calls, or
/// fewer large ones, and counts those it drops.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/requests", operation_id = "listRequests", tag = "Requests",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("operation" = Option<String>, Query, description = "Of that operation: `listOrders` or `updateOrder`."),
        ("status" = Option<u16>, Query, description = "Answered with that status."),
        ("error" = Option<String>, Query, description = "Answered with that error code."),
        ("order" = Option<u64>, Query, description = "That handed out or were about that order."),
        ("after" = Option<u64>, Query, description = "The first that come after the call of that number."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 1_000, description = "At most so many; 100 if left out.")),
    responses((status = 200, description = "The calls.", body = CallList)))]
pub(crate) async fn list_requests(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    RawQuery(query): RawQuery,
) -> Result<Json<CallList>, ControlProblem> {
    let found = app.control.calls(&id, &search(query.as_deref())?, app.time.now()).await?;
    let requests = found.calls.iter().map(CallBody::from).collect();
    Ok(Json(CallList { requests, last: found.last, dropped: found.dropped }))
}

/// Look at a request
///
/// With its bodies, as far as they are kept (4 KiB of the request, 1 KiB of the answer; keys and passwords masked), what it did, and the call as a `curl`
/// line.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/requests/{request}", operation_id = "getRequest", tag = "Requests",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("request" = String, Path, description = "The request's id: its answer's `Sandbox-Request-Id`.")),
    responses((status = 200, description = "The call.", body = CallDetailsBody)))]
pub(crate) async fn get_request(
    State(app): State<App>,
    OfCall(id, call): OfCall,
) -> Result<Json<CallDetailsBody>, ControlProblem> {
    let call = app.control.call(&id, call, app.time.now()).await?;
    Ok(Json(CallDetailsBody::of(&call, &app.url)))
}

/// Clear requests
///
/// Forgets all calls. Numbers go on where they were; audit and scorecard stay, though without their evidence.
#[utoipa::path(delete, path = "/_sandbox/sandboxes/{id}/requests", operation_id = "clearRequests", tag = "Requests",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 204, description = "They are forgotten.")))]
pub(crate) async fn clear_requests(
    State(app): State<App>,
    InSandbox(id): InSandbox,
) -> Result<StatusCode, ControlProblem> {
    app.control.clear_calls(&id, app.time.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

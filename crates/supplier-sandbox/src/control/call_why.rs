//! `/_sandbox/sandboxes/{id}/requests/{request}/why`: why a call got its answer.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use supplier_control::{Because, CallWhy, DroppedBecause};
use supplier_domain::{AccountForm, FirstSeen, OrderId};
use supplier_rulebook::RuleId;
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::OfCall;
use crate::app::App;

/// Why a call was answered as it was.
#[derive(Serialize, ToSchema)]
#[schema(as = CallWhy)]
pub(crate) struct CallWhyBody {
    /// What shaped the answer, the weightiest first.
    reasons: Vec<BecauseBody>,
    /// How many accounts were not taken.
    dropped: usize,
    /// The first 100 of those.
    accounts: Vec<DroppedBody>,
}

/// Something that shaped an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Because)]
struct BecauseBody {
    /// The rule's name; null if it was none.
    #[schema(value_type = Option<String>, example = "update.resubmission")]
    rule: Option<&'static str>,
    /// How: a sentence.
    sentence: String,
}

/// An account that was not taken.
#[derive(Serialize, ToSchema)]
#[schema(as = DroppedAccount)]
#[serde(rename_all = "camelCase")]
struct DroppedBody {
    /// Its place in the submission, from 0.
    index: usize,
    /// Null if it has not the form of an account.
    login: Option<String>,
    /// `malformed`, `repeated`, `already-delivered` or `delivered-elsewhere`.
    #[schema(value_type = String, example = "already-delivered")]
    reason: &'static str,
    #[schema(value_type = String, example = "update.accounts-dedup-scope")]
    rule: &'static str,
    /// The form that it seems to have, such as `pipes` for `login|password`; null unless it is malformed.
    #[schema(value_type = Option<String>, example = "pipes")]
    form: Option<&'static str>,
    /// Why: a sentence.
    sentence: String,
    /// Where the same account was first; null if that is not why it was dropped.
    first_seen: Option<FirstSeenBody>,
}

/// Where an account was first.
#[derive(Serialize, ToSchema)]
#[schema(as = FirstSeen)]
struct FirstSeenBody {
    /// Its place in the same submission, from 0, if it was there.
    index: Option<usize>,
    /// The order that it was delivered for, if it was.
    order: Option<u64>,
    /// The request that delivered it; null if the order was seeded with it, or that is no longer known.
    request: Option<String>,
    /// When that was, by the sandbox's clock.
    #[schema(format = DateTime)]
    at: Option<String>,
}

impl From<FirstSeen> for FirstSeenBody {
    fn from(seen: FirstSeen) -> Self {
        Self {
            index: seen.index,
            order: seen.order.map(OrderId::get),
            request: seen.request.map(|request| request.to_string()),
            at: seen.at.map(|at| at.to_string()),
        }
    }
}

impl From<DroppedBecause> for DroppedBody {
    fn from(dropped: DroppedBecause) -> Self {
        Self {
            index: dropped.entry.index,
            login: dropped.entry.login.map(String::from),
            reason: dropped.entry.reason.as_str(),
            rule: dropped.rule.as_str(),
            form: dropped.entry.form.map(AccountForm::as_str),
            sentence: dropped.sentence,
            first_seen: dropped.entry.seen.map(FirstSeenBody::from),
        }
    }
}

impl From<CallWhy> for CallWhyBody {
    fn from(why: CallWhy) -> Self {
        let reason = |because: Because| BecauseBody {
            rule: because.rule.map(RuleId::as_str),
            sentence: because.sentence,
        };
        Self {
            reasons: why.reasons.into_iter().map(reason).collect(),
            dropped: why.dropped,
            accounts: why.accounts.into_iter().map(DroppedBody::from).collect(),
        }
    }
}

/// Ask why a request was answered so
///
/// What shaped its answer, rule by rule, and for each account that was not taken why, and where it was first seen.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/requests/{request}/why", operation_id = "whyRequest",
    tag = "Requests",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("request" = String, Path, description = "The request's id: its answer's `Sandbox-Request-Id`.")),
    responses((status = 200, description = "What shaped its answer.", body = CallWhyBody)))]
pub(crate) async fn why_request(
    State(app): State<App>,
    OfCall(id, call): OfCall,
) -> Result<Json<CallWhyBody>, ControlProblem> {
    Ok(Json(app.control.why_call(&id, call, app.time.now()).await?.into()))
}

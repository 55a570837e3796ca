//! What the journal and the scorecard are told of a call.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use axum::http::{HeaderValue, Method, Uri};
use supplier_domain::fault::Operation;
use supplier_domain::{
    AccountForm, CallDigest, CallEffect, CallRecord, Decision, DropReason, DroppedEntry, Excerpt, HandedOut,
    KeyPlaces, KeyProblem, ListCall, Observation, ObservedCall, OrderId, OrderUpdate, Problem, Refusal,
    RequestId, SubmittedAccount, SupplierId, Timestamp, UpdateCall, key_problem,
};
use supplier_store::{LostAnswer, Page, TracedAccount, Updated};

use super::ignored::ignored_names;
use super::notes::{Noted, Outcome};
use super::rules::rules_of;
use super::{ApiError, LIST_PATH, UPDATE_PATH};
use crate::redact::{self, Secrets};

/// A call, as it came.
pub(super) struct Sent<'a> {
    pub(super) id: RequestId,
    pub(super) at: Timestamp,
    pub(super) server_at: Timestamp,
    /// When it was over, by the server's time.
    pub(super) ended: Timestamp,
    /// What is known of its key.
    pub(super) key_standing: KeyStanding<'a>,
    pub(super) micros: u64,
    pub(super) key: Option<&'a HeaderValue>,
    /// What proxies say of the client that they forward it for.
    pub(super) forwarded_for: &'a [HeaderValue],
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    /// What is a secret in it, in clear: it is looked for, and not kept.
    pub(super) secrets: Secrets,
    pub(super) content_type: Option<&'a str>,
    pub(super) supplier: Option<SupplierId>,
}

/// What is known of a call's key.
pub(super) enum KeyStanding<'a> {
    /// It authenticated the call, at least when that began.
    Known,
    /// It authenticates nobody any more.
    Ended(KeyProblem),
    /// It authenticates nobody. Whether one stands in the query or in the body is not looked for yet.
    Unknown(KeyPlaces<'a>),
}

impl KeyStanding<'_> {
    /// Why the key leads to nobody, if the call was refused for that. `found` says whether a key stands in the query, and in the
    /// body.
    fn problem(&self, error: Option<&ApiError>, found: (bool, bool)) -> Option<KeyProblem> {
        let (in_query, in_body) = found;
        match self {
            _ if error != Some(&ApiError::Refused(Refusal::InvalidApiKey)) => None,
            Self::Known => None,
            Self::Ended(problem) => Some(*problem),
            Self::Unknown(places) => Some(key_problem(&KeyPlaces { in_query, in_body, ..*places })),
        }
    }
}

/// How it was answered.
pub(super) struct Answered {
    pub(super) status: u16,
    /// Whether the answer was sent, and the connection not closed instead.
    pub(super) is_sent: bool,
    pub(super) error: Option<ApiError>,
    /// How long that took.
    pub(super) took: Duration,
}

/// What is kept of a call that was `noted` and `answered`, if it was; and what a scorecard sees of it.
pub(super) fn of(
    sent: Sent<'_>,
    noted: &mut Noted,
    answered: Option<&Answered>,
    digests: &RandomState,
) -> (CallRecord, Option<Observation>) {
    let operation = operation(sent.method.as_str(), sent.uri.path());
    let target = redact::target(sent.uri.path(), sent.uri.query(), &sent.secrets);
    let body = redact::body(&noted.body, sent.content_type, &sent.secrets);
    let error = answered.and_then(|answered| answered.error.as_ref());
    let code = error.map(|error| error.status_and_code().1);
    let rules = rules_of(error, &noted.outcome);
    let answer = match error {
        Some(error) if !error.has_body() => Excerpt::default(),
        Some(error) => redact::answer(&serde_json::to_vec(&error.body()).unwrap_or_default(), &sent.secrets),
        None => redact::answer(&noted.answer, &sent.secrets),
    };
    let is_done = noted.outcome.is_done();
    let reached = answered.is_some_and(|answered| answered.is_sent) && !noted.is_spoiled;
    let hung_up = answered.is_none_or(|answered| {
        !answered.is_sent && !noted.is_spoiled && !matches!(error, Some(ApiError::Unsent(_)))
    });
    let status = match (answered, error) {
        (Some(_), Some(ApiError::Unsent(_))) | (None, _) => 0,
        (Some(answered), _) => answered.status,
    };
    let digest = digest(&sent, &noted.body, digests);
    let ignored = ignored_names(operation, sent.uri, &noted.body, &sent.secrets);
    let key_problem = sent.key_standing.problem(error, (target.had_key, body.had_key));
    let (effect, call) = effect_of(std::mem::take(&mut noted.outcome), sent.supplier.as_ref(), &sent.secrets);
    let observed = (sent.supplier.is_some() && key_problem.is_none()).then(|| Observation {
        request: sent.id,
        at: sent.at,
        server: sent.server_at,
        ended: sent.ended,
        operation,
        reached,
        hung_up,
        is_done,
        status,
        error: code,
        key_in_url: target.had_key,
        key_in_body: body.had_key,
        digest,
        forwarded_for: (!sent.forwarded_for.is_empty())
            .then(|| CallDigest::from_bits(digests.hash_one(sent.forwarded_for))),
        ignored: ignored.clone(),
        call,
    });
    let record = CallRecord {
        id: sent.id,
        at: sent.at,
        server_at: sent.server_at,
        micros: sent.micros,
        operation,
        supplier: sent.supplier,
        method: redact::method(sent.method).into(),
        target: target.excerpt,
        body: body.excerpt,
        status: answered.filter(|answered| answered.is_sent).map(|answered| answered.status),
        is_lost: !reached || (is_done && status >= 400),
        resend: None,
        key_problem,
        ignored,
        error: code.map(|code| code.as_str().into()),
        answer,
        problems: problems_of(error),
        rules,
        faults: std::mem::take(&mut noted.fired),
        effect,
    };
    (record, observed)
}

/// What the answer told that nobody got, if it told something.
pub(super) fn lost(record: &CallRecord) -> Option<LostAnswer> {
    match &record.effect {
        _ if !record.is_lost => None,
        CallEffect::Listed { orders, .. } if !orders.is_empty() => Some(LostAnswer::Page(orders.clone())),
        CallEffect::Update { order: Some(order), statuses: Some(_), accepted: 1.., .. } => {
            Some(LostAnswer::Delivery(*order))
        }
        CallEffect::None | CallEffect::Listed { .. } | CallEffect::Update { .. } => None,
    }
}

fn operation(method: &str, path: &str) -> Option<Operation> {
    match (method, path) {
        ("GET", LIST_PATH) => Some(Operation::ListOrders),
        ("POST", UPDATE_PATH) => Some(Operation::UpdateOrder),
        _ => None,
    }
}

fn problems_of(error: Option<&ApiError>) -> Vec<Problem> {
    let violations = error.map(ApiError::violations).unwrap_or_default();
    violations.iter().map(|violation| violation.problem.clone()).collect()
}

/// Equal for the same call again.
fn digest(sent: &Sent<'_>, body: &[u8], digests: &RandomState) -> CallDigest {
    let (key, method, uri) = (sent.key.map(HeaderValue::as_bytes), sent.method.as_str(), sent.uri);
    CallDigest::from_bits(digests.hash_one((key, method, uri.path(), uri.query(), body)))
}

fn effect_of(
    outcome: Outcome,
    supplier: Option<&SupplierId>,
    secrets: &Secrets,
) -> (CallEffect, ObservedCall) {
    match outcome {
        Outcome::Nothing => (CallEffect::None, ObservedCall::Other),
        Outcome::Listed { offset, page } => listed(offset, page),
        Outcome::Updated { update, updated } => decided(&update, &updated, supplier, secrets),
    }
}

fn listed(offset: u64, page: Page) -> (CallEffect, ObservedCall) {
    let Page { orders, total, withheld, next_at, withheld_until, .. } = page;
    let ids = orders.iter().map(|order| order.id).collect();
    let handed_out = orders.into_iter().map(|it| HandedOut { order: it.id, status: it.status }).collect();
    let call = ListCall { offset, handed_out, withheld, total, withheld_until };
    (CallEffect::Listed { orders: ids, total, withheld, next_at }, ObservedCall::List(call))
}

fn decided(
    update: &OrderUpdate,
    updated: &Updated,
    supplier: Option<&SupplierId>,
    secrets: &Secrets,
) -> (CallEffect, ObservedCall) {
    let granted: Option<(&Decision, _)> = updated.result.as_ref().ok().zip(updated.status_before);
    let submitted = update.accounts.as_ref().map_or(0, Vec::len);
    let call = match (&updated.result, granted, supplier) {
        (_, Some((decision, before)), Some(supplier)) => {
            UpdateCall::granted(update, decision, supplier, before)
        }
        (Err(refusal), ..) => UpdateCall::refused(update, refusal),
        _ => UpdateCall::default(),
    };
    let effect = CallEffect::Update {
        order: OrderId::new(update.order),
        statuses: granted.map(|(decision, before)| (before, decision.order.status)),
        accepted: granted.map_or(0, |_| submitted.saturating_sub(updated.dropped)),
        dropped: updated.dropped,
        first_dropped: updated.first_dropped.iter().map(|it| dropped(it, update, secrets)).collect(),
        odd: call.accounts.as_ref().map(|accounts| accounts.odd.clone()).unwrap_or_default(),
        changed_nothing: updated.changed_nothing,
    };
    (effect, ObservedCall::Update(call))
}

fn dropped(traced: &TracedAccount, update: &OrderUpdate, secrets: &Secrets) -> DroppedEntry {
    let entry = update.accounts.as_ref().and_then(|accounts| accounts.get(traced.index));
    let login = match entry {
        Some(SubmittedAccount::Text(text)) => text.split_once(':').map(|(login, _)| login.trim()),
        _ => None,
    };
    // What comes before the first colon is what would be shown of an account; without one it may be a password.
    let login = login.filter(|login| !login.is_empty()).map(|login| secrets.login(login).into());
    let form = entry.filter(|_| traced.reason == DropReason::Malformed).map(AccountForm::of_malformed);
    DroppedEntry { index: traced.index, login, reason: traced.reason, form, seen: traced.seen }
}

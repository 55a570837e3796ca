//! Rules that shaped a call's answer.

use supplier_domain::Refusal;
use supplier_rulebook::{
    AUTH_INVALID_KEY, ERROR_SERVER, ERROR_TRANSPORT, LIST_LIMIT, LIST_WINDOW, RuleId, UPDATE_ACCESS_DENIED,
    UPDATE_ACCOUNTS, UPDATE_INVALID_ACCOUNTS, UPDATE_NOT_FOUND, UPDATE_SUPPLIER_ORDER_ID, UPDATE_TRANSITIONS,
};

use super::ApiError;
use super::notes::Outcome;

/// The rules that spoke, each once: the one that refused the call, then those that shaped what it did.
pub(super) fn rules_of(error: Option<&ApiError>, outcome: &Outcome) -> Vec<RuleId> {
    let mut rules = error.map(refusing).unwrap_or_default();
    match outcome {
        Outcome::Nothing => {}
        Outcome::Listed { page, .. } => {
            rules.extend((page.withheld > 0).then_some(LIST_WINDOW));
            rules.extend((page.total > page.orders.len()).then_some(LIST_LIMIT));
        }
        Outcome::Updated { update, updated } => {
            let is_granted = updated.result.is_ok();
            rules.extend((is_granted && update.status.is_some()).then_some(UPDATE_TRANSITIONS));
            rules.extend((is_granted && update.accounts.is_some()).then_some(UPDATE_ACCOUNTS));
            rules.extend(
                (is_granted && update.supplier_order_id.is_some()).then_some(UPDATE_SUPPLIER_ORDER_ID),
            );
            rules.extend(updated.first_dropped.iter().map(|it| it.reason.rule()));
        }
    }
    let mut seen = Vec::with_capacity(rules.len());
    for rule in rules {
        if !seen.contains(&rule) {
            seen.push(rule);
        }
    }
    seen
}

/// The rules by which a call is refused.
fn refusing(error: &ApiError) -> Vec<RuleId> {
    match error {
        ApiError::Refused(refusal) => match refusal {
            Refusal::InvalidApiKey => vec![AUTH_INVALID_KEY],
            Refusal::OrderNotFound => vec![UPDATE_NOT_FOUND],
            Refusal::AccessDenied => vec![UPDATE_ACCESS_DENIED],
            Refusal::InvalidAccounts(_) => vec![UPDATE_INVALID_ACCOUNTS],
            Refusal::InvalidRequest(_) | Refusal::TooManyAccounts(_) => {
                error.violations().iter().map(|violation| violation.rule).collect()
            }
        },
        ApiError::NotFound
        | ApiError::MethodNotAllowed
        | ApiError::PayloadTooLarge
        | ApiError::UnsupportedMediaType(_)
        | ApiError::RequestTimeout => vec![ERROR_TRANSPORT],
        ApiError::Internal | ApiError::Unavailable | ApiError::Reset => vec![ERROR_SERVER],
        // A fault's doing, not a rule's.
        ApiError::RateLimited { .. } | ApiError::Status(_) | ApiError::ByFault(_) | ApiError::Unsent(_) => {
            Vec::new()
        }
    }
}

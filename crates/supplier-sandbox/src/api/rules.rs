//! The rules that spoke in a call: those that shaped its answer.

use supplier_domain::Refusal;
use supplier_domain::fault::Operation;
use supplier_rulebook::{
    AUTH_INVALID_KEY, ERROR_DETAILS, ERROR_SERVER, ERROR_TRANSPORT, LIST_LIMIT, LIST_LIMIT_RANGE,
    LIST_OFFSET_RANGE, LIST_PRODUCT_TYPE_VALUES, LIST_VALUES, LIST_WINDOW, RuleId, UPDATE_ACCESS_DENIED,
    UPDATE_ACCOUNTS, UPDATE_ACCOUNTS_CAP, UPDATE_INVALID_ACCOUNTS, UPDATE_NOT_FOUND, UPDATE_ORDER_REQUIRED,
    UPDATE_STATUS_REFUSED, UPDATE_SUPPLIER_ORDER_ID, UPDATE_SUPPLIER_ORDER_ID_FORM, UPDATE_TRANSITIONS,
};

use super::ApiError;
use super::recorder::Outcome;

/// The rules that spoke, each once: the one that refused the call, then those that shaped what it did.
pub(super) fn rules_of(
    operation: Option<Operation>,
    error: Option<&ApiError>,
    outcome: &Outcome,
) -> Vec<RuleId> {
    let mut rules = error.map(|error| refusing(operation, error)).unwrap_or_default();
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
fn refusing(operation: Option<Operation>, error: &ApiError) -> Vec<RuleId> {
    match error {
        ApiError::Refused(refusal) => match refusal {
            Refusal::InvalidApiKey => vec![AUTH_INVALID_KEY],
            Refusal::OrderNotFound => vec![UPDATE_NOT_FOUND],
            Refusal::AccessDenied => vec![UPDATE_ACCESS_DENIED],
            Refusal::InvalidAccounts => vec![UPDATE_INVALID_ACCOUNTS],
            Refusal::TooManyAccounts(_) => vec![UPDATE_ACCOUNTS_CAP],
            Refusal::InvalidRequest(problems) => {
                problems.iter().map(|it| about(operation, &it.field)).collect()
            }
        },
        ApiError::NotFound
        | ApiError::MethodNotAllowed(_)
        | ApiError::PayloadTooLarge
        | ApiError::UnsupportedMediaType(_)
        | ApiError::RequestTimeout => vec![ERROR_TRANSPORT],
        ApiError::Internal | ApiError::Unavailable | ApiError::Reset => vec![ERROR_SERVER],
        // A fault's doing, not a rule's.
        ApiError::RateLimited { .. } | ApiError::Status { .. } | ApiError::Unsent => Vec::new(),
    }
}

/// The rule that a field or parameter breaks.
fn about(operation: Option<Operation>, field: &str) -> RuleId {
    match (operation, field) {
        (Some(Operation::ListOrders), "limit") => LIST_LIMIT_RANGE,
        (Some(Operation::ListOrders), "offset") => LIST_OFFSET_RANGE,
        (Some(Operation::ListOrders), "productType") => LIST_PRODUCT_TYPE_VALUES,
        (Some(Operation::ListOrders), _) => LIST_VALUES,
        (Some(Operation::UpdateOrder), "order") => UPDATE_ORDER_REQUIRED,
        (Some(Operation::UpdateOrder), "status") => UPDATE_STATUS_REFUSED,
        (Some(Operation::UpdateOrder), "supplierOrderId") => UPDATE_SUPPLIER_ORDER_ID_FORM,
        (Some(Operation::UpdateOrder), "accounts") => UPDATE_ACCOUNTS,
        _ => ERROR_DETAILS,
    }
}

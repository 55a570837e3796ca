//! The errors that the operations answer with: what causes each, and what to do about it.

use supplier_domain::{Problem, Refusal};
use supplier_rulebook::{
    AUTH_HEADER_ONLY, AUTH_INVALID_KEY, ERROR_DETAILS, ERROR_SERVER, ERROR_TRANSPORT, LIST_LIMIT_RANGE,
    LIST_OFFSET_RANGE, LIST_VALUES, RuleId, UPDATE_ACCESS_DENIED, UPDATE_ACCOUNTS_VALID,
    UPDATE_INVALID_ACCOUNTS, UPDATE_NOT_FOUND, UPDATE_ORDER_NUMBER, UPDATE_ORDER_REQUIRED,
    UPDATE_RESUBMISSION, UPDATE_STATUS_REFUSED, UPDATE_SUPPLIER_ORDER_ID_FORM, UPDATE_UNPAID,
};

use crate::api::ApiError;

/// Which operation answers with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// `GET /api/admin/v2/orders`
    ListOrders,
    /// `POST /api/admin/v2/orders-update`
    UpdateOrder,
}

impl Operation {
    /// Both of them.
    pub(crate) const ALL: [Self; 2] = [Self::ListOrders, Self::UpdateOrder];
}

/// An error, and what is to be known about it.
#[derive(Debug)]
pub(crate) struct ErrorCase {
    /// The error, as an operation might answer with it.
    pub(crate) error: ApiError,
    /// What causes it: a sentence.
    pub(crate) cause: &'static str,
    /// What to do about it: a sentence.
    pub(crate) remedy: &'static str,
    /// The rules behind it.
    pub(crate) rules: &'static [RuleId],
    /// The operations that answer with it.
    pub(crate) operations: &'static [Operation],
}

const BOTH: &[Operation] = &Operation::ALL;
const LIST: &[Operation] = &[Operation::ListOrders];
const UPDATE: &[Operation] = &[Operation::UpdateOrder];

fn case(
    error: impl Into<ApiError>,
    operations: &'static [Operation],
    rules: &'static [RuleId],
    cause: &'static str,
    remedy: &'static str,
) -> ErrorCase {
    ErrorCase { error: error.into(), cause, remedy, rules, operations }
}

/// Every error of the operations: those of the guide, those of a request's form, those of the server.
pub(crate) fn error_cases() -> Vec<ErrorCase> {
    documented().into_iter().chain(of_form()).chain(of_the_server()).collect()
}

/// The four that the guide documents.
fn documented() -> Vec<ErrorCase> {
    vec![
        case(
            Refusal::InvalidApiKey,
            BOTH,
            &[AUTH_INVALID_KEY, AUTH_HEADER_ONLY],
            "The `X-Api-Key` header is missing, there twice, or holds a key that is unknown or revoked.",
            "Send the whole key, once, in that header.",
        ),
        case(
            Refusal::OrderNotFound,
            UPDATE,
            &[UPDATE_NOT_FOUND, UPDATE_UNPAID],
            "No order has that number, or it is not paid.",
            "Take the number from `id` of a listed order, and do not repeat the call.",
        ),
        case(
            Refusal::AccessDenied,
            UPDATE,
            &[UPDATE_ACCESS_DENIED],
            "The order contains nothing of the calling supplier.",
            "Answer only orders that were listed with the same supplier's key.",
        ),
        case(
            Refusal::InvalidAccounts,
            UPDATE,
            &[UPDATE_INVALID_ACCOUNTS, UPDATE_ACCOUNTS_VALID, UPDATE_RESUBMISSION],
            "Of the accounts submitted none is left: none is valid, or the order has them all.",
            "Check each for `username:password`; after a repeated delivery nothing is to be done.",
        ),
    ]
}

/// A request that is not of the documented form.
fn of_form() -> Vec<ErrorCase> {
    vec![
        case(
            vec![Problem::new("limit", "must be an integer from 1 to 500")],
            LIST,
            &[LIST_VALUES, LIST_LIMIT_RANGE, LIST_OFFSET_RANGE, ERROR_DETAILS],
            "A parameter has a value that it does not take, an empty one, or is given twice.",
            "Mend what `details` names, all of it, and call again.",
        ),
        case(
            vec![Problem::new("order", "is required: the order's number")],
            UPDATE,
            &[
                UPDATE_ORDER_REQUIRED,
                UPDATE_ORDER_NUMBER,
                UPDATE_STATUS_REFUSED,
                UPDATE_SUPPLIER_ORDER_ID_FORM,
                ERROR_DETAILS,
            ],
            "The body is no JSON object, or a field is missing or has a value that it does not take.",
            "Mend what `details` names, all of it, and call again.",
        ),
        case(
            ApiError::PayloadTooLarge,
            UPDATE,
            &[ERROR_TRANSPORT],
            "The body is larger than 1 MiB.",
            "Deliver the accounts in several updates.",
        ),
        case(
            ApiError::UnsupportedMediaType,
            UPDATE,
            &[ERROR_TRANSPORT],
            "The `Content-Type` header is missing, there twice, or not `application/json`.",
            "Send the body as JSON, and say so in that header.",
        ),
    ]
}

/// What is not the request's fault.
fn of_the_server() -> Vec<ErrorCase> {
    vec![
        case(
            ApiError::RequestTimeout,
            BOTH,
            &[ERROR_SERVER],
            "The request did not arrive whole in time.",
            "Call again.",
        ),
        case(
            ApiError::RateLimited,
            BOTH,
            &[ERROR_SERVER],
            "The supplier calls too often.",
            "Call again after as many seconds as `Retry-After` says, and less often from then on.",
        ),
        case(
            ApiError::Internal,
            BOTH,
            &[ERROR_SERVER],
            "The server has a defect.",
            "Call again, with growing gaps; whether the call was carried out is not known.",
        ),
        case(
            ApiError::Unavailable,
            BOTH,
            &[ERROR_SERVER],
            "The server has no room for the call at the moment, or cannot reach its store.",
            "Call again after as many seconds as `Retry-After` says.",
        ),
    ]
}

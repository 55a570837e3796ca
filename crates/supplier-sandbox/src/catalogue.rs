//! Catalogue of the errors: what causes each one, and what to do.

use supplier_domain::fault::Operation;
use supplier_domain::{Refusal, Violation};
use supplier_rulebook::{
    AUTH_HEADER_ONLY, AUTH_INVALID_KEY, ERROR_DETAILS, ERROR_SERVER, ERROR_TRANSPORT, LIST_LIMIT_RANGE,
    LIST_OFFSET_RANGE, LIST_VALUES, RuleId, UPDATE_ACCESS_DENIED, UPDATE_ACCOUNTS_CAP, UPDATE_ACCOUNTS_VALID,
    UPDATE_INVALID_ACCOUNTS, UPDATE_NOT_FOUND, UPDATE_ORDER_NUMBER, UPDATE_ORDER_REQUIRED,
    UPDATE_RESUBMISSION, UPDATE_STATUS_REFUSED, UPDATE_SUPPLIER_ORDER_ID_FORM, UPDATE_UNPAID,
};

use crate::api::{ApiError, LIST_PATH, UPDATE_PATH};
use crate::wire::declared::NotTaken;

/// Catalogue entry of an error.
#[derive(Debug)]
pub(crate) struct ErrorCase {
    /// The error, as an operation might answer with it.
    pub(crate) error: ApiError,
    /// Cause: a sentence.
    pub(crate) cause: &'static str,
    /// Remedy: a sentence.
    pub(crate) remedy: &'static str,
    /// Rules behind the error.
    pub(crate) rules: &'static [RuleId],
    /// Operations that answer with the error.
    pub(crate) operations: &'static [Operation],
    /// Call that always gets the error, if there is one.
    pub(crate) shown_by: Option<Call>,
}

/// Call by `curl`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// Number of the fixed order that the call needs.
    pub(crate) order: Option<u32>,
    /// Shell command whose output `curl` reads, if any.
    pub(crate) input: Option<&'static str>,
    /// Path and query.
    pub(crate) path: &'static str,
    /// Whether the call carries the caller's key.
    pub(crate) has_key: bool,
    /// Other options, in shell syntax.
    pub(crate) options: &'static [&'static str],
}

const AS_JSON: &str = r#"-H "Content-Type: application/json""#;

impl Call {
    /// A call to `path` with the caller's key.
    const fn to(path: &'static str) -> Self {
        Self { order: None, input: None, path, has_key: true, options: &[] }
    }

    const fn with(self, options: &'static [&'static str]) -> Self {
        Self { options, ..self }
    }

    const fn about(self, order: u32) -> Self {
        Self { order: Some(order), ..self }
    }
}

const BOTH: &[Operation] = Operation::ALL;
const LIST: &[Operation] = &[Operation::ListOrders];
const UPDATE: &[Operation] = &[Operation::UpdateOrder];

fn case(
    error: impl Into<ApiError>,
    operations: &'static [Operation],
    rules: &'static [RuleId],
    cause: &'static str,
    remedy: &'static str,
) -> ErrorCase {
    ErrorCase { error: error.into(), cause, remedy, rules, operations, shown_by: None }
}

impl ErrorCase {
    fn shown_by(self, call: Call) -> Self {
        Self { shown_by: Some(call), ..self }
    }
}

/// Every error: those of the guide, of invalid requests, of paths and methods, and of the server.
pub(crate) fn error_cases() -> Vec<ErrorCase> {
    documented().into_iter().chain(of_form()).chain(of_address()).chain(of_the_server()).collect()
}

/// The four errors of the guide.
fn documented() -> Vec<ErrorCase> {
    vec![
        case(
            Refusal::InvalidApiKey,
            BOTH,
            &[AUTH_INVALID_KEY, AUTH_HEADER_ONLY],
            "The `X-Api-Key` header is missing, there twice, or holds a key that is unknown or revoked.",
            "Send the whole key, once, in that header.",
        )
        .shown_by(Call { has_key: false, ..Call::to(LIST_PATH) }),
        case(
            Refusal::OrderNotFound,
            UPDATE,
            &[UPDATE_NOT_FOUND, UPDATE_UNPAID],
            "No order has that number, or it is not paid.",
            "Take the number from `id` of a listed order, and do not repeat the call.",
        )
        .shown_by(
            Call::to(UPDATE_PATH)
                .with(&[AS_JSON, r#"-d '{"order": 40401, "status": "processing"}'"#])
                .about(40_401),
        ),
        case(
            Refusal::AccessDenied,
            UPDATE,
            &[UPDATE_ACCESS_DENIED],
            "The order contains nothing of the calling supplier.",
            "Answer only orders that were listed with the same supplier's key.",
        )
        .shown_by(
            Call::to(UPDATE_PATH)
                .with(&[AS_JSON, r#"-d '{"order": 40301, "status": "processing"}'"#])
                .about(40_301),
        ),
        case(
            Refusal::InvalidAccounts(Vec::new()),
            UPDATE,
            &[UPDATE_INVALID_ACCOUNTS, UPDATE_ACCOUNTS_VALID, UPDATE_RESUBMISSION],
            "Of the accounts submitted none is left: none is valid, or the order has them all.",
            "Check each for `username:password`; after a repeated delivery nothing is to be done.",
        )
        .shown_by(
            Call::to(UPDATE_PATH)
                .with(&[
                    AS_JSON,
                    r#"-d '{"order": 40001, "accounts": ["ready-1@example.com:fixture-pass-1"]}'"#,
                ])
                .about(40_001),
        ),
    ]
}

/// Errors of invalid requests.
fn of_form() -> Vec<ErrorCase> {
    vec![
        case(
            Violation::new(LIST_LIMIT_RANGE, "limit", "must be an integer from 1 to 500"),
            LIST,
            &[LIST_VALUES, LIST_LIMIT_RANGE, LIST_OFFSET_RANGE, ERROR_DETAILS],
            "A parameter has a value that it does not take, an empty one, or is given twice.",
            "Mend what `details` names, all of it, and call again.",
        )
        .shown_by(Call::to("/api/admin/v2/orders?status=open&limit=1000")),
        case(
            Violation::new(UPDATE_ORDER_REQUIRED, "order", "is required: the order's number"),
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
        )
        .shown_by(Call::to(UPDATE_PATH).with(&[AS_JSON, r#"-d '{"order": "12345", "status": "done"}'"#])),
        case(
            Refusal::TooManyAccounts(Violation::new(
                UPDATE_ACCOUNTS_CAP,
                "accounts",
                "must be fewer: the order would have 10001",
            )),
            UPDATE,
            &[UPDATE_ACCOUNTS_CAP, ERROR_DETAILS],
            "The order would have more accounts than are kept: at least 10,000, and ten times its quantity.",
            "Deliver what was ordered, and look for what makes your client send so many.",
        ),
        case(
            ApiError::PayloadTooLarge,
            UPDATE,
            &[ERROR_TRANSPORT],
            "The body is larger than 1 MiB.",
            "Deliver the accounts in several updates.",
        )
        .shown_by(Call {
            input: Some("head -c 2000000 /dev/zero"),
            ..Call::to(UPDATE_PATH).with(&[AS_JSON, "--data-binary @-"])
        }),
        case(
            ApiError::UnsupportedMediaType(NotTaken::NotJson),
            UPDATE,
            &[ERROR_TRANSPORT],
            "The `Content-Type` header is missing, there twice, not `application/json`, or names a charset other than UTF-8; \
             or a `Content-Encoding` says that the body is compressed.",
            "Send the body as JSON in UTF-8, as it is, and say so in `Content-Type`.",
        )
        .shown_by(Call::to(UPDATE_PATH).with(&[r#"-d '{"order": 12345, "status": "processing"}'"#])),
    ]
}

/// Errors of unknown paths and methods.
fn of_address() -> Vec<ErrorCase> {
    vec![
        case(
            ApiError::NotFound,
            &[],
            &[ERROR_TRANSPORT],
            "Nothing is served at the request's path.",
            "Compare the path with the reference, to the letter and without a slash at its end.",
        )
        .shown_by(Call::to("/api/admin/v2/order")),
        case(
            ApiError::MethodNotAllowed,
            &[],
            &[ERROR_TRANSPORT],
            "The path is served, but not by the request's method.",
            "Take a method that the answer's `Allow` header names.",
        )
        .shown_by(Call::to(LIST_PATH).with(&["-X DELETE"])),
    ]
}

/// Errors of the server.
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
            ApiError::RateLimited { retry_after: Some(1) },
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
            "The server has no room for the call at the moment, cannot reach its store, or the sandbox was reset while the call \
             was under way: it changed nothing.",
            "Call again after as many seconds as `Retry-After` says.",
        ),
    ]
}

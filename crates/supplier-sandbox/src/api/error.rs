//! Every error the server answers with, and its one mapping to status, code and message.

use std::slice;

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use supplier_domain::fault::Close;
use supplier_domain::{ErrorCode, Refusal, Violation};
use supplier_rulebook::ERROR_TRANSPORT;
use supplier_store::StoreError;

use super::by_fault::ByFault;
use super::struck;
use crate::http::BodyError;
use crate::wire::declared::NotTaken;
use crate::wire::{ErrorBody, FieldProblem};

/// Seconds after which a call that found the server unavailable may be made again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// The code of a status that none is documented for.
fn undocumented(status: u16) -> (StatusCode, ErrorCode, &'static str) {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let is_clients = status.is_client_error();
    let code = if is_clients { ErrorCode::InvalidRequest } else { ErrorCode::InternalError };
    (status, code, "No error is documented for this status")
}

/// A request that was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// A rule of the API refused it.
    Refused(Refusal),
    /// Nothing is served at its path.
    NotFound,
    /// Its path takes another method, which the answer's `Allow` header names.
    MethodNotAllowed,
    /// Its body is over the limit.
    PayloadTooLarge,
    /// Its body is not of a kind that is taken, by what its head says.
    UnsupportedMediaType(NotTaken),
    /// It took too long.
    RequestTimeout,
    /// The supplier calls too often; in so many seconds it may again.
    RateLimited {
        /// `Retry-After`; `None` if no wait helps.
        retry_after: Option<u32>,
    },
    /// A status that no error is documented for, 400 to 599.
    Status(u16),
    /// A fault sets this error.
    ByFault(ByFault),
    /// A fault closes the connection without an answer, in this way.
    Unsent(Close),
    /// A handler failed.
    Internal,
    /// The server has no room, or its store cannot be reached.
    Unavailable,
    /// The sandbox was reset while the call was under way.
    Reset,
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Vec<Violation>> for ApiError {
    fn from(violations: Vec<Violation>) -> Self {
        Self::Refused(Refusal::InvalidRequest(violations))
    }
}

impl From<Violation> for ApiError {
    fn from(violation: Violation) -> Self {
        vec![violation].into()
    }
}

impl From<NotTaken> for ApiError {
    fn from(why: NotTaken) -> Self {
        Self::UnsupportedMediaType(why)
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::PayloadTooLarge,
            BodyError::Broken => Violation::new(ERROR_TRANSPORT, "body", BodyError::BROKEN).into(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let remedy = error.remedy();
        match error {
            // The sandbox went while the call was under way, and its keys with it.
            StoreError::NoSandbox(_) | StoreError::NoSupplier(..) => Self::Refused(Refusal::InvalidApiKey),
            StoreError::Reset(_) => Self::Reset,
            StoreError::Unavailable(cause) => {
                tracing::error!(cause, remedy, "the store is unavailable");
                Self::Unavailable
            }
            // The store has said so in the log.
            StoreError::FileGone => Self::Unavailable,
            StoreError::SandboxExists(_)
            | StoreError::SupplierExists(..)
            | StoreError::OrderExists(..)
            | StoreError::TooManyOrders { .. }
            | StoreError::ClockAtEnd(..)
            | StoreError::KeyExists => Self::Internal,
        }
    }
}

impl ApiError {
    /// The status, the code and the message (`error.status`, `error.messages`, `error.transport`, `error.server`).
    pub(crate) fn status_and_code(&self) -> (StatusCode, ErrorCode, &'static str) {
        match self {
            Self::Refused(Refusal::InvalidApiKey) => {
                (StatusCode::UNAUTHORIZED, ErrorCode::InvalidApiKey, "Invalid API key")
            }
            Self::Refused(Refusal::AccessDenied) => {
                (StatusCode::FORBIDDEN, ErrorCode::AccessDenied, "You do not have access to this order")
            }
            Self::Refused(Refusal::OrderNotFound) => {
                (StatusCode::NOT_FOUND, ErrorCode::OrderNotFound, "Order not found")
            }
            Self::Refused(Refusal::InvalidAccounts(_)) => (
                StatusCode::BAD_REQUEST,
                ErrorCode::InvalidAccounts,
                "No valid accounts provided after deduplication",
            ),
            Self::Refused(Refusal::InvalidRequest(_) | Refusal::TooManyAccounts(_)) => {
                (StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest, "Invalid request, see details")
            }
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                ErrorCode::NotFound,
                "Nothing is served at this path; the API is GET /api/admin/v2/orders and POST \
                 /api/admin/v2/orders-update",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                ErrorCode::MethodNotAllowed,
                "This path does not take this method; see the Allow header",
            ),
            Self::PayloadTooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::PayloadTooLarge, "The body is larger than 1 MiB")
            }
            Self::UnsupportedMediaType(why) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::UnsupportedMediaType, why.message())
            }
            Self::RequestTimeout => {
                (StatusCode::REQUEST_TIMEOUT, ErrorCode::RequestTimeout, "The request took too long")
            }
            Self::Status(status) => undocumented(*status),
            Self::ByFault(fault) => {
                let (status, code, message) = fault.error.status_and_code();
                (status, code, fault.message(code, message))
            }
            Self::Unsent(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                ErrorCode::InternalError,
                "A drop-before fault in this sandbox closed the connection",
            ),
            Self::RateLimited { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                ErrorCode::RateLimited,
                "Too many requests; try again after Retry-After seconds",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                ErrorCode::InternalError,
                "The server failed; its log says why",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::ServiceUnavailable,
                "The server cannot take this request now; try again after Retry-After seconds",
            ),
            Self::Reset => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::ServiceUnavailable,
                "The sandbox was reset while this call was under way, so it changed nothing; call again",
            ),
        }
    }

    /// The body (`error.envelope`, `error.details`).
    pub(crate) fn body(&self) -> ErrorBody {
        let (_, error, message) = self.status_and_code();
        let details = self.violations().iter().map(|it| FieldProblem::from(it.problem.clone()));
        let details = Some(details.collect::<Vec<_>>()).filter(|details| !details.is_empty());
        ErrorBody { error, message, details }
    }

    /// All that is wrong with the request, and by which rules; empty if no single field is.
    pub(crate) fn violations(&self) -> &[Violation] {
        match self {
            Self::Refused(Refusal::InvalidRequest(violations) | Refusal::InvalidAccounts(violations)) => {
                violations
            }
            Self::Refused(Refusal::TooManyAccounts(violation)) => slice::from_ref(violation),
            Self::ByFault(fault) => fault.error.violations(),
            _ => &[],
        }
    }

    /// Whether it is answered with a body.
    pub(crate) fn has_body(&self) -> bool {
        !matches!(self, Self::ByFault(ByFault { has_body: false, .. }))
    }

    /// Adds the headers that go with it.
    pub(super) fn add_headers(&self, headers: &mut HeaderMap) {
        match self {
            Self::RateLimited { retry_after: Some(seconds) } => {
                headers.insert(header::RETRY_AFTER, (*seconds).into());
            }
            Self::Unavailable | Self::Reset => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            }
            Self::UnsupportedMediaType(why) => headers.extend(why.header()),
            Self::ByFault(fault) => fault.add_headers(headers),
            _ => {}
        }
    }

    /// The whole answer as HTTP/1.1, for a connection that no request will be read from.
    pub(crate) fn to_http1(&self) -> String {
        let status = self.status_and_code().0;
        let body = serde_json::to_string(&self.body()).unwrap_or_default();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
             retry-after: {RETRY_AFTER_SECONDS}\r\nconnection: close\r\n\r\n{body}",
            body.len(),
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status_and_code().0;
        let mut response = if self.has_body() {
            (status, Json(self.body())).into_response()
        } else {
            status.into_response()
        };
        self.add_headers(response.headers_mut());
        if let Self::Unsent(how) = &self {
            response.extensions_mut().insert(struck::Unsent(*how));
        }
        // For the log and the journal.
        response.extensions_mut().insert(self);
        response
    }
}

//! Errors that faults set.

use axum::http::{HeaderMap, HeaderValue, header};
use supplier_domain::ErrorCode;
use supplier_domain::fault::{EffectKind, Operation, Replacement};

use super::ApiError;

/// An error that a fault sets, and no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ByFault {
    /// The error, as it is answered without a fault.
    pub(super) error: Box<ApiError>,
    kind: EffectKind,
    operation: Operation,
    /// Whether the body is the envelope, or empty.
    pub(super) has_body: bool,
}

impl ByFault {
    /// What the envelope says. The guide's messages stand as they are (`error.messages`); all others name the fault.
    pub(super) fn message(&self, code: ErrorCode, usual: &'static str) -> &'static str {
        use ErrorCode::{AccessDenied, InvalidAccounts, InvalidApiKey, OrderNotFound};
        match (code, &*self.error) {
            (InvalidApiKey | AccessDenied | OrderNotFound | InvalidAccounts, _) => usual,
            (_, ApiError::RateLimited { retry_after: None }) => {
                "A rate-limit fault in this sandbox refused this call, and the sandbox's clock stands still: no wait helps \
                 until the clock runs or is advanced"
            }
            (_, ApiError::RateLimited { .. }) if self.kind == EffectKind::RateLimit => {
                "A rate-limit fault in this sandbox refused this call; try again after Retry-After seconds"
            }
            _ if self.kind == EffectKind::Error => "An error fault in this sandbox set this answer",
            _ => "A status fault in this sandbox set this answer",
        }
    }

    /// Adds the headers that go with the error.
    pub(super) fn add_headers(&self, headers: &mut HeaderMap) {
        // Elsewhere the router says which method the path takes.
        if *self.error == ApiError::MethodNotAllowed {
            let method = match self.operation {
                Operation::ListOrders => "GET",
                Operation::UpdateOrder => "POST",
            };
            headers.insert(header::ALLOW, HeaderValue::from_static(method));
        }
        self.error.add_headers(headers);
    }
}

impl ApiError {
    /// What a fault answers in the place of a call of `operation`.
    pub(super) fn by_fault(replacement: Replacement, operation: Operation) -> Self {
        let (error, kind, has_body) = match replacement {
            Replacement::Error(code) => (Self::of(code), EffectKind::Error, true),
            Replacement::Status { status, envelope } => {
                let status = status.get();
                let error = documented(status, operation).map_or(Self::Status(status), Self::of);
                (error, EffectKind::Status, envelope)
            }
        };
        Self::ByFault(ByFault { error: Box::new(error), kind, operation, has_body })
    }

    /// What a limit of a rate answers to a call of `operation`. `retry_after` is `None` if no wait helps.
    pub(super) fn over_the_limit(retry_after: Option<u32>, operation: Operation) -> Self {
        let error = Box::new(Self::RateLimited { retry_after });
        Self::ByFault(ByFault { error, kind: EffectKind::RateLimit, operation, has_body: true })
    }
}

/// The error that is documented for that status (`error.status`, `error.transport`, `error.server`).
fn documented(status: u16, operation: Operation) -> Option<ErrorCode> {
    Some(match (status, operation) {
        (400, _) => ErrorCode::InvalidRequest,
        (401, _) => ErrorCode::InvalidApiKey,
        (403, _) => ErrorCode::AccessDenied,
        (404, Operation::UpdateOrder) => ErrorCode::OrderNotFound,
        // A list call is about no order.
        (404, Operation::ListOrders) => ErrorCode::NotFound,
        (405, _) => ErrorCode::MethodNotAllowed,
        (408, _) => ErrorCode::RequestTimeout,
        (413, _) => ErrorCode::PayloadTooLarge,
        (415, _) => ErrorCode::UnsupportedMediaType,
        (429, _) => ErrorCode::RateLimited,
        (500, _) => ErrorCode::InternalError,
        (503, _) => ErrorCode::ServiceUnavailable,
        _ => return None,
    })
}

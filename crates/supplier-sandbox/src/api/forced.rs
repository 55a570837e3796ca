//! Errors that a request forces by its `Sandbox-Scenario` header.

use axum::http::HeaderMap;
use supplier_domain::{ErrorCode, FORCING_HEADER, Refusal, Violation, forced};
use supplier_rulebook::ERROR_DETAILS;

use super::ApiError;
use crate::wire::declared::NotTaken;

/// The documented error that a request forces by its `Sandbox-Scenario` header, if it does.
pub(crate) fn forced_by(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(code) = headers.get(FORCING_HEADER) else { return Ok(()) };
    let code = forced(code.to_str().unwrap_or_default())?;
    Err(ApiError::of(code))
}

impl ApiError {
    /// The error of that code, as it is answered on its own.
    pub(super) fn of(code: ErrorCode) -> Self {
        match code {
            ErrorCode::InvalidApiKey => Refusal::InvalidApiKey.into(),
            ErrorCode::AccessDenied => Refusal::AccessDenied.into(),
            ErrorCode::OrderNotFound => Refusal::OrderNotFound.into(),
            ErrorCode::InvalidAccounts => Refusal::InvalidAccounts(Vec::new()).into(),
            ErrorCode::InvalidRequest => {
                let on_purpose = "was refused on purpose: nothing is wrong with it";
                Violation::new(ERROR_DETAILS, "request", on_purpose).into()
            }
            ErrorCode::NotFound => Self::NotFound,
            ErrorCode::MethodNotAllowed => Self::MethodNotAllowed,
            ErrorCode::PayloadTooLarge => Self::PayloadTooLarge,
            ErrorCode::UnsupportedMediaType => Self::UnsupportedMediaType(NotTaken::NotJson),
            ErrorCode::RateLimited => Self::RateLimited { retry_after: Some(1) },
            ErrorCode::InternalError => Self::Internal,
            ErrorCode::ServiceUnavailable => Self::Unavailable,
            ErrorCode::RequestTimeout => Self::RequestTimeout,
        }
    }
}

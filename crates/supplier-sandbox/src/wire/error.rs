//! The envelope of every error.

use serde::Serialize;
use supplier_domain::Problem;
use utoipa::ToSchema;

/// An error (`error.envelope`).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    pub(crate) error: ErrorCode,
    /// What went wrong, for people. The documented errors' messages never change (`error.messages`).
    #[schema(value_type = String)]
    pub(crate) message: &'static str,
    /// With `INVALID_REQUEST`: all that is wrong, at once (`error.details`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) details: Option<Vec<FieldProblem>>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// The parameter or field; `body` for the body as a whole.
    field: String,
    /// What is wrong with its value, and what would be right.
    problem: String,
}

impl From<Problem> for FieldProblem {
    fn from(problem: Problem) -> Self {
        Self { field: problem.field.into_owned(), problem: problem.problem }
    }
}

macro_rules! error_codes {
    ($($(#[$meta:meta])* $variant:ident = $code:literal,)+) => {
        /// What went wrong, for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub(crate) enum ErrorCode {
            $($(#[$meta])* $variant,)+
        }

        impl ErrorCode {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as it is written.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

error_codes! {
    InvalidApiKey = "INVALID_API_KEY",
    AccessDenied = "ACCESS_DENIED",
    OrderNotFound = "ORDER_NOT_FOUND",
    InvalidAccounts = "INVALID_ACCOUNTS",
    InvalidRequest = "INVALID_REQUEST",
    NotFound = "NOT_FOUND",
    MethodNotAllowed = "METHOD_NOT_ALLOWED",
    PayloadTooLarge = "PAYLOAD_TOO_LARGE",
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
    RequestTimeout = "REQUEST_TIMEOUT",
    RateLimited = "RATE_LIMITED",
    InternalError = "INTERNAL_ERROR",
    ServiceUnavailable = "SERVICE_UNAVAILABLE",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_in_one_way() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}

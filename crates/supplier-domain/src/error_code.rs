//! Error codes, which programs read.

use serde::{Deserialize as _, Deserializer, de};
use supplier_rulebook::ERROR_DETAILS;

use crate::closed_set::closed_set;
use crate::{UnknownValue, Violation};

/// Request header that forces an error by its code.
pub const FORCING_HEADER: &str = "Sandbox-Scenario";

closed_set! {
    /// What went wrong with a call (`error.status`, `error.transport`, `error.server`).
    ErrorCode {
        /// The key is missing, unknown, malformed or revoked.
        InvalidApiKey = "INVALID_API_KEY",
        /// The order has no item of the supplier.
        AccessDenied = "ACCESS_DENIED",
        /// There is no such order.
        OrderNotFound = "ORDER_NOT_FOUND",
        /// Accounts were given, and none is left after de-duplication.
        InvalidAccounts = "INVALID_ACCOUNTS",
        /// The request is invalid.
        InvalidRequest = "INVALID_REQUEST",
        /// Nothing is served at the path.
        NotFound = "NOT_FOUND",
        /// The path takes another method.
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        /// The body is too large.
        PayloadTooLarge = "PAYLOAD_TOO_LARGE",
        /// The body is not declared to be JSON in UTF-8.
        UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
        /// The call took too long.
        RequestTimeout = "REQUEST_TIMEOUT",
        /// The supplier calls too often.
        RateLimited = "RATE_LIMITED",
        /// The server failed.
        InternalError = "INTERNAL_ERROR",
        /// The server cannot take the call now.
        ServiceUnavailable = "SERVICE_UNAVAILABLE",
    }
}

impl ErrorCode {
    /// Errors that a client must expect on a well-formed call. A request can force them by its [`FORCING_HEADER`], and a
    /// fault by its effect.
    pub const FORCEABLE: &'static [Self] = &[
        Self::InvalidApiKey,
        Self::AccessDenied,
        Self::OrderNotFound,
        Self::InvalidAccounts,
        Self::InvalidRequest,
        Self::RateLimited,
        Self::InternalError,
        Self::ServiceUnavailable,
        Self::RequestTimeout,
    ];
    /// Their wire words, in the same order.
    pub const FORCEABLE_WORDS: &'static [&'static str] = &{
        let mut words = [""; Self::FORCEABLE.len()];
        let mut place = 0;
        while place < words.len() {
            words[place] = Self::FORCEABLE[place].as_str();
            place += 1;
        }
        words
    };

    /// Parses a code, which must be one of [`ErrorCode::FORCEABLE`].
    ///
    /// # Errors
    /// The known words, if `word` is none of them exactly.
    pub fn forceable(word: &str) -> Result<Self, UnknownValue> {
        let found = Self::FORCEABLE.iter().copied().find(|code| code.as_str() == word);
        found.ok_or(UnknownValue { known: Self::FORCEABLE_WORDS })
    }

    /// Deserialises a code, which must be one of [`ErrorCode::FORCEABLE`].
    pub(crate) fn deserialize_forceable<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::forceable(&String::deserialize(from)?).map_err(de::Error::custom)
    }
}

/// The error that a request forces with `code` in its [`FORCING_HEADER`].
///
/// # Errors
/// The known codes, if `code` is none of them exactly.
pub fn forced(code: &str) -> Result<ErrorCode, Violation> {
    ErrorCode::forceable(code)
        .map_err(|unknown| Violation::new(ERROR_DETAILS, FORCING_HEADER, unknown.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_forces_its_error_and_no_other_word_does() {
        for code in ErrorCode::FORCEABLE {
            assert_eq!(forced(code.as_str()), Ok(*code));
        }
        for wrong in ["", "order_not_found", " ORDER_NOT_FOUND", "NOT_FOUND", "ORDER_NOT_FOUND,RATE_LIMITED"]
        {
            let problem = forced(wrong).unwrap_err().problem;
            assert_eq!(problem.field, "Sandbox-Scenario");
            assert_eq!(
                problem.problem,
                "must be one of INVALID_API_KEY, ACCESS_DENIED, ORDER_NOT_FOUND, INVALID_ACCOUNTS, INVALID_REQUEST, \
                 RATE_LIMITED, INTERNAL_ERROR, SERVICE_UNAVAILABLE, REQUEST_TIMEOUT"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_is_a_reason_to_panic(code in ".*") {
            let _ = forced(&code);
        }
    }
}

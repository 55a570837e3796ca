//! The documented errors, by the code that programs read.

use supplier_rulebook::ERROR_DETAILS;

use crate::Violation;
use crate::closed_set::closed_set;

/// The request header that forces a documented error, by its code.
pub const FORCING_HEADER: &str = "Sandbox-Scenario";

closed_set! {
    /// An error that a client of the API has to expect on a well-formed call (`error.status`, `error.server`).
    ErrorCode {
        /// The key is missing, unknown, malformed or revoked.
        InvalidApiKey = "INVALID_API_KEY",
        /// Nothing of the order is the supplier's.
        AccessDenied = "ACCESS_DENIED",
        /// There is no such order.
        OrderNotFound = "ORDER_NOT_FOUND",
        /// Accounts were given and none is left.
        InvalidAccounts = "INVALID_ACCOUNTS",
        /// The request is not of the documented form.
        InvalidRequest = "INVALID_REQUEST",
        /// The supplier calls too often.
        RateLimited = "RATE_LIMITED",
        /// The server failed.
        InternalError = "INTERNAL_ERROR",
        /// The server cannot take the call now.
        ServiceUnavailable = "SERVICE_UNAVAILABLE",
        /// The call took too long.
        RequestTimeout = "REQUEST_TIMEOUT",
    }
}

/// The documented error that a request forces with `code` in its [`FORCING_HEADER`].
///
/// # Errors
/// The known codes, if `code` is none of them, to the letter.
pub fn forced(code: &str) -> Result<ErrorCode, Violation> {
    code.parse().map_err(|unknown: crate::UnknownValue| {
        Violation::new(ERROR_DETAILS, FORCING_HEADER, unknown.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_forces_its_error_and_no_other_word_does() {
        for code in ErrorCode::ALL {
            assert_eq!(forced(code.as_str()), Ok(*code));
        }
        for wrong in ["", "order_not_found", " ORDER_NOT_FOUND", "NOT_FOUND", "ORDER_NOT_FOUND,RATE_LIMITED"]
        {
            let problem = forced(wrong).unwrap_err().problem;
            assert_eq!(problem.field, "Sandbox-Scenario");
            assert!(ErrorCode::WORDS.iter().all(|word| problem.problem.contains(word)), "{problem}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_a_reason_to_panic(code in ".*") {
            let _ = forced(&code);
        }
    }
}

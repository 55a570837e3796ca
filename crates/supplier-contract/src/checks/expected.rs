//! What several checks expect alike.

use supplier_rulebook::{self as rulebook, RuleId};

use crate::bench::Bench;
use crate::case::{Case, CaseError};
use crate::guide_table::ERRORS;
use crate::script::{Expect, Shape};

/// The last answer is the documented error of that code. What the guide states is judged first, and what the project
/// chose last: a choice that is another ends nothing that matters.
pub(super) fn documented(
    bench: &Bench<'_>,
    case: &Case<'_>,
    rule: RuleId,
    code: &str,
) -> Result<(), CaseError> {
    // Refused, but not as errors are: that says more than that it was not refused.
    if !case.was_refused() && case.last_code() == Some(code) {
        case.expect(rulebook::ERROR_ENVELOPE, Expect::Envelope)?;
    }
    case.expect(rule, Expect::refused())?;
    if !case.was_refused() {
        return Ok(());
    }
    case.expect(rulebook::ERROR_ENVELOPE, Expect::Envelope)?;
    case.expect(rule, Expect::code(code))?;
    if let Some((_, message)) = ERRORS.iter().find(|(known, _)| *known == code) {
        case.expect(rulebook::ERROR_MESSAGES, Expect::Message { message: (*message).to_owned() })?;
    }
    let status = match code {
        "INVALID_API_KEY" => 401,
        "ACCESS_DENIED" => 403,
        "ORDER_NOT_FOUND" => 404,
        _ => 400,
    };
    if bench.target.profile().of(rulebook::ERROR_STATUS) == "rulebook" {
        case.expect(rulebook::ERROR_STATUS, Expect::status(&[status]))?;
    }
    Ok(())
}

/// The last answer refuses a request for its form: with a 4xx by `rule`, and so by the project's choices.
pub(super) fn invalid(bench: &Bench<'_>, case: &Case<'_>, rule: RuleId) -> Result<(), CaseError> {
    case.expect(rule, Expect::refused())?;
    if !case.was_refused() {
        return Ok(());
    }
    if bench.target.profile().of(rulebook::ERROR_STATUS) == "rulebook" {
        case.expect(rulebook::ERROR_STATUS, Expect::status(&[400]))?;
        case.expect(rulebook::ERROR_STATUS, Expect::code("INVALID_REQUEST"))?;
    }
    let at = "/details/0/field".to_owned();
    case.expect(rulebook::ERROR_DETAILS, Expect::Looks { at, like: Shape::Text })
}

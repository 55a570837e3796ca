//! What several checks expect alike.

use supplier_rulebook as rulebook;

use crate::bench::Bench;
use crate::case::{Case, CaseError};
use crate::claim::Claim;
use crate::guide_table::ERRORS;
use crate::profile;
use crate::script::{Expect, Shape};

/// The last answer is the documented error of that code. What the guide states is judged first, and what the project
/// chose last: a choice that is another ends nothing that matters.
pub(super) fn documented(
    bench: &Bench<'_>,
    case: &Case<'_>,
    rule: impl Into<Claim>,
    code: &str,
) -> Result<(), CaseError> {
    let rule = rule.into();
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
    if case.last_code() != Some(code) {
        // Another error, which has another message and status.
        return Ok(());
    }
    if let Some((_, message)) = ERRORS.iter().find(|(known, _)| *known == code) {
        case.expect(rulebook::ERROR_MESSAGES, Expect::Message { message: (*message).to_owned() })?;
    }
    let (part, status) = match code {
        "INVALID_API_KEY" => (profile::STATUS_KEY, 401),
        "ACCESS_DENIED" => (profile::STATUS_ACCESS, 403),
        "ORDER_NOT_FOUND" => (profile::STATUS_NOT_FOUND, 404),
        _ => (profile::STATUS_ACCOUNTS, 400),
    };
    if bench.target.profile().of(part) == "rulebook" {
        case.expect(part, Expect::status(&[status]))?;
    }
    Ok(())
}

/// The last answer refuses a request for its form: with a 4xx by `rule`, and so by the project's choices.
pub(super) fn invalid(bench: &Bench<'_>, case: &Case<'_>, rule: impl Into<Claim>) -> Result<(), CaseError> {
    case.expect(rule, Expect::refused())?;
    if !case.was_refused() {
        return Ok(());
    }
    if bench.target.profile().of(profile::STATUS_REQUEST) == "rulebook" {
        case.expect(profile::STATUS_REQUEST, Expect::status(&[400]))?;
    }
    if bench.target.profile().of(profile::STATUS_REQUEST_CODE) == "rulebook" {
        case.expect(profile::STATUS_REQUEST_CODE, Expect::code("INVALID_REQUEST"))?;
    }
    let at = "/details/0/field".to_owned();
    case.expect(rulebook::ERROR_DETAILS, Expect::Looks { at, like: Shape::Text })
}

/// A number that no order has, and that any target can hold. Where there is no clean state, one that none can have.
pub(super) fn nobodys(bench: &Bench<'_>) -> &'static str {
    if bench.target.is_fresh() { "2147483646" } else { "9007199254740991" }
}

//! The checks.

mod accounts;
mod auth;
mod errors;
mod expected;
mod fields;
mod filters;
mod model;
mod pages;
mod races;
mod range;
mod shape;
mod updates;
mod window;

use supplier_rulebook::{self as rulebook, RuleId};

use crate::check::Check;

/// All checks, in the order of the rulebook.
pub fn registry() -> impl Iterator<Item = &'static Check> {
    [
        auth::CHECKS,
        shape::CHECKS,
        filters::CHECKS,
        pages::CHECKS,
        range::CHECKS,
        window::CHECKS,
        races::CHECKS,
        updates::CHECKS,
        fields::CHECKS,
        accounts::CHECKS,
        errors::CHECKS,
        model::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// Rules without a check, and why.
const UNTESTABLE: &[(RuleId, &str)] = &[(
    rulebook::ERROR_SERVER,
    "what a server itself refuses (overload, time-outs, failures) cannot be brought about from outside; where it is met, it is honoured",
)];

/// Why a rule has no check, if it has none.
pub fn untestable(rule: RuleId) -> Option<&'static str> {
    UNTESTABLE.iter().find(|(untestable, _)| *untestable == rule).map(|(_, why)| *why)
}

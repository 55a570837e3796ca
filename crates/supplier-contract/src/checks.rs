//! The checks.

mod auth;

use std::collections::BTreeMap;

use supplier_rulebook::{self as rulebook, RuleId};

use crate::check::Check;
use crate::template::Bindings;

/// All checks, in the order of the rulebook.
pub fn registry() -> impl Iterator<Item = &'static Check> {
    [auth::CHECKS].into_iter().flatten()
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

/// Names for what is like a key, and is none: they are no secrets.
pub(crate) fn bad_keys() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([("unknown", "test_00000000000000000000000000000000"), ("malformed", "not a key at all")])
}

/// Adds the names for what is like a key, and is none.
pub(crate) fn bind_bad_keys(bindings: &mut Bindings) {
    for (name, value) in bad_keys() {
        bindings.keys.insert(name.to_owned(), value.to_owned());
    }
}

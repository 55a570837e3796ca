//! The checks.

mod accounts;
mod auth;
mod clients;
mod distinct;
mod errors;
mod expected;
mod fields;
mod filters;
mod hostile;
mod items;
mod model;
mod numbers;
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
        items::CHECKS,
        pages::CHECKS,
        range::CHECKS,
        window::CHECKS,
        races::CHECKS,
        numbers::CHECKS,
        updates::CHECKS,
        fields::CHECKS,
        accounts::CHECKS,
        distinct::CHECKS,
        errors::CHECKS,
        hostile::CHECKS,
        clients::CHECKS,
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use supplier_rulebook::{Level, rules};

    use super::*;

    #[test]
    fn names_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for check in registry() {
            assert!(seen.insert(check.info.id), "{} is there twice", check.info.id);
            let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(check.info.id.bytes().all(legal), "{}", check.info.id);
            assert!(!check.info.title.is_empty() && check.info.title.ends_with('.'), "{}", check.info.id);
        }
    }

    #[test]
    fn every_rule_has_a_check_or_a_reason() {
        for rule in rules().filter(|rule| rule.level != Level::Observed) {
            let checked = registry().any(|check| check.info.rules.contains(&rule.id));
            let reason = untestable(rule.id);
            match rule.level {
                Level::Stated | Level::Implied => {
                    assert!(checked, "{} is {} and has no check", rule.id, rule.level);
                }
                _ => assert!(checked != reason.is_some(), "{} needs either a check or a reason", rule.id),
            }
        }
    }

    #[test]
    fn a_check_tests_no_rule_twice_and_none_that_is_observed() {
        for check in registry() {
            let rules: BTreeSet<_> = check.info.rules.iter().collect();
            assert_eq!(rules.len(), check.info.rules.len(), "{}", check.info.id);
            for rule in check.info.rules {
                assert_ne!(
                    supplier_rulebook::find(rule.as_str()).unwrap().level,
                    Level::Observed,
                    "{}",
                    check.info.id
                );
            }
        }
    }

    #[test]
    fn what_writes_and_what_withholds_says_so() {
        for check in registry() {
            let needs = |need| check.needs.contains(&need);
            assert_eq!(check.changes > 0, needs(crate::provision::Need::Writes), "{}", check.info.id);
            assert!(check.withholds == 0 || needs(crate::provision::Need::Key), "{}", check.info.id);
        }
    }
}

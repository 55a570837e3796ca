//! Claims: the parts of a rule that are judged, chosen and reported each by itself.

use std::fmt;

use supplier_rulebook::RuleId;

/// A rule, or a part of it that a target may keep or break whatever it does about the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// The rule.
    pub rule: RuleId,
    /// The part's name; empty for the rule itself.
    pub part: &'static str,
}

impl Claim {
    /// A part of a rule.
    pub(crate) const fn of(rule: RuleId, part: &'static str) -> Self {
        Self { rule, part }
    }

    /// The claim whose name that is: a rule, or a rule and a part behind a second dot.
    pub(crate) fn is_named(self, name: &str) -> bool {
        match name.strip_prefix(self.rule.as_str()) {
            Some("") => self.part.is_empty(),
            Some(rest) => rest.strip_prefix('.').is_some_and(|part| !part.is_empty() && part == self.part),
            None => false,
        }
    }
}

impl From<RuleId> for Claim {
    fn from(rule: RuleId) -> Self {
        Self { rule, part: "" }
    }
}

/// As a profile and a report have it: `list.order`, `update.order-number.zero`.
impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.part.is_empty() {
            write!(f, "{}", self.rule)
        } else {
            write!(f, "{}.{}", self.rule, self.part)
        }
    }
}

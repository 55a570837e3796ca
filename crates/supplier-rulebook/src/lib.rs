#![doc = include_str!("../README.md")]

mod auth;
mod errors;
mod list;
mod practice;
mod rehearsal;
mod update;

use std::fmt;

pub use auth::*;
pub use errors::*;
pub use list::*;
pub use practice::*;
pub use rehearsal::*;
pub use update::*;

/// The version of the rulebook as a whole. It changes with any rule: the first number when an implementation that kept
/// the rules may now break one, the second when a rule is added, the third when only words change.
pub const VERSION: &str = "1.4.0";

/// A rule's name: its group and its own, such as `list.window`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(&'static str);

impl RuleId {
    /// The name as text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How much a rule binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The guide says so in words.
    Stated,
    /// It follows from the guide's examples, or a stated rule cannot be kept without it.
    Implied,
    /// The guide is silent or can be read in two ways, and this project chose.
    Chosen,
    /// What a good client does: judged from what one was seen to do, never enforced.
    Observed,
}

impl Level {
    /// The level in one lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Implied => "implied",
            Self::Chosen => "chosen",
            Self::Observed => "observed",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A section of the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// How to get a key.
    ApiKey,
    /// How to ask for orders.
    ManualOrders,
    /// The list's parameters.
    RequestParameters,
    /// What the list answers.
    ExampleResponse,
    /// Notes on the list.
    ImportantNotes,
    /// How to answer an order.
    SubmitAccounts,
    /// The update's fields.
    BodyParameters,
    /// What an account looks like.
    AccountFormat,
    /// The example program.
    CompleteWorkflow,
    /// The four documented errors.
    CommonErrors,
    /// Advice.
    BestPractices,
}

impl Section {
    /// The section's heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::ApiKey => "Step 1: Get Your API Key",
            Self::ManualOrders => "Step 2: Get Manual Orders",
            Self::RequestParameters => "Request Parameters",
            Self::ExampleResponse => "Example Response",
            Self::ImportantNotes => "Important Notes",
            Self::SubmitAccounts => "Step 3: Process Orders and Submit Accounts",
            Self::BodyParameters => "Request Body Parameters",
            Self::AccountFormat => "Account Format",
            Self::CompleteWorkflow => "Complete Workflow Example",
            Self::CommonErrors => "Common Errors",
            Self::BestPractices => "Best Practices",
        }
    }
}

/// One thing that an implementation, or a good client, does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// How much it binds.
    pub level: Level,
    /// It in a few words.
    pub title: &'static str,
    /// It in full.
    pub text: &'static str,
    /// The section of the guide that states it, implies it, or leaves it open.
    pub section: Section,
}

/// The rules on one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What the names of its rules begin with, up to the dot.
    pub prefix: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Its rules.
    pub rules: &'static [Rule],
}

/// All the rules, by subject.
pub const GROUPS: &[Group] = &[
    Group { prefix: "auth", title: "Authentication", rules: AUTH_RULES },
    Group { prefix: "list", title: "Listing orders", rules: LIST_RULES },
    Group { prefix: "update", title: "Updating an order", rules: UPDATE_RULES },
    Group { prefix: "error", title: "Errors", rules: ERROR_RULES },
    Group { prefix: "practice", title: "Good practice", rules: PRACTICE_RULES },
    Group { prefix: "rehearsal", title: "Rehearsals", rules: REHEARSAL_RULES },
];

/// All the rules, one subject after the other.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().flat_map(|group| group.rules)
}

/// The rule of that name.
pub fn find(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id.as_str() == id)
}

/// Declares the rules of one subject: a constant for each name, and one for them all.
macro_rules! declare {
    ($all:ident; $($name:ident = $id:literal, $level:ident, $section:ident, $title:literal, $text:literal;)+) => {
        $(#[doc = $title] pub const $name: $crate::RuleId = $crate::RuleId($id);)+

        pub(crate) const $all: &[$crate::Rule] = &[$($crate::Rule {
            id: $name,
            level: $crate::Level::$level,
            title: $title,
            text: $text,
            section: $crate::Section::$section,
        },)+];
    };
}
use declare;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_well_formed_and_belong_to_their_group() {
        let mut seen = BTreeSet::new();
        for group in GROUPS {
            for rule in group.rules {
                let id = rule.id.as_str();
                assert!(seen.insert(id), "{id} is there twice");
                let (prefix, name) = id.split_once('.').unwrap();
                assert_eq!(prefix, group.prefix, "{id}");
                let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                assert!(!name.is_empty() && name.bytes().all(legal), "{id}");
                assert_eq!(find(id), Some(rule));
            }
        }
        assert_eq!(find("list.nothing"), None);
    }

    #[test]
    fn every_rule_says_something_in_whole_sentences() {
        for Rule { id, title, text, section, .. } in rules() {
            assert!(!title.is_empty() && !title.ends_with('.') && title.len() <= 70, "{id}: {title}");
            assert!(text.ends_with('.') && text.len() > title.len(), "{id}: {text}");
            assert!(!section.heading().is_empty(), "{id}");
        }
    }

    #[test]
    fn only_rules_of_clients_are_observed() {
        for group in GROUPS {
            for rule in group.rules {
                let is_of_clients = ["practice", "rehearsal"].contains(&group.prefix);
                assert_eq!(rule.level == Level::Observed, is_of_clients, "{}", rule.id);
            }
        }
    }

    #[test]
    fn the_version_has_three_numbers() {
        assert_eq!(VERSION.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3);
    }
}

//! Profile: a target's choices where the guide is silent.
//!
//! The rulebook has a choice for each such rule; a profile replaces it by the target's, so that the suite holds the
//! target to what its owner decided.

use std::collections::BTreeMap;

use supplier_rulebook::{self as rulebook, Level, RuleId};

/// No check of the rule: for what a target decided in a way that the suite does not know.
pub(crate) const UNCHECKED: &str = "unchecked";

/// A rule, and what may be chosen about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choices {
    /// The rule.
    pub rule: RuleId,
    /// The choices, each with what it means; the rulebook's is the first.
    pub options: &'static [(&'static str, &'static str)],
}

/// Every rule that the suite knows several choices of. Beside these each chosen rule may be [`UNCHECKED`].
pub(crate) const CHOICES: &[Choices] = &[
    Choices {
        rule: rulebook::LIST_OWN_ITEMS,
        options: &[
            ("own", "each supplier sees its own items"),
            ("all", "each supplier sees all items of an order"),
        ],
    },
    Choices {
        rule: rulebook::LIST_PRODUCT_TYPE_VALUES,
        options: &[
            ("auto", "left out, `productType` is `auto`"),
            ("none", "left out, it keeps no manual order, and what else is open"),
        ],
    },
    Choices {
        rule: rulebook::LIST_SUB_CATEGORY_MATCH,
        options: &[
            ("exact", "upper and lower case differ"),
            ("ignore-case", "upper and lower case are the same"),
        ],
    },
    Choices {
        rule: rulebook::LIST_LIMIT_RANGE,
        options: &[
            ("refuse", "`INVALID_REQUEST`; clamping, and the default for what is no integer, are taken too"),
            ("clamp", "moved to 1..=500; what is no integer is refused or is the default"),
            ("default", "what is not in 1..=500 is 50, or is moved to 500 where it is larger"),
        ],
    },
    Choices {
        rule: rulebook::LIST_OFFSET_RANGE,
        options: &[("refuse", "`INVALID_REQUEST`"), ("zero", "what is no integer of 0 or more is 0")],
    },
    Choices {
        rule: rulebook::LIST_TOTAL_WITHHELD,
        options: &[
            ("left-out", "`total` leaves withheld orders out"),
            ("counted", "`total` counts them too"),
        ],
    },
    Choices {
        rule: rulebook::LIST_ORDER,
        options: &[("oldest-first", "by `createdAt`, then `id`"), ("newest-first", "the other way round")],
    },
    Choices {
        rule: rulebook::LIST_VALUES,
        options: &[
            ("refuse", "`INVALID_REQUEST`"),
            ("ignore", "an unknown or blank value is no error: nothing matches it, or it is left out"),
        ],
    },
    Choices {
        rule: rulebook::UPDATE_ORDER_NUMBER,
        options: &[
            ("integer", "only a JSON integer"),
            ("lenient", "a number in a string, or `12345.0`, is taken too"),
        ],
    },
    Choices {
        rule: rulebook::UPDATE_NULL,
        options: &[("left-out", "null is as if left out"), ("refuse", "null is refused with a 4xx")],
    },
    Choices {
        rule: rulebook::UPDATE_UNPAID,
        options: &[
            ("not-found", "`ORDER_NOT_FOUND`"),
            ("refuse", "some 4xx"),
            ("accept", "an order may be updated before it is paid"),
        ],
    },
    Choices {
        rule: rulebook::UPDATE_ACCOUNTS_VALID,
        options: &[
            ("drop", "what is no account is dropped, the rest is taken"),
            ("refuse", "one that is none refuses them all"),
        ],
    },
    Choices {
        rule: rulebook::UPDATE_ACCOUNTS_DEDUP_SCOPE,
        options: &[
            ("order", "against those the order has, too"),
            ("submission", "within one submission only"),
        ],
    },
    Choices {
        rule: rulebook::UPDATE_RESUBMISSION,
        options: &[("refuse", "`INVALID_ACCOUNTS`"), ("accept", "a success")],
    },
    Choices {
        rule: rulebook::UPDATE_SUPPLIER_ORDER_ID_FORM,
        options: &[
            ("shown", "in later pages and in the answer to an update"),
            ("kept", "kept, and not shown"),
        ],
    },
    Choices {
        rule: rulebook::ERROR_STATUS,
        options: &[("rulebook", "401, 403, 404 and 400"), ("any", "any 4xx")],
    },
];

/// A target's choices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    choices: BTreeMap<RuleId, String>,
}

/// What is wrong with a profile, and what would be right.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct ProfileError(String);

impl Profile {
    /// Reads a profile: TOML of rules and choices, such as `"list.limit-range" = "clamp"`.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let table: toml::Table =
            toml::from_str(text).map_err(|error| ProfileError(crate::config::explain(text, &error)))?;
        let mut profile = Self::default();
        for (rule, choice) in &table {
            let Some(choice) = choice.as_str() else {
                return Err(ProfileError(format!(
                    "`{rule}`: a choice is text; quote the rule's whole name too, as in \"list.order\""
                )));
            };
            profile.choose(rule, choice)?;
        }
        Ok(profile)
    }

    /// Replaces the choice about a rule.
    pub fn choose(&mut self, rule: &str, choice: &str) -> Result<(), ProfileError> {
        let Some(found) = rulebook::find(rule) else {
            return Err(ProfileError(format!("`{rule}` is no rule: `supplier-contract list` has them all")));
        };
        if found.level != Level::Chosen {
            let level = found.level;
            return Err(ProfileError(format!(
                "`{rule}` is {level} by the guide: only what it leaves open can be chosen"
            )));
        }
        let options = options(found.id);
        if choice != UNCHECKED && !options.iter().any(|(option, _)| *option == choice) {
            let known: Vec<_> = options.iter().map(|(option, _)| *option).chain([UNCHECKED]).collect();
            return Err(ProfileError(format!("`{rule}` = {choice:?}: choose one of {}", known.join(", "))));
        }
        self.choices.insert(found.id, choice.to_owned());
        Ok(())
    }

    /// What was chosen about a rule: one of its options, or `unchecked`; `rulebook` where there is but one.
    pub fn of(&self, rule: RuleId) -> &str {
        let default = || options(rule).first().map_or("rulebook", |(option, _)| option);
        self.choices.get(&rule).map_or_else(default, String::as_str)
    }

    /// Whether the rule is tested at all.
    pub fn checks(&self, rule: RuleId) -> bool {
        self.of(rule) != UNCHECKED
    }

    /// The choices that differ from the rulebook's.
    pub fn choices(&self) -> impl Iterator<Item = (RuleId, &str)> {
        self.choices.iter().map(|(rule, choice)| (*rule, choice.as_str()))
    }
}

/// What may be chosen about a rule, the rulebook's choice first; none where the suite knows but one.
pub fn options(rule: RuleId) -> &'static [(&'static str, &'static str)] {
    CHOICES.iter().find(|choices| choices.rule == rule).map_or(&[], |choices| choices.options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_replaces_the_rulebooks() {
        let profile =
            Profile::parse("\"list.order\" = \"newest-first\"\n\"error.details\" = \"unchecked\"").unwrap();
        assert_eq!(profile.of(rulebook::LIST_ORDER), "newest-first");
        assert_eq!(profile.of(rulebook::LIST_LIMIT_RANGE), "refuse");
        assert!(!profile.checks(rulebook::ERROR_DETAILS));
    }

    #[test]
    fn what_cannot_be_chosen_is_said() {
        let problem = |text| Profile::parse(text).unwrap_err().to_string();
        assert!(problem("\"list.windows\" = \"x\"").contains("is no rule"));
        assert!(problem("\"list.window\" = \"unchecked\"").contains("stated by the guide"));
        assert!(problem("\"list.order\" = \"random\"").contains("oldest-first, newest-first, unchecked"));
        assert!(problem("list.order = \"newest-first\"").contains("quote"));
    }

    #[test]
    fn choices_are_about_chosen_rules_only() {
        for choices in CHOICES {
            assert_eq!(
                rulebook::find(choices.rule.as_str()).unwrap().level,
                Level::Chosen,
                "{}",
                choices.rule
            );
        }
    }
}

//! Profile: a target's choices where the guide is silent.
//!
//! The rulebook has a choice for each such rule; a profile replaces it by the target's, so that the suite holds the
//! target to what its owner decided.

mod choices;

use std::collections::BTreeMap;

use supplier_rulebook::{self as rulebook, Level, RuleId};

use crate::claim::Claim;

pub(crate) use choices::*;

/// No check of the rule: for what a target decided in a way that the suite does not know.
pub(crate) const UNCHECKED: &str = "unchecked";

/// A target's choices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    choices: BTreeMap<Claim, String>,
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

    /// Replaces the choice about a rule, or about a part of one.
    pub fn choose(&mut self, name: &str, choice: &str) -> Result<(), ProfileError> {
        let claim = claim(name)?;
        let level = rulebook::find(claim.rule.as_str()).map_or(Level::Observed, |rule| rule.level);
        if level != Level::Chosen {
            return Err(ProfileError(format!(
                "`{name}` is {level} by the guide: only what it leaves open can be chosen"
            )));
        }
        let options = options(claim);
        if choice != UNCHECKED && !options.iter().any(|(option, _)| *option == choice) {
            let known: Vec<_> = options.iter().map(|(option, _)| *option).chain([UNCHECKED]).collect();
            return Err(ProfileError(format!("`{name}` = {choice:?}: choose one of {}", known.join(", "))));
        }
        self.choices.insert(claim, choice.to_owned());
        Ok(())
    }

    /// What was chosen about a rule or a part: one of its options, or `unchecked`; `rulebook` where there is but one. A part
    /// follows its rule where the rule's choice is one of the part's options.
    pub fn of(&self, claim: impl Into<Claim>) -> &str {
        let claim = claim.into();
        let own = self.choices.get(&claim).map(String::as_str);
        let of_rule = || {
            let choice = self.choices.get(&Claim::from(claim.rule))?.as_str();
            // The rulebook's choice about the rule says nothing new of its parts.
            let is_first = options(claim.rule).first().is_some_and(|(first, _)| *first == choice);
            let has = || options(claim).iter().any(|(option, _)| *option == choice);
            let fits = choice == UNCHECKED || (!is_first && has());
            fits.then_some(choice)
        };
        own.or_else(of_rule)
            .unwrap_or_else(|| options(claim).first().map_or("rulebook", |(option, _)| option))
    }

    /// Whether the rule, or the part, is tested at all.
    pub fn checks(&self, claim: impl Into<Claim>) -> bool {
        self.of(claim) != UNCHECKED
    }

    /// The choices that differ from the rulebook's.
    pub fn choices(&self) -> impl Iterator<Item = (Claim, &str)> {
        self.choices.iter().map(|(claim, choice)| (*claim, choice.as_str()))
    }
}

/// The rule or part of that name.
fn claim(name: &str) -> Result<Claim, ProfileError> {
    if let Some(rule) = rulebook::find(name) {
        return Ok(rule.id.into());
    }
    if let Some(part) = PARTS.iter().find(|part| part.claim.is_named(name)) {
        return Ok(part.claim);
    }
    let of_rule = name.rsplit_once('.').and_then(|(rule, _)| rulebook::find(rule));
    let parts: Vec<_> = of_rule.iter().flat_map(|rule| parts(rule.id)).map(|part| part.to_string()).collect();
    Err(ProfileError(if parts.is_empty() {
        format!("`{name}` is no rule: `supplier-contract list` has them all")
    } else {
        format!("`{name}` is no part of a rule: choose one of {}", parts.join(", "))
    }))
}

/// What may be chosen about a rule or a part of one, the rulebook's choice first; none where the suite knows but one.
pub fn options(claim: impl Into<Claim>) -> &'static [(&'static str, &'static str)] {
    let claim = claim.into();
    let of = |all: &'static [Choices]| all.iter().find(|choices| choices.claim == claim);
    of(CHOICES).or_else(|| of(PARTS)).map_or(&[], |choices| choices.options)
}

/// The parts of a rule that are judged by themselves.
pub fn parts(rule: RuleId) -> impl Iterator<Item = Claim> {
    PARTS.iter().map(|part| part.claim).filter(move |claim| claim.rule == rule)
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
        for choices in CHOICES.iter().chain(PARTS) {
            let level = rulebook::find(choices.claim.rule.as_str()).unwrap().level;
            assert_eq!(level, Level::Chosen, "{}", choices.claim);
        }
    }

    #[test]
    fn a_part_follows_its_rule_unless_it_is_chosen_itself() {
        let profile = Profile::parse(
            "\"update.order-number\" = \"lenient\"\n\"update.order-number.decimal\" = \"integer\"\n\"error.transport\" = \"unchecked\"",
        );
        let profile = profile.unwrap();
        assert_eq!(profile.of(NUMBER_TEXT), "lenient");
        assert_eq!(profile.of(NUMBER_DECIMAL), "integer");
        assert_eq!(profile.of(NUMBER_ZERO), "not-found");
        assert!(!profile.checks(TRANSPORT_HEAD) && profile.checks(NUMBER_NONE));
        let problem = Profile::parse("\"update.order-number.nil\" = \"x\"").unwrap_err().to_string();
        assert!(problem.contains("update.order-number.zero"), "{problem}");
    }
}

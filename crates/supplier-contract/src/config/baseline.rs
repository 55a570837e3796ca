//! Baseline: known failures, each accepted until a date.

use jiff::civil::Date;
use serde::Deserialize;
use supplier_rulebook as rulebook;

/// Failures that are known and accepted for a while.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// They.
    pub accepted: Vec<Accepted>,
    /// The day by which they are judged: today.
    pub today: Option<Date>,
}

/// A known failure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The rule that is broken.
    pub rule: String,
    /// The last day on which that is accepted.
    pub until: Date,
    /// Why, for people.
    #[serde(default)]
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accept: Vec<Accepted>,
}

impl Baseline {
    /// Reads a baseline: TOML with a table `[[accept]]` of `rule`, `until` and `reason` for each failure.
    pub fn parse(text: &str, today: Date) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| super::explain(text, &error))?;
        Self::of(file.accept, today)
    }

    /// One of these failures, judged by that day.
    pub fn of(accepted: Vec<Accepted>, today: Date) -> Result<Self, String> {
        for known in &accepted {
            if rulebook::find(&known.rule).is_none() {
                return Err(format!(
                    "`accept.rule` = {:?} is no rule: `supplier-contract list` has them all",
                    known.rule
                ));
            }
        }
        Ok(Self { accepted, today: Some(today) })
    }

    /// Until when breaking that rule is accepted, if it is.
    pub fn accepts(&self, rule: rulebook::RuleId) -> Option<Date> {
        let holds = |accepted: &&Accepted| accepted.rule == rule.as_str() && !self.has_expired(accepted);
        self.accepted.iter().find(holds).map(|accepted| accepted.until)
    }

    /// Whether its last day is over.
    pub fn has_expired(&self, accepted: &Accepted) -> bool {
        self.today.is_some_and(|today| accepted.until < today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_accepted_until_its_last_day() {
        let text = "[[accept]]\nrule = \"list.order\"\nuntil = \"2027-01-31\"\nreason = \"being mended\"";
        let day =
            |day: &str| Baseline::parse(text, day.parse().unwrap()).unwrap().accepts(rulebook::LIST_ORDER);
        assert!(day("2027-01-31").is_some());
        assert!(day("2027-02-01").is_none());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let day: Date = "2027-01-01".parse().unwrap();
        let problem = |text| Baseline::parse(text, day).unwrap_err();
        assert!(problem("[[accept]]\nrule = \"list.ordre\"\nuntil = \"2027-01-31\"").contains("list.ordre"));
        assert!(problem("[[accept]]\nrule = \"list.order\"").contains("until"));
    }
}

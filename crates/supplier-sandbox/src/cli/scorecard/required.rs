//! Practices that a scorecard must rest on.

use std::str::FromStr;

use supplier_rulebook::{RuleId, rules};

use super::super::Failure;
use super::answer::{Scorecard, Standing, Supplier};

/// Prefix of practice ids.
const PREFIX: &str = "practice.";

/// Practices that must have been observed of every client that called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RequiredPractices {
    /// All practices.
    All,
    /// A number of practices.
    Number(usize),
    /// These practices.
    Named(Vec<RuleId>),
}

fn practices() -> impl Iterator<Item = RuleId> {
    rules().map(|rule| rule.id).filter(|id| id.as_str().starts_with(PREFIX))
}

impl FromStr for RequiredPractices {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = practices().count();
        if text == "all" {
            return Ok(Self::All);
        }
        if let Ok(number) = text.parse() {
            return if (1..=all).contains(&number) {
                Ok(Self::Number(number))
            } else {
                Err(format!(
                    "must be a number from 1 to {all}, the word all, or practices with commas between them"
                ))
            };
        }
        let named = |word: &str| {
            let word = word.trim();
            let found = practices().find(|id| [id.as_str(), short(id.as_str())].contains(&word));
            found.ok_or_else(|| {
                let known: Vec<_> = practices().map(|id| short(id.as_str())).collect();
                format!("{word:?} is no practice; give all, a number, or some of {}", known.join(", "))
            })
        };
        text.split(',').map(named).collect::<Result<_, _>>().map(Self::Named)
    }
}

/// Name of a practice without its prefix.
fn short(id: &str) -> &str {
    id.strip_prefix(PREFIX).unwrap_or(id)
}

impl RequiredPractices {
    /// Checks that every client that called was observed at all required practices.
    pub(super) fn judge(&self, scorecard: &Scorecard) -> Result<(), Failure> {
        let clients: Vec<_> =
            scorecard.suppliers.iter().filter(|supplier| supplier.score.is_some()).collect();
        if clients.is_empty() {
            return Err(Failure::Found(
                "error: --require-observed: no call was observed; let the client call the server first, with a key of this \
                 sandbox"
                    .to_owned(),
            ));
        }
        let lacking = clients.into_iter().find_map(|client| self.lacking(client).map(|lack| (client, lack)));
        lacking.map_or(Ok(()), |(client, lack)| {
            let name = super::plain::one_line(&client.id);
            Err(Failure::Found(format!(
                "error: --require-observed: of {name}'s client {lack}; have it do more: answer its orders, meet a fault"
            )))
        })
    }

    /// Missing practices of a client, in words.
    fn lacking(&self, client: &Supplier) -> Option<String> {
        let is_observed = |id: &str| {
            let mut practices = client.practices.iter();
            practices.any(|practice| practice.id == id && practice.standing != Standing::NotObserved)
        };
        match self {
            Self::Number(number) => {
                let (observed, all) = (client.observed, client.practices.len());
                (observed < *number).then(|| format!("{observed} of {all} practices were observed"))
            }
            Self::All => Self::missing(practices().filter(|id| !is_observed(id.as_str()))),
            Self::Named(named) => Self::missing(named.iter().copied().filter(|id| !is_observed(id.as_str()))),
        }
    }

    fn missing(ids: impl Iterator<Item = RuleId>) -> Option<String> {
        let ids: Vec<_> = ids.map(RuleId::as_str).collect();
        match &ids[..] {
            [] => None,
            [id] => Some(format!("{id} was not observed")),
            _ => Some(format!("{} were not observed", ids.join(", "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn practices_are_required_by_name_by_number_or_all() {
        let read = |text: &str| text.parse::<RequiredPractices>();
        assert_eq!(read("all"), Ok(RequiredPractices::All));
        assert_eq!(read("3"), Ok(RequiredPractices::Number(3)));
        let named = vec![supplier_rulebook::PRACTICE_STATUS, supplier_rulebook::PRACTICE_WINDOW];
        assert_eq!(read("status,practice.window"), Ok(RequiredPractices::Named(named)));
        for wrong in ["", "0", "99", "-1", "status,,window", "list.window", "Status"] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
        assert!(read("speed").unwrap_err().contains("polling, errors"));
    }
}

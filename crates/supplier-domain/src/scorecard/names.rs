//! `practice.names`: does the client use the names that the API knows?

use serde::{Deserialize, Serialize};
use supplier_rulebook::PRACTICE_NAMES;

use super::observation::Observation;
use super::report::{Finding, PracticeReport};
use super::tally::Tally;
use super::words::counted;
use crate::{IgnoredName, NamePlace};

/// The most names that are told apart; further ones are counted together.
const MAX_NAMES: usize = 20;

/// The occasions are the calls of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Names {
    calls: u64,
    lost: u64,
    ignored: Vec<Ignored>,
    others: Tally,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ignored {
    name: IgnoredName,
    calls: Tally,
}

impl Names {
    /// Any call.
    pub(super) fn observe(&mut self, observation: &Observation) {
        if observation.operation.is_none() {
            return;
        }
        self.calls = self.calls.saturating_add(1);
        self.lost = self.lost.saturating_add(u64::from(!observation.ignored.is_empty()));
        for name in &observation.ignored {
            let is_new = !self.ignored.iter().any(|known| known.name == *name);
            if is_new && self.ignored.len() < MAX_NAMES {
                self.ignored.push(Ignored { name: name.clone(), calls: Tally::default() });
            }
            let known = self.ignored.iter_mut().find(|known| known.name == *name);
            let tally = known.map_or(&mut self.others, |known| &mut known.calls);
            tally.add(observation, observation.order());
        }
    }

    pub(super) fn report(&self) -> PracticeReport {
        let summary =
            format!("{} looked through for names that the API does not know.", counted(self.calls, "call"));
        let named = self.ignored.iter().filter_map(|ignored| finding(&ignored.name, &ignored.calls));
        let others = self.others.finding(
            |count| format!("Further names were ignored {}", counted(count, "time")),
            "Leave out what the API does not know.",
        );
        let report = PracticeReport::of(PRACTICE_NAMES, self.calls, self.lost, summary, []);
        PracticeReport { findings: named.chain(others).collect(), ..report }
    }
}

fn finding(name: &IgnoredName, calls: &Tally) -> Option<Finding> {
    let of = match name.place {
        NamePlace::ListParameter => "list call",
        NamePlace::UpdateParameter | NamePlace::UpdateField => "update",
    };
    let sentence =
        |count| format!("The {} `{}` of {} was ignored", name.place.noun(), name.name, counted(count, of));
    let remedy = name.remedy();
    let mut letters = remedy.chars();
    let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    calls.finding(sentence, &format!("{capital}{}.", letters.as_str()))
}

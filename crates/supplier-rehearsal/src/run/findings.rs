//! Findings of a run: one for each kind, by the smallest rehearsal that showed it.

use std::collections::BTreeMap;

use supplier_rulebook::RuleId;

use crate::cause::Cause;
use crate::judge::{Breach, judge};
use crate::mishap::{Mishap, Planned};
use crate::rehearsal::Observation;
use crate::story::{Finding, finding};

/// The kinds of findings so far.
#[derive(Default)]
pub(super) struct Findings {
    kinds: BTreeMap<(RuleId, Cause), Kind>,
}

struct Kind {
    /// What decides the order of findings.
    rank: usize,
    shown: Finding,
    rehearsals: usize,
    after: Vec<Mishap>,
}

impl Findings {
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Adds what a rehearsal showed. Returns whether it did no harm.
    pub(super) fn add(&mut self, observation: &Observation, schedule: &[Planned]) -> bool {
        let mut breaches = judge(observation);
        for breach in &mut breaches {
            // A worker that uses accounts twice without any mishap does so after one as well.
            if breach.cause == Cause::AccountsPutBack && self.is_usual(&(breach.rule, Cause::SharedAccount)) {
                breach.cause = Cause::SharedAccount;
            }
        }
        let mut is_harmless = true;
        let mut seen = Vec::new();
        for breach in &breaches {
            if seen.contains(&breach.kind()) {
                continue;
            }
            seen.push(breach.kind());
            is_harmless &= self.is_usual(&breach.kind());
            self.add_breach(breach, observation, schedule);
        }
        is_harmless
    }

    /// Whether that happens without any mishap too.
    fn is_usual(&self, kind: &(RuleId, Cause)) -> bool {
        self.kinds.get(kind).is_some_and(|kind| kind.shown.mishaps.is_empty())
    }

    fn add_breach(&mut self, breach: &Breach, observation: &Observation, schedule: &[Planned]) {
        let show = || finding(breach, observation, schedule.to_vec());
        let kind = self.kinds.entry(breach.kind()).or_insert_with(|| Kind {
            rank: rank_of(breach),
            shown: show(),
            rehearsals: 0,
            after: Vec::new(),
        });
        if simplicity(schedule) < simplicity(&kind.shown.mishaps) {
            kind.shown = show();
        }
        kind.rehearsals += 1;
        // Of two mishaps, nobody knows yet which did it.
        if let [planned] = schedule
            && !kind.after.contains(&planned.mishap)
        {
            kind.after.push(planned.mishap);
        }
    }

    /// The findings, the gravest first.
    pub(super) fn into_sorted(self) -> Vec<Finding> {
        let mut kinds: Vec<_> = self.kinds.into_values().collect();
        kinds.sort_by_key(|kind| (kind.rank, kind.shown.mishaps.len()));
        kinds
            .into_iter()
            .map(|kind| Finding { rehearsals: kind.rehearsals, after: kind.after, ..kind.shown })
            .collect()
    }
}

/// How simple a rehearsal is to understand, the simplest first: few mishaps, and common ones.
fn simplicity(schedule: &[Planned]) -> (usize, Vec<Mishap>) {
    (schedule.len(), schedule.iter().map(|planned| planned.mishap).collect())
}

/// The rules, the gravest first.
fn rank_of(breach: &Breach) -> usize {
    let rules = supplier_rulebook::rules().filter(|rule| rule.id.as_str().starts_with("rehearsal."));
    rules.map(|rule| rule.id).position(|rule| rule == breach.rule).unwrap_or(usize::MAX)
}

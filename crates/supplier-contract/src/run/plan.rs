//! Which checks run, and what they take of the target's orders.

use tokio::time::Duration;

use super::Run;
use crate::check::Check;
use crate::checks::registry;
use crate::outcome::{CheckReport, Opening, Touches, Verdict};
use crate::provision::{Need, Provisioner};

/// What is run, and what not and why.
pub(super) struct Plan {
    /// The checks that run.
    pub(super) checks: Vec<&'static Check>,
    /// Those that do not.
    pub(super) untested: Vec<CheckReport>,
    touches: Touches,
}

/// Plans a run: what is asked for, can be had, and fits in the budget.
pub(super) fn plan(run: &Run) -> Plan {
    let mut plan =
        Plan { checks: Vec::new(), untested: Vec::new(), touches: Touches { withheld: 0, changed: 0 } };
    for check in registry().filter(|check| is_asked_for(&run.config.only, check)) {
        if let Some(reason) = why_not(run, check, plan.touches) {
            plan.untested.push(untested(check, reason));
        } else {
            plan.checks.push(check);
            plan.touches.withheld += check.withholds;
            plan.touches.changed += check.changes;
        }
    }
    plan
}

/// Whether a check is among those that are named: by itself, by its rules or their group; all are if none is named.
pub(crate) fn is_asked_for(only: &[String], check: &Check) -> bool {
    let names = |name: &String| {
        check.id == name
            || check
                .rules
                .iter()
                .any(|rule| rule.as_str() == name || rule.as_str().split('.').next() == Some(name))
    };
    only.is_empty() || only.iter().any(names)
}

fn why_not(run: &Run, check: &Check, so_far: Touches) -> Option<String> {
    if !check.rules.iter().any(|&rule| run.config.profile.checks(rule)) {
        return Some("the profile leaves it unchecked".to_owned());
    }
    let missing = run.offers.missing(check.needs);
    if !missing.is_empty() {
        return Some(missing.iter().map(|need| need.remedy()).collect::<Vec<_>>().join("; "));
    }
    let most = run.config.max_orders;
    let more = so_far.withheld + check.withholds > most || so_far.changed + check.changes > most;
    if more && !run.offers.has(Need::Fresh) {
        return Some(format!(
            "it would withhold up to {} more orders and change up to {}: --max-orders is {most}",
            check.withholds, check.changes
        ));
    }
    None
}

pub(super) fn untested(check: &'static Check, reason: String) -> CheckReport {
    CheckReport {
        check,
        verdict: Verdict::NotTested,
        findings: Vec::new(),
        reason: Some(reason),
        cases: 0,
        calls: 0,
        took: Duration::ZERO,
    }
}

impl Plan {
    pub(super) fn opening(&self, run: &Run) -> Opening {
        let mut notes = Vec::new();
        if !run.offers.has(Need::Fresh) {
            notes.push("There is no clean state to be had: properties run few cases, and failures are neither made smaller nor looked for again.".to_owned());
        }
        if matches!(run.provisioner, Provisioner::None) && !run.config.read_only {
            notes.push(
                "Orders cannot be made: what is there is looked at. --read-only withholds none.".to_owned(),
            );
        }
        let waits = |check: &&Check| run.offers.waits && check.needs.contains(&Need::Time);
        match self.checks.iter().copied().filter(waits).count() {
            0 => {}
            some => notes.push(format!(
                "{some} checks wait for windows to end: the run takes half an hour, and some minutes."
            )),
        }
        Opening {
            target: run.transport.base().to_owned(),
            sandbox: run.sandbox.clone(),
            provision: run.provisioner.kind(),
            seed: run.config.seed,
            checks: self.checks.len(),
            touches: if run.offers.has(Need::Fresh) { None } else { Some(self.touches) },
            notes,
        }
    }
}

//! Which checks run, and what they take of the target's orders.

use tokio::time::Duration;

use super::Run;
use crate::check::Check;
use crate::counted::counted;
use crate::outcome::{CheckInfo, CheckReport, Opening, Touches, Verdict};
use crate::provision::{Need, Provisioner};

/// What is run, and what not and why.
pub(super) struct Plan {
    /// The checks that run.
    pub(super) checks: Vec<&'static Check>,
    /// Those that do not.
    pub(super) untested: Vec<CheckReport>,
    touches: Touches,
}

/// Checks that run last: an order with a large number moves the numbers of all later orders on many servers, whose sequence
/// goes on from the largest.
const LAST: [&str; 1] = ["page-big-numbers"];

/// Plans a run: what is asked for, can be had, and fits in the budget.
pub(super) fn plan(run: &Run) -> Plan {
    let touches = Touches { withheld: run.target.diagnosis.withheld, changed: 0 };
    let mut plan = Plan { checks: Vec::new(), untested: Vec::new(), touches };
    let asked = run.checks.iter().copied().filter(|check| is_asked_for(&run.target.config.only, &check.info));
    for check in asked {
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

/// Whether a check begins only when the others are done.
pub(super) fn is_last(check: &Check) -> bool {
    LAST.contains(&check.info.id)
}

/// Whether a check is among those that are named: by itself, by its rules or their group; all are if none is named.
pub(super) fn is_asked_for(only: &[String], check: &CheckInfo) -> bool {
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
    if !check.info.rules.iter().any(|&rule| run.target.config.profile.checks(rule)) {
        return Some("the profile leaves it unchecked".to_owned());
    }
    let missing = run.target.offers.missing(check.needs);
    if !missing.is_empty() {
        return Some(run.target.offers.remedies(&missing));
    }
    let most = run.target.config.max_orders;
    let more = so_far.withheld + check.withholds > most || so_far.changed + check.changes > most;
    if more && !run.target.is_fresh() {
        return Some(format!(
            "it would withhold up to {} and change up to {}: --max-orders is {most}",
            counted(check.withholds, "more order"),
            check.changes
        ));
    }
    None
}

pub(super) fn untested(check: &'static Check, reason: String) -> CheckReport {
    CheckReport {
        check: check.info,
        verdict: Verdict::NotTested,
        findings: Vec::new(),
        reason: Some(reason),
        left_out: None,
        cases: 0,
        calls: 0,
        took: Duration::ZERO,
    }
}

impl Plan {
    pub(super) fn opening(&self, run: &Run) -> Opening {
        let mut notes: Vec<String> = run.target.diagnosis.problems().map(str::to_owned).collect();
        if run.target.config.read_only {
            notes.push("--read-only sends no call that names an order that can exist: cases that would are left out.".to_owned());
        }
        if !run.target.is_fresh() {
            notes.push("There is no clean state to be had: properties run few cases, and failures are neither made smaller nor looked for again.".to_owned());
        }
        if matches!(run.target.provisioner, Provisioner::None) && !run.target.config.read_only {
            notes.push(
                "Orders cannot be made: what is there is looked at. --read-only withholds none.".to_owned(),
            );
        }
        let waits = |check: &&Check| run.target.offers.waits && check.needs.contains(&Need::Time);
        match self.checks.iter().copied().filter(waits).count() {
            0 => {}
            some => notes.push(format!(
                "{} {} for windows to end: the run takes half an hour, and some minutes.",
                counted(some, "check"),
                if some == 1 { "waits" } else { "wait" }
            )),
        }
        Opening {
            target: run.target.transport.base().to_owned(),
            sandbox: run.target.sandbox.clone(),
            provision: run.target.provisioner.kind().as_str(),
            seed: run.target.config.seed,
            checks: self.checks.len(),
            touches: if run.target.is_fresh() { None } else { Some(self.touches) },
            notes,
        }
    }
}

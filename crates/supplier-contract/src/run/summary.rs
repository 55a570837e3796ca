//! Verdict of each rule, from the results of its checks.

use supplier_rulebook::{Level, Rule, RuleId, rules};
use tokio::time::Duration;

use super::plan::is_asked_for;
use super::{Run, causes};
use crate::checks::untestable;
use crate::outcome::{CheckReport, Opening, Report, RuleReport, Verdict};

pub(super) fn report(
    run: &Run,
    opening: Opening,
    mut checks: Vec<CheckReport>,
    took: Duration,
    stopped: Option<String>,
) -> Report {
    let place = |report: &CheckReport| run.checks.iter().position(|check| check.info.id == report.check.id);
    checks.sort_by_key(place);
    causes::note(&mut checks);
    let asked = |rule: &&'static Rule| {
        let named =
            |name: &String| name == rule.id.as_str() || rule.id.as_str().split('.').next() == Some(name);
        let only = &run.target.config.only;
        only.is_empty()
            || only.iter().any(named)
            || run
                .checks
                .iter()
                .any(|check| check.info.rules.contains(&rule.id) && is_asked_for(only, &check.info))
    };
    let binding = rules().filter(|rule| rule.level != Level::Observed);
    let rules: Vec<_> = binding.filter(asked).map(|rule| rule_report(run, rule, &checks)).collect();
    let stale = stale(run, &checks, &rules);
    Report {
        profile: run
            .target
            .config
            .profile
            .choices()
            .map(|(rule, choice)| (rule, choice.to_owned()))
            .collect(),
        calls: run.target.transport.sent(),
        opening,
        checks,
        rules,
        stale,
        took,
        stopped,
    }
}

/// A rule is broken if any check saw that, and undecided if one failed. It passed if a check passed; what other checks
/// could not test is said.
fn rule_report(run: &Run, rule: &'static Rule, checks: &[CheckReport]) -> RuleReport {
    let told = |verdict, reason, cases| RuleReport { rule, verdict, reason, cases };
    if !run.target.config.profile.checks(rule.id) {
        return told(Verdict::NotTested, Some("the profile leaves it unchecked".to_owned()), 0);
    }
    let findings =
        || checks.iter().flat_map(|check| &check.findings).filter(|finding| finding.rule == rule.id);
    let broken =
        findings().filter(|finding| finding.accepted_until.is_none()).map(|finding| finding.verdict).max();
    let about = || checks.iter().filter(|report| report.check.rules.contains(&rule.id));
    let says: Vec<_> = about().map(|report| (report, what_it_says(rule, report))).collect();
    let cases = says.iter().filter(|(_, says)| says.0 == Verdict::Pass).map(|(report, _)| report.cases).sum();
    let error = says.iter().find(|(_, says)| says.0 == Verdict::Error).and_then(|(_, says)| says.1.clone());
    match (broken, error) {
        (Some(Verdict::Fail), _) => return told(Verdict::Fail, None, cases),
        (_, Some(reason)) => return told(Verdict::Error, Some(reason), cases),
        (Some(verdict), None) => return told(verdict, None, cases),
        (None, None) => {}
    }
    let untested: Vec<_> = says.iter().filter(|(_, says)| says.0 == Verdict::NotTested).collect();
    let left_out = says
        .iter()
        .filter_map(|(report, _)| Some(format!("{} ({})", report.check.id, report.left_out.as_ref()?)));
    if let Some(until) = findings().find_map(|finding| finding.accepted_until.as_ref()) {
        return told(Verdict::Pass, Some(format!("it is broken, which is accepted until {until}")), cases);
    }
    if untested.len() < says.len() {
        let why = |(report, says): &&(&CheckReport, (Verdict, Option<String>))| {
            format!("{} ({})", report.check.id, says.1.as_deref().unwrap_or_default())
        };
        let reason = untested.iter().map(why).chain(left_out).collect::<Vec<_>>().join("; ");
        let reason = (!reason.is_empty()).then(|| format!("in part; not tested: {reason}"));
        return told(Verdict::Pass, reason, cases);
    }
    let reason = untested.first().and_then(|(_, says)| says.1.clone());
    let reason = reason.unwrap_or_else(|| untestable(rule.id).unwrap_or("no check of it was run").to_owned());
    told(Verdict::NotTested, Some(reason), 0)
}

/// What a check says of one of its rules, apart from what it saw broken.
fn what_it_says(rule: &Rule, report: &CheckReport) -> (Verdict, Option<String>) {
    if let Some(reason) = &report.reason {
        let verdict = if report.verdict == Verdict::NotTested { Verdict::NotTested } else { Verdict::Error };
        return (verdict, Some(reason.clone()));
    }
    let other = report
        .findings
        .iter()
        .find(|finding| finding.rule != rule.id && finding.ends && is_binding(finding.rule));
    let broke_own = report.findings.iter().any(|finding| finding.rule == rule.id);
    match other {
        // What is wrong with an answer by itself did not end the check.
        Some(finding) if !broke_own => {
            let reason = format!("{} ended where {} was broken", report.check.id, finding.rule);
            (Verdict::NotTested, Some(reason))
        }
        _ => (Verdict::Pass, None),
    }
}

/// Whether a check ends where that rule is broken.
fn is_binding(rule: RuleId) -> bool {
    supplier_rulebook::find(rule.as_str()).is_some_and(|rule| rule.level != Level::Chosen)
}

fn stale(run: &Run, checks: &[CheckReport], rules: &[RuleReport]) -> Vec<String> {
    let baseline = &run.target.config.baseline;
    let mut stale = Vec::new();
    for accepted in &baseline.accepted {
        let name = &accepted.rule;
        let seen =
            checks.iter().flat_map(|check| &check.findings).any(|finding| finding.rule.as_str() == name);
        let tested = rules.iter().any(|rule| rule.rule.id.as_str() == name && rule.verdict == Verdict::Pass);
        if baseline.has_expired(accepted) {
            stale.push(format!("{name}: accepted until {}, which is over", accepted.until));
        } else if !seen && tested {
            stale.push(format!("{name}: it no longer fails; take it out of the baseline"));
        }
    }
    stale
}

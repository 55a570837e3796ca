//! For programs: one document, described by `schemas/report.schema.json`.

use serde_json::{Value, json};
use supplier_rulebook as rulebook;

use super::words::headline;
use crate::outcome::{CheckReport, Finding, Report, RuleReport, Verdict};

pub(super) fn render(report: &Report) -> String {
    // Indented: it is read by people, too.
    serde_json::to_string_pretty(&document(report)).unwrap_or_default() + "\n"
}

pub(super) fn document(report: &Report) -> Value {
    let opening = &report.opening;
    let verdicts = [Verdict::Pass, Verdict::Fail, Verdict::Warn, Verdict::NotTested, Verdict::Error];
    let counts: serde_json::Map<_, _> = verdicts
        .into_iter()
        .map(|verdict| (verdict.as_str().to_owned(), json!(report.count(verdict))))
        .collect();
    json!({
        "rulebook": rulebook::VERSION,
        "opening": {
            "target": opening.target,
            "sandbox": opening.sandbox,
            "provision": opening.provision,
            "seed": opening.seed,
            "checks": opening.checks,
            "touches": opening.touches,
            "notes": opening.notes,
        },
        "summary": {
            "conforms": report.conforms(),
            "headline": headline(report),
            "counts": counts,
            "calls": report.calls,
            "seconds": report.took.as_secs_f64(),
            "stopped": report.stopped,
        },
        "rules": report.rules.iter().map(rule).collect::<Vec<_>>(),
        "checks": report.checks.iter().map(check).collect::<Vec<_>>(),
        "findings": report.findings().map(finding).collect::<Vec<_>>(),
        "profile": report.profile.iter().map(|(rule, choice)| (rule.to_string(), json!(choice))).collect::<serde_json::Map<_, _>>(),
        "stale": report.stale,
    })
}

fn rule(told: &RuleReport) -> Value {
    json!({
        "id": told.rule.id.as_str(),
        "level": told.rule.level.as_str(),
        "title": told.rule.title,
        "verdict": told.verdict.as_str(),
        "reason": told.reason,
        "cases": told.cases,
    })
}

fn check(told: &CheckReport) -> Value {
    json!({
        "id": told.check.id,
        "title": told.check.title,
        "kind": told.check.kind.as_str(),
        "rules": told.check.rules.iter().map(|rule| rule.as_str()).collect::<Vec<_>>(),
        "verdict": told.verdict.as_str(),
        "reason": told.reason,
        "leftOut": told.left_out,
        "cases": told.cases,
        "calls": told.calls,
        "seconds": told.took.as_secs_f64(),
    })
}

fn finding(told: &Finding) -> Value {
    let part = (!told.part.is_empty()).then_some(told.part);
    json!({
        "part": part,
        "follows": told.follows.map(rulebook::RuleId::as_str),
        "rule": told.rule.as_str(),
        "verdict": told.verdict.as_str(),
        "check": told.check,
        "expected": told.expected,
        "got": told.got,
        "reproduced": told.reproduced,
        "acceptedUntil": told.accepted_until,
        "shell": told.shell,
        "replay": told.script,
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::report;
    use super::*;

    #[test]
    fn it_is_as_its_schema_says() {
        let schema: Value = serde_json::from_str(include_str!("../../schemas/report.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let document = document(&report());
        let problems: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(problems, [""; 0]);
        let mut wrong = document;
        wrong["rules"][0]["verdict"] = json!("MAYBE");
        assert!(!validator.is_valid(&wrong));
    }
}

//! A page to put up: all of it in one file, which asks nothing of anybody.

use askama::Template;
use supplier_rulebook::GROUPS;

use super::words::{Scripts, figures, headline, plain, reproduced, silence, steps};
use crate::outcome::{CheckReport, Report, RuleReport, Verdict};
use crate::script::PROLOGUE_FILE;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    headline: String,
    class: &'static str,
    target: &'a str,
    made: String,
    figures: String,
    counts: Vec<(&'static str, &'static str, usize)>,
    notes: Vec<String>,
    stale: &'a [String],
    profile: &'a [(crate::claim::Claim, String)],
    stopped: Option<&'a str>,
    groups: Vec<Group<'a>>,
    /// What all scripts begin with, shown once.
    prologue: Option<&'static str>,
    prologue_file: &'static str,
}

struct Group<'a> {
    title: &'static str,
    passed: usize,
    rules: Vec<Row<'a>>,
}

struct Row<'a> {
    told: &'a RuleReport,
    reason: Option<String>,
    word: &'static str,
    class: &'static str,
    open: bool,
    findings: Vec<Shown<'a>>,
    checks: Vec<&'a CheckReport>,
}

struct Shown<'a> {
    check: &'static str,
    expected: String,
    got: String,
    seen: String,
    steps: Vec<String>,
    silence: String,
    accepted_until: Option<&'a str>,
    shell: String,
}

pub(super) fn render(report: &Report) -> Result<String, String> {
    render_at(report, jiff::Timestamp::now())
}

/// The page as written at that time.
pub(super) fn render_at(report: &Report, now: jiff::Timestamp) -> Result<String, String> {
    let verdicts = [Verdict::Fail, Verdict::Error, Verdict::Warn, Verdict::NotTested, Verdict::Pass];
    let groups = GROUPS.iter().map(|group| {
        let of_group = |rule: &&RuleReport| rule.rule.id.as_str().split('.').next() == Some(group.prefix);
        let rules: Vec<_> = report.rules.iter().filter(of_group).map(|told| row(report, told)).collect();
        let passed = rules.iter().filter(|row| row.told.verdict == Verdict::Pass).count();
        Group { title: group.title, passed, rules }
    });
    let page = Page {
        headline: headline(report),
        class: class(if report.conforms() { Verdict::Pass } else { report.verdict() }),
        target: &report.opening.target,
        made: format!("{now:.0}"),
        figures: figures(report),
        counts: verdicts.map(|verdict| (verdict.as_str(), class(verdict), report.count(verdict))).to_vec(),
        notes: report.opening.notes.iter().map(|note| plain(note)).collect(),
        stale: &report.stale,
        profile: &report.profile,
        stopped: report.stopped.as_deref(),
        groups: groups.filter(|group| !group.rules.is_empty()).collect(),
        prologue: Scripts::of(report).prologue(),
        prologue_file: PROLOGUE_FILE,
    };
    page.render().map_err(|error| error.to_string())
}

fn row<'a>(report: &'a Report, told: &'a RuleReport) -> Row<'a> {
    let findings = report.findings().filter(|finding| finding.rule == told.rule.id);
    let findings = findings.map(|finding| Shown {
        check: finding.check,
        expected: plain(&finding.expected),
        got: plain(&finding.got),
        seen: reproduced(finding),
        steps: steps(finding),
        silence: silence(finding),
        accepted_until: finding.accepted_until.as_deref(),
        shell: Scripts::own(finding),
    });
    Row {
        told,
        reason: told.reason.as_deref().map(plain),
        word: told.verdict.as_str(),
        class: class(told.verdict),
        open: matches!(told.verdict, Verdict::Fail | Verdict::Error),
        findings: findings.collect(),
        checks: report.checks.iter().filter(|check| check.check.rules.contains(&told.rule.id)).collect(),
    }
}

const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::NotTested => "untested",
        Verdict::Warn => "warn",
        Verdict::Error => "error",
        Verdict::Fail => "fail",
    }
}

/// A text of the rulebook in parts: those in backticks are code.
fn parts(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(place, part)| (place % 2 == 1, part))
}

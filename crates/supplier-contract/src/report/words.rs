//! Words that all reports share.

use supplier_rulebook as rulebook;

use crate::counted::counted;
use crate::outcome::{Finding, Report, Verdict};
use crate::profile;

/// What came of the run, in a line.
pub(super) fn headline(report: &Report) -> String {
    let count = |verdict| report.count(verdict);
    let tested = report.rules.len() - count(Verdict::NotTested);
    let rules = |count: usize| counted(count, "rule");
    let untested = match count(Verdict::NotTested) {
        0 => String::new(),
        some => format!(", {some} not tested"),
    };
    let warnings = match count(Verdict::Warn) {
        0 => String::new(),
        1 => ", 1 chosen otherwise".to_owned(),
        some => format!(", {some} chosen otherwise"),
    };
    match report.verdict() {
        Verdict::Fail => {
            let broken: Vec<_> = report.rules.iter().filter(|rule| rule.verdict == Verdict::Fail).collect();
            let names: Vec<_> = broken.iter().map(|rule| rule.rule.id.as_str()).collect();
            format!(
                "DOES NOT CONFORM: {} broken ({}){warnings}{untested}",
                rules(broken.len()),
                names.join(", ")
            )
        }
        Verdict::Error => {
            format!("UNDECIDED: {} could not be judged{warnings}{untested}", rules(count(Verdict::Error)))
        }
        _ if tested == 0 => "UNDECIDED: nothing was tested".to_owned(),
        _ => format!("CONFORMS: {} tested{warnings}{untested}", rules(tested)),
    }
}

/// How often a finding was seen again.
pub(super) fn reproduced(finding: &Finding) -> String {
    match finding.reproduced {
        Some(again) => format!("reproduced {} of {}", again.seen, again.tried),
        None => "not looked for again: there is no clean state".to_owned(),
    }
}

/// The steps of a finding, each in a line.
pub(super) fn steps(finding: &Finding) -> Vec<String> {
    let last = finding.script.judged;
    let steps = finding.script.steps.iter().take(last + 1).enumerate();
    steps
        .map(|(place, step)| format!("{}. {}", place + 1, crate::http::printable(&step.words(), 300)))
        .collect()
}

/// What silences a finding.
pub(super) fn silence(finding: &Finding) -> String {
    let id = finding.rule.as_str();
    let chosen = rulebook::find(id).is_some_and(|rule| rule.level == rulebook::Level::Chosen);
    if !chosen {
        return format!("while it is being mended: a baseline ([[accept]] rule = \"{id}\", until = a day)");
    }
    let options: Vec<_> = profile::options(finding.rule)
        .iter()
        .skip(1)
        .map(|(option, _)| *option)
        .chain([profile::UNCHECKED])
        .collect();
    format!("if that is the target's choice: a profile (\"{id}\" = {})", options.join(" or "))
}

/// The run in numbers.
pub(super) fn figures(report: &Report) -> String {
    let cases: u32 = report.checks.iter().map(|check| check.cases).sum();
    let seconds = report.took.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let rate = report.calls as f64 / seconds.max(0.001);
    format!(
        "{}, {}, {} in {seconds:.1} s ({rate:.0} a second), seed {}",
        counted(report.checks.len(), "check"),
        counted(cases, "case"),
        counted(report.calls, "call"),
        report.opening.seed
    )
}

/// Text for a terminal: nothing in it is obeyed; line ends stay.
pub(super) fn plain(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| *c == '\n' || !(c.is_control() || turns(*c))).collect()
}

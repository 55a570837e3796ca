//! Words that all reports share.

use supplier_rulebook as rulebook;

use crate::counted::counted;
use crate::outcome::{Finding, Report, Verdict};
use crate::profile;
use crate::script::{PROLOGUE, without_prologue};

/// What came of the run, in a line that counts every rule once.
pub(super) fn headline(report: &Report) -> String {
    let of = |verdict| report.rules.iter().filter(move |rule| rule.verdict == verdict);
    let names = |verdict| of(verdict).map(|rule| rule.rule.id.as_str()).collect::<Vec<_>>().join(", ");
    let counts = [
        (Verdict::Fail, "broken"),
        (Verdict::Error, "in error"),
        (Verdict::Warn, "chosen otherwise"),
        (Verdict::Pass, "kept"),
        (Verdict::NotTested, "not tested"),
    ];
    let counts = counts.iter().filter(|(verdict, _)| report.count(*verdict) > 0);
    let counts: Vec<_> = counts
        .enumerate()
        .map(|(place, (verdict, word))| {
            let count = report.count(*verdict);
            let count = if place == 0 { counted(count, "rule") } else { count.to_string() };
            match verdict {
                Verdict::Fail => format!("{count} {word} ({})", names(*verdict)),
                _ => format!("{count} {word}"),
            }
        })
        .collect();
    let counts = if counts.is_empty() { "no rule was asked for".to_owned() } else { counts.join(", ") };
    let verdict = match report.verdict() {
        Verdict::Fail if report.stopped.is_some() => "DOES NOT CONFORM, and the run was stopped",
        Verdict::Fail => "DOES NOT CONFORM",
        _ if report.stopped.is_some() => "UNDECIDED, since the run was stopped",
        Verdict::Error => "UNDECIDED",
        _ if !report.was_anything_tested() => "UNDECIDED: nothing was tested",
        _ => "CONFORMS",
    };
    format!("{verdict}: {counts}")
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

/// Shell scripts of findings, for a report that shows once what all of them begin with.
pub(super) struct Scripts {
    has_prologue: bool,
}

impl Scripts {
    /// The scripts of a report's findings.
    pub(super) fn of(report: &Report) -> Self {
        Self { has_prologue: report.findings().any(|finding| without_prologue(&finding.shell).is_some()) }
    }

    /// What all scripts begin with, to be saved as `contract.sh`; none if no script has it.
    pub(super) fn prologue(&self) -> Option<&'static str> {
        self.has_prologue.then_some(PROLOGUE)
    }

    /// A finding's own lines.
    pub(super) fn own(finding: &Finding) -> String {
        plain(&without_prologue(&finding.shell).unwrap_or_else(|| finding.shell.clone()))
    }
}

/// The rules that follow from a finding, if there are any.
pub(super) fn follow(rules: &[rulebook::RuleId]) -> Option<String> {
    let names: Vec<_> = rules.iter().map(|rule| rule.as_str()).collect();
    let follows = if names.len() == 1 { "follows" } else { "follow" };
    (!names.is_empty())
        .then(|| format!("and {} that {follows}: {}", counted(names.len(), "rule"), names.join(", ")))
}

/// What silences a finding.
pub(super) fn silence(finding: &Finding) -> String {
    let id = finding.rule.as_str();
    let claim = finding.claim();
    let chosen = rulebook::find(id).is_some_and(|rule| rule.level == rulebook::Level::Chosen);
    if !chosen {
        return format!("while it is being mended: a baseline ([[accept]] rule = \"{id}\", until = a day)");
    }
    let options: Vec<_> = profile::options(claim)
        .iter()
        .skip(1)
        .map(|(option, _)| *option)
        .chain([profile::UNCHECKED])
        .collect();
    format!("if that is the target's choice: a profile (\"{claim}\" = {})", options.join(" or "))
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
    // The two code points are characters of no document.
    let is_none = |c: char| c.is_control() || turns(c) || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(|c| *c == '\n' || !is_none(*c)).collect()
}

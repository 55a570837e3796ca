//! Exit codes.

use std::fmt;

use crate::checks::untestable;
use crate::config::{ConfigError, Require};
use crate::outcome::{Report, Verdict};
use crate::target::Problem;
use supplier_rulebook::RuleId;

/// The target conforms, as far as it was tested; or what was asked for was done.
pub(super) const CONFORMS: u8 = 0;
/// A rule is broken; or a finding was seen again.
pub(super) const BROKEN: u8 = 1;
/// The command line, the environment or a file cannot be used.
pub(super) const USAGE: u8 = 2;
/// The target or the hook cannot be reached, or failed: nothing is said of the target.
pub(super) const UNREACHABLE: u8 = 3;
/// The target conforms, but what has to be tested was not.
pub(super) const UNTESTED: u8 = 4;
/// Ctrl-C, or SIGTERM.
pub(super) const INTERRUPTED: u8 = 130;

/// What each says, for the help.
pub(super) const TABLE: &str = "\
Exit codes:
    0  the target conforms as far as it was tested (WARN and NOT-TESTED are not failures)
    1  the target breaks a rule; `replay`: the finding is still there
    2  the command line, the environment or a file cannot be used
    3  the target or the hook failed or cannot be reached: no verdict; `doctor`: something cannot be used
    4  no rule is broken so far, but --max-time was over, a rule that --require demands was not tested, or no rule was
  130  Ctrl-C or SIGTERM: the report covers what was tested until then";

/// Why the program ends without having done what it was asked for.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: u8,
    text: String,
}

impl Failure {
    pub(super) fn usage(text: impl fmt::Display) -> Self {
        Self { code: USAGE, text: format!("error: {text}") }
    }

    pub(super) fn unreachable(text: impl fmt::Display) -> Self {
        Self { code: UNREACHABLE, text: format!("error: {text}") }
    }

    /// Ctrl-C before there was anything to report.
    pub(super) fn interrupted() -> Self {
        Self { code: INTERRUPTED, text: "interrupted".to_owned() }
    }

    /// The same with another text.
    #[must_use]
    pub(super) fn map(self, text: impl FnOnce(String) -> String) -> Self {
        Self { code: self.code, text: text(self.text) }
    }

    /// What clap says of a command line.
    pub(super) fn parsing(text: String) -> Self {
        Self { code: USAGE, text }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Usage(why) => Self::usage(why),
            Problem::Unreachable(why) | Problem::Failed(why) => Self::unreachable(why),
        }
    }
}

/// The exit code of a run.
pub(super) fn of(report: &Report, require: Option<&Require>) -> u8 {
    match report.verdict() {
        Verdict::Fail => BROKEN,
        Verdict::Error => UNREACHABLE,
        _ if report.stopped.is_some() => UNTESTED,
        _ if !required_but_untested(report, require).is_empty() => UNTESTED,
        _ if !report.was_anything_tested() => UNTESTED,
        _ => CONFORMS,
    }
}

/// The rules that have to be tested and were not. Those that nobody can test need not be.
pub(super) fn required_but_untested(report: &Report, require: Option<&Require>) -> Vec<RuleId> {
    let has_to_be = |level| require.is_some_and(|Require(most)| level <= *most);
    let rules = report.rules.iter().filter(|told| told.verdict == Verdict::NotTested);
    let rules = rules.filter(|told| has_to_be(told.rule.level) && untestable(told.rule.id).is_none());
    rules.map(|told| told.rule.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::made::report;
    use supplier_rulebook::{self as rulebook, Level};

    #[test]
    fn the_worst_decides() {
        let of = |rules: &[(RuleId, Verdict)], require| of(&report(rules), require);
        let (stated, chosen) = (rulebook::LIST_SHAPE, rulebook::LIST_ORDER);
        assert_eq!(of(&[(stated, Verdict::Pass), (chosen, Verdict::Warn)], None), CONFORMS);
        assert_eq!(of(&[(stated, Verdict::Fail), (chosen, Verdict::Error)], None), BROKEN);
        assert_eq!(of(&[(stated, Verdict::Pass), (chosen, Verdict::Error)], None), UNREACHABLE);
        assert_eq!(of(&[(stated, Verdict::NotTested)], None), UNTESTED);
        assert_eq!(of(&[], None), UNTESTED);
    }

    #[test]
    fn what_is_required_has_to_be_tested_if_it_can_be() {
        let rules = [
            (rulebook::LIST_SHAPE, Verdict::Pass),
            (rulebook::LIST_ORDER, Verdict::NotTested),
            (rulebook::ERROR_SERVER, Verdict::NotTested),
        ];
        let of = |level| of(&report(&rules), Some(&Require(level)));
        assert_eq!((of(Level::Implied), of(Level::Chosen)), (CONFORMS, UNTESTED));
        assert_eq!(
            required_but_untested(&report(&rules), Some(&Require(Level::Chosen))),
            [rulebook::LIST_ORDER]
        );
    }

    #[test]
    fn the_help_tells_every_code() {
        for code in [CONFORMS, BROKEN, USAGE, UNREACHABLE, UNTESTED, INTERRUPTED] {
            assert!(TABLE.lines().any(|line| line.trim_start().starts_with(&format!("{code}  "))), "{code}");
        }
    }
}

//! Result of a run, as reports show it.

use std::time::Duration;

use serde::Serialize;
use supplier_rulebook::{Level, RuleId};

use crate::claim::Claim;
use crate::script::Script;

/// What is said of a rule or a check. The worse, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It was tested, and nothing is wrong.
    Pass,
    /// It was not tested, and why is said.
    NotTested,
    /// A choice of the project's is not the target's.
    Warn,
    /// The suite, a hook or the connection failed: nothing is said of the target.
    Error,
    /// What the guide states or implies is broken.
    Fail,
}

impl Verdict {
    /// The word that reports have for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::NotTested => "NOT-TESTED",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fail => "FAIL",
        }
    }

    /// What breaking a rule of that level comes to.
    pub fn broken(level: Level, strict: bool) -> Self {
        match level {
            Level::Stated | Level::Implied => Self::Fail,
            Level::Chosen | Level::Observed if strict => Self::Fail,
            Level::Chosen | Level::Observed => Self::Warn,
        }
    }
}

/// How a check looks at a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Examples, and what must be refused.
    Example,
    /// Laws between the answers to different calls.
    Law,
    /// Random cases, made smaller when one fails.
    Property,
    /// Time passes.
    Time,
    /// Calls at the same time.
    Race,
}

impl Kind {
    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::Law => "law",
            Self::Property => "property",
            Self::Time => "time",
            Self::Race => "race",
        }
    }
}

/// What reports say of a check.
#[derive(Debug, Clone, Copy)]
pub struct CheckInfo {
    /// Its name.
    pub id: &'static str,
    /// The rules that it tests, the one that it is about first.
    pub rules: &'static [RuleId],
    /// What it finds out, in a sentence.
    pub title: &'static str,
    /// How it looks.
    pub kind: Kind,
}

/// How often a finding was seen again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reproduced {
    /// So often it was seen.
    pub seen: u32,
    /// So often it was looked for.
    pub tried: u32,
}

/// A rule that was seen broken.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// The part of the rule that is broken; empty where that is the rule itself.
    pub part: &'static str,
    /// What that comes to: [`Verdict::Fail`] or [`Verdict::Warn`].
    pub verdict: Verdict,
    /// The check that saw it.
    pub check: &'static str,
    /// What was expected, in words.
    pub expected: String,
    /// What was got: one line, without secrets and control characters.
    pub got: String,
    /// What was done, shortest as far as the suite could make it.
    pub script: Script,
    /// The same as a shell script.
    pub shell: String,
    /// How often it was seen again; none where there is no clean state to try it on.
    pub reproduced: Option<Reproduced>,
    /// Whether its check ended there.
    pub ends: bool,
    /// The rule that is broken as well, and that this is likely to follow from: mending that one mends this.
    pub follows: Option<RuleId>,
    /// Until when it is accepted by the baseline, as `YYYY-MM-DD`.
    pub accepted_until: Option<String>,
}

/// What came of a check.
#[derive(Debug, Clone)]
pub struct CheckReport {
    /// The check.
    pub check: CheckInfo,
    /// The worst of its findings' verdicts; what was accepted by the baseline does not count.
    pub verdict: Verdict,
    /// What was seen broken.
    pub findings: Vec<Finding>,
    /// Why it was not tested, or what failed.
    pub reason: Option<String>,
    /// Why some of its cases were left out, if it was tested in part.
    pub left_out: Option<String>,
    /// How many cases it ran.
    pub cases: u32,
    /// How many calls of the API it made.
    pub calls: u64,
    /// How long it took.
    pub took: Duration,
}

/// What is said of a rule.
#[derive(Debug, Clone)]
pub struct RuleReport {
    /// The rule.
    pub rule: &'static supplier_rulebook::Rule,
    /// The worst that its checks say of it.
    pub verdict: Verdict,
    /// Why it was not tested, or what failed.
    pub reason: Option<String>,
    /// How many cases its checks ran.
    pub cases: u32,
}

/// How a run begins.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The target's URL.
    pub target: String,
    /// What the target says of itself: its `Sandbox-Version`.
    pub sandbox: Option<String>,
    /// The provisioner's name.
    pub provision: &'static str,
    /// The seed of all that is random.
    pub seed: u64,
    /// How many checks run.
    pub checks: usize,
    /// How many orders of the target's are withheld at most, and how many changed; none where every case has a clean
    /// state of its own.
    pub touches: Option<Touches>,
    /// What else is to be said at the start.
    pub notes: Vec<String>,
}

/// Orders that a run takes from those of the target's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Touches {
    /// Withheld for the length of the window, at most.
    pub withheld: u32,
    /// Changed, at most.
    pub changed: u32,
}

/// A run as a whole.
#[derive(Debug, Clone)]
pub struct Report {
    /// How it began.
    pub opening: Opening,
    /// Its checks, in the registry's order.
    pub checks: Vec<CheckReport>,
    /// The rules, in the rulebook's order: all but those of good practice.
    pub rules: Vec<RuleReport>,
    /// Entries of the baseline that no longer fail, or have expired.
    pub stale: Vec<String>,
    /// The choices that differ from the rulebook's: rule and choice.
    pub profile: Vec<(Claim, String)>,
    /// How many calls of the API were made.
    pub calls: u64,
    /// How long it took.
    pub took: Duration,
    /// Why the run ended before its end, if it did.
    pub stopped: Option<String>,
}

impl Finding {
    /// The rule that is broken, or its part.
    pub fn claim(&self) -> Claim {
        Claim::of(self.rule, self.part)
    }
}

impl Report {
    /// How many rules have that verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rules.iter().filter(|rule| rule.verdict == verdict).count()
    }

    /// All findings, of all checks.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().flat_map(|check| &check.findings)
    }

    /// What is told at length, the worst first: a finding for each rule, or part of one, that is broken by itself, with the
    /// rules that follow from it.
    pub fn told(&self) -> Vec<(&Finding, Vec<RuleId>)> {
        let mut findings: Vec<_> =
            self.findings().filter(|finding| finding.accepted_until.is_none()).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
        let mut told: Vec<(&Finding, Vec<RuleId>)> = Vec::new();
        for finding in findings.iter().filter(|finding| finding.follows.is_none()) {
            if !told.iter().any(|(other, _)| other.claim() == finding.claim()) {
                told.push((finding, Vec::new()));
            }
        }
        let is_told =
            |told: &[(&Finding, Vec<RuleId>)], rule| told.iter().any(|(other, _)| other.rule == rule);
        for finding in findings {
            let Some(root) = finding.follows.filter(|_| !is_told(&told, finding.rule)) else { continue };
            let first = told.iter_mut().find(|(other, _)| other.rule == root);
            match first {
                Some((_, rules)) if rules.contains(&finding.rule) => {}
                Some((_, rules)) => rules.push(finding.rule),
                // The cause is accepted for now: what follows is told by itself.
                None => told.push((finding, Vec::new())),
            }
        }
        told
    }

    /// The worst that is said of any rule, or by any check: one may see a rule broken that was not asked for.
    pub fn verdict(&self) -> Verdict {
        let rules = self.rules.iter().map(|rule| rule.verdict);
        rules.chain(self.checks.iter().map(|check| check.verdict)).max().unwrap_or(Verdict::NotTested)
    }

    /// Whether the target conforms as far as it was tested. A run that was stopped, or that tested nothing, does not say so.
    pub fn conforms(&self) -> bool {
        self.verdict() < Verdict::Error && self.stopped.is_none() && self.was_anything_tested()
    }

    /// Whether any rule was tested.
    pub(crate) fn was_anything_tested(&self) -> bool {
        self.rules.iter().any(|rule| rule.verdict != Verdict::NotTested)
    }
}

/// What happens during a run, as it happens. Every report is made of these.
#[derive(Debug, Clone)]
pub enum Event {
    /// It begins.
    Started(Opening),
    /// A check begins.
    CheckStarted(CheckInfo),
    /// A check is over.
    CheckFinished(CheckReport),
    /// It is over.
    Finished(Box<Report>),
}

//! `supplier-contract observe`: what a target chose where the guide is silent, as far as it can be seen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use crate::checks::{registry, untestable};
use crate::config::{Baseline, Config};
use crate::http::printable;
use crate::outcome::{Report, Verdict};
use crate::output::Place;
use crate::profile::{Profile, UNCHECKED, options};
use crate::run::Run;
use clap::{ArgMatches, Args};
use jiff::Timestamp;
use supplier_rulebook::{self as rulebook, Level, Rule, RuleId};

use super::exit::{self, Failure};
use super::options::{new_seed, settings, without_secrets};
use super::{block_on, print};

/// How often all is looked at again that could not be tested because of a choice that was not known yet.
const ROUNDS: u32 = 3;
/// How much is shown of what was seen.
const SHOWN: usize = 200;

#[derive(Args)]
pub(super) struct Options {
    /// Write the profile to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes a profile of what the target was seen to do.
pub(super) fn observe(
    options: &Options,
    given: &ArgMatches,
    now: Timestamp,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    if let Some(path) = &options.output {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        // Found out before the target is asked for minutes.
        if path.is_dir() || directory.is_some_and(|directory| !directory.is_dir()) {
            let path = path.display();
            return Err(Failure::usage(format!("--output {path}: name a file in a directory that is there")));
        }
    }
    let settings = settings(given, now)?;
    let mut config = settings.config(new_seed(now))?;
    config.baseline = Baseline::default();
    let hidden = config.clone();
    let target = config.target.clone();
    let mut budget = config.max_orders;
    let look = async |only: &[RuleId], profile: &Profile| {
        let config = Config {
            only: only.iter().map(|rule| rule.as_str().to_owned()).collect(),
            profile: profile.clone(),
            max_orders: budget,
            ..config.clone()
        };
        let run = Run::prepare(config, registry()).await?;
        let report = run.run(&mut |_| ()).await;
        if let Some(touches) = report.opening.touches {
            budget = budget.saturating_sub(touches.withheld.max(touches.changed));
        }
        report.stopped.clone().map_or(Ok(report), |why| Err(Failure::unreachable(why)))
    };
    let seen =
        block_on(choices(look)).map_err(|failure| failure.map(|text| without_secrets(&hidden, text)))?;
    let text = written(&target, &seen);
    match &options.output {
        None => print(out, &text)?,
        Some(path) => Place::of(path).and_then(|place| place.write(&text)).map_err(|error| {
            Failure::usage(format!("--output {}: cannot be written: {error}", path.display()))
        })?,
    }
    Ok(exit::CONFORMS)
}

/// What was seen of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// The target keeps to this option; to the rulebook's where the suite knows no others.
    Keeps(Option<&'static str>),
    /// It keeps to none that the suite knows.
    Otherwise { expected: String, got: String },
    /// It could not be tested.
    Untested(String),
}

/// The chosen rules, in the rulebook's order.
fn chosen() -> impl Iterator<Item = &'static Rule> {
    rulebook::rules().filter(|rule| rule.level == Level::Chosen)
}

/// Looks at the target until it is known what it chose. A choice that is known may let others be seen.
async fn choices(
    mut look: impl AsyncFnMut(&[RuleId], &Profile) -> Result<Report, Failure>,
) -> Result<BTreeMap<RuleId, Seen>, Failure> {
    let mut seen = BTreeMap::new();
    let mut profile = Profile::default();
    let mut open: Vec<RuleId> = chosen().map(|rule| rule.id).collect();
    for _ in 0..ROUNDS {
        let report = look(&open, &profile).await?;
        let mut untested = Vec::new();
        let mut has_chosen = false;
        for &rule in &open {
            let mut found = seen_of(&report, rule, options(rule).first().map(|(option, _)| *option));
            if let Seen::Otherwise { .. } = found {
                found = try_others(rule, found, &mut profile, &mut look).await?;
                has_chosen = true;
            } else if let Seen::Untested(_) = found {
                untested.push(rule);
            }
            seen.insert(rule, found);
        }
        open = untested;
        if open.is_empty() || !has_chosen {
            break;
        }
    }
    Ok(seen)
}

/// Tries the options of a rule whose first the target does not keep to; the profile gets what was found.
async fn try_others(
    rule: RuleId,
    first: Seen,
    profile: &mut Profile,
    look: &mut impl AsyncFnMut(&[RuleId], &Profile) -> Result<Report, Failure>,
) -> Result<Seen, Failure> {
    for (option, _) in options(rule).iter().skip(1) {
        choose(profile, rule, option)?;
        let report = look(&[rule], profile).await?;
        let found = seen_of(&report, rule, Some(option));
        if matches!(found, Seen::Keeps(_)) {
            return Ok(found);
        }
    }
    choose(profile, rule, UNCHECKED)?;
    Ok(first)
}

fn choose(profile: &mut Profile, rule: RuleId, option: &str) -> Result<(), Failure> {
    profile.choose(rule.as_str(), option).map_err(Failure::usage)
}

/// What a report says of a rule that was held against that option.
fn seen_of(report: &Report, rule: RuleId, option: Option<&'static str>) -> Seen {
    if let Some(finding) = report.findings().find(|finding| finding.rule == rule) {
        return Seen::Otherwise { expected: finding.expected.clone(), got: finding.got.clone() };
    }
    match report.rules.iter().find(|told| told.rule.id == rule) {
        Some(told) if told.verdict == Verdict::Pass => Seen::Keeps(option),
        told => {
            let reason = told.and_then(|told| told.reason.clone()).or(untestable(rule).map(str::to_owned));
            Seen::Untested(reason.unwrap_or_else(|| "no check of it was run".to_owned()))
        }
    }
}

/// The profile, with what was seen as comments.
fn written(target: &str, seen: &BTreeMap<RuleId, Seen>) -> String {
    let target = printable(target, SHOWN);
    let mut text = format!(
        "# What {target} was seen to choose where the guide is silent, for supplier-contract run --profile.\n\
         # Seen once and from outside: look through it before the target is held to it.\n"
    );
    for rule in chosen() {
        let Some(seen) = seen.get(&rule.id) else { continue };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "\n# {}", rule.title);
        let id = rule.id;
        let _ = match seen {
            Seen::Keeps(Some(option)) => {
                let meaning =
                    options(id).iter().find(|(name, _)| name == option).map_or("", |(_, meaning)| meaning);
                writeln!(text, "# {meaning}\n\"{id}\" = \"{option}\"")
            }
            Seen::Keeps(None) => writeln!(text, "# \"{id}\": as the rulebook has it"),
            Seen::Otherwise { expected, got } => writeln!(
                text,
                "# expected: {}\n# got: {}\n\"{id}\" = \"{UNCHECKED}\"",
                printable(expected, SHOWN),
                printable(got, SHOWN)
            ),
            Seen::Untested(why) => writeln!(text, "# \"{id}\": not tested: {}", printable(why, SHOWN)),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::registry;
    use crate::cli::made;
    use crate::outcome::{CheckReport, Finding};
    use crate::script::{Expect, Script};
    use std::collections::BTreeSet;
    use std::time::Duration;

    /// What a target that chose so would be reported as.
    fn report(only: &[RuleId], profile: &Profile, target: &BTreeMap<RuleId, &str>) -> Report {
        let keeps = |rule: RuleId| target.get(&rule).is_none_or(|choice| *choice == profile.of(rule));
        let verdicts: Vec<_> = only
            .iter()
            .map(|&rule| (rule, if keeps(rule) { Verdict::Pass } else { Verdict::Warn }))
            .collect();
        let mut report = made::report(&verdicts);
        let check = registry().next().unwrap();
        let finding = |rule: RuleId| Finding {
            rule,
            verdict: Verdict::Warn,
            check: check.info.id,
            expected: "a\n\"line\" = 1".to_owned(),
            got: "b\u{7}\n[table]".to_owned(),
            script: Script { steps: Vec::new(), judged: 0, expect: Expect::Answered },
            shell: String::new(),
            reproduced: None,
            ends: true,
            accepted_until: None,
        };
        let broken = only.iter().copied().filter(|rule| !keeps(*rule)).map(finding).collect();
        report.checks.push(CheckReport {
            check: check.info,
            verdict: Verdict::Warn,
            findings: broken,
            reason: None,
            cases: 1,
            calls: 1,
            took: Duration::ZERO,
        });
        report
    }

    async fn observed(target: &BTreeMap<RuleId, &str>) -> (BTreeMap<RuleId, Seen>, String) {
        let look = async |only: &[RuleId], profile: &Profile| Ok(report(only, profile, target));
        let seen = choices(look).await.unwrap();
        let text = written("http://127.0.0.1:1", &seen);
        (seen, text)
    }

    #[tokio::test]
    async fn what_a_target_chose_is_found_and_can_be_read_again() {
        let target = BTreeMap::from([
            (rulebook::LIST_LIMIT_RANGE, "default"),
            (rulebook::LIST_ORDER, "by chance"),
            (rulebook::ERROR_DETAILS, "none"),
        ]);
        let (seen, text) = observed(&target).await;
        assert_eq!(seen[&rulebook::LIST_LIMIT_RANGE], Seen::Keeps(Some("default")));
        assert_eq!(seen[&rulebook::LIST_OFFSET_RANGE], Seen::Keeps(Some("refuse")));
        let profile = Profile::parse(&text).unwrap();
        assert_eq!(profile.of(rulebook::LIST_LIMIT_RANGE), "default");
        assert!(!profile.checks(rulebook::LIST_ORDER) && !profile.checks(rulebook::ERROR_DETAILS));
        let named: BTreeSet<_> = profile.choices().map(|(rule, _)| rule).collect();
        assert_eq!(named.len(), crate::profile::CHOICES.len() + 1, "{text}");
        assert!(!text.contains('\u{7}'));
    }

    #[tokio::test]
    async fn what_a_choice_kept_from_being_seen_is_looked_at_again() {
        let target = BTreeMap::from([(rulebook::LIST_ORDER, "newest-first")]);
        let look = async |only: &[RuleId], profile: &Profile| {
            let mut report = report(only, profile, &target);
            for told in &mut report.rules {
                if told.rule.id == rulebook::LIST_TOTAL_WITHHELD
                    && profile.of(rulebook::LIST_ORDER) != "newest-first"
                {
                    told.verdict = Verdict::NotTested;
                    told.reason = Some("ended early".to_owned());
                }
            }
            Ok(report)
        };
        let seen = choices(look).await.unwrap();
        assert_eq!(seen[&rulebook::LIST_TOTAL_WITHHELD], Seen::Keeps(Some("left-out")));
    }

    #[tokio::test]
    async fn what_was_not_tested_is_a_comment() {
        let look = async |only: &[RuleId], _: &Profile| {
            let verdicts: Vec<_> = only.iter().map(|rule| (*rule, Verdict::NotTested)).collect();
            Ok(made::report(&verdicts))
        };
        let text = written("http://127.0.0.1:1", &choices(look).await.unwrap());
        assert!(text.contains("not tested: made up"));
        assert_eq!(Profile::parse(&text).unwrap(), Profile::default());
    }
}

//! `supplier-contract observe`: what a target chose where the guide is silent, as far as it can be seen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use crate::checks::{registry, untestable};
use crate::claim::Claim;
use crate::config::{Baseline, Config};
use crate::http::printable;
use crate::outcome::{Report, Verdict};
use crate::output::Place;
use crate::profile::{Profile, UNCHECKED, options, parts};
use crate::run::Run;
use clap::{ArgMatches, Args};
use jiff::Timestamp;
use supplier_rulebook::{self as rulebook, Level, Rule, RuleId};

use super::exit::{self, Failure};
use super::options::{new_seed, settings, without_secrets};
use super::signals::Signals;
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
    let text =
        block_on(profile_of(config)).map_err(|failure| failure.map(|text| without_secrets(&hidden, text)))?;
    match &options.output {
        None => print(out, &text)?,
        Some(path) => Place::of(path).and_then(|place| place.write(&text)).map_err(|error| {
            Failure::usage(format!("--output {}: cannot be written: {error}", path.display()))
        })?,
    }
    Ok(exit::CONFORMS)
}

/// The profile of the target that `config` describes, as text.
pub(super) async fn profile_of(config: Config) -> Result<String, Failure> {
    let target = config.target.clone();
    let mut budget = config.max_orders;
    let mut look = async |signals: &Signals, only: &[RuleId], profile: &Profile| {
        let config = Config {
            only: only.iter().map(|rule| rule.as_str().to_owned()).collect(),
            profile: profile.clone(),
            max_orders: budget,
            ..config.clone()
        };
        let prepared =
            signals.prepared(Box::pin(Run::prepare(config, registry())), async |run: &Run| run.close().await);
        let run = prepared.await??;
        let report = run.run_until(&mut |_| (), signals.first()).await;
        if signals.came() {
            return Err(Failure::interrupted());
        }
        if let Some(touches) = report.opening.touches {
            budget = budget.saturating_sub(touches.withheld.max(touches.changed));
        }
        report.stopped.clone().map_or(Ok(report), |why| Err(Failure::unreachable(why)))
    };
    let work = async {
        let signals = Signals::listen();
        let look = async |only: &[RuleId], profile: &Profile| Box::pin(look(&signals, only, profile)).await;
        signals.or_at_once(Box::pin(choices(look))).await
    };
    Ok(written(&target, &work.await?))
}

/// What was seen of a rule, or of a part of one.
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

/// A rule, and then its parts.
fn claims(rule: RuleId) -> impl Iterator<Item = Claim> {
    std::iter::once(rule.into()).chain(parts(rule))
}

/// Looks at the target until it is known what it chose. A choice that is known may let others be seen.
async fn choices(
    mut look: impl AsyncFnMut(&[RuleId], &Profile) -> Result<Report, Failure>,
) -> Result<BTreeMap<Claim, Seen>, Failure> {
    let mut seen = BTreeMap::new();
    let mut profile = Profile::default();
    let mut open: Vec<RuleId> = chosen().map(|rule| rule.id).collect();
    for _ in 0..ROUNDS {
        let report = look(&open, &profile).await?;
        let mut again = Vec::new();
        let mut has_chosen = false;
        for &rule in &open {
            let mut is_open = false;
            for claim in claims(rule) {
                let found =
                    seen_of(&report, claim, profile.checks(claim).then(|| option(&profile, claim)).flatten());
                // What was found once stands: the profile has it by now.
                if matches!(seen.get(&claim), Some(Seen::Keeps(_) | Seen::Otherwise { .. }))
                    && !matches!(found, Seen::Otherwise { .. })
                {
                    continue;
                }
                is_open |= matches!(found, Seen::Untested(_));
                seen.insert(claim, found);
            }
            let others: Vec<_> = claims(rule)
                .filter(|claim| matches!(seen.get(claim), Some(Seen::Otherwise { .. })))
                .collect();
            let fresh: Vec<_> = others.into_iter().filter(|claim| profile.checks(*claim)).collect();
            if !fresh.is_empty() {
                try_others(&fresh, &mut seen, &mut profile, &mut look).await?;
                has_chosen = true;
                // Another choice may have hidden what is to be seen.
                is_open = true;
            }
            if is_open {
                again.push(rule);
            }
        }
        open = again;
        if open.is_empty() || !has_chosen {
            break;
        }
    }
    for claim in LENIENT {
        narrow(claim, &mut seen, &mut profile, &mut look).await?;
    }
    Ok(seen)
}

/// Claims whose first option takes what the others ask for, too: a target that keeps to it may have chosen one of those.
const LENIENT: [Claim; 1] = [Claim::of(rulebook::LIST_LIMIT_RANGE, "")];

/// Tries the other options of a claim whose first one the target keeps to.
async fn narrow(
    claim: Claim,
    seen: &mut BTreeMap<Claim, Seen>,
    profile: &mut Profile,
    look: &mut impl AsyncFnMut(&[RuleId], &Profile) -> Result<Report, Failure>,
) -> Result<(), Failure> {
    let (Some((first, _)), others) = (options(claim).first(), options(claim).iter().skip(1)) else {
        return Ok(());
    };
    if seen.get(&claim) != Some(&Seen::Keeps(Some(*first))) {
        return Ok(());
    }
    for (option, _) in others {
        choose(profile, claim, option)?;
        let found = seen_of(&look(&[claim.rule], profile).await?, claim, Some(*option));
        if matches!(found, Seen::Keeps(_)) {
            seen.insert(claim, found);
            return Ok(());
        }
    }
    choose(profile, claim, first)
}

/// The option that the profile holds the target to; none where the suite knows but one.
fn option(profile: &Profile, claim: Claim) -> Option<&'static str> {
    let chosen = profile.of(claim);
    options(claim).iter().find(|(option, _)| *option == chosen).map(|(option, _)| *option)
}

/// Tries the options of what the target does not keep to, one option of each at once; the profile gets what was found.
async fn try_others(
    broken: &[Claim],
    seen: &mut BTreeMap<Claim, Seen>,
    profile: &mut Profile,
    look: &mut impl AsyncFnMut(&[RuleId], &Profile) -> Result<Report, Failure>,
) -> Result<(), Failure> {
    let mut open: Vec<Claim> = broken.to_vec();
    let most = broken.iter().map(|claim| options(*claim).len()).max().unwrap_or_default();
    for place in 1..most {
        for claim in &open {
            let name = options(*claim).get(place).map_or(UNCHECKED, |(option, _)| option);
            choose(profile, *claim, name)?;
        }
        let rules: Vec<RuleId> = open.iter().map(|claim| claim.rule).take(1).collect();
        let report = look(&rules, profile).await?;
        open.retain(|&claim| {
            let Some((option, _)) = options(claim).get(place) else { return true };
            let found = seen_of(&report, claim, Some(option));
            let keeps = matches!(found, Seen::Keeps(_));
            if keeps {
                seen.insert(claim, found);
            }
            !keeps
        });
        if open.is_empty() {
            return Ok(());
        }
    }
    open.into_iter().try_for_each(|claim| choose(profile, claim, UNCHECKED))
}

fn choose(profile: &mut Profile, claim: Claim, option: &str) -> Result<(), Failure> {
    profile.choose(&claim.to_string(), option).map_err(Failure::usage)
}

/// What a report says of a rule or a part of one that was held against that option.
fn seen_of(report: &Report, claim: Claim, option: Option<&'static str>) -> Seen {
    if let Some(finding) = report.findings().find(|finding| finding.claim() == claim) {
        return Seen::Otherwise { expected: finding.expected.clone(), got: finding.got.clone() };
    }
    let told = report.rules.iter().find(|told| told.rule.id == claim.rule);
    // A part that was not seen broken is kept where its rule was tested at all.
    let was_tested =
        told.is_some_and(|told| matches!(told.verdict, Verdict::Pass | Verdict::Warn | Verdict::Fail));
    if was_tested {
        return Seen::Keeps(option);
    }
    let reason = told.and_then(|told| told.reason.clone()).or(untestable(claim.rule).map(str::to_owned));
    Seen::Untested(reason.unwrap_or_else(|| "no check of it was run".to_owned()))
}

/// The profile, with what was seen as comments.
fn written(target: &str, seen: &BTreeMap<Claim, Seen>) -> String {
    let target = printable(target, SHOWN);
    let mut text = format!(
        "# What {target} was seen to choose where the guide is silent, for supplier-contract run --profile.\n\
         # Seen once and from outside: look through it before the target is held to it.\n"
    );
    for rule in chosen() {
        let Some(seen_of_rule) = seen.get(&rule.id.into()) else { continue };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "\n# {}", rule.title);
        line(&mut text, rule.id.into(), seen_of_rule);
        for part in parts(rule.id) {
            // Of a part only what differs from the rulebook is told.
            let first = options(part).first().map(|(option, _)| *option);
            match seen.get(&part) {
                None | Some(Seen::Untested(_)) => {}
                Some(Seen::Keeps(option)) if *option == first => {}
                Some(seen) => line(&mut text, part, seen),
            }
        }
    }
    text
}

fn line(text: &mut String, claim: Claim, seen: &Seen) {
    // Writing to a text cannot fail.
    let _ = match seen {
        Seen::Keeps(Some(option)) => {
            let meaning =
                options(claim).iter().find(|(name, _)| name == option).map_or("", |(_, meaning)| meaning);
            writeln!(text, "# {meaning}\n\"{claim}\" = \"{option}\"")
        }
        Seen::Keeps(None) => writeln!(text, "# \"{claim}\": as the rulebook has it"),
        Seen::Otherwise { expected, got } => writeln!(
            text,
            "# expected: {}\n# got: {}\n\"{claim}\" = \"{UNCHECKED}\"",
            printable(expected, SHOWN),
            printable(got, SHOWN)
        ),
        Seen::Untested(why) => writeln!(text, "# \"{claim}\": not tested: {}", printable(why, SHOWN)),
    };
}

#[cfg(test)]
mod tests;

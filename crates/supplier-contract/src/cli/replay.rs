//! `supplier-contract replay`

mod finding;

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use crate::counted::counted;
use crate::http::printable;
use crate::replay;
use crate::script::Expect;
use crate::target::Target;
use clap::{ArgMatches, Args};
use jiff::Timestamp;

use super::exit::{self, Failure};
use super::options::{new_seed, settings, without_secrets};
use super::signals::Signals;
use super::{block_on, print};
use finding::Told;

/// How often a finding is looked for.
const TRIES: u32 = 3;
/// How much of a text of the file is shown.
const SHOWN: usize = 240;

#[derive(Args)]
pub(super) struct Options {
    /// JSON report, or one finding of it. The steps run against the target of this command line, with the options of this
    /// command line: no program, hook or URL that the file names is started or called
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Number of the finding in the report, from 1 [default: 1]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = place)]
    finding: Option<usize>,
    /// Repeat every finding of the report, and count at the end how many are still there
    #[arg(long, conflicts_with = "finding")]
    all: bool,
}

fn place(text: &str) -> Result<usize, String> {
    let place = text.parse().ok().filter(|place| *place > 0);
    place.ok_or_else(|| "must be a whole number from 1".to_owned())
}

/// Repeats the steps of one finding or of all, and tells whether the same is seen.
pub(super) fn replay(
    options: &Options,
    given: &ArgMatches,
    now: Timestamp,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let all = if options.all {
        finding::read_all(&options.file)?
    } else {
        vec![finding::read(&options.file, options.finding)?]
    };
    for told in &all {
        replay::check(&told.script)
            .map_err(|why| Failure::usage(format!("{}: {}: {why}", options.file.display(), told.place)))?;
    }
    let settings = settings(given, now)?;
    let config = settings.config(new_seed(now))?;
    let hidden = config.clone();
    let failed = |failure: Failure| failure.map(|text| without_secrets(&hidden, text));
    block_on(async {
        let signals = Signals::listen();
        let work = async {
            if !options.all {
                print(out, &describe(&all[0]))?;
                judged_by_steps(&all[0])?;
            }
            let prepared =
                signals.prepared(Box::pin(Target::prepare(config)), async |target| target.close().await);
            let target = prepared.await?.map_err(|problem| failed(problem.into()))?;
            let ended = tokio::select! {
                ended = repeated(&target, &all, options.all, out) => ended,
                () = signals.first() => Err(Failure::interrupted()),
            };
            target.close().await;
            ended
        };
        signals.or_at_once(Box::pin(work)).await
    })
    .map_err(failed)
}

/// Whether a finding's steps can show it: only a check can judge a law between answers.
fn judged_by_steps(told: &Told) -> Result<(), Failure> {
    match told.script.expect {
        Expect::Law { .. } => Err(Failure::unreachable(format!(
            "this finding is about a law between answers, which only its check can judge: \
             supplier-contract run --only {}",
            told.rule
        ))),
        _ => Ok(()),
    }
}

/// Repeats findings, one after the other; of several, each with a heading, and one that cannot be repeated holds up no other.
async fn repeated(
    target: &Target,
    all: &[Told],
    is_several: bool,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    if let (false, [one]) = (is_several, all) {
        let (text, code) = again(target, one).await?;
        print(out, &text)?;
        return Ok(code);
    }
    let (mut seen, mut failed) = (0, 0);
    for (place, told) in all.iter().enumerate() {
        let outcome = match judged_by_steps(told) {
            Ok(()) => again(target, told).await,
            Err(failure) => Err(failure),
        };
        let text = match outcome {
            Ok((text, code)) => {
                seen += usize::from(code == exit::BROKEN);
                text
            }
            Err(failure) => {
                failed += 1;
                format!("{failure}\n")
            }
        };
        print(out, &format!("finding {}: {}{text}\n", place + 1, describe(told)))?;
    }
    let gone = all.len() - seen - failed;
    let counted = counted(all.len(), "finding");
    print(
        out,
        &format!("{counted}: {seen} seen again, {gone} not seen again, {failed} could not be repeated\n"),
    )?;
    Ok(match (seen, failed) {
        (1.., _) => exit::BROKEN,
        (0, 1..) => exit::UNREACHABLE,
        (0, 0) => exit::CONFORMS,
    })
}

async fn again(target: &Target, told: &Told) -> Result<(String, u8), Failure> {
    let lacks = replay::missing(target, &told.script);
    if !lacks.is_empty() {
        let remedies = target.offers.remedies(&lacks);
        return Err(Failure::unreachable(format!("the steps cannot be done again: {remedies}")));
    }
    let (mut seen, mut tried, mut got) = (0, 0, None);
    let mut replay_error = None;
    while tried < TRIES {
        tried += 1;
        match replay::replay(target, &told.script).await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => {
                seen += 1;
                got = Some(target.redact(&why));
            }
            Err(why) => {
                replay_error = Some(target.redact(&why.to_string()));
                break;
            }
        }
        // A target that is not made anew is not asked more often than it takes.
        if seen > 0 && !target.is_private() {
            break;
        }
    }
    match (got, replay_error) {
        (Some(got), _) => Ok((
            format!("seen again in {seen} of {tried} tries: got {}\n", printable(&got, SHOWN)),
            exit::BROKEN,
        )),
        (None, Some(why)) => {
            Err(Failure::unreachable(format!("the steps cannot be done again: {}", printable(&why, SHOWN))))
        }
        (None, None) => Ok((format!("not seen again in {tried} tries\n"), exit::CONFORMS)),
    }
}

/// What is done again, for people.
fn describe(told: &Told) -> String {
    let mut text = format!("{}\n", told.rule);
    for (place, step) in told.script.steps.iter().enumerate() {
        let judged = if place == told.script.judged { "  <- judged" } else { "" };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {}. {}{judged}", place + 1, printable(&step.words(), SHOWN));
    }
    let _ = writeln!(text, "expected: {}", printable(&told.expected, SHOWN));
    text
}

//! `supplier-contract replay`

mod finding;

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use crate::config::Config;
use crate::http::printable;
use crate::replay;
use crate::script::Expect;
use crate::target::Target;
use clap::{ArgMatches, Args};
use jiff::Timestamp;

use super::exit::{self, Failure};
use super::options::{new_seed, settings, without_secrets};
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
}

fn place(text: &str) -> Result<usize, String> {
    let place = text.parse().ok().filter(|place| *place > 0);
    place.ok_or_else(|| "must be a whole number from 1".to_owned())
}

/// Does a finding's steps again, and tells whether the same is seen.
pub(super) fn replay(
    options: &Options,
    given: &ArgMatches,
    now: Timestamp,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let told = finding::read(&options.file, options.finding)?;
    replay::check(&told.script)
        .map_err(|why| Failure::usage(format!("{}: {}: {why}", options.file.display(), told.place)))?;
    let settings = settings(given, now)?;
    let config = settings.config(new_seed(now))?;
    print(out, &describe(&told))?;
    if let Expect::Law { .. } = told.script.expect {
        return Err(Failure::unreachable(format!(
            "this finding is about a law between answers, which only its check can judge: \
             supplier-contract run --only {}",
            told.rule
        )));
    }
    let hidden = config.clone();
    let (text, code) = block_on(again(config, &told))
        .map_err(|failure| failure.map(|text| without_secrets(&hidden, text)))?;
    print(out, &text)?;
    Ok(code)
}

async fn again(config: Config, told: &Told) -> Result<(String, u8), Failure> {
    let target = Target::prepare(config).await?;
    let lacks = replay::missing(&target, &told.script);
    if !lacks.is_empty() {
        let remedies: Vec<_> = lacks.iter().map(|need| need.remedy()).collect();
        target.close().await;
        return Err(Failure::unreachable(format!("the steps cannot be done again: {}", remedies.join("; "))));
    }
    let (mut seen, mut tried, mut got) = (0, 0, None);
    let mut replay_error = None;
    while tried < TRIES {
        tried += 1;
        match replay::replay(&target, &told.script).await {
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
    target.close().await;
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

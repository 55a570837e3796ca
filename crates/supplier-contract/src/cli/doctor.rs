//! `supplier-contract doctor`

use std::fmt::Write as _;
use std::io::Write;

use crate::http::printable;
use crate::target::Target;
use clap::ArgMatches;
use jiff::Timestamp;
use tokio::time::Duration;

use super::exit::{self, Failure};
use super::options::{new_seed, settings, without_secrets};
use super::signals::Signals;
use super::{block_on, print};

/// How long the doctor waits for another client to poll.
const WATCH: Duration = Duration::from_secs(3);
/// How much of a remark is shown.
const SHOWN: usize = 600;

/// Looks at the target and its hook, and prints a line for each thing that was looked at.
pub(super) fn doctor(given: &ArgMatches, now: Timestamp, out: &mut dyn Write) -> Result<u8, Failure> {
    let settings = settings(given, now)?;
    let config = settings.config(new_seed(now))?;
    let hidden = config.clone();
    let failed = |failure: Failure| failure.map(|text| without_secrets(&hidden, text));
    let (text, is_fine) = block_on(async {
        let signals = Signals::listen();
        let prepared = Box::pin(Target::prepare_watching(config, WATCH));
        let target = signals
            .or_at_once(signals.prepared(prepared, async |target: &Target| target.close().await))
            .await?
            .map_err(|problem| failed(problem.into()))?;
        target.close().await;
        Ok(told(&target))
    })?;
    print(out, &text)?;
    Ok(if is_fine { exit::CONFORMS } else { exit::UNREACHABLE })
}

fn told(target: &Target) -> (String, bool) {
    let mut text = String::new();
    let remarks = target.diagnosis.remarks();
    for remark in remarks {
        let word = if remark.is_fine { "ok" } else { "PROBLEM" };
        let said = printable(&remark.text, SHOWN);
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{word:<8} {:<8} {said}", remark.about);
    }
    let problems = remarks.iter().filter(|remark| !remark.is_fine).count();
    let _ = match problems {
        0 => writeln!(text, "\nNothing is in the way of a run."),
        _ => writeln!(
            text,
            "\n{}: a run leaves out the checks that need what cannot be used.",
            crate::counted::counted(problems, "problem")
        ),
    };
    (text, problems == 0)
}

//! `supplier-contract run`

use std::io::{self, Write};

use crate::checks::registry;
use crate::config::{Config, Require};
use crate::outcome::{Event, Report};
use crate::report;
use crate::run::Run;
use clap::ArgMatches;
use jiff::Timestamp;

use super::block_on;
use super::exit::{self, Failure};
use super::options::{new_seed, settings, without_secrets};
use super::signals::Signals;

/// Tests the target, and tells what came of it.
pub(super) fn run(given: &ArgMatches, now: Timestamp) -> Result<u8, Failure> {
    let settings = settings(given, now)?;
    let config = settings.config(new_seed(now))?;
    let mut reporters = reporters(settings.report.as_deref().unwrap_or_default())?;
    let (report, was_interrupted) = block_on(test(config, &mut reporters))?;
    let code = exit::of(&report, settings.require.as_ref());
    if was_interrupted {
        return Ok(exit::INTERRUPTED);
    }
    if code == exit::UNTESTED {
        // Stdout may be a report's.
        let _ = write!(io::stderr(), "{}", untested(&report, settings.require.as_ref()));
    }
    if let Some(failure) = reporters.into_iter().find_map(|reporter| reporter.failure) {
        // What was found is told by the exit code all the same.
        let failure = Failure::usage(failure);
        if code == exit::CONFORMS || code == exit::UNTESTED {
            return Err(failure);
        }
        let _ = writeln!(io::stderr(), "{failure}");
    }
    Ok(code)
}

/// What is told the events of a run.
type Tell = Box<dyn FnMut(&Event) -> io::Result<()>>;

/// A reporter, and why it ceased to report.
struct Reporter {
    tell: Tell,
    failure: Option<String>,
}

impl Reporter {
    fn tell(&mut self, event: &Event) {
        if self.failure.is_some() {
            return;
        }
        match (self.tell)(event) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.failure = Some(format!("--report: a report cannot be written: {error}"));
            }
            _ => {}
        }
    }
}

/// The reporters of these reports, such as `human` or `json=FILE`; the one for people if there is none.
fn reporters(reports: &[String]) -> Result<Vec<Reporter>, Failure> {
    let usual = ["human".to_owned()];
    let reports = if reports.is_empty() { &usual[..] } else { reports };
    let one = |told: &String| {
        let mut reporter = report::open(told).map_err(|why| Failure::usage(format!("--report {why}")))?;
        Ok(Reporter { tell: Box::new(move |event| reporter.tell(event)), failure: None })
    };
    reports.iter().map(one).collect()
}

/// Runs the suite, until Ctrl-C or SIGTERM. A second signal ends the program at once.
async fn test(config: Config, reporters: &mut [Reporter]) -> Result<(Report, bool), Failure> {
    let signals = Signals::listen();
    let hidden = config.clone();
    let failed = |failure: Failure| failure.map(|text| without_secrets(&hidden, text));
    let mut tell = |event: &Event| reporters.iter_mut().for_each(|reporter| reporter.tell(event));
    let work = async {
        let prepared =
            signals.prepared(Box::pin(Run::prepare(config, registry())), async |run: &Run| run.close().await);
        let run = prepared.await?.map_err(|problem| failed(problem.into()))?;
        Ok::<_, Failure>(run.run_until(&mut tell, signals.first()).await)
    };
    let report = signals.or_at_once(Box::pin(work)).await?;
    Ok((report, signals.came()))
}

/// What has to be tested and was not.
fn untested(report: &Report, require: Option<&Require>) -> String {
    let rules = exit::required_but_untested(report, require);
    match require {
        Some(require) if !rules.is_empty() => {
            let rules: Vec<_> = rules.iter().map(|rule| rule.as_str()).collect();
            format!("--require {}: not tested: {}\n", require.0, rules.join(", "))
        }
        _ => {
            let why = report.stopped.as_deref().unwrap_or("nothing was tested");
            format!("No verdict on the target: {why}; each rule that was not tested says what it needs.\n")
        }
    }
}

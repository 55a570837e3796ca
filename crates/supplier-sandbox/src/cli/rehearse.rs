//! `supplier-sandbox rehearse`: a worker runs through every way in which a call can go wrong.

mod options;
mod progress;
mod repeat;
mod reports;

use std::sync::Arc;

use supplier_sandbox::SandboxServer;
use supplier_sandbox::rehearsal::{self, Failure as NotRehearsed, Report};

use super::signals::Signals;
use super::{Failure, print};
pub(super) use options::Options;
use progress::Bar;
use repeat::Asked;
use reports::Reports;

/// Number of times that `--replay` repeats a rehearsal.
const REPLAYS: u32 = 3;

/// Runs the rehearsals, or one of them again, and reports what they show.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let asked = options.replay.as_deref().map(Asked::read).transpose()?;
    let reports = Reports::open(&options.report)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::Unusable(format!("error: the operating system gives no threads: {error}"))
    })?;
    let report = runtime.block_on(async {
        let mut signals =
            Signals::new().map_err(|error| Failure::Unusable(format!("error: no signals: {error}")))?;
        let server = SandboxServer::builder().listen("127.0.0.1:0").start().await;
        let server = server.map_err(|error| Failure::Unusable(format!("error: {error}")))?;
        let report = match asked {
            None => rehearse(options, &server, &mut signals).await,
            Some(asked) => again(options, &server, asked, &mut signals).await,
        };
        server.stop().await;
        report.map_err(explain)
    })?;
    let again =
        |index: usize| report.findings.get(index).map_or_else(String::new, |it| options.again(&report, it));
    reports.write(&report, &again)?;
    print(&report.human(&again))?;
    match (report.is_clean(), report.is_stopped()) {
        (true, false) => Ok(()),
        (true, true) => Err(Failure::Stopped),
        (false, _) => Err(Failure::Broken),
    }
}

/// Runs all rehearsals, until a signal ends them.
async fn rehearse(
    options: &Options,
    server: &SandboxServer,
    signals: &mut Signals,
) -> Result<Report, NotRehearsed> {
    let mut bar = Bar::new(options.budget);
    let (worker, plan) = (Arc::new(options.worker()), options.plan());
    let mut tell = |progress: &_| bar.tell(progress);
    let report =
        rehearsal::rehearse(&server.for_rehearsals(), worker, &plan, &mut tell, signals.next()).await;
    bar.clear();
    report
}

/// Runs one rehearsal again, until a signal ends it.
async fn again(
    options: &Options,
    server: &SandboxServer,
    asked: Asked,
    signals: &mut Signals,
) -> Result<Report, NotRehearsed> {
    let (worker, mut plan) = (Arc::new(options.worker()), options.plan());
    if let Some(report) = asked.report {
        (plan.world, plan.seed, plan.mode) = (report.world, report.seed, Some(report.mode));
    }
    let running = server.for_rehearsals();
    tokio::select! {
        report = rehearsal::replay(&running, worker, &plan, &asked.repeat, REPLAYS) => report,
        () = signals.next() => Err(NotRehearsed::Stopped),
    }
}

fn explain(error: NotRehearsed) -> Failure {
    match error {
        NotRehearsed::Worker(problem) => Failure::CannotRun(format!("error: {problem}")),
        NotRehearsed::NothingToRehearse(problem) => Failure::NothingToDo(format!("error: {problem}")),
        NotRehearsed::Stopped => Failure::Stopped,
        NotRehearsed::Directory(error) => Failure::Unusable(format!("error: --copy: {error}")),
        NotRehearsed::Server(error) => Failure::Unusable(format!("error: {error}")),
    }
}

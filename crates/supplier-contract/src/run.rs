//! A run: plans the checks of a target, and runs them.

mod causes;
mod plan;
mod summary;

use std::cell::{Cell, RefCell};

use futures::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::bench::Bench;
use crate::case::CaseError;
use crate::check::Check;
use crate::config::Config;
use crate::outcome::{CheckReport, Event, Report, Verdict};
use crate::provision::Need;
use crate::target::{Problem, Target};
use plan::{Plan, plan};

/// Why a run ended that was told to stop.
const STOPPED: &str = "the run was stopped before its end";
/// Why a run ended that had found what it looked for.
const FAILED_FAST: &str = "--fail-fast: a check found a broken rule";
/// Why a run ended whose time was over.
const OUT_OF_TIME: &str = "--max-time was over";

/// Checks, and the target that they test.
pub struct Run {
    target: Target,
    checks: Vec<&'static Check>,
    /// Why the target cannot be reached any more.
    unreachable: RefCell<Option<String>>,
    /// Whether the time was over before all checks were done.
    is_out_of_time: Cell<bool>,
}

impl Run {
    /// Connects to the target, and prepares to test it by `checks`, in their order.
    pub async fn prepare(
        config: Config,
        checks: impl IntoIterator<Item = &'static Check>,
    ) -> Result<Self, Problem> {
        let target = Target::prepare(config).await?;
        Ok(Self {
            target,
            checks: checks.into_iter().collect(),
            unreachable: RefCell::new(None),
            is_out_of_time: Cell::new(false),
        })
    }

    /// Gives back what was made for the run, which is not run.
    pub async fn close(&self) {
        self.target.close().await;
    }

    /// Runs the checks. Each event is told as it happens.
    pub async fn run(&self, tell: &mut dyn FnMut(&Event)) -> Report {
        self.run_until(tell, std::future::pending()).await
    }

    /// The same, until it is told to stop: what was found until then is reported.
    pub async fn run_until(&self, tell: &mut dyn FnMut(&Event), stop: impl Future<Output = ()>) -> Report {
        let started = Instant::now();
        let plan = plan(self);
        let opening = plan.opening(self);
        tell(&Event::Started(opening.clone()));
        let mut reports = plan.untested.clone();
        for report in &reports {
            tell(&Event::CheckFinished(report.clone()));
        }
        let deadline = self.target.config.max_time.map(|time| started + time);
        let events = RefCell::new(Vec::new());
        let mut keep = |event: &Event| {
            if let Event::CheckFinished(report) = event {
                reports.push(report.clone());
            }
            tell(event);
        };
        let stopped = self.finish(&plan, deadline, &events, stop, &mut keep).await;
        self.target.close().await;
        let out_of_time = self.is_out_of_time.get().then(|| OUT_OF_TIME.to_owned());
        let stopped = stopped.or_else(|| self.unreachable.borrow().clone()).or(out_of_time);
        let report = summary::report(self, opening, reports, started.elapsed(), stopped);
        tell(&Event::Finished(Box::new(report.clone())));
        report
    }

    /// Runs the checks to their end, or until it is told to stop; then it says so.
    async fn finish(
        &self,
        plan: &Plan,
        deadline: Option<Instant>,
        events: &RefCell<Vec<Event>>,
        stop: impl Future<Output = ()>,
        tell: &mut dyn FnMut(&Event),
    ) -> Option<String> {
        let mut stop = std::pin::pin!(stop);
        let mut stream = std::pin::pin!(self.work(plan, deadline, events));
        let mut left = plan.checks.clone();
        let why = loop {
            let next = tokio::select! {
                next = stream.next() => next,
                () = &mut stop => break STOPPED,
            };
            for event in events.borrow_mut().drain(..) {
                tell(&event);
            }
            let report = next?;
            left.retain(|check| check.info.id != report.check.id);
            let ends = self.target.config.fail_fast && report.verdict == Verdict::Fail;
            tell(&Event::CheckFinished(report));
            if ends && !left.is_empty() {
                break FAILED_FAST;
            }
        };
        for report in left.into_iter().map(|check| plan::untested(check, why.to_owned())) {
            tell(&Event::CheckFinished(report));
        }
        Some(why.to_owned())
    }

    /// The checks at work. Those that wait for a window to end are parked beside the others.
    fn work<'a>(
        &'a self,
        plan: &'a Plan,
        deadline: Option<Instant>,
        events: &'a RefCell<Vec<Event>>,
    ) -> impl futures::Stream<Item = CheckReport> + 'a {
        let waits = |check: &&'static Check| self.target.offers.waits && check.needs.contains(&Need::Time);
        let (parked, others): (Vec<_>, Vec<_>) = plan.checks.iter().copied().partition(waits);
        let begin = move |check: &'static Check| {
            events.borrow_mut().push(Event::CheckStarted(check.info));
            self.check(check, deadline)
        };
        let (last, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|check| plan::is_last(check));
        let at_once = self.target.seats();
        let parked = futures::stream::iter(parked).map(begin).buffer_unordered(usize::MAX);
        let others = futures::stream::iter(others).map(begin).buffer_unordered(at_once);
        let last = futures::stream::iter(last).map(begin).buffer_unordered(at_once);
        futures::stream::select(parked, others.chain(last))
    }

    async fn check(&self, check: &'static Check, deadline: Option<Instant>) -> CheckReport {
        let started = Instant::now();
        let bench = Bench::new(&self.target, check.ledger());
        let gone = self.unreachable.borrow().clone();
        let outcome = match (gone, deadline) {
            (Some(why), _) => Err(CaseError::Unreachable(why)),
            (None, Some(deadline)) if deadline <= started => {
                self.is_out_of_time.set(true);
                Err(CaseError::Untested(OUT_OF_TIME.to_owned()))
            }
            (None, Some(deadline)) => timeout_at(deadline, (check.run)(&bench)).await.unwrap_or_else(|_| {
                self.is_out_of_time.set(true);
                Err(CaseError::Untested(format!("{OUT_OF_TIME} before its end")))
            }),
            (None, None) => (check.run)(&bench).await,
        };
        let (cases, calls) = bench.spent();
        let left_out = bench.left_out();
        let mut findings = bench.into_findings();
        for finding in &mut findings {
            finding.accepted_until =
                self.target.config.baseline.accepts(finding.rule).map(|until| until.to_string());
        }
        let worst = findings
            .iter()
            .filter(|finding| finding.accepted_until.is_none())
            .map(|finding| finding.verdict)
            .max();
        let (own, reason) = match outcome {
            Ok(()) | Err(CaseError::Broken(_)) => match &left_out {
                Some((why, true)) => (Verdict::NotTested, Some(why.clone())),
                _ => (Verdict::Pass, None),
            },
            Err(CaseError::Untested(why) | CaseError::LeftOut(why)) => (Verdict::NotTested, Some(why)),
            Err(CaseError::Failed(why)) => (Verdict::Error, Some(why)),
            Err(CaseError::Unreachable(why)) => {
                self.unreachable.borrow_mut().get_or_insert_with(|| why.clone());
                (Verdict::Error, Some(why))
            }
        };
        let verdict = own.max(worst.unwrap_or(Verdict::Pass));
        let left_out = left_out.and_then(|(why, all)| (!all).then_some(why));
        let (check, took) = (check.info, started.elapsed());
        CheckReport { check, verdict, findings, reason, left_out, cases, calls, took }
    }
}

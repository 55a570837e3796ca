//! A run: the target is looked at, the checks are planned, and each is run.

mod plan;
mod prepare;
mod summary;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::bench::Bench;
use crate::case::CaseError;
use crate::check::Check;
use crate::config::Config;
use crate::http::Transport;
use crate::masking::mask;
use crate::outcome::{CheckReport, Event, Report, Verdict};
use crate::provision::Need;
use crate::provision::{Offers, ProvisionError, Provisioner, World};
use crate::schema::Schema;
use plan::{Plan, plan};

pub use prepare::Problem;

/// How many checks work at once where each has a place of its own.
const AT_ONCE: usize = 8;
/// Why a run ended that was told to stop.
const STOPPED: &str = "the run was stopped before its end";

/// What all checks of a run share.
pub struct Run {
    pub(crate) config: Config,
    pub(crate) transport: Transport,
    pub(crate) provisioner: Provisioner,
    pub(crate) offers: Offers,
    pub(crate) schema: Schema,
    /// The secret part of the accounts that are delivered.
    pub(crate) password: String,
    /// The target's `Sandbox-Version`.
    sandbox: Option<String>,
    /// Keys that were made, so that none is told.
    secrets: RefCell<BTreeSet<String>>,
    /// What is wrong with answers by themselves, and has been told.
    told: RefCell<BTreeSet<String>>,
    /// The keys of a hook's clean state while nothing has been done to it: resetting it again would be for nothing.
    clean: RefCell<Option<BTreeMap<String, String>>>,
    tags: Cell<u64>,
    own: Cell<usize>,
    unreachable: RefCell<Option<String>>,
}

impl Run {
    /// Looks at the target and prepares to test it.
    pub async fn prepare(config: Config) -> Result<Self, Problem> {
        prepare::prepare(config).await
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
        let deadline = self.config.max_time.map(|time| started + time);
        let events = RefCell::new(Vec::new());
        let mut keep = |event: &Event| {
            if let Event::CheckFinished(report) = event {
                reports.push(report.clone());
            }
            tell(event);
        };
        let stopped = self.finish(&plan, deadline, &events, stop, &mut keep).await;
        self.close().await;
        let stopped = stopped.or_else(|| self.unreachable.borrow().clone());
        let report = summary::report(self, opening, reports, started.elapsed(), stopped);
        tell(&Event::Finished(Box::new(report.clone())));
        report
    }

    /// Gives back what was prepared for the whole run.
    pub async fn close(&self) {
        if let Provisioner::Sandbox(control) = &self.provisioner {
            control.finish().await;
        }
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
        loop {
            let next = tokio::select! {
                next = stream.next() => next,
                () = &mut stop => {
                    for report in left.into_iter().map(|check| plan::untested(check, STOPPED.to_owned())) {
                        tell(&Event::CheckFinished(report));
                    }
                    return Some(STOPPED.to_owned());
                }
            };
            for event in events.borrow_mut().drain(..) {
                tell(&event);
            }
            let report = next?;
            left.retain(|check| check.id != report.check.id);
            tell(&Event::CheckFinished(report));
        }
    }

    /// The checks at work. Those that wait for a window to end are parked beside the others.
    fn work<'a>(
        &'a self,
        plan: &'a Plan,
        deadline: Option<Instant>,
        events: &'a RefCell<Vec<Event>>,
    ) -> impl futures::Stream<Item = CheckReport> + 'a {
        let waits = |check: &&'static Check| self.offers.waits && check.needs.contains(&Need::Time);
        let (parked, others): (Vec<_>, Vec<_>) = plan.checks.iter().copied().partition(waits);
        let begin = move |check: &'static Check| {
            events.borrow_mut().push(Event::CheckStarted(check));
            self.check(check, deadline)
        };
        let at_once = if self.is_private() { AT_ONCE } else { 1 };
        let parked = futures::stream::iter(parked).map(begin).buffer_unordered(usize::MAX);
        let others = futures::stream::iter(others).map(begin).buffer_unordered(at_once);
        futures::stream::select(parked, others)
    }

    async fn check(&self, check: &'static Check, deadline: Option<Instant>) -> CheckReport {
        let started = Instant::now();
        let bench = Bench::new(self, check);
        let gone = self.unreachable.borrow().clone();
        let outcome = match (gone, deadline) {
            (Some(why), _) => Err(CaseError::Unreachable(why)),
            (None, Some(deadline)) if deadline <= started => {
                Err(CaseError::Untested("--max-time was over".to_owned()))
            }
            (None, Some(deadline)) => timeout_at(deadline, (check.run)(&bench)).await.unwrap_or_else(|_| {
                Err(CaseError::Untested("--max-time was over before its end".to_owned()))
            }),
            (None, None) => (check.run)(&bench).await,
        };
        let (cases, calls) = bench.spent();
        let mut findings = bench.into_findings();
        for finding in &mut findings {
            finding.accepted_until =
                self.config.baseline.accepts(finding.rule).map(|until| until.to_string());
        }
        let worst = findings
            .iter()
            .filter(|finding| finding.accepted_until.is_none())
            .map(|finding| finding.verdict)
            .max();
        let (own, reason) = match outcome {
            Ok(()) | Err(CaseError::Broken(_)) => (Verdict::Pass, None),
            Err(CaseError::Untested(why)) => (Verdict::NotTested, Some(why)),
            Err(CaseError::Failed(why)) => (Verdict::Error, Some(why)),
            Err(CaseError::Unreachable(why)) => {
                self.unreachable.borrow_mut().get_or_insert_with(|| why.clone());
                (Verdict::Error, Some(why))
            }
        };
        let verdict = own.max(worst.unwrap_or(Verdict::Pass));
        CheckReport { check, verdict, findings, reason, cases, calls, took: started.elapsed() }
    }

    /// Whether every case has a place that nobody else uses.
    pub fn is_private(&self) -> bool {
        matches!(self.provisioner, Provisioner::Sandbox(_))
    }

    /// A place for a case: a clean one where it can be had.
    pub(crate) async fn world(&self) -> Result<World, ProvisionError> {
        if let Some(keys) = self.clean.borrow().clone() {
            return Ok(Provisioner::same_again(keys));
        }
        let fresh = self.offers.has(Need::Fresh);
        let world = self.provisioner.world(&self.config.keys, fresh).await?;
        for key in world.keys.values() {
            self.keep_secret(key);
        }
        if fresh && !self.is_private() {
            self.clean.replace(Some(world.keys.clone()));
        }
        Ok(world)
    }

    /// Says that a hook's state is no longer clean.
    pub(crate) fn mark_dirty(&self) {
        self.clean.replace(None);
    }

    pub(crate) fn keep_secret(&self, key: &str) {
        if !self.secrets.borrow().contains(key) {
            self.secrets.borrow_mut().insert(key.to_owned());
        }
    }

    /// The text without any key or password of this run.
    pub fn redact(&self, text: &str) -> String {
        let mut text = mask(text, &self.password, "[password]");
        for key in self.secrets.borrow().iter() {
            text = mask(&text, key, "[key]");
        }
        text
    }

    /// A name that no other case has.
    pub(crate) fn tag(&self) -> String {
        let count = self.tags.get();
        self.tags.set(count + 1);
        let run = (self.config.seed & 0xffff_ffff) ^ self.password.len() as u64;
        format!("contract-{run:08x}-{count}")
    }

    /// The next of the orders that the configuration lists.
    pub(crate) fn next_own(&self) -> Option<u64> {
        let next = self.own.get();
        self.own.set(next + 1);
        // Round and round: a check that changes an order sets it to what it needs first.
        let own = &self.config.listed.own;
        if own.is_empty() { None } else { Some(own[next % own.len()]) }
    }

    /// Whether this was not told yet.
    pub(crate) fn first_report(&self, signature: &str) -> bool {
        self.told.borrow_mut().insert(signature.to_owned())
    }
}

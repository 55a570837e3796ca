//! A run: the rehearsal without mishaps, one for each mishap, pairs, and then each finding made small and confirmed.

mod confirm;
mod findings;
mod opening;
mod replay;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use supplier_domain::counted;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::judge::is_unfinished;
use crate::mishap::{CallName, Mishap, Planned};
use crate::plan::Plan;
use crate::rehearsal::{Failure, Mode, Observation, Setup, observe};
use crate::report::{Calls, MishapCount, REPORT_VERSION, Rehearsals, Report, STOPPED};
use crate::sandbox::RunningServer;
use crate::schedules::{self, Harmless};
use crate::story::Finding;
use crate::timeline::millis;
use crate::worker::Worker;
use findings::Findings;
pub use replay::{Repeat, replay};

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The rehearsal without mishaps is over.
    Opened {
        /// How the worker works.
        mode: Mode,
        /// Its calls.
        calls: Calls,
    },
    /// A rehearsal is over.
    Rehearsed {
        /// How many are over.
        done: usize,
        /// How many kinds of findings there are.
        findings: usize,
    },
    /// Findings are made small, and confirmed.
    Confirming {
        /// How many are confirmed.
        done: usize,
        /// How many there are.
        findings: usize,
    },
}

/// The part of a run's time that is for rehearsals.
const REHEARSING: f64 = 0.8;

/// Rehearses `worker` on `server` by `plan`, until `stop` is ready. Each step is told as it happens.
///
/// # Errors
/// [`Failure::Worker`] if the worker cannot be started, or makes no call that could be rehearsed.
pub async fn rehearse(
    server: &RunningServer,
    worker: Arc<dyn Worker>,
    plan: &Plan,
    tell: &mut (dyn FnMut(&Progress) + Send),
    stop: impl Future<Output = ()> + Send,
) -> Result<Report, Failure> {
    let setup = Setup::build(server, plan).await?;
    let mut stop = Box::pin(stop);
    let run = Run { setup: Arc::new(setup), worker, plan, began: Instant::now() };
    let report = run.whole(tell, &mut stop).await;
    run.setup.close().await;
    report
}

/// What to know of rehearsals in which a planned mishap did not happen.
fn not_reached_note(count: usize) -> Option<String> {
    let rehearsals = counted(count, "rehearsal");
    (count > 0).then(|| {
        format!("In {rehearsals} a planned mishap did not happen: the worker did not make its call.")
    })
}

struct Run<'a> {
    setup: Arc<Setup>,
    worker: Arc<dyn Worker>,
    plan: &'a Plan,
    began: Instant,
}

/// What the rehearsals showed so far.
struct Results {
    findings: Findings,
    counts: Rehearsals,
    /// Mishaps that did no harm.
    harmless: Vec<Harmless>,
    /// Whether the worker waits longer for an answer than a late one takes.
    outwaits: bool,
    failure: Option<Failure>,
    mishaps: BTreeMap<Mishap, MishapCount>,
}

impl Run<'_> {
    async fn whole(
        &self,
        tell: &mut (dyn FnMut(&Progress) + Send),
        stop: &mut (impl Future<Output = ()> + Send + Unpin),
    ) -> Result<Report, Failure> {
        let opening = tokio::select! {
            opening = opening::open(&self.setup, self.worker.as_ref(), self.plan.mode) => opening?,
            () = &mut *stop => return Err(Failure::Stopped),
        };
        let mode = opening.mode;
        let usual = schedules::calls(&opening.timeline, &self.setup.world);
        let calls = Calls::of(&opening.timeline);
        let singles = schedules::singles(&usual);
        tell(&Progress::Opened { mode, calls });
        let mut results = Results {
            findings: Findings::default(),
            counts: Rehearsals { done: 1, starts: opening.timeline.starts(), ..Rehearsals::default() },
            harmless: Vec::new(),
            outwaits: false,
            failure: None,
            mishaps: BTreeMap::new(),
        };
        results.findings.add(&opening, &[]);
        let mut left = singles.len();
        let mut stopped = self.all(singles, mode, &mut results, tell, stop, &mut left).await;
        results.counts.left_out_singles = left;
        if stopped.is_none() && results.failure.is_none() {
            let pairs = schedules::pairs(&results.harmless, &usual, self.plan.seed);
            left = pairs.len();
            stopped = self.all(pairs, mode, &mut results, tell, stop, &mut left).await;
            results.counts.left_out_pairs = left;
        }
        if let Some(failure) = results.failure.take() {
            return Err(failure);
        }
        let is_stopped = stopped.as_deref() == Some(STOPPED);
        let notes = self.notes(&results);
        let mut findings = results.findings.into_sorted();
        if !is_stopped {
            self.confirm(&mut findings, mode, tell, stop).await?;
        }
        let (unconfirmed, findings) =
            findings.into_iter().partition(|finding| finding.repeated > 0 && finding.confirmed == 0);
        Ok(Report {
            version: REPORT_VERSION,
            command: self.worker.command(),
            mode,
            seed: self.plan.seed,
            world: self.plan.world.clone(),
            orders: self.setup.world.len(),
            calls,
            rehearsals: results.counts,
            mishaps: results.mishaps.into_values().collect(),
            took_millis: millis(self.began.elapsed()),
            stopped,
            notes,
            findings,
            unconfirmed,
        })
    }

    /// Makes the findings small, and confirms them.
    async fn confirm(
        &self,
        findings: &mut [Finding],
        mode: Mode,
        tell: &mut (dyn FnMut(&Progress) + Send),
        stop: &mut (impl Future<Output = ()> + Send + Unpin),
    ) -> Result<(), Failure> {
        let count = findings.len();
        for (done, finding) in findings.iter_mut().enumerate() {
            tell(&Progress::Confirming { done, findings: count });
            tokio::select! {
                smaller = confirm::shrink(&self.setup, self.worker.as_ref(), mode, finding) => *finding = smaller?,
                () = &mut *stop => break,
            }
        }
        Ok(())
    }

    /// Rehearses `schedules` until the budget or the time is used up; then says so. Counts down `left`.
    async fn all(
        &self,
        schedules: Vec<Vec<Planned>>,
        mode: Mode,
        results: &mut Results,
        tell: &mut (dyn FnMut(&Progress) + Send),
        stop: &mut (impl Future<Output = ()> + Send + Unpin),
        left: &mut usize,
    ) -> Option<String> {
        // The rest of the time is for making findings small, and for confirming them.
        let time = self.plan.time.map_or(Duration::from_hours(24 * 365), |time| time.mul_f64(REHEARSING));
        let deadline = self.began + time;
        let mut queue = VecDeque::from(schedules);
        let mut running: JoinSet<(Vec<Planned>, Result<Observation, Failure>)> = JoinSet::new();
        let stopped = loop {
            while running.len() < self.plan.jobs && results.counts.done + running.len() < self.plan.budget {
                let Some(schedule) = queue.pop_front() else { break };
                let is_late = |planned: &Planned| planned.mishap == Mishap::Late;
                if results.outwaits && schedule.iter().any(is_late) {
                    *left -= 1;
                    continue;
                }
                let (setup, worker) = (Arc::clone(&self.setup), Arc::clone(&self.worker));
                running.spawn(async move {
                    let observed = observe(&setup, worker.as_ref(), &schedule, Some(mode)).await;
                    (schedule, observed)
                });
            }
            if running.is_empty() {
                let is_used_up = !queue.is_empty();
                break is_used_up
                    .then(|| format!("the budget of {} rehearsals was used up", self.plan.budget));
            }
            let next = tokio::select! {
                next = timeout_at(deadline, running.join_next()) => next,
                () = &mut *stop => break Some(STOPPED.to_owned()),
            };
            let Ok(next) = next else { break Some("the time for rehearsals was over (--time)".to_owned()) };
            let Some(Ok((schedule, observed))) = next else { continue };
            match observed {
                Ok(observation) => {
                    *left -= 1;
                    results.note(&schedule, &observation);
                    tell(&Progress::Rehearsed {
                        done: results.counts.done,
                        findings: results.findings.len(),
                    });
                }
                Err(failure) => {
                    results.failure = Some(failure);
                    break None;
                }
            }
        };
        // The worker of a rehearsal that is dropped is killed.
        running.shutdown().await;
        self.setup.clear().await;
        stopped
    }

    fn notes(&self, results: &Results) -> Vec<String> {
        let mut notes = Vec::new();
        for (kind, count) in schedules::folded(&self.setup.world) {
            notes.push(format!(
                "Of the orders of {}, only the first was rehearsed: {} more would show the same.",
                kind.as_str(),
                count
            ));
        }
        if results.outwaits {
            notes.push(format!(
                "The worker waits longer than {:.1} s for an answer, so no answer came too late for it. Give it a shorter time-out \
                 (--env), or make late answers later (--late).",
                self.plan.pace.late.as_secs_f64()
            ));
        }
        if results.counts.unfinished > 0 {
            notes.push(format!(
                "{} ended before all orders were answered. Let the worker poll more often (--env), or give it more time \
                 (--time-out).",
                counted(results.counts.unfinished, "rehearsal")
            ));
        }
        notes.extend(not_reached_note(results.counts.not_reached));
        if results.counts.done == 1 {
            notes.push("Only the rehearsal without mishaps took place.".to_owned());
        }
        notes
    }
}

impl Results {
    /// Notes what a rehearsal showed.
    fn note(&mut self, schedule: &[Planned], observation: &Observation) {
        self.counts.done += 1;
        self.counts.starts += observation.timeline.starts();
        match schedule.len() {
            1 => self.counts.singles += 1,
            _ => self.counts.pairs += 1,
        }
        self.counts.unfinished += usize::from(is_unfinished(observation));
        self.counts.not_reached += usize::from(!observation.has_reached(schedule));
        self.outwaits |= observation.timeline.calls().any(|call| {
            call.mishaps.contains(&Mishap::Late) && call.outcome.as_ref().is_some_and(|it| !it.is_lost)
        });
        let is_harmless = self.findings.add(observation, schedule);
        for planned in &observation.reached {
            let none = MishapCount { mishap: planned.mishap, rehearsals: 0, broken: 0 };
            let count = self.mishaps.entry(planned.mishap).or_insert(none);
            count.rehearsals += 1;
            count.broken += usize::from(!is_harmless);
        }
        if is_harmless && let [planned] = *schedule {
            let later = later_calls(observation, planned);
            self.harmless.push(Harmless { planned, later });
        }
    }
}

/// The calls that were made after the call of `planned`, each once.
fn later_calls(observation: &Observation, planned: Planned) -> Vec<CallName> {
    let names = observation.timeline.calls().filter_map(|call| call.name);
    let mut later: Vec<_> = names.skip_while(|name| *name != planned.call).skip(1).collect();
    later.sort_unstable();
    later.dedup();
    // Vain polls at the end are all alike.
    later.retain(|call| call.nth <= 8);
    later
}

//! A run: the rehearsal without mishaps, one for each mishap, pairs, and then each finding made small and confirmed.

mod confirm;
mod findings;
mod opening;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use supplier_domain::OrderId;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::cause::Cause;
use crate::judge::is_unfinished;
use crate::mishap::{CallName, Mishap, Planned};
use crate::performance::{Failure, Mode, Performance, Scene, perform};
use crate::plan::Plan;
use crate::report::{Calls, MishapCount, REPORT_VERSION, Rehearsals, Report, STOPPED};
use crate::sandbox::RunningServer;
use crate::schedules::{self, Harmless};
use crate::story::Finding;
use crate::worker::Worker;
use findings::Findings;

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The rehearsal without mishaps is over.
    Opened {
        /// How the worker works.
        mode: Mode,
        /// Its calls.
        calls: Calls,
        /// How many rehearsals are planned at most.
        planned: usize,
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
    let scene = Scene::build(server, plan).await?;
    let mut stop = Box::pin(stop);
    let run = Run { scene: Arc::new(scene), worker, plan, began: Instant::now() };
    let report = run.whole(tell, &mut stop).await;
    run.scene.close().await;
    report
}

/// A rehearsal to be repeated.
#[derive(Debug, Clone, Default)]
pub struct Repeat {
    /// Its mishaps.
    pub mishaps: Vec<Planned>,
    /// Its orders; all of the plan's, if there are none.
    pub orders: Vec<OrderId>,
    /// The finding that it is to show; `None` for whatever it shows.
    pub shows: Option<(String, Cause)>,
}

/// Repeats one rehearsal `times` times, and reports what it showed.
///
/// # Errors
/// [`Failure::Worker`] if the worker cannot be started, [`Failure::Server`] if the plan's world has none of the orders.
pub async fn replay(
    server: &RunningServer,
    worker: Arc<dyn Worker>,
    plan: &Plan,
    repeat: &Repeat,
    times: u32,
) -> Result<Report, Failure> {
    let began = Instant::now();
    let whole = Scene::build(server, plan).await?;
    let scene =
        if repeat.orders.is_empty() { Ok(whole.clone()) } else { whole.with_only(&repeat.orders).await };
    let report = match &scene {
        Ok(scene) => again(scene, worker.as_ref(), plan, repeat, times, began).await,
        Err(_) => Err(Failure::NothingToRehearse("the orders cannot be prepared".to_owned())),
    };
    if let (Ok(scene), false) = (&scene, repeat.orders.is_empty()) {
        scene.close().await;
    }
    whole.close().await;
    scene.and(report)
}

async fn again(
    scene: &Scene,
    worker: &dyn Worker,
    plan: &Plan,
    repeat: &Repeat,
    times: u32,
    began: Instant,
) -> Result<Report, Failure> {
    let mode = match plan.mode {
        Some(mode) => mode,
        None => opening::open(scene, worker, None).await?.mode,
    };
    let mut findings = Findings::default();
    let mut calls = Calls::default();
    for _ in 0..times {
        let performance = perform(scene, worker, &repeat.mishaps, Some(mode)).await?;
        calls = Calls::of(&performance.timeline);
        findings.add(&performance, &repeat.mishaps);
    }
    let mut findings = findings.into_sorted();
    findings.retain(|it| {
        repeat.shows.as_ref().is_none_or(|(rule, cause)| it.rule == *rule && it.cause == *cause)
    });
    for finding in &mut findings {
        (finding.repeated, finding.confirmed) = (times, u32::try_from(finding.rehearsals).unwrap_or(times));
    }
    let done = usize::try_from(times).unwrap_or(usize::MAX);
    Ok(Report {
        version: REPORT_VERSION,
        command: worker.command(),
        mode,
        seed: plan.seed,
        world: plan.world.clone(),
        orders: scene.world.len(),
        calls,
        rehearsals: Rehearsals { done, ..Rehearsals::default() },
        mishaps: Vec::new(),
        took_millis: millis(began.elapsed()),
        stopped: None,
        notes: Vec::new(),
        findings,
        unconfirmed: Vec::new(),
    })
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

struct Run<'a> {
    scene: Arc<Scene>,
    worker: Arc<dyn Worker>,
    plan: &'a Plan,
    began: Instant,
}

/// What the rehearsals showed so far.
struct Seen {
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
            opening = opening::open(&self.scene, self.worker.as_ref(), self.plan.mode) => opening?,
            () = &mut *stop => return Err(Failure::Stopped),
        };
        let mode = opening.mode;
        let usual = schedules::calls(&opening.timeline, &self.scene.world);
        let calls = Calls::of(&opening.timeline);
        let singles = schedules::singles(&usual);
        let planned = self.plan.budget;
        tell(&Progress::Opened { mode, calls, planned });
        let mut seen = Seen {
            findings: Findings::default(),
            counts: Rehearsals { done: 1, starts: opening.timeline.starts(), ..Rehearsals::default() },
            harmless: Vec::new(),
            outwaits: false,
            failure: None,
            mishaps: BTreeMap::new(),
        };
        seen.findings.add(&opening, &[]);
        let mut left = singles.len();
        let mut stopped = self.all(singles, mode, &mut seen, tell, stop, &mut left).await;
        seen.counts.left_out_singles = left;
        if stopped.is_none() && seen.failure.is_none() {
            let pairs = schedules::pairs(&seen.harmless, &usual, self.plan.seed);
            left = pairs.len();
            stopped = self.all(pairs, mode, &mut seen, tell, stop, &mut left).await;
            seen.counts.left_out_pairs = left;
        }
        if let Some(failure) = seen.failure.take() {
            return Err(failure);
        }
        let is_stopped = stopped.as_deref() == Some(STOPPED);
        let notes = self.notes(&seen, mode);
        let mut findings = seen.findings.into_sorted();
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
            orders: self.scene.world.len(),
            calls,
            rehearsals: seen.counts,
            mishaps: seen.mishaps.into_values().collect(),
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
                smaller = confirm::shrink(&self.scene, self.worker.as_ref(), mode, finding) => *finding = smaller?,
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
        seen: &mut Seen,
        tell: &mut (dyn FnMut(&Progress) + Send),
        stop: &mut (impl Future<Output = ()> + Send + Unpin),
        left: &mut usize,
    ) -> Option<String> {
        // The rest of the time is for making findings small, and for confirming them.
        let time = self.plan.time.map_or(Duration::from_hours(24 * 365), |time| time.mul_f64(REHEARSING));
        let deadline = self.began + time;
        let mut queue = VecDeque::from(schedules);
        let mut running: JoinSet<(Vec<Planned>, Result<Performance, Failure>)> = JoinSet::new();
        let stopped = loop {
            while running.len() < self.plan.jobs && seen.counts.done + running.len() < self.plan.budget {
                let Some(schedule) = queue.pop_front() else { break };
                let is_late = |planned: &Planned| planned.mishap == Mishap::Late;
                if seen.outwaits && schedule.iter().any(is_late) {
                    *left -= 1;
                    continue;
                }
                let (scene, worker) = (Arc::clone(&self.scene), Arc::clone(&self.worker));
                running.spawn(async move {
                    let performed = perform(&scene, worker.as_ref(), &schedule, Some(mode)).await;
                    (schedule, performed)
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
            let Some(Ok((schedule, performed))) = next else { continue };
            match performed {
                Ok(performance) => {
                    *left -= 1;
                    seen.note(&schedule, &performance);
                    tell(&Progress::Rehearsed { done: seen.counts.done, findings: seen.findings.len() });
                }
                Err(failure) => {
                    seen.failure = Some(failure);
                    break None;
                }
            }
        };
        // The worker of a rehearsal that is dropped is killed.
        running.shutdown().await;
        self.scene.clear().await;
        stopped
    }

    fn notes(&self, seen: &Seen, mode: Mode) -> Vec<String> {
        let mut notes = Vec::new();
        for (kind, count) in schedules::folded(&self.scene.world) {
            notes.push(format!(
                "Of the orders of {}, only the first was rehearsed: {} more would show the same.",
                kind.as_str(),
                count
            ));
        }
        if seen.outwaits {
            notes.push(format!(
                "The worker waits longer than {:.1} s for an answer, so no answer came too late for it. Give it a shorter time-out \
                 (--env), or make late answers later (--late).",
                self.plan.pace.late.as_secs_f64()
            ));
        }
        if seen.counts.unfinished > 0 {
            notes.push(format!(
                "{} ended before all orders were answered. Let the worker poll more often (--env), or give it more time \
                 (--time-out).",
                supplier_domain::counted(seen.counts.unfinished, "rehearsal")
            ));
        }
        if mode == Mode::OneShot && seen.counts.done == 1 {
            notes.push("Only the rehearsal without mishaps took place.".to_owned());
        }
        notes
    }
}

impl Seen {
    /// Notes what a rehearsal showed.
    fn note(&mut self, schedule: &[Planned], performance: &Performance) {
        self.counts.done += 1;
        self.counts.starts += performance.timeline.starts();
        match schedule.len() {
            1 => self.counts.singles += 1,
            _ => self.counts.pairs += 1,
        }
        self.counts.unfinished += usize::from(is_unfinished(performance));
        let is_reached = schedule.iter().all(|planned| performance.reached.contains(planned));
        self.counts.not_reached += usize::from(!is_reached);
        self.outwaits |= performance.timeline.calls().any(|call| {
            call.mishaps.contains(&Mishap::Late) && call.outcome.as_ref().is_some_and(|it| !it.is_lost)
        });
        let is_harmless = self.findings.add(performance, schedule);
        for planned in &performance.reached {
            let none = MishapCount { mishap: planned.mishap, rehearsals: 0, broken: 0 };
            let count = self.mishaps.entry(planned.mishap).or_insert(none);
            count.rehearsals += 1;
            count.broken += usize::from(!is_harmless);
        }
        if is_harmless && let [planned] = *schedule {
            let later = later_calls(performance, planned);
            self.harmless.push(Harmless { planned, later });
        }
    }
}

/// The calls that were made after the call of `planned`, each once.
fn later_calls(performance: &Performance, planned: Planned) -> Vec<CallName> {
    let names = performance.timeline.calls().filter_map(|call| call.name);
    let mut later: Vec<_> = names.skip_while(|name| *name != planned.call).skip(1).collect();
    later.sort_unstable();
    later.dedup();
    // Vain polls at the end are all alike.
    later.retain(|call| call.nth <= 8);
    later
}

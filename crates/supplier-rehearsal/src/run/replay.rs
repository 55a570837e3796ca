//! One rehearsal again.

use std::sync::Arc;

use supplier_domain::OrderId;
use tokio::time::Instant;

use super::findings::Findings;
use super::{not_reached_note, opening};
use crate::cause::Cause;
use crate::mishap::Planned;
use crate::plan::Plan;
use crate::rehearsal::{Failure, Setup, observe};
use crate::report::{Calls, REPORT_VERSION, Rehearsals, Report};
use crate::sandbox::RunningServer;
use crate::timeline::millis;
use crate::worker::Worker;

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
    let whole = Setup::build(server, plan).await?;
    let report = if repeat.orders.is_empty() {
        again(&whole, worker.as_ref(), plan, repeat, times, began).await
    } else {
        match whole.with_only(&repeat.orders).await {
            Ok(setup) => {
                let report = again(&setup, worker.as_ref(), plan, repeat, times, began).await;
                setup.close().await;
                report
            }
            Err(failure) => Err(failure),
        }
    };
    whole.close().await;
    report
}

async fn again(
    setup: &Setup,
    worker: &dyn Worker,
    plan: &Plan,
    repeat: &Repeat,
    times: u32,
    began: Instant,
) -> Result<Report, Failure> {
    let mode = match plan.mode {
        Some(mode) => mode,
        None => opening::open(setup, worker, None).await?.mode,
    };
    let mut findings = Findings::default();
    let mut calls = Calls::default();
    let mut missed: Vec<_> = repeat.mishaps.clone();
    let mut not_reached = 0;
    for _ in 0..times {
        let observation = observe(setup, worker, &repeat.mishaps, Some(mode)).await?;
        calls = Calls::of(&observation.timeline);
        not_reached += usize::from(!observation.has_reached(&repeat.mishaps));
        missed.retain(|planned| !observation.reached.contains(planned));
        findings.add(&observation, &repeat.mishaps);
    }
    if !missed.is_empty() && missed.len() == repeat.mishaps.len() {
        let missed: Vec<_> = missed.iter().map(ToString::to_string).collect();
        return Err(Failure::NothingToRehearse(format!(
            "the worker made no call that the mishap could happen to ({}), so nothing was rehearsed. Run the rehearsals without \
             --replay",
            missed.join(", ")
        )));
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
        orders: setup.world.len(),
        calls,
        rehearsals: Rehearsals { done, not_reached, ..Rehearsals::default() },
        mishaps: Vec::new(),
        took_millis: millis(began.elapsed()),
        stopped: None,
        notes: not_reached_note(not_reached).into_iter().collect(),
        findings,
        unconfirmed: Vec::new(),
    })
}

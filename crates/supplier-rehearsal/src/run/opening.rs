//! The rehearsal without mishaps: how the worker works, and whether there is anything to rehearse.

use crate::rehearsal::{Failure, Mode, Observation, Setup, observe};
use crate::timeline::WorkerEvent;
use crate::worker::Worker;

/// Runs the worker without mishaps. Without `mode`, finds out how it works.
pub(super) async fn open(
    setup: &Setup,
    worker: &dyn Worker,
    mode: Option<Mode>,
) -> Result<Observation, Failure> {
    let mut observation = observe(setup, worker, &[], mode).await?;
    if mode.is_none() && observation.mode == Mode::OneShot {
        // A worker that cannot even start is not started again and again.
        check(setup, &observation)?;
        observation = observe(setup, worker, &[], Some(Mode::OneShot)).await?;
    }
    check(setup, &observation)?;
    Ok(observation)
}

/// Refuses a worker whose calls cannot be rehearsed.
fn check(setup: &Setup, observation: &Observation) -> Result<(), Failure> {
    let calls = || observation.timeline.calls();
    let wrote = if observation.output.trim().is_empty() {
        "It wrote nothing.".to_owned()
    } else {
        format!("The last that it wrote:\n{}", observation.output.trim_end())
    };
    let ended = observation.timeline.worker().rev().find_map(|event| match event {
        WorkerEvent::Exited { code } => Some(format!("it ended with exit code {code}")),
        WorkerEvent::Crashed { signal } => Some(format!("it was ended by {signal}")),
        WorkerEvent::Hung { after_millis } => Some(format!("it still ran after {} s", after_millis / 1_000)),
        WorkerEvent::Silent { for_millis } => Some(format!("it ran for {} s", for_millis / 1_000)),
        _ => None,
    });
    let ended = ended.unwrap_or_else(|| "it ended".to_owned());
    let patience = setup.pace.patience.as_secs();
    let is_silent = observation.timeline.worker().any(|event| matches!(event, WorkerEvent::Silent { .. }));
    let problem = if calls().next().is_none() {
        format!(
            "the worker made no call with the key of the rehearsal: {ended}. It must read the server's URL from SANDBOX_URL and its key from SANDBOX_KEY, or from \
             variables and arguments that you fill (`--env NAME={{url}}`, `{{key}}` in an argument). {wrote}"
        )
    } else if calls().all(|call| call.name.is_none()) {
        let error = calls().find_map(|call| call.outcome.as_ref()?.error.clone()).unwrap_or_default();
        format!(
            "every call of the worker was refused ({error}): {ended}. Does it send the key of SANDBOX_KEY in the header X-Api-Key? \
             {wrote}"
        )
    } else if is_silent {
        format!(
            "the worker made no further call for {patience} s. Give it a short interval between polls (`--env NAME=VALUE`), or wait \
             longer (`--patience`). {wrote}"
        )
    } else {
        return Ok(());
    };
    let has_failed = observation.timeline.worker().any(|event| match event {
        WorkerEvent::Exited { code } => *code != 0,
        WorkerEvent::Crashed { .. } => true,
        _ => false,
    });
    if has_failed && calls().next().is_none() {
        return Err(Failure::Worker(problem));
    }
    Err(Failure::NothingToRehearse(problem))
}

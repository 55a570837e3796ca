//! The suite within another program: a test of an implementation, say.

use std::thread;

use tokio::sync::oneshot;

use crate::checks::registry;
use crate::config::Config;
use crate::outcome::{Event, Report};
use crate::run::Run;
use crate::target::Problem;

/// Tests a target, and says what came of it. Prints nothing.
///
/// The suite works on a thread of its own, so that any runtime will do, and several runs may be under way. One that is
/// dropped stops.
///
/// ```no_run
/// # async fn test() -> Result<(), supplier_contract::Problem> {
/// use supplier_contract::{Config, run};
///
/// let report = run(Config::new("http://127.0.0.1:4010")).await?;
/// assert!(report.conforms());
/// # Ok(())
/// # }
/// ```
pub async fn run(config: Config) -> Result<Report, Problem> {
    run_with(config, |_| ()).await
}

/// The same, and tells each event as it happens, on the thread of the suite.
pub async fn run_with(
    config: Config,
    mut tell: impl FnMut(&Event) + Send + 'static,
) -> Result<Report, Problem> {
    let (mut answer, answered) = oneshot::channel();
    let failed = |why: &dyn std::fmt::Display| Problem::Failed(format!("the suite cannot run: {why}"));
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let outcome = match runtime {
            Ok(runtime) => runtime.block_on(async {
                let run = Run::prepare(config, registry()).await?;
                Ok(run.run_until(&mut tell, answer.closed()).await)
            }),
            Err(error) => Err(failed(&error)),
        };
        // Nobody waits for the outcome of a run that was dropped.
        let _ = answer.send(outcome);
    };
    thread::Builder::new()
        .name("supplier-contract".to_owned())
        .spawn(work)
        .map_err(|error| failed(&error))?;
    answered.await.unwrap_or_else(|_| Err(failed(&"its thread ended early")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nowhere() -> Config {
        Config::new("http://127.0.0.1:1")
    }

    #[test]
    fn a_run_may_travel_between_threads() {
        fn travels<T: Send>(_: &T) {}
        travels(&run(nowhere()));
        travels(&run_with(nowhere(), |_| ()));
    }

    #[tokio::test]
    async fn it_works_from_any_runtime() {
        assert!(matches!(run(nowhere()).await, Err(Problem::Unreachable(_))));
        let told =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let outcome = told.spawn(run(nowhere())).await;
        assert!(matches!(outcome.unwrap(), Err(Problem::Unreachable(_))));
        told.shutdown_background();
    }
}

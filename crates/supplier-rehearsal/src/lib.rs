#![doc = include_str!("../README.md")]

mod cause;
mod function;
mod interceptor;
mod judge;
mod mishap;
mod plan;
mod process;
mod rehearsal;
mod report;
mod run;
mod sandbox;
mod schedules;
mod setup;
mod story;
mod timeline;
mod watch;
mod worker;
mod world;

pub use cause::Cause;
pub use function::FunctionWorker;
pub use mishap::{CallName, InvalidPlanned, Mishap, Planned};
pub use plan::{MAX_BUDGET, MAX_JOBS, Plan};
pub use process::{ProcessWorker, quoted};
pub use rehearsal::{Failure, Mode, Pace};
pub use report::{Calls, MishapCount, REPORT_VERSION, Rehearsals, Report, WorldRecipe};
pub use run::{Progress, Repeat, rehearse, replay};
pub use sandbox::RunningServer;
pub use story::{Finding, Line};
pub use watch::{CallWatch, WatchGuard, WatchedCall, Watches};
pub use worker::{Ending, Environment, Kill, Running, Worker};

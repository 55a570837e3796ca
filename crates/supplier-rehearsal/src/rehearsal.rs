//! One rehearsal: the worker runs in a sandbox of its own, and the planned mishaps happen to it.

mod daemon;
mod one_shot;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use supplier_control::{ControlError, SandboxId};
use supplier_domain::SupplierId;
use tempfile::TempDir;

use crate::interceptor::{Interceptor, Stepping};
use crate::mishap::{Mishap, Planned};
use crate::sandbox::{RunningServer, Sandbox};
use crate::timeline::{Timeline, WorkerEvent};
use crate::worker::{Ending, Environment, Running, Worker};
use crate::world::{FinalOrder, WorldOrder};

/// How a worker works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It does what there is to do, and ends. It is started again and again.
    OneShot,
    /// It runs until it is asked to end.
    Daemon,
}

impl Mode {
    /// The mode's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneShot => "one-shot",
            Self::Daemon => "daemon",
        }
    }
}

/// How long things take in a rehearsal.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Time of the sandbox between two runs of a one-shot worker, and between two vain polls of a daemon.
    pub every: Duration,
    /// Maximum number of runs of a one-shot worker, and of vain polls of a daemon.
    pub rounds: u32,
    /// How late an answer comes that comes too late.
    pub late: Duration,
    /// How long a run of a one-shot worker, or a daemon as a whole, may take.
    pub time_out: Duration,
    /// How long a daemon may be silent.
    pub patience: Duration,
    /// How long a daemon may take to end when it is asked to.
    pub grace: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            every: Duration::from_mins(5),
            rounds: 12,
            late: Duration::from_secs(1),
            time_out: Duration::from_secs(30),
            patience: Duration::from_secs(10),
            grace: Duration::from_secs(5),
        }
    }
}

/// Where rehearsals take place: a server, and a sandbox that each of them gets a copy of.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) server: RunningServer,
    pub(crate) base: SandboxId,
    pub(crate) supplier: SupplierId,
    pub(crate) world: Arc<[WorldOrder]>,
    pub(crate) pace: Pace,
    /// Where the directories of workers are filled from.
    pub(crate) copy: Option<std::path::PathBuf>,
    /// The sandboxes of rehearsals under way. A rehearsal that is broken off leaves its own.
    pub(crate) in_use: Arc<Mutex<HashSet<SandboxId>>>,
}

impl Setup {
    fn in_use(&self) -> MutexGuard<'_, HashSet<SandboxId>> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Deletes the sandboxes of rehearsals that were broken off.
    pub(crate) async fn clear(&self) {
        let left = std::mem::take(&mut *self.in_use());
        for id in left {
            // One that cannot be deleted ends by itself.
            let _ = self.server.control.delete_sandbox(&id, (self.server.now)()).await;
        }
    }
}

/// What a rehearsal showed.
#[derive(Debug, Clone)]
pub(crate) struct Observation {
    pub(crate) timeline: Timeline,
    /// The orders as they are in the end.
    pub(crate) orders: Vec<FinalOrder>,
    /// The mishaps whose call was made.
    pub(crate) reached: Vec<Planned>,
    pub(crate) mode: Mode,
    /// The last lines that the worker wrote.
    pub(crate) output: String,
}

impl Observation {
    /// Whether each of these mishaps happened.
    pub(crate) fn has_reached(&self, mishaps: &[Planned]) -> bool {
        mishaps.iter().all(|planned| self.reached.contains(planned))
    }
}

/// Why a rehearsal could not take place.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The worker cannot be started, or fails before its first call.
    #[error("{0}")]
    Worker(String),
    /// The worker does nothing that could be rehearsed.
    #[error("{0}")]
    NothingToRehearse(String),
    /// The run was stopped before the rehearsal without mishaps was over.
    #[error("the run was stopped before its first rehearsal was over")]
    Stopped,
    /// The server failed.
    #[error("the sandbox of a rehearsal failed: {0}")]
    Server(#[from] ControlError),
    /// A directory could not be made or filled.
    #[error("the directory of a rehearsal could not be prepared: {0}")]
    Directory(#[from] std::io::Error),
}

/// Runs `worker` through one rehearsal. Without `mode`, finds out how the worker works.
pub(crate) async fn observe(
    setup: &Setup,
    worker: &dyn Worker,
    schedule: &[Planned],
    mode: Option<Mode>,
) -> Result<Observation, Failure> {
    let stepping = match mode {
        Some(Mode::OneShot) => Stepping::Never,
        Some(Mode::Daemon) | None => Stepping::AtVainPolls(setup.pace.every),
    };
    let (sandbox, key) = Sandbox::fork(&setup.server, &setup.base, &setup.supplier).await?;
    let id = sandbox.id.clone();
    setup.in_use().insert(id.clone());
    let interceptor = Arc::new(Interceptor::new(sandbox, schedule.to_vec(), setup.pace.late, stepping));
    let guard = setup.server.watches.watch(id.clone(), Arc::clone(&interceptor) as _);
    let observed = async {
        let directory = directory(setup)?;
        let environment =
            Environment { url: setup.server.url.clone(), key, directory: directory.path().into() };
        let has_second = schedule.iter().any(|planned| planned.mishap == Mishap::TwoWorkers);
        let mut rehearsal = Rehearsal {
            setup,
            worker,
            interceptor: &interceptor,
            environment,
            has_second,
            output: String::new(),
        };
        let mode = match mode {
            Some(Mode::OneShot) => rehearsal.one_shot().await.map(|()| Mode::OneShot),
            Some(Mode::Daemon) | None => rehearsal.daemon(mode.is_none()).await,
        }?;
        let output = interceptor.masked(&rehearsal.output);
        let orders = rehearsal.orders().await?.0;
        Ok::<_, Failure>((directory, orders, mode, output))
    }
    .await;
    drop(guard);
    if let Some(directory) = observed.as_ref().ok().map(|(directory, ..)| directory) {
        worker.clean_up(directory.path());
    }
    interceptor.sandbox().delete().await;
    setup.in_use().remove(&id);
    let (_, orders, mode, output) = observed?;
    let (timeline, reached, failure) = interceptor.take();
    if let Some(error) = failure {
        return Err(error.into());
    }
    Ok(Observation { timeline, orders, reached, mode, output })
}

/// A directory for the worker, filled as asked.
fn directory(setup: &Setup) -> Result<TempDir, Failure> {
    let directory = tempfile::Builder::new().prefix("rehearsal-").tempdir()?;
    if let Some(from) = &setup.copy {
        copy(from, directory.path())?;
    }
    Ok(directory)
}

fn copy(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(entry.path())?, target)?;
        } else if kind.is_dir() {
            std::fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A rehearsal that takes place.
struct Rehearsal<'a> {
    setup: &'a Setup,
    worker: &'a dyn Worker,
    interceptor: &'a Interceptor,
    environment: Environment,
    /// Whether a second copy of the worker is started with the first one.
    has_second: bool,
    output: String,
}

impl Rehearsal<'_> {
    /// Starts the worker, with the key that is valid now.
    async fn start(&mut self) -> Result<Copies, Failure> {
        if let Some(key) = self.interceptor.take_new_key() {
            self.environment.key = key;
        }
        let count = if std::mem::take(&mut self.has_second) { 2 } else { 1 };
        let mut copies = Copies(Vec::with_capacity(count));
        for number in 0..count {
            let copy = self.worker.start(&self.environment).await.map_err(Failure::Worker)?;
            self.interceptor.started(copy.killer(), number == 0);
            copies.0.push(copy);
        }
        Ok(copies)
    }

    /// The orders as they are, and when the first that is open comes back.
    async fn orders(&self) -> Result<(Vec<FinalOrder>, Option<Duration>), Failure> {
        let is_amended = |order| self.interceptor.is_amended(order);
        Ok(self.interceptor.sandbox().orders(&self.setup.world, is_amended).await?)
    }

    /// Notes how a copy has ended.
    fn note_end(&self, ending: Ending) {
        match ending {
            // It was noted when it was killed.
            _ if self.interceptor.is_killed() => {}
            Ending::Exit(code) => self.interceptor.note(WorkerEvent::Exited { code }),
            Ending::Signal(signal) => self.interceptor.note(WorkerEvent::Crashed { signal }),
        }
    }

    /// Keeps what the copies wrote.
    fn keep_output(&mut self, copies: &Copies) {
        self.output = copies.0.iter().map(|copy| copy.output()).collect();
    }
}

/// The copies of the worker that run at the same time: one, or two.
struct Copies(Vec<Box<dyn Running>>);

impl Copies {
    /// Waits until all have ended, and returns how each did.
    async fn ended(&mut self) -> Vec<Ending> {
        futures::future::join_all(self.0.iter_mut().map(|copy| copy.ended())).await
    }

    fn ask_to_end(&self) {
        for copy in &self.0 {
            copy.ask_to_end();
        }
    }

    /// Kills them, and waits until they are gone.
    async fn kill(&mut self) {
        for copy in &self.0 {
            copy.killer().kill();
        }
        self.ended().await;
    }
}

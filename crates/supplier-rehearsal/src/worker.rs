//! Workers: the programs, or functions, that are rehearsed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

/// What a worker needs to know, and what it may be told in its arguments and its environment.
#[derive(Clone, PartialEq, Eq)]
pub struct Environment {
    /// URL of the server, without a slash at the end.
    pub url: String,
    /// API key.
    pub key: String,
    /// A directory of its own, empty when a rehearsal begins. It lasts until the end of the rehearsal, over restarts.
    pub directory: PathBuf,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key is a secret (`update.secret`).
        f.debug_struct("Environment").field("url", &self.url).finish_non_exhaustive()
    }
}

/// How a worker ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with an exit code. A function has the code 0.
    Exit(i32),
    /// By a signal, or, of a function, by a panic.
    Signal(String),
}

/// A worker that can be started, again and again.
#[async_trait]
pub trait Worker: Send + Sync {
    /// Starts a copy of the worker.
    ///
    /// # Errors
    /// Why the worker cannot be started, as a sentence that names the remedy.
    async fn start(&self, environment: &Environment) -> Result<Box<dyn Running>, String>;

    /// Ends what is left of the worker's copies when their rehearsal is over. `directory` was theirs.
    fn clean_up(&self, directory: &Path);

    /// The worker as a command line, for reports.
    fn command(&self) -> String;
}

/// A copy of a worker that runs.
#[async_trait]
pub trait Running: Send {
    /// Waits until the copy has ended. May be called again.
    async fn ended(&mut self) -> Ending;

    /// Asks the copy to end, as an operator would (SIGTERM).
    fn ask_to_end(&self);

    /// What kills the copy and all that it has started, at once.
    fn killer(&self) -> Arc<dyn Kill>;

    /// The last lines that the copy wrote, without its key.
    fn output(&self) -> String;
}

/// Kills a copy of a worker.
pub trait Kill: Send + Sync {
    /// Kills the copy and all that it has started. Does nothing once it has ended.
    fn kill(&self);
}

//! A Rust function as the worker.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::task::{AbortHandle, JoinHandle};

use crate::worker::{Ending, Environment, Kill, Running, Worker};

type Body = dyn Fn(Environment) -> BoxFuture<'static, ()> + Send + Sync;

/// A worker that is an asynchronous function.
pub struct FunctionWorker {
    body: Arc<Body>,
}

impl FunctionWorker {
    /// The function `body` as a worker. Every start calls it.
    pub fn new<F, R>(body: F) -> Self
    where
        F: Fn(Environment) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self { body: Arc::new(move |environment| body(environment).boxed()) }
    }
}

#[async_trait]
impl Worker for FunctionWorker {
    async fn start(&self, environment: &Environment) -> Result<Box<dyn Running>, String> {
        let task = tokio::spawn((self.body)(environment.clone()));
        Ok(Box::new(RunningFunction { task, ended: None }))
    }

    fn clean_up(&self, _: &Path) {}

    fn command(&self) -> String {
        "a function".to_owned()
    }
}

struct RunningFunction {
    task: JoinHandle<()>,
    ended: Option<Ending>,
}

#[async_trait]
impl Running for RunningFunction {
    async fn ended(&mut self) -> Ending {
        if let Some(ended) = &self.ended {
            return ended.clone();
        }
        let ended = match (&mut self.task).await {
            Ok(()) => Ending::Exit(0),
            Err(error) if error.is_panic() => Ending::Signal("a panic".to_owned()),
            Err(_) => Ending::Signal("SIGKILL".to_owned()),
        };
        self.ended = Some(ended.clone());
        ended
    }

    fn ask_to_end(&self) {
        self.task.abort();
    }

    fn killer(&self) -> Arc<dyn Kill> {
        Arc::new(Abort(self.task.abort_handle()))
    }

    fn output(&self) -> String {
        String::new()
    }
}

impl Drop for RunningFunction {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Abort(AbortHandle);

impl Kill for Abort {
    fn kill(&self) {
        self.0.abort();
    }
}

//! Rehearsals: a client runs through every way in which a call can go wrong.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use supplier_sandbox::SandboxServer;
//! use supplier_sandbox::rehearsal::{Environment, Plan};
//!
//! let server = SandboxServer::builder().start().await?;
//! let worker = |environment: Environment| async move {
//!     // Let your client work once, at `environment.url` with `environment.key`.
//!     # let _ = reqwest_get(&environment).await;
//! };
//! let report = server.rehearse(&Plan { budget: 20, ..Plan::default() }, worker).await?;
//! assert_eq!(report.findings.len(), 1, "{}", report.headline());
//! # Ok(())
//! # }
//! # async fn reqwest_get(environment: &supplier_sandbox::rehearsal::Environment) -> std::io::Result<()> {
//! #     use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
//! #     let mut socket = tokio::net::TcpStream::connect(environment.url.trim_start_matches("http://")).await?;
//! #     let head = format!(
//! #         "GET /api/admin/v2/orders?productType=manual HTTP/1.1\r\nHost: a\r\nX-Api-Key: {}\r\nConnection: close\r\n\r\n",
//! #         environment.key
//! #     );
//! #     socket.write_all(head.as_bytes()).await?;
//! #     socket.read_to_end(&mut Vec::new()).await.map(drop)
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```

mod junit;

use std::sync::Arc;

pub use supplier_rehearsal::{
    CallName, Calls, Cause, Ending, Environment, Failure, Finding, FunctionWorker, InvalidPlanned, Kill,
    Line, MAX_BUDGET, MAX_JOBS, Mishap, MishapCount, Mode, Pace, Plan, Planned, ProcessWorker, Progress,
    REPORT_VERSION, Rehearsals, Repeat, Report, Running, RunningServer, Worker, WorldRecipe, quoted,
    rehearse, replay,
};

use crate::SandboxServer;
pub use junit::junit;

impl SandboxServer {
    /// Rehearses a function that works as a supplier's client does: each call of it is one run of the client.
    ///
    /// # Errors
    /// [`Failure::NothingToRehearse`] if the function makes no call.
    pub async fn rehearse<F, R>(&self, plan: &Plan, worker: F) -> Result<Report, Failure>
    where
        F: Fn(Environment) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        if !self.is_recording {
            let problem = "rehearsals need the journal: leave out `journal(false)` of the server's builder";
            return Err(Failure::NothingToRehearse(problem.to_owned()));
        }
        let worker = Arc::new(FunctionWorker::new(worker));
        rehearse(&self.for_rehearsals(), worker, plan, &mut |_| (), std::future::pending()).await
    }

    /// The server, as rehearsals see it.
    pub fn for_rehearsals(&self) -> RunningServer {
        let time = self.sandbox.time.clone();
        RunningServer {
            url: self.url.clone(),
            control: Arc::clone(&self.sandbox.control),
            watches: Arc::clone(&self.watches),
            now: Arc::new(move || time.now()),
            by: self.sandbox.by,
        }
    }
}

//! The user's hook as a program: one process for each request, JSON in, JSON out, no shell.

use std::io;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{ProvisionError, told};
use crate::http::output_of;

/// A hook that is started.
pub(crate) struct CommandHook {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
}

impl CommandHook {
    /// The program of that name with its arguments, which has so long for an answer.
    pub(crate) fn new(program: &str, arguments: &[String], timeout: Duration) -> Self {
        let (program, arguments) = (program.to_owned(), arguments.to_owned());
        Self { program, arguments, timeout }
    }

    pub(super) async fn ask(&self, request: &Value) -> Result<Value, ProvisionError> {
        let action = &request["action"];
        let failed = |why: String| {
            ProvisionError::Failed(format!("the hook `{}` failed at {action}: {why}", self.program))
        };
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Started::new(&mut command);
        let mut started = started.map_err(|error| failed(format!("it cannot be started: {error}")))?;
        let exchange = started.exchange(request.to_string());
        let output = timeout(self.timeout, exchange)
            .await
            .map_err(|_| failed(format!("it did not answer within {} s", self.timeout.as_secs_f64())))?
            .map_err(|error| failed(error.to_string()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(failed(format!("{}: {}", output.status, told(&complaint))));
        }
        let answer: Value = serde_json::from_str(said.trim())
            .map_err(|_| failed(format!("it did not print a JSON object: {}", told(&said))))?;
        if answer.is_object() {
            Ok(answer)
        } else {
            Err(failed(format!("it did not print a JSON object: {}", told(&said))))
        }
    }
}

/// A hook that runs. Unless it has ended by itself, it is killed with all that it has started.
struct Started {
    child: Child,
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
}

impl Started {
    fn new(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        #[cfg(unix)]
        let group = child.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?));
        Ok(Self {
            child,
            #[cfg(unix)]
            group,
        })
    }

    /// What it prints when it is asked that, and how it ends.
    async fn exchange(&mut self, request: String) -> io::Result<Output> {
        let missing = || io::Error::other("its standard streams are not there");
        let mut stdin = self.child.stdin.take().ok_or_else(missing)?;
        let stdout = self.child.stdout.take().ok_or_else(missing)?;
        let stderr = self.child.stderr.take().ok_or_else(missing)?;
        let ask = async move {
            // A hook that does not read what it is asked has its answer judged all the same.
            let _ = stdin.write_all(request.as_bytes()).await;
            Ok(())
        };
        let ((), stdout, stderr) = tokio::try_join!(ask, output_of(stdout), output_of(stderr))?;
        let status = self.child.wait().await?;
        // What it has started in the background may go on: a server, say.
        #[cfg(unix)]
        {
            self.group = None;
        }
        Ok(Output { status, stdout, stderr })
    }
}

#[cfg(unix)]
impl Drop for Started {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // It may be gone already, which is as well.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

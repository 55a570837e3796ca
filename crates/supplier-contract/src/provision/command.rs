//! The user's hook as a program: one process for each request, JSON in, JSON out, no shell.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::{Lack, told};

/// A hook that is started.
pub struct CommandHook {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
}

impl CommandHook {
    /// The program of that name with its arguments, which has so long for an answer.
    pub fn new(program: &str, arguments: &[String], timeout: Duration) -> Self {
        Self { program: program.to_owned(), arguments: arguments.to_owned(), timeout }
    }

    pub(super) async fn ask(&self, request: &Value) -> Result<Value, Lack> {
        let action = &request["action"];
        let failed =
            |why: String| Lack::Failed(format!("the hook `{}` failed at {action}: {why}", self.program));
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed(format!("it cannot be started: {error}")))?;
        let mut stdin = child.stdin.take();
        let asked = request.to_string();
        let exchange = async move {
            if let Some(stdin) = &mut stdin {
                // A hook that does not read what it is asked has its answer judged all the same.
                let _ = stdin.write_all(asked.as_bytes()).await;
            }
            drop(stdin);
            child.wait_with_output().await
        };
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

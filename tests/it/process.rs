//! Programs, and all that they say.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long a program may be silent before it is taken to hang. Far more than any needs, on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// How a program ended, and all that it said.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The exit code; nothing if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// One of a program's outputs, read by a thread of its own so that the program never waits for its reader.
pub(crate) struct Output {
    lines: Receiver<String>,
    told: String,
}

impl Output {
    pub(crate) fn of(source: impl Read + Send + 'static) -> Self {
        let (send, lines) = channel();
        thread::spawn(move || {
            let mut source = BufReader::new(source);
            let mut line = Vec::new();
            while source.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                // Nobody waits for the rest of it once the test is over.
                let _ = send.send(String::from_utf8_lossy(&line).into_owned());
                line.clear();
            }
        });
        Self { lines, told: String::new() }
    }

    /// Waits for a line that `fits`. Returns whether one came before the end.
    pub(crate) fn wait_for(&mut self, fits: impl Fn(&str) -> bool) -> bool {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.told.push_str(&line);
                    if fits(line.trim_end()) {
                        return true;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("silent for {} s after: {}", PATIENCE.as_secs(), self.told)
                }
            }
        }
    }

    /// What was waited for so far.
    pub(crate) fn told(&self) -> &str {
        &self.told
    }

    /// Waits for its end, and returns all of it.
    pub(crate) fn rest(&mut self) -> String {
        self.wait_for(|_| false);
        std::mem::take(&mut self.told)
    }
}

/// A program under way; it ends when this is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        // No client is to ask a proxy for the way to this machine.
        command.env("NO_PROXY", "*").env("no_proxy", "*");
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = Output::of(child.stdout.take().unwrap());
        let stderr = Output::of(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success(), "kill -s {name} {id}: {sent}");
    }

    /// Waits until it ends of itself.
    pub(crate) fn outcome(mut self) -> Outcome {
        let (stdout, stderr) = (self.stdout.rest(), self.stderr.rest());
        let code = self.child.wait().unwrap().code();
        Outcome { code, stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended, and that is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Outcome {
    Running::start(command).outcome()
}

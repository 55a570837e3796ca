//! A program as the worker.

mod leftovers;
mod output;

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use crate::worker::{Ending, Environment, Kill, Running, Worker};
use output::Output;

/// Names the copy of the worker that a process belongs to, in the environment of whatever the copy starts.
const MARK: &str = "SUPPLIER_REHEARSAL";
/// Number of copies that were started: two copies in one directory are two.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// A worker that is a program. It has the environment of the caller, and in it `SANDBOX_URL`, `SANDBOX_KEY` and
/// `REHEARSAL_DIR`.
///
/// In its arguments and in the variables that are added, `{url}`, `{key}` and `{dir}` stand for those three.
#[derive(Debug, Clone)]
pub struct ProcessWorker {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables to add to its environment.
    pub variables: Vec<(String, String)>,
    /// Whether it runs in the directory of its rehearsal, and not in the caller's.
    pub in_directory: bool,
}

impl ProcessWorker {
    fn prepared(&self, environment: &Environment, mark: &str) -> Command {
        let fill = |template: &str| fill(template, environment);
        let mut command = Command::new(&self.program);
        command
            .args(self.arguments.iter().map(|it| fill(it)))
            .env("SANDBOX_URL", &environment.url)
            .env("SANDBOX_KEY", &environment.key)
            .env("REHEARSAL_DIR", &environment.directory)
            .env(MARK, mark)
            .envs(self.variables.iter().map(|(name, template)| (name, fill(template))))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // What it starts is killed with it.
            .process_group(0);
        if self.in_directory {
            command.current_dir(&environment.directory);
        }
        command
    }
}

/// `template` with what its holes stand for.
fn fill(template: &str, environment: &Environment) -> String {
    let directory = environment.directory.to_string_lossy();
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let holes: [(&str, &str); 3] =
            [("{url}", &environment.url), ("{key}", &environment.key), ("{dir}", &directory)];
        let (length, value) = holes
            .iter()
            .find(|(hole, _)| rest.starts_with(hole))
            .map_or((1, "{"), |(hole, value)| (hole.len(), value));
        filled.push_str(value);
        rest = &rest[length..];
    }
    filled.push_str(rest);
    filled
}

#[async_trait]
impl Worker for ProcessWorker {
    async fn start(&self, environment: &Environment) -> Result<Box<dyn Running>, String> {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}-{number}.", environment.directory.display());
        let mut child = self.prepared(environment, &mark).spawn().map_err(|error| {
            format!("cannot start `{}`: {error}; is the program installed, and on the PATH?", self.program)
        })?;
        let output = Output::of(&mut child, &environment.key);
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let killer = Arc::new(KillGroup { group: Mutex::new(group), mark });
        Ok(Box::new(RunningProcess { child, output, killer, ended: None }))
    }

    fn clean_up(&self, directory: &Path) {
        // What was just being started when a copy ended is there by now.
        leftovers::kill(MARK, &format!("{}-", directory.display()));
    }

    fn command(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.arguments);
        words.map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }
}

/// A word as a shell takes it.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+{}".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

struct RunningProcess {
    child: Child,
    output: Output,
    killer: Arc<KillGroup>,
    ended: Option<Ending>,
}

#[async_trait]
impl Running for RunningProcess {
    async fn ended(&mut self) -> Ending {
        if let Some(ended) = &self.ended {
            return ended.clone();
        }
        let ended = match self.child.wait().await {
            Ok(status) => ending(status),
            Err(error) => Ending::Signal(format!("an error ({error})")),
        };
        // What it left behind is in its group, whose number nobody else can have until that is gone.
        self.killer.finish();
        self.ended = Some(ended.clone());
        ended
    }

    fn ask_to_end(&self) {
        self.killer.signal(Signal::TERM);
    }

    fn killer(&self) -> Arc<dyn Kill> {
        Arc::clone(&self.killer) as Arc<dyn Kill>
    }

    fn output(&self) -> String {
        self.output.text()
    }
}

impl Drop for RunningProcess {
    fn drop(&mut self) {
        self.killer.finish();
    }
}

/// The process group of a worker, until it has ended.
struct KillGroup {
    group: Mutex<Option<Pid>>,
    /// What is in the environment of all that the worker started.
    mark: String,
}

impl KillGroup {
    fn signal(&self, signal: Signal) {
        if let Some(group) = *self.group.lock().unwrap_or_else(PoisonError::into_inner) {
            // A group that is gone needs no signal.
            let _ = kill_process_group(group, signal);
        }
    }

    /// Kills what is left of the group, and what has left the group.
    fn finish(&self) {
        let group = self.group.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
            leftovers::kill(MARK, &self.mark);
        }
    }
}

impl Kill for KillGroup {
    fn kill(&self) {
        self.signal(Signal::KILL);
        leftovers::kill(MARK, &self.mark);
    }
}

#[cfg(unix)]
fn ending(status: ExitStatus) -> Ending {
    use std::os::unix::process::ExitStatusExt as _;

    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exit(code),
        (None, Some(9)) => Ending::Signal("SIGKILL".to_owned()),
        (None, Some(15)) => Ending::Signal("SIGTERM".to_owned()),
        (None, Some(11)) => Ending::Signal("SIGSEGV".to_owned()),
        (None, Some(6)) => Ending::Signal("SIGABRT".to_owned()),
        (None, signal) => Ending::Signal(format!("signal {}", signal.unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_and_what_is_no_hole_stays() {
        let environment = Environment {
            url: "http://127.0.0.1:4010".to_owned(),
            key: "test_{url}".to_owned(),
            directory: "/tmp/r".into(),
        };
        for (template, filled) in [
            ("--base={url}/api/admin/v2", "--base=http://127.0.0.1:4010/api/admin/v2"),
            ("{key}", "test_{url}"),
            ("{dir}/{{key}}{", "/tmp/r/{test_{url}}{"),
            ("{other} {}", "{other} {}"),
        ] {
            assert_eq!(fill(template, &environment), filled);
        }
    }

    #[test]
    fn a_command_is_shown_as_a_shell_takes_it() {
        let worker = ProcessWorker {
            program: "node".to_owned(),
            arguments: vec![
                "my worker.js".to_owned(),
                "--key={key}".to_owned(),
                "it's".to_owned(),
                String::new(),
            ],
            variables: Vec::new(),
            in_directory: false,
        };
        assert_eq!(worker.command(), r"node 'my worker.js' --key={key} 'it'\''s' ''");
    }
}

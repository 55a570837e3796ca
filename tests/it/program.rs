//! The program under test: found beside this one, started, asked, stopped.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Outcome, Running, run};
use crate::soak::{figure, first_seed};

/// The directory of the workspace, where every program is run.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A program of the workspace, in `target/<profile>/`.
pub(crate) fn binary(name: &str) -> PathBuf {
    // This test is in `target/<profile>/deps/`.
    let binary = env::current_exe().unwrap().ancestors().nth(2).unwrap().join(name);
    assert!(
        binary.is_file(),
        "there is no {}: run `cargo test --workspace`, which builds it",
        binary.display()
    );
    binary
}

/// A program, untouched by the settings of whoever runs the tests.
fn untouched(program: impl AsRef<OsStr>, prefix: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    let settings = env::vars_os().map(|(name, _)| name);
    for name in settings.filter(|name| name.to_string_lossy().starts_with(prefix)) {
        command.env_remove(name);
    }
    command
}

/// How many cases of a property the contract suite runs unless it is told otherwise.
const USUAL_CASES: usize = 128;

/// What the names of the sandbox's settings begin with.
const SETTINGS: &str = "SUPPLIER_SANDBOX_";

/// The sandbox's program.
pub(crate) fn command() -> Command {
    untouched(binary("supplier-sandbox"), SETTINGS)
}

/// The contract suite's program, with the same random cases on every run.
pub(crate) fn contract() -> Command {
    let mut command = untouched(binary("supplier-contract"), "SUPPLIER_CONTRACT_");
    command.env("SUPPLIER_CONTRACT_SEED", first_seed().to_string());
    // A property's cases: what the suite runs by default takes three times as long in all.
    command.env("SUPPLIER_CONTRACT_CASES", figure(24, USUAL_CASES).max(24).to_string());
    command
}

/// Runs the program to its end.
pub(crate) fn sandbox<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Outcome {
    run(command().args(args))
}

/// A server to be started, by default on a free port and with a log in JSON.
pub(crate) struct Launch {
    settings: BTreeMap<&'static str, String>,
    through_environment: bool,
    mount: Option<(PathBuf, &'static str)>,
}

impl Launch {
    pub(crate) fn new() -> Self {
        let settings = [("listen", "127.0.0.1:0"), ("log-format", "json")];
        Self {
            settings: settings.map(|(name, value)| (name, value.to_owned())).into(),
            through_environment: false,
            mount: None,
        }
    }

    /// Sets an option, named as on the command line without the dashes.
    pub(crate) fn set(mut self, option: &'static str, value: impl Into<String>) -> Self {
        self.settings.insert(option, value.into());
        self
    }

    /// Passes all options through environment variables.
    pub(crate) fn through_environment(mut self) -> Self {
        self.through_environment = true;
        self
    }

    /// Mounts what the shell command `mount` says over directory `$0`, for the program alone.
    pub(crate) fn mount(mut self, directory: &Path, mount: &'static str) -> Self {
        self.mount = Some((directory.to_owned(), mount));
        self
    }

    fn command(mut self) -> Command {
        let mut command = match self.mount.take() {
            None => command(),
            // Each executes the next, so that the process is the program's in the end.
            Some((directory, mount)) => {
                let mut command = untouched("unshare", SETTINGS);
                let script = format!("{mount} && exec \"$@\"");
                command.args(["--mount", "--map-root-user", "sh", "-c", &script]).arg(directory);
                command.arg(binary("supplier-sandbox"));
                command
            }
        };
        for (option, value) in self.rendered() {
            match option {
                Rendered::Flag(flag) => command.arg(flag).arg(value),
                Rendered::Variable(name) => command.env(name, value),
            };
        }
        command
    }

    /// Runs the program to its end: it is expected not to start.
    pub(crate) fn refused(self) -> Outcome {
        run(&mut self.command())
    }

    /// Starts the program, and returns once it serves.
    pub(crate) fn start(self) -> Program {
        let directory = tempfile::tempdir().unwrap();
        let usual = directory.path().join("ready.json");
        let ready_file = self.settings.get("ready-file").map_or(usual, PathBuf::from);
        let mut command = self.set("ready-file", ready_file.to_str().unwrap()).command();
        let mut running = Running::start(&mut command);
        // The banner is the last step of the start, after the ready file.
        let serves = running.stdout.wait_for(|line| line == "Stop the server with Ctrl-C.");
        assert!(serves, "the program ended before it served: {:?}", running.outcome());
        let banner = running.stdout.told().to_owned();
        let ready = serde_json::from_str(&fs::read_to_string(&ready_file).unwrap()).unwrap();
        Program { running, banner, ready, ready_file, _directory: directory }
    }

    fn rendered(self) -> impl Iterator<Item = (Rendered, String)> {
        let render = move |option: &str| {
            if self.through_environment {
                Rendered::Variable(format!("{SETTINGS}{}", option.replace('-', "_").to_uppercase()))
            } else {
                Rendered::Flag(format!("--{option}"))
            }
        };
        self.settings.into_iter().map(move |(option, value)| (render(option), value))
    }
}

enum Rendered {
    Flag(String),
    Variable(String),
}

/// A server that serves; it is killed when this is dropped.
pub(crate) struct Program {
    pub(crate) running: Running,
    /// What it said when it began to serve.
    pub(crate) banner: String,
    /// What is in its ready file.
    pub(crate) ready: Value,
    pub(crate) ready_file: PathBuf,
    /// Where the ready file is, unless told otherwise.
    _directory: TempDir,
}

impl Program {
    pub(crate) fn start() -> Self {
        Launch::new().start()
    }

    /// Where it serves.
    pub(crate) fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    /// The same as `HOST:PORT`.
    pub(crate) fn address(&self) -> &str {
        self.url().strip_prefix("http://").unwrap()
    }

    /// The API key of a supplier.
    pub(crate) fn key(&self, supplier: &str) -> &str {
        let suppliers = self.ready["suppliers"].as_array().unwrap();
        suppliers.iter().find(|entry| entry["id"] == supplier).unwrap()["key"].as_str().unwrap()
    }

    /// Ends it as a service manager would. Of stdout what came after the start is returned.
    pub(crate) fn stop(self) -> Outcome {
        self.running.signal("TERM");
        self.outcome()
    }

    /// Waits until it ends of itself.
    pub(crate) fn outcome(self) -> Outcome {
        let mut outcome = self.running.outcome();
        assert!(!self.ready_file.exists(), "a server that has stopped is not ready");
        outcome.stdout.drain(..self.banner.len());
        outcome
    }
}

//! Programs of other people that some tests need.

use std::env;
use std::process::{Command, Stdio};

use crate::program::root;

/// Whether a tool is there. A bare machine does without what needs it; a build machine must not.
fn is_there(what: &str, probe: &mut Command, remedy: &str) -> bool {
    let found = probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    let told = format!("{what} is missing: {remedy}");
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "{told}");
    println!("skipped, since {told}");
    false
}

/// `curl`, on the path.
pub(crate) fn has_curl() -> bool {
    is_there("curl", Command::new("curl").arg("--version"), "install curl")
}

/// A Node program of `tests/clients/node/`, with what it imports.
pub(crate) fn node(script: &str) -> Option<Command> {
    let directory = root().join("tests/clients/node");
    let import = ["--input-type=module", "--eval", "import 'axios'"];
    let found = is_there(
        "node, or axios for it,",
        Command::new("node").args(import).current_dir(&directory),
        "install Node.js 20 or newer, then run `npm ci` in tests/clients/node",
    );
    found.then(|| {
        let mut command = Command::new("node");
        command.arg(script).current_dir(directory);
        command
    })
}

/// A Python program of `tests/clients/python/`, with what it imports.
pub(crate) fn python(script: &str) -> Option<Command> {
    let python = env::var_os("SUPPLIER_E2E_PYTHON").unwrap_or_else(|| "python3".into());
    let directory = root().join("tests/clients/python");
    let found = is_there(
        &format!("{}, or requests for it,", python.display()),
        Command::new(&python).args(["-c", "import requests"]),
        "make a virtual environment, run its `pip install -r tests/clients/python/requirements.txt`, and name its \
         bin/python in SUPPLIER_E2E_PYTHON",
    );
    found.then(|| {
        let mut command = Command::new(python);
        command.arg(script).current_dir(directory);
        command
    })
}

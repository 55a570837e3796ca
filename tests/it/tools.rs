//! Programs of other people that some tests need.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::program::root;

/// Whether a tool is there. A bare machine does without what needs it; a build machine must not.
pub(crate) fn is_there(what: &str, probe: &mut Command, remedy: &str) -> bool {
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

/// `openssl`, on the path.
pub(crate) fn has_openssl() -> bool {
    is_there("openssl", Command::new("openssl").arg("version"), "install openssl")
}

/// A shell, `curl` and `jq`, which the scripts of findings need.
pub(crate) fn has_script_tools() -> bool {
    has_curl() && is_there("jq", Command::new("jq").arg("--version"), "install jq")
}

/// A Node program of `tests/clients/node/`, with what it imports.
pub(crate) fn node(script: &str) -> Option<Command> {
    node_with(&["axios"], script)
}

/// The same with those packages.
pub(crate) fn node_with(packages: &[&str], script: &str) -> Option<Command> {
    node_in("tests/clients/node", packages, script)
}

/// A Node program of a directory, with the packages that the directory installs.
pub(crate) fn node_in(directory: &str, packages: &[&str], script: &str) -> Option<Command> {
    let path = root().join(directory);
    let imports = format!("import '{}'", packages.join("'; import '"));
    let found = is_there(
        &format!("node, or one of {} for it,", packages.join(", ")),
        Command::new("node").args(["--input-type=module", "--eval", &imports]).current_dir(&path),
        &format!("install Node.js 20 or newer, then run `npm ci` in {directory}"),
    );
    found.then(|| {
        let mut command = Command::new("node");
        command.arg(script).current_dir(path);
        command
    })
}

/// A program of `tests/clients/browser/`, with a browser to drive.
pub(crate) fn browser(script: &str) -> Option<Command> {
    let program = node_in("tests/clients/browser", &["playwright-core"], script);
    let chromium = chromium();
    let has_browser = is_there(
        "Chromium",
        Command::new(chromium.as_deref().unwrap_or(Path::new("chromium"))).arg("--version"),
        "install Chromium, or name its program in SUPPLIER_E2E_CHROMIUM",
    );
    let (mut program, chromium) = (program?, chromium.filter(|_| has_browser)?);
    program.env("CHROMIUM", chromium);
    Some(program)
}

/// The browser's program, by its whole path.
fn chromium() -> Option<PathBuf> {
    let named = env::var_os("SUPPLIER_E2E_CHROMIUM").map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let mut found = env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    named.or_else(|| found.find(|program| program.is_file()))
}

/// Python without any package.
pub(crate) fn plain_python() -> Option<Command> {
    let python = env::var_os("SUPPLIER_E2E_PYTHON").unwrap_or_else(|| "python3".into());
    let found = is_there("Python", Command::new(&python).arg("--version"), "install Python 3.11 or newer");
    found.then(|| Command::new(python))
}

/// A Python program of `tests/clients/python/`, with what it imports.
pub(crate) fn python(script: &str) -> Option<Command> {
    python_with(&["requests", "pytest"], script)
}

/// The same with those packages.
pub(crate) fn python_with(packages: &[&str], script: &str) -> Option<Command> {
    let python = env::var_os("SUPPLIER_E2E_PYTHON").unwrap_or_else(|| "python3".into());
    let directory = root().join("tests/clients/python");
    let packages = packages.join(", ");
    let found = is_there(
        &format!("{}, or one of {packages} for it,", python.display()),
        Command::new(&python).args(["-c", &format!("import {packages}")]),
        "make a virtual environment, run its `pip install -r tests/clients/python/requirements.txt`, and name its \
         bin/python in SUPPLIER_E2E_PYTHON",
    );
    found.then(|| {
        let mut command = Command::new(python);
        command.arg(script).current_dir(directory);
        command
    })
}

/// The folder of PostgreSQL's own programs (`initdb`, `postgres`), which few have on their path.
pub(crate) fn postgres() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let has_server = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    // Where Debian keeps them, by version.
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    let found = env::split_paths(&path).chain(versions.into_iter().rev()).find(has_server);
    let initdb = found.as_deref().unwrap_or(Path::new("")).join("initdb");
    let is_there =
        is_there("PostgreSQL", Command::new(initdb).arg("--version"), "install its server, 14 or newer");
    found.filter(|_| is_there)
}

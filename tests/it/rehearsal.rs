//! `supplier-sandbox rehearse`: workers in several languages, and workers that misbehave.

mod misbehaving;
mod mutants;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Outcome, run};
use crate::program::{binary, command, root};
use crate::soak::figure;
use crate::tools;

/// The directory of the example workers.
const WORKERS: &str = "tests/clients/rehearsal";

/// Runs `rehearse` with these options in the directory of the workers.
fn rehearse(options: &[&str], worker: &[&str]) -> Outcome {
    run(&mut prepared(options, worker))
}

/// `rehearse` with short pauses for the workers.
fn prepared(options: &[&str], worker: &[&str]) -> Command {
    let short = ["TIMEOUT_MS=800", "RETRY_MS=20", "POLL_MS=30"];
    let mut command = command();
    command.current_dir(root().join(WORKERS)).arg("rehearse");
    for variable in short {
        command.args(["--env", variable]);
    }
    command.args(options).arg("--").args(worker);
    command
}

/// The report that a run wrote.
fn report(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// Whether axios is there for the Node workers.
fn has_node() -> bool {
    tools::node_in(WORKERS, &["axios"], "careful.mjs").is_some()
}

/// Runs a worker that is to lose and double nothing.
fn assert_clean(options: &[&str], worker: &[&str]) {
    let budget = figure(10, 1_000).to_string();
    let told = rehearse(&[options, &["--time", "0s", "--budget", &budget]].concat(), worker);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{}", told.stdout);
    assert!(
        told.stdout.contains(&format!("In {budget} rehearsals: nothing lost, nothing doubled.")),
        "{}",
        told.stdout
    );
}

/// Rules: `rehearsal.nothing-doubled`, `rehearsal.no-stock-lost`.
#[test]
fn the_naive_worker_is_told_by_the_shortest_story_and_its_command_shows_it_again() {
    if !has_node() {
        return;
    }
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("rehearsal.json");
    let json = format!("json={}", file.display());
    let told = rehearse(&["--budget", "25", "--time", "0s", "--report", &json], &["node", "naive.mjs"]);
    assert_eq!(told.code, Some(1), "{}", told.stdout);
    let report = report(&file);
    let findings = report["findings"].as_array().unwrap();
    for finding in findings {
        assert_eq!((&finding["confirmed"], &finding["repeated"]), (&3.into(), &3.into()), "{finding}");
        assert_eq!(
            (finding["mishaps"].as_array().unwrap().len(), finding["orders"].as_array().unwrap().len()),
            (1, 1)
        );
    }
    let kinds: Vec<_> =
        findings.iter().map(|it| (it["rule"].as_str().unwrap(), it["cause"].as_str().unwrap())).collect();
    let expected =
        [("rehearsal.nothing-doubled", "other-accounts"), ("rehearsal.no-stock-lost", "other-accounts")];
    assert_eq!(kinds, expected, "{}", told.stdout);
    assert_eq!(report["rehearsals"]["done"], 25);

    let named = format!("{}#2", file.display());
    let again = rehearse(&["--replay", &named], &["node", "naive.mjs"]);
    assert!(
        again.code == Some(1) && again.stdout.contains("STOCK LOST") && !again.stdout.contains("DOUBLED"),
        "{again:?}"
    );
    // The command that the report prints, as a shell takes it.
    let printed = told
        .stdout
        .lines()
        .find_map(|line| line.trim().strip_prefix("Again: supplier-sandbox rehearse "))
        .unwrap();
    let words: Vec<_> = printed.split(' ').collect();
    let again = run(command().current_dir(root().join(WORKERS)).arg("rehearse").args(words));
    assert!(
        again.code == Some(1) && again.stdout.contains("DOUBLED") && again.stdout.contains("(3 of 3)"),
        "{again:?}"
    );
}

/// Rules: `rehearsal.complete`, `rehearsal.nothing-doubled`.
#[test]
fn the_program_of_the_guide_breaks_rules_without_any_mishap() {
    if !has_node() {
        return;
    }
    let told = rehearse(&["--budget", "12", "--time", "0s"], &["node", "guide.mjs"]);
    assert_eq!(told.code, Some(1), "{}", told.stdout);
    assert!(told.stdout.contains("2 ways to deliver twice, and 1 other finding."), "{}", told.stdout);
    for found in [
        "2 accounts delivered for the orders",
        "1 account owed, 2 delivered",
        "completed with 2 of 4 accounts",
    ] {
        assert!(told.stdout.contains(found), "{found}: {}", told.stdout);
    }
}

/// Rules: `rehearsal.nothing-doubled`.
#[test]
fn the_fixtures_for_node_and_pytest_rehearse_a_worker_in_a_test() {
    let mut runners = Vec::new();
    if let Some(mut node) = tools::node_in(WORKERS, &["axios"], "--test") {
        node.arg("rehearse.test.mjs");
        runners.push(node);
    }
    if let Some(mut python) = tools::python("-m") {
        python.args(["pytest", "-q", "-p", "no:cacheprovider", "test_rehearse.py"]);
        python.current_dir(root().join(WORKERS)).env("PYTHONDONTWRITEBYTECODE", "1");
        runners.push(python);
    }
    for mut runner in runners {
        let told = run(runner.env("SUPPLIER_SANDBOX_PROGRAM", binary("supplier-sandbox")));
        assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    }
}

#[test]
fn the_careful_node_worker_loses_and_doubles_nothing() {
    if has_node() {
        assert_clean(&[], &["node", "careful.mjs"]);
        assert_clean(&[], &["node", "careful.mjs", "--loop"]);
    }
}

#[test]
fn the_careful_python_worker_loses_and_doubles_nothing() {
    let Some(python) = tools::python("workflow.py") else { return };
    let program = python.get_program().to_str().unwrap();
    assert_clean(&[], &[program, "careful.py"]);
    assert_clean(&[], &[program, "careful.py", "--loop"]);
    // Its accounts go back into the stock, and to the next order.
    let told = rehearse(&["--replay", "close-after@update:1:1/1,2"], &[program, "naive.py"]);
    assert!(told.code == Some(1) && told.stdout.contains("DOUBLED"), "{told:?}");
}

#[test]
fn a_shell_script_and_a_java_program_lose_and_double_nothing() {
    let has_flock = || tools::is_there("flock", Command::new("flock").arg("--version"), "install util-linux");
    if tools::has_script_tools() && has_flock() {
        assert_clean(&[], &["sh", "worker.sh"]);
        assert_clean(&[], &["sh", "worker.sh", "--loop"]);
    }
    let classes = TempDir::new().unwrap();
    let directory = classes.path().to_str().unwrap();
    let mut compile = Command::new("javac");
    compile.args(["-d", directory, "Worker.java"]).current_dir(root().join(WORKERS));
    if tools::is_there("javac", Command::new("javac").arg("--version"), "install a JDK of 17 or newer") {
        assert_eq!(run(&mut compile).code, Some(0));
        // A virtual machine takes its time to begin with.
        let slow = ["--env", "TIMEOUT_MS=3000", "--late", "4s"];
        assert_clean(&slow, &["java", "-cp", directory, "Worker"]);
        assert_clean(&slow, &["java", "-cp", directory, "Worker", "--loop"]);
    }
}

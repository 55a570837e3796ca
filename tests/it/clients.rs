//! Clients in other languages, as their developers write them, against the real program.

use std::process::Command;

use serde_json::{Value, json};

use crate::client::Supplier;
use crate::process::run;
use crate::program::{Launch, Program, binary, root};
use crate::tools;

/// The four documented errors, each of which a client has met.
const ERRORS: [&str; 4] = ["INVALID_API_KEY", "ORDER_NOT_FOUND", "ACCESS_DENIED", "INVALID_ACCOUNTS"];

/// Runs a client as the first supplier, and returns the JSON of the last line that it prints.
fn outcome(mut client: Command, program: &Program) -> Value {
    let told = run(client.env("BASE_URL", program.url()).env("API_KEY", program.key("aurora")));
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{}", told.stdout);
    let last = told.stdout.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error} in the last line of {}", told.stdout))
}

/// How many open orders the first supplier has, asked of another server with the same orders.
async fn open_orders() -> u64 {
    let page = Supplier::of(&Program::start(), "aurora").poll(1).await;
    page["total"].as_u64().unwrap()
}

async fn assert_full_workflow(client: Option<Command>) {
    let Some(client) = client else { return };
    let program = Program::start();
    let expected = json!({ "polled": open_orders().await, "completed": 50, "errors": ERRORS });
    assert_eq!(outcome(client, &program), expected);
    // Every open order was handed out, so nothing is left for anybody else.
    assert_eq!(Supplier::of(&program, "aurora").poll(500).await["total"], 0);
}

/// Rules: `list.window`, `list.limit`, `list.shape`, `update.visible`, `update.incremental`, `error.messages`.
#[tokio::test]
async fn a_node_client_polls_delivers_and_meets_the_documented_errors() {
    assert_full_workflow(tools::node("workflow.mjs")).await;
}

/// Rules: `list.window`, `list.limit`, `list.shape`, `update.visible`, `update.incremental`, `error.messages`.
#[tokio::test]
async fn a_python_client_polls_delivers_and_meets_the_documented_errors() {
    assert_full_workflow(tools::python("workflow.py")).await;
}

/// Rules: `update.any-count`, `update.accounts-kind`, `update.accounts-dedup-scope`, `list.window`.
#[test]
fn the_workflow_of_the_guide_runs_unchanged() {
    // With and without a window: completed orders are gone either way.
    for window_minutes in ["30", "0"] {
        let Some(client) = tools::node("guide.mjs") else { return };
        let program = Launch::new().set("window-minutes", window_minutes).start();
        let expected = json!({ "polled": 50, "completed": 50, "errors": [] });
        assert_eq!(outcome(client, &program), expected, "a window of {window_minutes} minutes");
    }
}

/// A program that runs tests against a server at `SANDBOX_URL`.
fn runs_its_tests(runner: Option<Command>, passed: &str) {
    let Some(mut runner) = runner else { return };
    let program = Program::start();
    let told = run(runner.env("SANDBOX_URL", program.url()));
    assert_eq!(told.code, Some(0), "{}\n{}", told.stdout, told.stderr);
    assert!(told.stdout.contains(passed), "{}", told.stdout);
}

/// Rules: `list.window`, `list.window-end`, `update.resubmission`.
#[test]
fn the_fixture_for_node_holds_what_its_tests_say() {
    let runner = tools::node("sandbox.test.mjs").map(|mut node| {
        node.arg("--test-reporter=tap");
        node
    });
    runs_its_tests(runner, "# pass 20\n");
}

/// Rules: `list.window`, `list.window-end`, `update.resubmission`.
#[test]
fn the_fixture_for_python_holds_what_its_tests_say() {
    let runner = tools::python("-m").map(|mut python| {
        python.args(["pytest", "-q", "-p", "no:cacheprovider", "test_sandbox.py"]);
        python
    });
    runs_its_tests(runner, "20 passed");
}

/// Runs the lines for a CI job with `tests` as what it runs, held against `bar`; in a directory of its own.
fn ci_job(tests: &str, bar: &str) -> (crate::process::Outcome, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let beside = binary("supplier-sandbox").parent().unwrap().to_owned();
    let paths = std::env::join_paths(
        std::iter::once(beside).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let mut job = Command::new(root().join("tests/clients/ci/sandbox.sh"));
    job.args(["sh", "-c", tests]).current_dir(directory.path());
    (run(job.env("PATH", paths.unwrap()).env("SCORE_MIN", bar)), directory)
}

#[test]
fn the_lines_for_ci_run_the_tests_and_hold_the_client_to_a_bar() {
    if !tools::has_curl() {
        return;
    }
    let poll = r#"curl -sf "$SANDBOX_URL/api/admin/v2/orders?productType=manual" -H "X-Api-Key: $SANDBOX_KEY" > /dev/null"#;
    let (told, directory) = ci_job(poll, "0");
    assert_eq!(told.code, Some(0), "{}\n{}", told.stdout, told.stderr);
    let junit = std::fs::read_to_string(directory.path().join("scorecard.xml")).unwrap();
    assert!(junit.contains("<testsuite name=\"Aurora Digital Goods (aurora)\""), "{junit}");
    // It completes an order of ten pieces with one account, and gives no id of its own.
    let update = r#"curl -sf "$SANDBOX_URL/api/admin/v2/orders-update" -H "X-Api-Key: $SANDBOX_KEY" -H "Content-Type: application/json" -d '{"order": 12345, "status": "completed", "accounts": ["ann@example.com:1"]}' > /dev/null"#;
    let (told, _) = ci_job(&format!("{poll}; {update}"), "90");
    assert_eq!(told.code, Some(1), "{}\n{}", told.stdout, told.stderr);
    let (told, _) = ci_job("exit 7", "0");
    assert_eq!(told.code, Some(7), "the tests' own exit code: {}", told.stderr);
}

//! Clients in other languages, as their developers write them, against the real program.

use std::process::Command;

use serde_json::{Value, json};

use crate::client::Supplier;
use crate::process::run;
use crate::program::{Launch, Program};
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

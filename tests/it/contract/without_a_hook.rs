//! A URL and a key, and nothing else.

use reqwest::Client;
use serde_json::Value;

use super::failure_modes::proxy;
use super::{against, reported, with_verdict};
use crate::client::connections;
use crate::program::Program;

/// What the sandbox's journal has of calls with that answer.
async fn calls(client: &Client, program: &Program, query: &str) -> usize {
    let url = format!("{}/_sandbox/sandboxes/default/requests?limit=1000&{query}", program.url());
    let list: Value = client.get(url).send().await.unwrap().json().await.unwrap();
    list["requests"].as_array().unwrap().len()
}

#[tokio::test]
async fn what_cannot_be_tested_is_named_and_orders_are_within_the_budget() {
    let (program, client) = (Program::start(), connections());
    let key = program.key("aurora").to_owned();
    let (outcome, report) = reported(against(program.url()).args(["--provision", "none", "--key", &key]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stdout);
    let untested = with_verdict(&report, "NOT-TESTED");
    for rule in ["list.window-end", "list.paid-only", "update.access-denied"] {
        assert!(untested.iter().any(|untested| untested == rule), "{untested:?}");
    }
    let passed = with_verdict(&report, "PASS");
    for rule in
        ["auth.invalid-key", "list.window", "list.shape", "list.status", "error.messages", "update.not-found"]
    {
        assert!(passed.iter().any(|passed| passed == rule), "{rule} should have passed: {untested:?}");
    }
    assert!(outcome.stdout.contains("create_orders"), "it says what would bring more: {}", outcome.stdout);
    let most = report["opening"]["touches"]["withheld"].as_u64().unwrap();
    let url = format!("{}/_sandbox/sandboxes/default/audit", program.url());
    let audit: Value = client.get(url).send().await.unwrap().json().await.unwrap();
    let handed_out = audit["orders"].as_array().map_or(0, Vec::len) as u64;
    assert!(handed_out <= most, "{handed_out} orders were handed out, and at most {most} were announced");
}

#[tokio::test]
async fn a_target_that_is_no_sandbox_is_not_written_to() {
    let (program, client) = (Program::start(), connections());
    let proxy = anonymous(&program);
    let key = program.key("aurora").to_owned();
    let (_, report) = reported(against(&proxy).args(["--key", &key]));
    assert_eq!(report["opening"]["provision"], "none");
    assert!(report["opening"]["sandbox"].is_null());
    assert_eq!(report["opening"]["touches"]["changed"], 0);
    assert_eq!(calls(&client, &program, "operation=updateOrder&status=200").await, 0);
    assert!(calls(&client, &program, "operation=listOrders&status=200").await > 0);
    let (_, report) = reported(against(&proxy).args(["--key", &key, "--allow-writes"]));
    assert!(report["opening"]["touches"]["changed"].as_u64().unwrap() > 0);
    assert!(calls(&client, &program, "operation=updateOrder&status=200").await > 0);
}

#[tokio::test]
async fn read_only_hands_nothing_out() {
    let (program, client) = (Program::start(), connections());
    let key = program.key("aurora").to_owned();
    let (outcome, report) =
        reported(against(program.url()).args(["--provision", "none", "--key", &key, "--read-only"]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stdout);
    assert!(!with_verdict(&report, "PASS").is_empty());
    assert_eq!(calls(&client, &program, "operation=listOrders&status=200").await, 0);
    assert_eq!(calls(&client, &program, "operation=updateOrder&status=200").await, 0);
}

/// The program behind a proxy that takes away what tells it for a sandbox.
fn anonymous(program: &Program) -> String {
    proxy(program.address(), |_, answer| Some(answer.replace("sandbox-version:", "x-other:")))
}

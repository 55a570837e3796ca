//! With a key and what orders are there: by a list of them, by none, and by a run that only reads.

use serde_json::{Value, json};

use super::{EXPRESS, Implementation, PYTHON, Target};
use crate::client::numbers;
use crate::contract::{against, reported, with_verdict};

/// How many orders the first supplier has.
const ORDERS: u64 = 200;

/// A server with orders of the first supplier, and their numbers.
async fn stocked(implementation: &Implementation) -> Option<(Target, Vec<u64>)> {
    let target = implementation.start()?;
    let own = target.create(json!({ "supplier": "first", "count": ORDERS, "quantity": 3 })).await;
    Some((target, own))
}

/// A run with the first key and no hook: its report, in which no rule is broken or without a verdict.
fn blameless(target: &Target, arguments: &[&str]) -> Value {
    let mut command = against(&target.url);
    let (outcome, report) = reported(command.args(["--key", &target.keys[0]]).args(arguments));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stdout);
    for verdict in ["FAIL", "ERROR"] {
        assert_eq!(with_verdict(&report, verdict), [""; 0], "{}", outcome.stdout);
    }
    report
}

fn assert_passed(report: &Value, rules: &[&str]) {
    let passed = with_verdict(report, "PASS");
    for rule in rules {
        assert!(passed.iter().any(|passed| passed == rule), "{rule}: {passed:?}");
    }
}

async fn listed_orders_are_used_and_no_other_is_changed(implementation: &Implementation) {
    let Some((target, own)) = stocked(implementation).await else { return };
    let foreign = target.create(json!({ "supplier": "second", "count": 1 })).await;
    let unpaid = target.create(json!({ "supplier": "first", "count": 1, "paymentStatus": "pending" })).await;
    let (listed, others) = own.split_at(3);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("contract.toml");
    let text = format!(
        "provision = \"static\"\nallow-writes = true\n\
         [orders]\nown = {listed:?}\nforeign = {foreign:?}\nunpaid = {unpaid:?}\n"
    );
    std::fs::write(&file, text).unwrap();
    let report = blameless(&target, &["--config", file.to_str().unwrap()]);
    assert_passed(
        &report,
        &["update.access-denied", "update.status-values", "update.success", "update.accounts"],
    );
    target.assert_untouched(&foreign).await;
    target.assert_untouched(others).await;
}

#[tokio::test]
async fn by_a_list_of_orders_the_python_server_conforms() {
    listed_orders_are_used_and_no_other_is_changed(&PYTHON).await;
}

#[tokio::test]
async fn by_a_list_of_orders_the_express_server_conforms() {
    listed_orders_are_used_and_no_other_is_changed(&EXPRESS).await;
}

async fn no_more_orders_are_hidden_than_announced_and_none_is_changed(implementation: &Implementation) {
    let Some((target, own)) = stocked(implementation).await else { return };
    let report = blameless(&target, &["--provision", "none"]);
    assert_passed(&report, &["auth.invalid-key", "list.window", "list.shape", "update.not-found"]);
    let hidden = ORDERS - target.page().await["count"].as_u64().unwrap();
    let announced = report["opening"]["touches"]["withheld"].as_u64().unwrap();
    assert!(hidden <= announced, "{hidden} orders are hidden, and {announced} were announced");
    target.assert_untouched(&own).await;
}

#[tokio::test]
async fn by_a_key_alone_the_python_server_conforms() {
    no_more_orders_are_hidden_than_announced_and_none_is_changed(&PYTHON).await;
}

#[tokio::test]
async fn by_a_key_alone_the_express_server_conforms() {
    no_more_orders_are_hidden_than_announced_and_none_is_changed(&EXPRESS).await;
}

async fn every_order_is_still_to_be_had(implementation: &Implementation) {
    let Some((target, own)) = stocked(implementation).await else { return };
    let report = blameless(&target, &["--provision", "none", "--read-only"]);
    assert_passed(&report, &["auth.invalid-key", "update.not-found", "error.envelope"]);
    let mut listed = numbers(&target.page().await);
    listed.sort_unstable();
    assert_eq!(listed, own);
    target.assert_untouched(&own).await;
}

#[tokio::test]
async fn a_run_that_only_reads_hides_and_changes_no_order_of_the_python_server() {
    every_order_is_still_to_be_had(&PYTHON).await;
}

#[tokio::test]
async fn a_run_that_only_reads_hides_and_changes_no_order_of_the_express_server() {
    every_order_is_still_to_be_had(&EXPRESS).await;
}

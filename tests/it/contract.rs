//! The contract suite's program, against servers that keep the rules, break one, or are something else.

mod conforms;
mod failure_modes;
mod guide_servers;
mod secrets;
mod tls;
mod window;
mod without_a_hook;

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Outcome, run};
use crate::program::contract;

/// `supplier-contract run` against a target.
fn against(url: &str) -> Command {
    let mut command = contract();
    command.args(["run", "--target", url]);
    command
}

/// Runs the command with a report in JSON, and returns both.
fn reported(command: &mut Command) -> (Outcome, Value) {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("report.json");
    let outcome =
        run(command.args(["--report", "human"]).arg("--report").arg(format!("json={}", file.display())));
    let report = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    (outcome, serde_json::from_str(&report).unwrap())
}

/// The rules of a report with that verdict.
fn with_verdict(report: &Value, verdict: &str) -> Vec<String> {
    let rules = report["rules"].as_array().unwrap().iter();
    rules
        .filter(|rule| rule["verdict"] == verdict)
        .map(|rule| rule["id"].as_str().unwrap().to_owned())
        .collect()
}

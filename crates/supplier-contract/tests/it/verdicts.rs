//! When a run says CONFORMS, and when it does not.

use serde_json::json;
use supplier_contract::internal::{Defect, FakeTarget, Run, registry};
use supplier_contract::{Config, Provision, Report, Verdict};

use crate::program::Program;
use crate::server::{Response, Server};
use crate::target::{NOWHERE, REFUSAL, answering};

fn refusal(status: u16, code: &str) -> Response {
    let message = if code == "INVALID_API_KEY" { "Invalid API key" } else { "Not found" };
    Response::json(status, &json!({ "error": code, "message": message }))
}

/// A server that judges the key before the path, and serves nothing under a doubled path.
fn key_first() -> Server {
    Server::start(|request| {
        let path = request.target.split('?').next().unwrap();
        Some(match (request.header("x-api-key"), path) {
            (Some("test_key"), "/api/admin/v2/orders" | "/api/admin/v2/orders-update") => {
                refusal(404, "ORDER_NOT_FOUND")
            }
            (Some("test_key"), _) => refusal(404, "NOT_FOUND"),
            _ => refusal(401, "INVALID_API_KEY"),
        })
    })
}

#[test]
fn a_doubled_path_is_noticed_with_a_key_and_without() {
    let server = key_first();
    let doubled = format!("{}/api/admin/v2", server.url);
    for key in [&[][..], &["--key", "test_key"]] {
        let line = [&["run", "--target", &doubled][..], key].concat();
        let told = Program::new().fails(3, &line);
        assert!(told.contains("no call reaches the API"), "{told}");
        assert!(told.contains(&format!("leave it out: --target {}\n", server.url)), "{told}");
    }
    // Any other wrong path is noticed by the key.
    let wrong = format!("{}/shop", server.url);
    let told = Program::new().fails(3, &["run", "--target", &wrong, "--key", "test_key"]);
    assert!(told.contains("no call reaches the API"), "{told}");
    let ended =
        Program::new().run(&["run", "--target", &server.url, "--key", "test_key", "--only", "key-missing"]);
    assert_eq!(ended.code, 0, "{ended:?}");
}

async fn tested(defect: Option<Defect>, change: impl FnOnce(&mut Config)) -> Report {
    let target = FakeTarget::start(defect).await.unwrap();
    let mut config = Config::new(target.url()).key(target.first_key()).second_key(target.second_key());
    config.provision = Some(Provision::Http);
    config.hook = vec![target.hook_url()];
    config.allow_writes = true;
    config.cases = Some(2);
    change(&mut config);
    Run::prepare(config, registry()).await.unwrap().run(&mut |_| {}).await
}

#[tokio::test]
async fn a_run_whose_time_is_over_does_not_conform() {
    let report = tested(None, |config| config.max_time = Some(std::time::Duration::from_nanos(1))).await;
    assert!(!report.conforms());
    assert_eq!(report.stopped.as_deref(), Some("--max-time was over"));
}

#[tokio::test]
async fn a_run_ends_with_the_first_broken_rule_if_asked_to() {
    let whole = tested(Some(Defect::KeyMissingAccepted), |_| {}).await;
    let report = tested(Some(Defect::KeyMissingAccepted), |config| config.fail_fast = true).await;
    assert_eq!(report.verdict(), Verdict::Fail);
    assert!(report.stopped.as_ref().unwrap().contains("--fail-fast"), "{:?}", report.stopped);
    assert!(report.calls < whole.calls / 4, "{} of {}", report.calls, whole.calls);
    let right = tested(None, |config| config.fail_fast = true).await;
    assert!(right.conforms() && right.stopped.is_none());
}

#[test]
fn the_second_seed_replaces_the_first() {
    let target = answering("401 Unauthorized", "application/json", REFUSAL);
    let line = ["run", "--target", &target, "--only", "key-missing", "--seed", "1", "--seed", "42"];
    let ended = Program::new().run(&line);
    assert!(ended.code == 0 && ended.out.contains("seed 42"), "{ended:?}");
}

#[test]
fn a_file_of_authorities_holds_certificates() {
    let program = Program::new().file("key", "no certificate").file("empty", "");
    for file in ["key", "empty", "none"] {
        let told = program.fails(2, &["run", "--target", NOWHERE, "--ca-file", file]);
        assert!(told.starts_with(&format!("error: --ca-file {file}: ")), "{told}");
    }
}

#[test]
fn all_findings_of_a_report_are_repeated() {
    let bad = answering("403 Forbidden", "application/json", r#"{"error": "NO", "message": "No"}"#);
    let program = Program::new();
    let ended =
        program.run(&["run", "--target", &bad, "--only", "auth.invalid-key", "--report", "json=report.json"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let ended = program.run(&["replay", "report.json", "--all", "--target", &bad]);
    assert!(ended.code == 1 && ended.out.contains("0 not seen again, 0 could not be repeated"), "{ended:?}");
    let good = answering("401 Unauthorized", "application/json", REFUSAL);
    let ended = program.run(&["replay", "report.json", "--all", "--target", &good]);
    assert!(ended.code == 0 && ended.out.contains("finding 1: auth.invalid-key"), "{ended:?}");
    assert!(ended.out.lines().last().unwrap().contains("0 seen again"), "{ended:?}");
    assert_eq!(program.run(&["replay", "report.json", "--all", "--finding", "1", "--target", &good]).code, 2);
}

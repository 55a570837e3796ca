//! `GET /_sandbox/metrics`.

use serde_json::json;
use supplier_sandbox::SandboxServer;

use crate::control::Control;
use crate::sandbox::{ORDERS, Sandbox, client};

const METRICS: &str = "/_sandbox/metrics";

async fn scrape(sandbox: &Sandbox) -> String {
    let answer = sandbox.request("GET", METRICS).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    answer.text().await.unwrap()
}

/// The value of a series, and 0 where it is not told.
fn value(metrics: &str, series: &str) -> u64 {
    let told = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    told.map_or(0, |value| value.parse().unwrap())
}

fn requests(operation: &str, status: &str) -> String {
    format!("supplier_sandbox_requests_total{{operation=\"{operation}\",status=\"{status}\"}}")
}

#[tokio::test]
async fn requests_are_counted_by_operation_and_status_with_how_long_they_took() {
    let sandbox = Sandbox::minimal().await;
    sandbox.list("productType=manual").await.good();
    sandbox.list("productType=manual").await.good();
    sandbox.list("limit=0").await;
    sandbox.update(json!({ "order": 12345, "status": "processing" })).await.good();
    sandbox.update(json!({ "order": 40401, "status": "processing" })).await;
    for (method, path) in
        [("PUT", ORDERS), ("GET", "/docs"), ("GET", "/nowhere"), ("GET", "/_sandbox/openapi.json")]
    {
        sandbox.request(method, path).send().await.unwrap();
    }
    sandbox.request("GET", "/_sandbox/nowhere").send().await.unwrap();
    scrape(&sandbox).await;
    let metrics = scrape(&sandbox).await;
    for (operation, status, expected) in [
        ("listOrders", "200", 2),
        ("listOrders", "400", 1),
        ("listOrders", "405", 1),
        ("updateOrder", "200", 1),
        ("updateOrder", "404", 1),
        ("page", "200", 2),
        ("other", "404", 1),
        ("control", "404", 1),
        // The scrape before this one.
        ("control", "200", 1),
    ] {
        assert_eq!(
            value(&metrics, &requests(operation, status)),
            expected,
            "{operation} {status}\n{metrics}"
        );
    }
    for (operation, expected) in
        [("listOrders", 4), ("updateOrder", 2), ("page", 2), ("other", 1), ("control", 2)]
    {
        let labels = format!("{{operation=\"{operation}\"}}");
        let series = format!("supplier_sandbox_request_duration_seconds_count{labels}");
        assert_eq!(value(&metrics, &series), expected, "{operation}\n{metrics}");
    }
    assert!(metrics.contains("# TYPE supplier_sandbox_request_duration_seconds histogram\n"), "{metrics}");
}

#[tokio::test]
async fn what_a_fault_keeps_from_being_sent_is_counted_as_unsent() {
    let sandbox = Sandbox::minimal().await;
    let drop = json!({ "operation": "updateOrder", "effect": { "kind": "drop-after" }, "times": 1 });
    let (status, armed) = Control::of(&sandbox).call("POST", "/sandboxes/default/faults", Some(drop)).await;
    assert_eq!(status, 201, "{armed}");
    let update =
        sandbox.request("POST", "/api/admin/v2/orders-update").header("X-Api-Key", sandbox.key("aurora"));
    update.json(&json!({ "order": 12345, "status": "processing" })).send().await.unwrap_err();
    let metrics = scrape(&sandbox).await;
    assert_eq!(value(&metrics, &requests("updateOrder", "unsent")), 1, "{metrics}");
    assert_eq!(value(&metrics, &requests("updateOrder", "200")), 0, "{metrics}");
}

#[tokio::test]
async fn the_sandboxes_are_those_that_there_are_now() {
    let sandbox = Sandbox::minimal().await;
    let before = value(&scrape(&sandbox).await, "supplier_sandbox_sandboxes");
    let control = Control::of(&sandbox);
    let created = control.created(json!({ "scenario": "minimal" })).await;
    let during = value(&scrape(&sandbox).await, "supplier_sandbox_sandboxes");
    control.call("DELETE", &format!("/sandboxes/{}", created["id"].as_str().unwrap()), None).await;
    let after = value(&scrape(&sandbox).await, "supplier_sandbox_sandboxes");
    assert_eq!((before, during, after), (1, 2, 1));
    assert_eq!(value(&scrape(&sandbox).await, "supplier_sandbox_calls_lost_total"), 0, "memory loses none");
}

/// Rules: `update.secret`.
#[tokio::test]
async fn nothing_that_a_client_sent_shows() {
    let sandbox = Sandbox::minimal().await;
    let key = sandbox.key("aurora");
    for path in ["/secret-path", "/_sandbox/secret-path", "/_sandbox/sandboxes/secret-path"] {
        let request = sandbox.request("GET", &format!("{path}?secret-query={key}"));
        request.header("X-Api-Key", key).send().await.unwrap();
    }
    sandbox.request("SECRET-METHOD", ORDERS).send().await.unwrap();
    sandbox.list("productType=manual&secret-query=1").await;
    let metrics = scrape(&sandbox).await;
    assert!(!metrics.to_lowercase().contains("secret") && !metrics.contains(key), "{metrics}");
}

#[tokio::test]
async fn the_admin_token_is_asked_for_where_other_machines_reach_the_server() {
    let server = SandboxServer::builder().scenario("minimal").listen("0.0.0.0:0").admin_token("a-token");
    let server = server.start().await.unwrap();
    let url = format!("{}{METRICS}", server.url().replace("0.0.0.0", "127.0.0.1"));
    let status = async |token: Option<&str>| {
        let request = client().get(&url);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    for token in [None, Some("another-token")] {
        let (status, told) = status(token).await;
        assert!(status == 401 && !told.contains("supplier_sandbox_"), "{token:?}: {status} {told}");
    }
    assert_eq!(status(Some("a-token")).await.0, 200);
}

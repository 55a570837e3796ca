//! Faults: what goes wrong on purpose, over HTTP and byte by byte.

use serde_json::{Value, json};

use crate::control::Control;
use crate::raw::Connection;
use crate::sandbox::{ORDERS, Sandbox, UPDATE};

const MANUAL: &str = "productType=manual&status=pending,processing";
pub(crate) const FAULTS: &str = "/sandboxes/default/faults";

impl Control<'_> {
    /// Arms a fault in the default sandbox, and returns its number.
    pub(crate) async fn arm(&self, fault: Value) -> u64 {
        let (status, armed) = self.call("POST", FAULTS, Some(fault)).await;
        assert_eq!(status, 201, "{armed}");
        armed["id"].as_u64().unwrap()
    }

    /// How many calls each fault matched, and how often it fired.
    pub(crate) async fn counts(&self) -> Vec<(u64, u64)> {
        let (_, listed) = self.call("GET", FAULTS, None).await;
        let count = |fault: &Value, name: &str| fault[name].as_u64().unwrap();
        let faults = listed["faults"].as_array().unwrap().iter();
        faults.map(|fault| (count(fault, "matched"), count(fault, "fired"))).collect()
    }

    pub(crate) async fn order(&self, number: u64) -> Value {
        self.call("GET", &format!("/sandboxes/default/orders/{number}"), None).await.1
    }
}

/// What a client sees that updates order 12345: all that comes before the connection closes.
async fn raw_update(sandbox: &Sandbox) -> String {
    let body = r#"{"order": 12345, "status": "processing"}"#;
    let mut connection = Connection::open(&sandbox.server).await;
    let key = sandbox.key("aurora");
    let head = format!(
        "POST {UPDATE} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    connection.send(&format!("{head}{body}")).await;
    connection.end().await
}

/// The same of a client that asks for orders.
async fn raw_list(sandbox: &Sandbox) -> String {
    let mut connection = Connection::open(&sandbox.server).await;
    let key = sandbox.key("aurora");
    let request =
        format!("GET {ORDERS}?{MANUAL} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nConnection: close\r\n\r\n");
    connection.send(&request).await;
    connection.end().await
}

#[tokio::test]
async fn a_documented_error_or_any_status_is_answered_and_nothing_happens() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for (code, status) in [
        ("INVALID_API_KEY", 401),
        ("ACCESS_DENIED", 403),
        ("ORDER_NOT_FOUND", 404),
        ("INVALID_ACCOUNTS", 400),
        ("INVALID_REQUEST", 400),
        ("RATE_LIMITED", 429),
        ("INTERNAL_ERROR", 500),
        ("SERVICE_UNAVAILABLE", 503),
        ("REQUEST_TIMEOUT", 408),
    ] {
        let effect = json!({ "kind": "error", "code": code });
        control.arm(json!({ "operation": "updateOrder", "effect": effect, "times": 1 })).await;
        sandbox.update(json!({ "order": 12345, "status": "completed" })).await.refused(status, code);
        assert_eq!(control.order(12345).await["status"], "pending", "{code}");
    }
    control.call("DELETE", FAULTS, None).await;

    for (envelope, body) in [(true, "\"error\":\"INTERNAL_ERROR\""), (false, "content-length: 0")] {
        let effect = json!({ "kind": "status", "status": 507, "envelope": envelope });
        control.arm(json!({ "operation": "listOrders", "effect": effect, "times": 1 })).await;
        let told = raw_list(&sandbox).await;
        assert!(told.starts_with("HTTP/1.1 507 ") && told.contains(body), "{told}");
    }
    assert!(sandbox.list(MANUAL).await.numbers().contains(&12345), "nothing was handed out");
}

/// Rules: `update.atomic`, `list.window-page`.
#[tokio::test]
async fn a_connection_that_is_dropped_before_leaves_all_as_it_was() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    control.arm(json!({ "effect": { "kind": "drop-before" } })).await;
    assert_eq!(raw_update(&sandbox).await, "");
    assert_eq!(raw_list(&sandbox).await, "");
    let order = control.order(12345).await;
    assert_eq!((&order["status"], &order["withheld"]), (&json!("pending"), &json!([])));
    assert_eq!(control.counts().await, [(2, 2)]);
}

/// Rules: `list.window`, `update.visible`.
#[tokio::test]
async fn a_connection_that_is_dropped_after_has_done_its_work() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    control.arm(json!({ "effect": { "kind": "drop-after" } })).await;
    assert_eq!(raw_update(&sandbox).await, "");
    assert_eq!(control.order(12345).await["status"], "processing", "the change is committed");
    assert_eq!(raw_list(&sandbox).await, "");
    assert_eq!(control.order(12345).await["withheld"][0]["supplier"], "aurora", "the page is withheld");
    let unpaid = json!({ "paymentStatus": "pending" });
    control.call("PATCH", "/sandboxes/default/orders/12345", Some(unpaid)).await;
    assert_eq!(raw_update(&sandbox).await, "", "a refusal is not sent either");
    assert_eq!(control.counts().await, [(3, 3)]);
}

#[tokio::test]
async fn an_answer_breaks_off_or_is_no_json() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    control.arm(json!({ "effect": { "kind": "truncate", "bytes": 30 }, "times": 2 })).await;
    control.arm(json!({ "effect": { "kind": "garbage" } })).await;
    for told in [raw_list(&sandbox).await, raw_update(&sandbox).await] {
        let (head, body) = told.split_once("\r\n\r\n").unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        assert!(head.starts_with("HTTP/1.1 200 ") && length.parse::<usize>().unwrap() > 30, "{head}");
        assert_eq!(body.len(), 30, "{body}");
    }
    let garbage = raw_update(&sandbox).await;
    let (head, body) = garbage.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("content-type: application/json"), "{head}");
    assert!(serde_json::from_str::<Value>(body).is_err(), "{body}");
    assert_eq!(control.counts().await, [(3, 2), (3, 1)]);
}

/// Rules: `error.server`.
#[tokio::test]
async fn a_supplier_who_calls_too_often_waits_for_the_next_period() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    control.arm(json!({ "effect": { "kind": "rate-limit", "calls": 2, "periodSeconds": 60 } })).await;
    for _ in 0..2 {
        sandbox.list("").await.good();
    }
    sandbox.pass(15_000).await;
    sandbox.list("").await.refused(429, "RATE_LIMITED");
    sandbox.list_as("birch", "").await.good();
    sandbox.pass(45_000).await;
    sandbox.list("").await.good();
}

#[tokio::test]
async fn a_fault_strikes_the_calls_that_it_matches_as_often_as_it_is_told() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let effect = json!({ "kind": "error", "code": "SERVICE_UNAVAILABLE" });
    let third = control.arm(json!({ "operation": "listOrders", "every": 3, "effect": effect })).await;
    control.arm(json!({ "order": 12346, "supplier": "aurora", "effect": effect, "ttlSeconds": 60 })).await;
    let statuses = async || {
        let mut statuses = Vec::new();
        for _ in 0..6 {
            statuses.push(sandbox.list("").await.status);
        }
        statuses
    };
    assert_eq!(statuses().await, [200, 200, 503, 200, 200, 503]);
    let update = |order| json!({ "order": order, "status": "processing" });
    sandbox.update(update(12345)).await.good();
    sandbox.update(update(12346)).await.refused(503, "SERVICE_UNAVAILABLE");
    sandbox.update_as("birch", update(12346)).await.good();
    assert_eq!(control.counts().await, [(6, 2), (1, 1)]);
    sandbox.pass(60_000).await;
    sandbox.update(update(12346)).await.good();

    assert_eq!(control.call("DELETE", &format!("{FAULTS}/{third}"), None).await.0, 204);
    assert_eq!(control.call("DELETE", &format!("{FAULTS}/{third}"), None).await.0, 404);
    assert_eq!(statuses().await, [200; 6]);

    control
        .arm(json!({ "operation": "listOrders", "skip": 1, "every": 2, "times": 2, "effect": effect }))
        .await;
    assert_eq!(statuses().await, [200, 200, 503, 200, 503, 200]);
    control.arm(json!({ "order": 12345, "skip": 2, "times": 1, "effect": effect })).await;
    sandbox.update(update(12345)).await.good();
    sandbox.update(update(12346)).await.good();
    sandbox.update(update(12345)).await.good();
    sandbox.update(update(12345)).await.refused(503, "SERVICE_UNAVAILABLE");
    sandbox.update(update(12345)).await.good();
}

#[tokio::test]
async fn a_fork_begins_with_the_faults_of_its_original_and_a_reset_with_its_own() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    control.arm(json!({ "effect": { "kind": "error", "code": "INTERNAL_ERROR" } })).await;
    let fork = control.created(json!({ "from": "default" })).await;
    let fresh = control.created(json!({})).await;
    control.list(&fork, "aurora", "").await.refused(500, "INTERNAL_ERROR");
    control.list(&fresh, "aurora", "").await.good();
    control.call("POST", "/sandboxes/default/reset", None).await;
    sandbox.list("").await.good();
    let path = format!("/sandboxes/{}", fork["id"].as_str().unwrap());
    control.call("DELETE", &format!("{path}/faults"), None).await;
    control.list(&fork, "aurora", "").await.good();
    control.call("POST", &format!("{path}/reset"), None).await;
    control.list(&fork, "aurora", "").await.refused(500, "INTERNAL_ERROR");
}

#[tokio::test]
async fn a_delayed_call_is_answered_all_the_same() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    control.arm(json!({ "effect": { "kind": "delay", "fixedMillis": 1, "jitterMillis": 1 } })).await;
    sandbox.list("").await.good();
    assert_eq!(control.counts().await, [(1, 1)]);
}

#[tokio::test]
async fn a_header_forces_each_documented_error_once_the_key_is_known() {
    let sandbox = Sandbox::minimal().await;
    let request = |code: &str| {
        let request = sandbox.request("GET", ORDERS).header("X-Api-Key", sandbox.key("aurora"));
        request.header("Sandbox-Scenario", code)
    };
    for (code, status) in [("INVALID_API_KEY", 401), ("RATE_LIMITED", 429), ("INTERNAL_ERROR", 500)] {
        sandbox.send(request(code)).await.refused(status, code);
    }
    let update = sandbox.request("POST", UPDATE).header("X-Api-Key", sandbox.key("aurora"));
    let update = update.header("Sandbox-Scenario", "ORDER_NOT_FOUND").json(&json!({ "order": 12345 }));
    sandbox.send(update).await.refused(404, "ORDER_NOT_FOUND");
    let unknown = sandbox.send(request("ORDER_LOST")).await;
    assert_eq!(unknown.wrong_fields(), ["Sandbox-Scenario"]);
    let stranger = sandbox.request("GET", ORDERS).header("Sandbox-Scenario", "RATE_LIMITED");
    sandbox.send(stranger).await.refused(401, "INVALID_API_KEY");
}

#[tokio::test]
async fn a_fault_that_cannot_be_armed_is_refused_with_all_that_is_wrong() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for (fault, fields) in [
        (json!({}), &["effect.kind"][..]),
        (json!({ "effect": { "kind": "explode" } }), &["effect.kind"]),
        (json!({ "effect": { "kind": "error", "code": "NOPE" }, "times": 0 }), &["effect.code", "times"]),
        (json!({ "effect": { "kind": "delay", "fixedMillis": 90_000 } }), &["effect.fixedMillis"]),
        (json!({ "effect": "drop-after" }), &["effect"]),
        (json!({ "effect": { "kind": "garbage" }, "skip": -1, "every": 0 }), &["every", "skip"]),
        (json!({ "effect": { "kind": 1 }, "every": "2", "seed": -1 }), &["effect.kind", "every", "seed"]),
        (
            json!({ "effect": { "kind": "garbage", "bytes": 3 }, "probability": 2 }),
            &["effect.bytes", "probability"],
        ),
        (
            json!({ "effect": { "kind": "drop-after", "how": "RST", "when": "after" } }),
            &["effect.when", "effect.how"],
        ),
        (json!({ "effect": { "kind": "truncate", "bytes": 3, "framing": 1 } }), &["effect.framing"]),
    ] {
        let (status, problem) = control.call("POST", FAULTS, Some(fault.clone())).await;
        assert_eq!(status, 400, "{fault}: {problem}");
        let errors = problem["errors"].as_array().unwrap();
        let named: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(named, fields, "{fault}: {problem}");
    }
    let stranger = json!({ "supplier": "nobody", "effect": { "kind": "garbage" } });
    assert_eq!(control.call("POST", FAULTS, Some(stranger)).await.0, 404);
    assert_eq!(control.counts().await, []);
}

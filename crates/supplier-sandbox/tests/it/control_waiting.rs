//! Calls that wait while their sandbox is reset or deleted, or their key revoked.

use futures::join;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::control::Control;
use crate::raw::{Connection, RawAnswer};
use crate::sandbox::{ORDERS, Sandbox, UPDATE};

const ALL: &str = "productType=manual,auto,inventory&limit=500";

/// A sandbox of its own in which each call waits, long enough for a test to do something meanwhile.
struct Slow<'a> {
    sandbox: &'a Sandbox,
    control: Control<'a>,
    id: String,
    key: String,
    key_path: String,
}

impl<'a> Slow<'a> {
    async fn new(sandbox: &'a Sandbox) -> Self {
        let control = Control::of(sandbox);
        let created = control.created(json!({})).await;
        let id = created["id"].as_str().unwrap().to_owned();
        let suppliers = created["suppliers"].as_array().unwrap();
        let aurora = suppliers.iter().find(|supplier| supplier["id"] == "aurora").unwrap();
        let key = aurora["key"].as_str().unwrap().to_owned();
        let keys = format!("/sandboxes/{id}/suppliers/aurora/keys");
        let listed = control.call("GET", &keys, None).await.1;
        let key_path = format!("{keys}/{}", listed["keys"][0]["id"].as_str().unwrap());
        let fault = json!({ "effect": { "kind": "delay", "fixedMillis": 1500 } });
        let armed = control.call("POST", &format!("/sandboxes/{id}/faults"), Some(fault)).await;
        assert_eq!(armed.0, 201, "{armed:?}");
        Self { sandbox, control, id, key, key_path }
    }

    async fn list(&self) -> Answer {
        let request = self.sandbox.request("GET", &format!("{ORDERS}?{ALL}"));
        self.sandbox.send(request.header("X-Api-Key", &self.key)).await
    }

    async fn complete(&self) -> Answer {
        let update = json!({ "order": 12345, "status": "completed" });
        let request = self.sandbox.request("POST", UPDATE).header("X-Api-Key", &self.key).json(&update);
        self.sandbox.send(request).await
    }

    /// Does `act` once both calls wait.
    async fn meanwhile(&self, method: &str, path: &str) {
        let faults = format!("/sandboxes/{}/faults", self.id);
        while self.control.call("GET", &faults, None).await.1["faults"][0]["fired"] != 2 {}
        let (status, body) = self.control.call(method, path, None).await;
        assert!(status < 300, "{body}");
    }

    async fn state(&self) -> (Value, Value) {
        let order = self.control.call("GET", &format!("/sandboxes/{}/orders/12345", self.id), None).await.1;
        let calls = self.control.call("GET", &format!("/sandboxes/{}/requests", self.id), None).await.1;
        (order, calls)
    }
}

/// Rules: `update.atomic`, `list.window-page`, `error.server`.
#[tokio::test]
async fn a_call_that_began_before_a_reset_does_nothing_in_the_world_after_it() {
    let sandbox = Sandbox::minimal().await;
    let slow = Slow::new(&sandbox).await;
    let reset = format!("/sandboxes/{}/reset", slow.id);
    let (listed, updated, ()) = join!(slow.list(), slow.complete(), slow.meanwhile("POST", &reset));
    for answer in [listed, updated] {
        answer.refused(503, "SERVICE_UNAVAILABLE");
        assert!(answer.text.contains("was reset"), "{}", answer.text);
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    let (order, calls) = slow.state().await;
    assert_eq!((&order["status"], &order["withheld"]), (&json!("pending"), &json!([])), "{order}");
    assert_eq!(calls["requests"], json!([]), "its journal is empty");
    assert!(slow.list().await.numbers().contains(&12_345), "the key is as good as before");
}

/// Rules: `auth.invalid-key`.
#[tokio::test]
async fn a_call_whose_key_is_revoked_while_it_waits_does_nothing() {
    let sandbox = Sandbox::minimal().await;
    let slow = Slow::new(&sandbox).await;
    let (listed, updated, ()) = join!(slow.list(), slow.complete(), slow.meanwhile("DELETE", &slow.key_path));
    listed.refused(401, "INVALID_API_KEY");
    updated.refused(401, "INVALID_API_KEY");
    let (order, calls) = slow.state().await;
    assert_eq!((&order["status"], &order["withheld"]), (&json!("pending"), &json!([])), "{order}");
    let calls = calls["requests"].as_array().unwrap();
    assert!(calls.len() == 2 && calls.iter().all(|call| call["keyProblem"] == "revoked"), "{calls:?}");
}

/// Rules: `auth.invalid-key`.
#[tokio::test]
async fn a_call_whose_sandbox_is_deleted_while_it_waits_has_no_key_any_more() {
    let sandbox = Sandbox::minimal().await;
    let slow = Slow::new(&sandbox).await;
    let path = format!("/sandboxes/{}", slow.id);
    let (listed, updated, ()) = join!(slow.list(), slow.complete(), slow.meanwhile("DELETE", &path));
    listed.refused(401, "INVALID_API_KEY");
    updated.refused(401, "INVALID_API_KEY");
}

/// An update of order 12345 whose body comes once `meanwhile` is done.
async fn with_a_slow_body(slow: &Slow<'_>, method: &str, path: &str) -> RawAnswer {
    let body = r#"{"order":12345,"status":"completed"}"#;
    let mut connection = Connection::open(&slow.sandbox.server).await;
    let head = format!(
        "POST {UPDATE} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {}\r\nContent-Type: application/json\r\nContent-Length: \
         {}\r\nExpect: 100-continue\r\n\r\n",
        slow.key,
        body.len()
    );
    connection.send(&head).await;
    // That the server asks for the body shows that it knows the key.
    assert_eq!(connection.answer().await.status, "100");
    let (status, told) = slow.control.call(method, path, None).await;
    assert!(status < 300, "{told}");
    connection.send(body).await;
    connection.answer().await
}

/// Rules: `auth.invalid-key`, `update.atomic`.
#[tokio::test]
async fn a_body_that_comes_late_changes_nothing_that_its_caller_may_no_longer_change() {
    let sandbox = Sandbox::minimal().await;
    let slow = Slow::new(&sandbox).await;
    slow.control.call("DELETE", &format!("/sandboxes/{}/faults", slow.id), None).await;
    let reset = format!("/sandboxes/{}/reset", slow.id);
    assert_eq!(with_a_slow_body(&slow, "POST", &reset).await.status, "503");
    assert_eq!(slow.state().await.0["status"], "pending");
    assert_eq!(with_a_slow_body(&slow, "DELETE", &slow.key_path).await.status, "401");
    assert_eq!(slow.state().await.0["status"], "pending");
}

//! The journal: what suppliers called, live and afterwards, and why it was answered so.

use std::time::Duration;

use serde_json::{Value, json};

use crate::control::Control;
use crate::events::events_of;
use crate::raw::Connection;
use crate::sandbox::{ORDERS, Sandbox, UPDATE};

const MANUAL: &str = "productType=manual";
const REQUESTS: &str = "/sandboxes/default/requests";

impl Control<'_> {
    pub(crate) async fn requests(&self, query: &str) -> Vec<Value> {
        self.requests_of("default", query).await
    }

    pub(crate) async fn requests_of(&self, sandbox: &str, query: &str) -> Vec<Value> {
        let (status, found) = self.call("GET", &format!("/sandboxes/{sandbox}/requests?{query}"), None).await;
        assert_eq!(status, 200, "{found}");
        found["requests"].as_array().unwrap().clone()
    }

    pub(crate) async fn details(&self, id: &str) -> Value {
        self.call("GET", &format!("{REQUESTS}/{id}"), None).await.1
    }

    pub(crate) async fn why(&self, id: &str) -> Value {
        self.call("GET", &format!("{REQUESTS}/{id}/why"), None).await.1
    }
}

fn delivery(accounts: &[&str]) -> Value {
    json!({ "order": 12_345, "accounts": accounts })
}

#[tokio::test]
async fn every_call_is_kept_with_what_it_did() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let listed = sandbox.list("productType=manual&limit=2").await;
    let updated = sandbox.update(json!({ "order": 12_345, "status": "processing" })).await;
    let refused = sandbox.list("limit=0&status=done").await;
    sandbox
        .send(sandbox.request("GET", "/api/admin/v2/order").header("X-Api-Key", sandbox.key("birch")))
        .await;
    sandbox.send(sandbox.request("PUT", ORDERS).header("X-Api-Key", "wrong")).await;
    let calls = control.requests("").await;
    let told: Vec<_> = calls
        .iter()
        .map(|call| {
            (
                call["supplier"].clone(),
                call["operation"].clone(),
                call["status"].clone(),
                call["orders"].clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (json!("aurora"), json!("listOrders"), json!(200), json!([12_345, 12_346])),
            (json!("aurora"), json!("updateOrder"), json!(200), json!([12_345])),
            (json!("aurora"), json!("listOrders"), json!(400), json!([])),
            (json!("birch"), Value::Null, json!(404), json!([])),
            (Value::Null, Value::Null, json!(405), json!([])),
        ]
    );
    for (call, answer) in calls.iter().zip([&listed, &updated, &refused]) {
        assert_eq!(call["id"], answer.request_id());
    }
    assert_eq!(calls[2]["rules"], json!(["list.values", "list.limit-range"]));
    let details = control.details(&listed.request_id()).await;
    assert_eq!(details["target"], format!("{ORDERS}?productType=manual&limit=2"));
    assert_eq!(details["page"]["withheld"], 0);
    assert!(
        details["answerBody"]["text"].as_str().unwrap().starts_with(r#"{"orders":[{"id":12345,"#),
        "{details}"
    );
    let details = control.details(&updated.request_id()).await;
    assert_eq!(
        details["update"],
        json!({
            "statusBefore": "pending", "statusAfter": "processing", "accepted": 0, "dropped": 0,
            "changedNothing": false, "odd": 0,
        })
    );
    let details = control.details(&refused.request_id()).await;
    assert_eq!(details["problems"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn calls_are_found_by_what_they_were_and_forgotten_when_told() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    sandbox.list(MANUAL).await;
    for _ in 0..2 {
        sandbox.update(json!({ "order": 99_999_999, "status": "processing" })).await;
    }
    for (query, count) in [
        ("operation=updateOrder", 2),
        ("status=404", 2),
        ("error=ORDER_NOT_FOUND&after=2", 1),
        ("order=12345", 1),
        ("order=99999999&limit=1", 1),
        ("error=order_not_found", 0),
    ] {
        assert_eq!(control.requests(query).await.len(), count, "{query}");
    }
    let (status, problem) =
        control.call("GET", &format!("{REQUESTS}?limit=0&operation=list&stauts=404"), None).await;
    assert_eq!((status, problem["errors"].as_array().unwrap().len()), (400, 3), "{problem}");
    assert_eq!(control.call("GET", &format!("{REQUESTS}/req-1-1"), None).await.0, 404);
    assert_eq!(control.call("GET", &format!("{REQUESTS}/req-00000000-1"), None).await.0, 404);
    assert_eq!(control.call("DELETE", REQUESTS, None).await.0, 204);
    sandbox.list(MANUAL).await;
    let (_, found) = control.call("GET", REQUESTS, None).await;
    assert_eq!((&found["dropped"], &found["last"]), (&json!(3), &json!(4)));
    assert_eq!(found["requests"][0]["number"], 4);
}

#[tokio::test]
async fn a_call_whose_client_went_away_is_kept_as_such() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let delay = json!({ "effect": { "kind": "delay", "fixedMillis": 30_000 } });
    let (status, armed) = control.call("POST", "/sandboxes/default/faults", Some(delay)).await;
    assert_eq!(status, 201, "{armed}");
    let events = sandbox.request("GET", "/_sandbox/sandboxes/default/events").send().await.unwrap();
    let mut events = events_of(events);
    let mut connection = Connection::open(&sandbox.server).await;
    let key = sandbox.key("aurora");
    connection.send(&format!("GET {ORDERS}?{MANUAL} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\n\r\n")).await;
    // The fault has struck once the call is under way.
    while control.call("GET", "/sandboxes/default/faults", None).await.1["faults"][0]["fired"] == 0 {
        tokio::task::yield_now().await;
    }
    drop(connection);
    let call = events.call().await;
    assert_eq!(
        (&call["status"], &call["operation"], &call["faults"]),
        (&Value::Null, &json!("listOrders"), &json!([1]))
    );
    let why = control.why(call["id"].as_str().unwrap()).await;
    assert!(why["reasons"][0]["sentence"].as_str().unwrap().starts_with("Fault 1"), "{why}");
    assert!(why["reasons"][1]["sentence"].as_str().unwrap().contains("without an answer"), "{why}");
}

#[tokio::test]
async fn events_come_as_calls_are_answered_and_go_on_where_a_reader_was() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let path = "/_sandbox/sandboxes/default/events";
    sandbox.list(MANUAL).await;
    let mut live = events_of(sandbox.request("GET", path).send().await.unwrap());
    sandbox.update(json!({ "order": 12_345, "status": "processing" })).await;
    assert_eq!(live.call().await["operation"], "updateOrder", "only what came afterwards");
    let resumed = sandbox.request("GET", path).header("Last-Event-ID", "1").send().await.unwrap();
    assert_eq!(events_of(resumed).call().await["number"], 2);
    let all = sandbox.request("GET", &format!("{path}?after=0")).send().await.unwrap();
    assert_eq!(events_of(all).call().await["number"], 1);
    // As far as that reader came, the sandbox has not counted since it was reset.
    let ahead = sandbox.request("GET", &format!("{path}?after=99")).send().await.unwrap();
    assert_eq!(events_of(ahead).call().await["number"], 1);
    control.call("DELETE", REQUESTS, None).await;
    let late = sandbox.request("GET", &format!("{path}?after=0")).send().await.unwrap();
    assert_eq!(events_of(late).next().await, "event: dropped\ndata: 2");

    let other = control.created(json!({})).await;
    let path = format!("/_sandbox/sandboxes/{}/events?after=0", other["id"].as_str().unwrap());
    let mut events = events_of(sandbox.request("GET", &path).send().await.unwrap());
    control.list(&other, "aurora", MANUAL).await;
    assert_eq!(events.call().await["number"], 1);
    control.call("POST", &format!("/sandboxes/{}/reset", other["id"].as_str().unwrap()), None).await;
    control.list(&other, "aurora", MANUAL).await;
    assert_eq!(events.call().await["number"], 1, "a reset counts from 1 again");
    control.call("DELETE", &format!("/sandboxes/{}", other["id"].as_str().unwrap()), None).await;
    assert_eq!(events.try_next().await, None, "the sandbox is gone");
    sandbox.server.stop().await;
    assert_eq!(live.try_next().await, None, "the server stopped, at once");
}

/// Rules: `update.accounts-dedup`, `update.accounts-dedup-scope`, `update.accounts-valid`, `update.resubmission`.
#[tokio::test]
async fn a_dropped_account_is_told_where_it_was_first_seen() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let first = sandbox.update(delivery(&["ann@example.com:1", "bob@example.com:2"])).await;
    let first = first.request_id();
    let accounts = ["bob@example.com:2", "no colon", "cid@example.com:3", "cid@example.com:3"];
    let partly = sandbox.update(delivery(&accounts)).await.request_id();
    let why = control.why(&partly).await;
    let told: Vec<_> = why["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| (account["index"].as_u64().unwrap(), account["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [(0, "already-delivered"), (1, "malformed"), (3, "repeated")]);
    let seen = &why["accounts"][0]["firstSeen"];
    assert_eq!((&seen["request"], &seen["order"]), (&json!(first), &json!(12_345)));
    assert_eq!(why["accounts"][0]["login"], "bob@example.com");
    assert_eq!(why["accounts"][2]["firstSeen"]["index"], 2);
    // A blind retry is told for what it is.
    let again = sandbox.update(delivery(&["ann@example.com:1", "bob@example.com:2"])).await;
    let why = control.why(&again.request_id()).await;
    let rules: Vec<_> =
        why["reasons"].as_array().unwrap().iter().map(|reason| reason["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["update.invalid-accounts", "update.resubmission", "update.accounts"]);
    assert!(!why.to_string().contains("example.com:"), "no password is told: {why}");
}

#[tokio::test]
async fn why_tells_what_refused_a_call_or_made_a_page_short() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let reasons = async |id: String| control.why(&id).await["reasons"].clone();
    sandbox.list("productType=manual&limit=1").await;
    let page = sandbox.list("productType=manual&limit=1").await.request_id();
    let told = reasons(page).await;
    assert_eq!((&told[0]["rule"], &told[1]["rule"]), (&json!("list.window"), &json!("list.limit")));
    let wrong = sandbox.request("GET", ORDERS).header("X-Api-Key", "nobody");
    let wrong = sandbox.send(wrong).await.request_id();
    assert_eq!(reasons(wrong).await[0]["rule"], "auth.invalid-key");
    for (body, rule) in [
        (json!({ "order": 99_999_999 }), "update.not-found"),
        (json!({}), "update.order-required"),
        (json!({ "order": "1" }), "update.order-number"),
        (json!({ "order": 1.5 }), "update.order-number"),
        (json!({ "order": 12_345, "status": "done" }), "update.status-refused"),
    ] {
        let refused = sandbox.update(body).await.request_id();
        assert_eq!(reasons(refused).await[0]["rule"], rule);
    }
    let denied = sandbox.update_as("birch", json!({ "order": 12_345 })).await.request_id();
    assert_eq!(reasons(denied).await[0]["rule"], "update.access-denied");
}

#[tokio::test]
async fn a_journal_belongs_to_one_sandbox() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let other = control.created(json!({})).await;
    control.list(&other, "aurora", MANUAL).await;
    assert!(control.requests("").await.is_empty());
    let path = format!("/sandboxes/{}/requests", other["id"].as_str().unwrap());
    let (_, found) = control.call("GET", &path, None).await;
    assert_eq!(found["requests"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_test_waits_for_an_order_without_polling() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let path = "/sandboxes/default/orders/12345";
    let (_, now) = control.call("GET", &format!("{path}?until=completed&waitSeconds=0"), None).await;
    assert_eq!(now["status"], "pending", "who waits no time gets the order as it is");
    let waiting = async {
        control.call("GET", &format!("{path}?until=completed,partial&waitSeconds=60"), None).await.1
    };
    let working = async {
        tokio::task::yield_now().await;
        sandbox.update(json!({ "order": 12_345, "status": "processing" })).await.good();
        sandbox.update(json!({ "order": 12_345, "status": "completed" })).await.good();
    };
    let both = async { tokio::join!(waiting, working).0 };
    let order = tokio::time::timeout(Duration::from_secs(20), both).await.unwrap();
    assert_eq!(order["status"], "completed");
    for query in ["until=done", "waitSeconds=5", "until=completed&waitSeconds=61"] {
        assert_eq!(control.call("GET", &format!("{path}?{query}"), None).await.0, 400, "{query}");
    }
    assert_eq!(control.call("GET", "/sandboxes/default/orders/77?until=completed", None).await.0, 404);
}

#[tokio::test]
async fn live_listeners_are_capped() {
    let caps = supplier_sandbox::Caps { listeners: 1, ..supplier_sandbox::Caps::default() };
    let sandbox = Sandbox::start(crate::sandbox::builder("minimal").caps(caps)).await;
    let control = Control::of(&sandbox);
    let path = "/_sandbox/sandboxes/default/events";
    let mut first = events_of(sandbox.request("GET", path).send().await.unwrap());
    let (status, problem) = control.call("GET", "/sandboxes/default/events", None).await;
    assert_eq!((status, &problem["type"]), (409, &json!("urn:supplier-sandbox:problem:too-many")));
    let wait = "/sandboxes/default/orders/12345?until=completed";
    assert_eq!(control.call("GET", wait, None).await.0, 409);
    sandbox.list(MANUAL).await;
    assert_eq!(first.call().await["number"], 1, "the one there is goes on");
}

#[tokio::test]
async fn one_sandbox_does_not_take_the_listeners_of_all() {
    let caps = supplier_sandbox::Caps { listeners_per_sandbox: 1, ..supplier_sandbox::Caps::default() };
    let sandbox = Sandbox::start(crate::sandbox::builder("minimal").caps(caps)).await;
    let control = Control::of(&sandbox);
    let other = control.created(json!({})).await["id"].as_str().unwrap().to_owned();
    let _first =
        events_of(sandbox.request("GET", "/_sandbox/sandboxes/default/events").send().await.unwrap());
    let (status, problem) = control.call("GET", "/sandboxes/default/events", None).await;
    assert_eq!((status, &problem["type"]), (409, &json!("urn:supplier-sandbox:problem:too-many")));
    assert!(problem["detail"].as_str().unwrap().contains("of a sandbox"), "{problem}");
    let others = format!("/_sandbox/sandboxes/{other}/events");
    assert_eq!(sandbox.request("GET", &others).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_audit_tells_what_was_forgotten_repeated_and_sold_twice() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let audit =
        async |query: &str| control.call("GET", &format!("/sandboxes/default/audit{query}"), None).await.1;
    assert_eq!(audit("").await["clean"], true);
    sandbox.list("productType=manual&status=pending&limit=2").await;
    sandbox.update(delivery(&["ann@example.com:1"])).await.good();
    let clean_but_one = audit("?supplier=aurora").await;
    assert_eq!(clean_but_one["findings"][0]["kind"], "unanswered");
    assert_eq!(clean_but_one["findings"][0]["orders"], json!([12_346]));
    sandbox.pass(30 * 60 * 1000).await;
    sandbox.list("productType=manual&status=pending&limit=2").await;
    sandbox.update(json!({ "order": 12_346, "accounts": ["ann@example.com:1"] })).await.good();
    // The journal has no part in it.
    control.call("DELETE", REQUESTS, None).await;
    let found = audit("").await;
    let kinds: Vec<_> =
        found["findings"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["repeated-hand-out", "account-used-twice"], "{found}");
    assert_eq!(found["findings"][1]["orders"], json!([12_345, 12_346]));
    assert_eq!(found["orders"][0]["handedOut"], 2);
    assert_eq!(
        (audit("?limit=1").await["orders"].as_array().unwrap().len(), &found["total"]),
        (1, &json!(2))
    );
    assert_eq!(audit("?supplier=birch").await["clean"], true);
    let (status, _) = control.call("GET", "/sandboxes/default/audit?supplier=nobody", None).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn an_order_tells_its_history_with_the_requests_that_made_it() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let (_, placed) =
        control.call("POST", "/sandboxes/default/orders", Some(json!({ "supplier": "aurora" }))).await;
    let number = placed["orders"][0]["id"].as_u64().unwrap();
    sandbox.pass(1).await;
    let listed = sandbox.list("productType=manual&limit=500").await.request_id();
    let updated = sandbox.update(json!({ "order": number, "status": "processing" })).await.request_id();
    let path = format!("/sandboxes/default/orders/{number}");
    control.call("PATCH", &path, Some(json!({ "status": "cancelled" }))).await;
    let (_, order) = control.call("GET", &path, None).await;
    let history = order["history"].as_array().unwrap();
    let events: Vec<_> = history.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["placed", "handed-out", "updated", "amended"]);
    assert_eq!((&history[1]["request"], &history[2]["request"]), (&json!(listed), &json!(updated)));
    let (_, found) =
        control.call("GET", "/sandboxes/default/orders?status=cancelled&supplier=aurora", None).await;
    assert!(found["orders"].as_array().unwrap().contains(&order), "{found}");
}

/// Rules: `update.secret`.
#[tokio::test]
async fn no_key_and_no_password_is_kept() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let key = sandbox.key("aurora").to_owned();
    sandbox.list(&format!("apiKey={key}&subCategory={key}")).await;
    sandbox.send(sandbox.request("GET", &format!("{ORDERS}?token=hunter2secret"))).await;
    sandbox
        .update(json!({ "order": 12_345, "key": key, "accounts": ["ann@example.com:hunter2secret"] }))
        .await;
    sandbox.update_text(r#"{"order": 12345, "accounts": ["ann@example.com:hunter2secret",]}"#).await;
    let calls = control.requests("").await;
    assert_eq!(calls.len(), 4);
    for call in &calls {
        let details = control.details(call["id"].as_str().unwrap()).await.to_string();
        assert!(!details.contains(&key) && !details.contains("hunter2secret"), "{details}");
    }
    let details = control.details(calls[2]["id"].as_str().unwrap()).await;
    assert!(details["requestBody"]["text"].as_str().unwrap().contains("ann@example.com:***"), "{details}");
    assert!(details["curl"].as_str().unwrap().contains(UPDATE), "{details}");
}

//! Every operation of the control API answers as its document says; one that is not called here fails this test.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::control::Control;
use crate::events::events_of;
use crate::sandbox::Sandbox;
use crate::schema::SANDBOX_CONTROL;

/// The operation's id, the method, the path below `/_sandbox`, the body, and the status of the answer. In this order;
/// `{id}` is a sandbox that was made, `{key}` a key of it.
type Call = (&'static str, &'static str, &'static str, Option<Value>, u16);

fn calls() -> Vec<Call> {
    vec![
        ("getIndex", "GET", "", None, 200),
        ("getHealth", "GET", "/health", None, 200),
        ("getReady", "GET", "/ready", None, 200),
        ("createSandbox", "POST", "/sandboxes", Some(json!({ "scenario": "minimal" })), 201),
        ("listSandboxes", "GET", "/sandboxes", None, 200),
        ("exportSandbox", "GET", "/sandboxes/{id}/snapshot", None, 200),
        ("getSandbox", "GET", "/sandboxes/{id}", None, 200),
        ("placeOrders", "POST", "/sandboxes/{id}/orders", Some(json!({ "supplier": "aurora" })), 201),
        ("amendOrder", "PATCH", "/sandboxes/{id}/orders/12345", Some(json!({ "status": "processing" })), 200),
        ("getOrder", "GET", "/sandboxes/{id}/orders/12345", None, 200),
        ("findOrders", "GET", "/sandboxes/{id}/orders?supplier=aurora&limit=2", None, 200),
        (
            "fingerprintAccounts",
            "POST",
            "/sandboxes/{id}/fingerprints",
            Some(json!({ "accounts": ["a@example.com:1"] })),
            200,
        ),
        ("getAudit", "GET", "/sandboxes/{id}/audit", None, 200),
        ("getScorecard", "GET", "/sandboxes/{id}/scorecard", None, 200),
        ("listRequests", "GET", "/sandboxes/{id}/requests", None, 200),
        ("getRequest", "GET", "/sandboxes/{id}/requests/{request}", None, 200),
        ("whyRequest", "GET", "/sandboxes/{id}/requests/{request}/why", None, 200),
        ("clearRequests", "DELETE", "/sandboxes/{id}/requests", None, 204),
        ("whyOrder", "GET", "/sandboxes/{id}/orders/12345/why?supplier=aurora&productType=manual", None, 200),
        (
            "setArrivals",
            "PUT",
            "/sandboxes/{id}/arrivals",
            Some(json!({ "perMinute": 1, "mix": [{ "supplier": "aurora" }] })),
            200,
        ),
        ("getArrivals", "GET", "/sandboxes/{id}/arrivals", None, 200),
        ("stopArrivals", "DELETE", "/sandboxes/{id}/arrivals", None, 204),
        ("armFault", "POST", "/sandboxes/{id}/faults", Some(json!({ "effect": { "kind": "garbage" } })), 201),
        ("listFaults", "GET", "/sandboxes/{id}/faults", None, 200),
        ("disarmFault", "DELETE", "/sandboxes/{id}/faults/1", None, 204),
        ("clearFaults", "DELETE", "/sandboxes/{id}/faults", None, 204),
        ("getClock", "GET", "/sandboxes/{id}/clock", None, 200),
        ("setClock", "PUT", "/sandboxes/{id}/clock", Some(json!({ "mode": "frozen" })), 200),
        ("advanceClock", "POST", "/sandboxes/{id}/clock/advance", Some(json!({ "seconds": 1.5 })), 200),
        ("listSuppliers", "GET", "/sandboxes/{id}/suppliers", None, 200),
        ("addSupplier", "POST", "/sandboxes/{id}/suppliers", Some(json!({ "id": "dune" })), 201),
        ("createKey", "POST", "/sandboxes/{id}/suppliers/dune/keys", None, 201),
        ("listKeys", "GET", "/sandboxes/{id}/suppliers/dune/keys", None, 200),
        ("revokeKey", "DELETE", "/sandboxes/{id}/suppliers/dune/keys/{key}", None, 204),
        ("resetSandbox", "POST", "/sandboxes/{id}/reset", None, 204),
        ("deleteSandbox", "DELETE", "/sandboxes/{id}", None, 204),
    ]
}

#[tokio::test]
async fn every_operation_answers_as_it_is_documented() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let (mut id, mut key, mut request) = (String::new(), String::new(), String::new());
    let mut called = BTreeSet::new();
    for (operation, method, path, body, expected) in calls() {
        let path = path.replace("{id}", &id).replace("{key}", &key).replace("{request}", &request);
        // The harness holds every answer against the document.
        let (status, answer) = control.call(method, &path, body).await;
        assert_eq!(status, expected, "{operation}: {answer}");
        let text = |value: &Value| value["id"].as_str().unwrap().to_owned();
        match operation {
            "createSandbox" => {
                id = text(&answer);
                // Something to be kept.
                request = control.list(&answer, "aurora", "productType=manual").await.request_id();
            }
            "createKey" => key = text(&answer),
            _ => {}
        }
        called.insert(operation.to_owned());
    }
    assert!(first_event(&sandbox).await.starts_with("event: request\nid: 1\ndata: {\"number\":1,"));
    called.insert("followRequests".to_owned());
    let metrics = sandbox.request("GET", "/_sandbox/metrics").send().await.unwrap();
    assert!(metrics.status() == 200 && metrics.text().await.unwrap().starts_with("# HELP "));
    called.insert("getMetrics".to_owned());
    let documented = SANDBOX_CONTROL.operations();
    let documented: BTreeSet<_> = documented
        .map(|(_, _, _, operation)| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(called, documented, "left: called here, right: documented");
}

async fn first_event(sandbox: &Sandbox) -> String {
    sandbox.list("productType=manual").await;
    let events = sandbox.request("GET", "/_sandbox/sandboxes/default/events?after=0").send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    events_of(events).next().await
}

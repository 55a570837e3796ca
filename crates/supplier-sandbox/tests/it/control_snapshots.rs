//! Snapshots: a sandbox as a document, and made again of it.

use serde_json::{Value, json};

use crate::control::Control;
use crate::sandbox::Sandbox;

const ALL: &str = "productType=auto,manual,inventory&limit=500";

async fn exported(control: &Control<'_>, id: &str) -> Value {
    let (status, snapshot) = control.call("GET", &format!("/sandboxes/{id}/snapshot"), None).await;
    assert_eq!(status, 200);
    snapshot
}

/// Rules: `list.window`, `list.window-end`, `update.accounts-dedup-scope`.
#[tokio::test]
async fn a_sandbox_made_of_a_snapshot_lists_the_same_bytes() {
    let sandbox = Sandbox::default().await;
    let control = Control::of(&sandbox);
    sandbox.list("productType=manual&limit=7").await.good();
    let open = sandbox.list("productType=manual&status=pending&limit=1").await.numbers()[0];
    let delivery = json!({ "order": open, "status": "partial", "accounts": ["ann@example.com:1"] });
    sandbox.update(delivery.clone()).await.good();
    sandbox.pass(60_000).await;
    let fault = json!({ "operation": "updateOrder", "effect": { "kind": "garbage" }, "times": 1 });
    control.call("POST", "/sandboxes/default/faults", Some(fault)).await;
    let snapshot = exported(&control, "default").await;
    let text = snapshot.to_string();
    assert!(!text.contains(sandbox.key("aurora")) && !text.contains("example.com:1"), "no key, no password");

    let copy = control.created(json!({ "snapshot": snapshot })).await;
    let id = copy["id"].as_str().unwrap();
    // The same withheld orders, to the same moment.
    for (query, pass) in [(ALL, 0), (ALL, 29 * 60_000 - 1), (ALL, 1)] {
        sandbox.pass(pass).await;
        let seconds = f64::from(u32::try_from(pass).unwrap()) / 1_000.0;
        let path = format!("/sandboxes/{id}/clock/advance");
        control.call("POST", &path, Some(json!({ "seconds": seconds }))).await;
        for supplier in ["aurora", "birch"] {
            let (was, is) =
                (sandbox.list_as(supplier, query).await, control.list(&copy, supplier, query).await);
            assert_eq!(was.text, is.text);
            for header in ["sandbox-withheld", "sandbox-next-at"] {
                assert_eq!(was.header(header), is.header(header));
            }
        }
    }
    let (_, faults) = control.call("GET", &format!("/sandboxes/{id}/faults"), None).await;
    assert_eq!(faults["faults"][0]["effect"], "garbage");
    let (_, order) = control.call("GET", &format!("/sandboxes/{id}/orders/{open}"), None).await;
    let (_, was) = control.call("GET", &format!("/sandboxes/default/orders/{open}"), None).await;
    assert_eq!(order["accounts"], was["accounts"]);
    assert_eq!(
        control.requests_of(id, "").await[0]["orders"].as_array().unwrap().len(),
        7,
        "its journal too"
    );
    // A reset puts it back to the snapshot.
    control.call("POST", &format!("/sandboxes/{id}/reset"), None).await;
    let page = control.list(&copy, "aurora", "productType=manual&limit=1").await;
    assert_eq!(page.header("sandbox-withheld"), Some("8"), "{page:?}");
}

#[tokio::test]
async fn a_document_that_is_no_snapshot_is_refused_with_what_is_wrong() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let fault = json!({ "effect": { "kind": "garbage" } });
    control.call("POST", "/sandboxes/default/faults", Some(fault)).await;
    let arrivals = json!({ "perMinute": 1, "mix": [{ "supplier": "aurora" }] });
    control.call("PUT", "/sandboxes/default/arrivals", Some(arrivals)).await;
    let good = exported(&control, "default").await;
    let broken = |pointer: &str, value: Value| {
        let mut snapshot = good.clone();
        *snapshot.pointer_mut(pointer).unwrap() = value;
        snapshot
    };
    let twice = json!([good["orders"][0], good["orders"][0]]);
    for (snapshot, field) in [
        (json!("text"), "snapshot"),
        (json!({}), "snapshot"),
        (broken("/version", json!(2)), "snapshot.version"),
        (broken("/fingerprintKey", json!("00")), "snapshot.fingerprintKey"),
        (broken("/windowMinutes", json!(4_000_000)), "snapshot.windowMinutes"),
        (broken("/orders", twice), "snapshot.orders[1].order.id"),
        (broken("/orders/0/order/items", json!([])), "snapshot.orders[0].order.items"),
        (broken("/orders/0/order/items/0/quantity", json!(0)), "snapshot.orders[0].order.items"),
        (broken("/orders/0/order/items/0/unitPrice", json!("-1")), "snapshot"),
        (broken("/orders/0/order/createdAt", json!("today")), "snapshot"),
        (broken("/orders/0/order/status", json!("done")), "snapshot"),
        (
            broken("/suppliers", json!([good["suppliers"][0], good["suppliers"][0]])),
            "snapshot.suppliers[1].id",
        ),
        (
            broken("/faults/armed", json!(vec![good["faults"]["armed"][0].clone(); 101])),
            "snapshot.faults.armed",
        ),
        (broken("/arrivals/plan/mix/0/1/items/0/quantity", json!(0)), "snapshot.arrivals.plan.mix"),
        (broken("/arrivals/plan/mix/0/1/items", json!([])), "snapshot"),
        (broken("/arrivals/plan/perMinute", json!(0)), "snapshot"),
        (broken("/journal/last", json!(-1)), "snapshot"),
        (broken("/journal/last", json!(u64::MAX)), "snapshot.journal.last"),
        (broken("/journal/last", json!(i64::MAX)), "snapshot.journal.last"),
        (broken("/faults/last", json!(u64::MAX)), "snapshot.faults.last"),
        (broken("/faults/last", json!(0)), "snapshot.faults.armed"),
        (broken("/arrivals/skipped", json!(u64::MAX)), "snapshot.arrivals.skipped"),
        (broken("/lastNumber", json!(1_u64 << 60)), "snapshot.lastNumber"),
        (broken("/scenario", json!("nul\u{0}")), "snapshot.scenario"),
        (broken("/scenario", json!("x".repeat(321))), "snapshot.scenario"),
        (broken("/suppliers/0/name", json!("x".repeat(100_000))), "snapshot.suppliers[0].name"),
        (broken("/orders/0/order/user/name", json!("x".repeat(321))), "snapshot.orders[0].order.user.name"),
        (
            broken("/orders/0/order/supplierOrderId", json!("x".repeat(256))),
            "snapshot.orders[0].order.supplierOrderId",
        ),
        (broken("/clock/now", json!("9999-12-30T21:59:59.999Z")), "snapshot.clock.now"),
        (broken("/clock/stepOnPollMillis", json!(1_u64 << 50)), "snapshot.clock.stepOnPollMillis"),
        (broken("/orders/0/history/forgotten", json!(u64::MAX)), "snapshot.orders[0].history.forgotten"),
    ] {
        let (status, problem) =
            control.call("POST", "/sandboxes", Some(json!({ "snapshot": snapshot }))).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{problem}");
    }
    let both = json!({ "snapshot": good, "scenario": "minimal" });
    assert_eq!(control.call("POST", "/sandboxes", Some(both)).await.0, 400);
    assert_eq!(control.call("GET", "/sandboxes", None).await.1["sandboxes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn snapshots_are_capped_both_ways() {
    let caps = supplier_sandbox::Caps { snapshot_bytes: 1_000, ..supplier_sandbox::Caps::default() };
    let sandbox = Sandbox::start(crate::sandbox::builder("minimal").caps(caps)).await;
    let control = Control::of(&sandbox);
    let (status, problem) = control.call("GET", "/sandboxes/default/snapshot", None).await;
    assert_eq!((status, &problem["type"]), (409, &json!("urn:supplier-sandbox:problem:snapshot-too-large")));
    let large = json!({ "snapshot": "x".repeat(300_000) });
    assert_eq!(control.call("POST", "/sandboxes", Some(large)).await.0, 413);
}

//! The audit, of orders that were lost on the way, fulfilled twice, or taken up again.

use serde_json::{Value, json};

use crate::control::Control;
use crate::events::events_of;
use crate::raw::Connection;
use crate::sandbox::{ORDERS, Sandbox, UPDATE, WINDOW, order};

const OPEN: &str = "productType=manual&status=pending,processing,partial";
const FAULTS: &str = "/sandboxes/default/faults";

async fn audit(sandbox: &Sandbox) -> Value {
    Control::of(sandbox).call("GET", "/sandboxes/default/audit", None).await.1
}

/// The kinds of findings, and the orders that each is about.
async fn findings(sandbox: &Sandbox) -> Vec<(String, Vec<u64>)> {
    let audit = audit(sandbox).await;
    let findings: Vec<_> = audit["findings"].as_array().unwrap().iter().map(named).collect();
    assert_eq!(audit["clean"], findings.is_empty());
    findings
}

fn named(finding: &Value) -> (String, Vec<u64>) {
    let orders = finding["orders"].as_array().unwrap().iter();
    (finding["kind"].as_str().unwrap().to_owned(), orders.map(|order| order.as_u64().unwrap()).collect())
}

fn found(kind: &str, orders: &[u64]) -> (String, Vec<u64>) {
    (kind.to_owned(), orders.to_vec())
}

/// Loses the answers of so many calls of an operation.
async fn lose(sandbox: &Sandbox, operation: &str, times: u64) {
    let fault = json!({ "operation": operation, "effect": { "kind": "drop-after" }, "times": times });
    assert_eq!(Control::of(sandbox).call("POST", FAULTS, Some(fault)).await.0, 201);
}

async fn raw(sandbox: &Sandbox, head: &str, body: &str) -> String {
    let mut connection = Connection::open(&sandbox.server).await;
    let key = sandbox.key("aurora");
    let length = body.len();
    let request = format!(
        "{head} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    connection.send(&request).await;
    connection.end().await
}

/// A list call whose answer nobody gets.
async fn lost_list(sandbox: &Sandbox, query: &str) {
    lose(sandbox, "listOrders", 1).await;
    assert_eq!(raw(sandbox, &format!("GET {ORDERS}?{query}"), "").await, "");
}

/// An update whose answer nobody gets.
async fn lost_update(sandbox: &Sandbox, body: &Value) {
    lose(sandbox, "updateOrder", 1).await;
    assert_eq!(raw(sandbox, &format!("POST {UPDATE}"), &body.to_string()).await, "");
}

/// The last call of the journal: what is known of it, and why it was answered so.
async fn last_call(sandbox: &Sandbox) -> (Value, String) {
    let control = Control::of(sandbox);
    let (_, listed) = control.call("GET", "/sandboxes/default/requests?limit=1", None).await;
    let id = listed["requests"][0]["id"].as_str().unwrap();
    let (_, call) = control.call("GET", &format!("/sandboxes/default/requests/{id}"), None).await;
    let (_, why) = control.call("GET", &format!("/sandboxes/default/requests/{id}/why"), None).await;
    let sentences = why["reasons"].as_array().unwrap().iter().map(|it| it["sentence"].as_str().unwrap());
    (call, sentences.collect::<Vec<_>>().join("\n"))
}

#[tokio::test]
async fn what_was_fulfilled_twice_or_taken_up_again_is_named_and_parts_that_add_up_are_not() {
    let completed = |accounts: &[&str]| json!({ "status": "completed", "accounts": accounts });
    let cancel = json!({ "buyer": { "status": "cancelled" } });
    for (about, steps, kinds) in [
        ("twice", vec![completed(&["a:1", "b:2"]), completed(&["c:3", "d:4"])], vec!["delivered-twice"; 2]),
        ("too many at once", vec![completed(&["a:1", "b:2", "c:3"])], vec!["delivered-twice"]),
        (
            "too many in parts",
            vec![json!({ "status": "partial", "accounts": ["a:1"] }), completed(&["b:2", "c:3"])],
            vec!["delivered-twice"],
        ),
        ("parts", vec![json!({ "status": "partial", "accounts": ["a:1"] }), completed(&["b:2"])], vec![]),
        ("accounts first", vec![json!({ "accounts": ["a:1", "b:2"] }), completed(&[])], vec![]),
        (
            "after completion",
            vec![completed(&["a:1"]), json!({ "accounts": ["b:2"] })],
            vec!["delivered-twice"],
        ),
        (
            "two ids",
            vec![
                json!({ "status": "processing", "supplierOrderId": "S-1" }),
                json!({ "status": "completed", "accounts": ["a:1", "b:2"], "supplierOrderId": "S-2" }),
            ],
            vec!["delivered-twice"],
        ),
        (
            "one id",
            vec![
                json!({ "status": "processing", "supplierOrderId": "S-1" }),
                json!({ "status": "completed", "accounts": ["a:1", "b:2"], "supplierOrderId": " S-1 " }),
            ],
            vec![],
        ),
        ("revived", vec![cancel.clone(), json!({ "status": "processing" })], vec!["revived"]),
        ("delivered anyway", vec![cancel.clone(), completed(&["a:1", "b:2"])], vec!["revived"]),
        ("seen cancelled", vec![cancel, json!({ "supplierOrderId": "S-1" })], vec![]),
        ("begun again", vec![completed(&["a:1", "b:2"]), json!({ "status": "processing" })], vec!["revived"]),
        (
            "the supplier's own change of mind",
            vec![
                json!({ "status": "cancelled" }),
                json!({ "status": "processing" }),
                completed(&["a:1", "b:2"]),
            ],
            vec![],
        ),
        (
            "an error that passed",
            vec![json!({ "status": "error" }), json!({ "status": "processing" }), completed(&["a:1", "b:2"])],
            vec![],
        ),
    ] {
        let sandbox = Sandbox::with_orders(&order(1, "pending", &[("mail", 2)])).await;
        for mut step in steps {
            if let Some(buyer) = step.get("buyer") {
                let path = "/sandboxes/default/orders/1";
                assert_eq!(Control::of(&sandbox).call("PATCH", path, Some(buyer.clone())).await.0, 200);
                continue;
            }
            step["order"] = 1.into();
            if step["accounts"] == json!([]) {
                step.as_object_mut().unwrap().remove("accounts");
            }
            sandbox.update(step).await.good();
        }
        let expected: Vec<_> = kinds.into_iter().map(|kind| found(kind, &[1])).collect();
        assert_eq!(findings(&sandbox).await, expected, "{about}");
    }
}

#[tokio::test]
async fn accounts_are_owed_for_products_and_not_for_services() {
    let sandbox = Sandbox::with_orders(&order(1, "processing", &[("mail", 2), ("views", 189)])).await;
    sandbox.update(json!({ "order": 1, "status": "completed", "accounts": ["a:1", "b:2"] })).await.good();
    assert_eq!(findings(&sandbox).await, []);
    assert_eq!(audit(&sandbox).await["orders"][0]["owed"], 2);
    sandbox.update(json!({ "order": 1, "accounts": ["c:3"] })).await.good();
    assert_eq!(findings(&sandbox).await[0], found("delivered-twice", &[1]));
}

/// Rules: `practice.status`.
#[tokio::test]
async fn audit_and_scorecard_agree_on_what_its_supplier_need_not_or_cannot_answer() {
    for status in ["pending", "processing", "partial", "completed", "cancelled", "error"] {
        for payment in ["pending", "completed", "failed", "refunded"] {
            let sandbox = Sandbox::with_orders(&order(1, "pending", &[("mail", 2)])).await;
            let control = Control::of(&sandbox);
            assert_eq!(sandbox.list(OPEN).await.numbers(), [1]);
            let patch = json!({ "status": status, "paymentStatus": payment });
            control.call("PATCH", "/sandboxes/default/orders/1", Some(patch)).await;
            let is_open = payment == "completed" && ["pending", "processing", "partial"].contains(&status);
            let expected = if is_open { vec![found("unanswered", &[1])] } else { vec![] };
            assert_eq!(findings(&sandbox).await, expected, "{status} {payment}");
            for (query, has_ended) in [("?ended=true", true), ("?ended=false", false), ("", false)] {
                if !has_ended {
                    sandbox.pass(WINDOW).await;
                }
                let path = format!("/sandboxes/default/scorecard{query}");
                let (_, card) = control.call("GET", &path, None).await;
                let practices = card["suppliers"][0]["practices"].as_array().unwrap();
                let practice = practices.iter().find(|it| it["practice"] == "practice.status").unwrap();
                let points = if is_open { json!(0) } else { Value::Null };
                assert_eq!(practice["points"], points, "{status} {payment} {query}");
            }
        }
    }
}

/// Rules: `practice.resend`, `list.window`.
#[tokio::test]
async fn a_page_that_nobody_got_is_told_until_its_orders_come_again() {
    let orders: Vec<_> = (1..=4).map(|number| order(number, "pending", &[("mail", 1)])).collect();
    let sandbox = Sandbox::with_orders(&orders.concat()).await;
    let control = Control::of(&sandbox);
    let page = format!("{OPEN}&limit=2");
    lost_list(&sandbox, &page).await;
    assert_eq!(findings(&sandbox).await, [found("lost-page", &[1, 2])]);
    let (call, _) = last_call(&sandbox).await;
    assert_eq!((&call["lost"], &call["status"]), (&json!(true), &Value::Null));
    assert_eq!(sandbox.list(&page).await.numbers(), [3, 4]);
    let (call, why) = last_call(&sandbox).await;
    assert_eq!((&call["resend"]["unseen"], &call["resend"]["wasDone"]), (&json!(2), &json!(true)));
    assert!(why.contains("2 orders of that call's page stayed withheld until "), "{why}");
    let (_, card) = control.call("GET", "/sandboxes/default/scorecard", None).await;
    let practice = |name: &str| {
        let practices = card["suppliers"][0]["practices"].as_array().unwrap().clone();
        practices.into_iter().find(|it| it["practice"] == name).unwrap()
    };
    assert_eq!(practice("practice.resend")["points"], 0);
    assert_eq!(practice("practice.errors")["standing"], "not-observed");
    sandbox.pass(WINDOW).await;
    assert_eq!(sandbox.list(OPEN).await.numbers(), [1, 2, 3, 4]);
    let kinds: Vec<_> = findings(&sandbox).await;
    assert_eq!(kinds, [found("unanswered", &[1, 2, 3, 4]), found("repeated-hand-out", &[3, 4])]);
}

/// Rules: `update.resubmission`.
#[tokio::test]
async fn other_accounts_after_a_delivery_whose_answer_was_lost_are_named() {
    let sandbox = Sandbox::with_orders(&order(1, "processing", &[("mail", 10)])).await;
    let delivery = json!({ "order": 1, "status": "partial", "accounts": ["a:1", "b:2"] });
    lost_update(&sandbox, &delivery).await;
    sandbox.update(delivery).await.refused(400, "INVALID_ACCOUNTS");
    let (_, why) = last_call(&sandbox).await;
    assert!(
        why.contains("succeeded, though its answer was lost: read the order before you send other accounts"),
        "{why}"
    );
    assert_eq!(findings(&sandbox).await, [], "a retry with the same accounts is right");
    sandbox.update(json!({ "order": 1, "accounts": ["c:3", "d:4"] })).await.good();
    assert_eq!(findings(&sandbox).await, [found("delivered-twice", &[1])]);
}

/// Rules: `update.resubmission`.
#[tokio::test]
async fn whoever_reads_the_order_after_a_lost_delivery_may_go_on() {
    let sandbox = Sandbox::with_orders(&order(1, "processing", &[("mail", 4)])).await;
    let delivery = json!({ "order": 1, "status": "partial", "accounts": ["a:1", "b:2"] });
    lost_update(&sandbox, &delivery).await;
    sandbox.update(delivery).await.refused(400, "INVALID_ACCOUNTS");
    sandbox.update(json!({ "order": 1 })).await.good();
    sandbox.update(json!({ "order": 1, "status": "completed", "accounts": ["c:3", "d:4"] })).await.good();
    assert_eq!(findings(&sandbox).await, []);
}

/// Rules: `practice.status`.
#[tokio::test]
async fn a_score_says_what_it_rests_on_and_an_idle_client_has_none_to_be_proud_of() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    sandbox.list(OPEN).await.good();
    let (_, running) = control.call("GET", "/sandboxes/default/scorecard", None).await;
    assert_eq!((&running["score"], &running["ended"]), (&json!(100), &json!(false)));
    let client = &running["suppliers"][0];
    assert_eq!(
        (&client["observed"], &running["observed"]),
        (&json!(3), &json!(3)),
        "polling, the key and names"
    );
    let (_, ended) = control.call("GET", "/sandboxes/default/scorecard?ended=true", None).await;
    assert!(ended["score"].as_u64().unwrap() < 90, "{ended}");
    assert_eq!((&ended["observed"], &ended["ended"]), (&json!(4), &json!(true)));
    let (status, problem) = control.call("GET", "/sandboxes/default/scorecard?ended=maybe", None).await;
    assert_eq!(status, 400);
    assert!(problem.to_string().contains("must be true or false"), "{problem}");
}

/// Rules: `list.window`.
#[tokio::test]
async fn a_page_that_breaks_off_on_its_way_is_one_that_nobody_got() {
    let sandbox = Sandbox::start(crate::sandbox::builder("empty")).await;
    let control = Control::of(&sandbox);
    // A page of them is larger than what the system buffers for a connection.
    let item = json!({ "quantity": 1, "subCategory": "A subcategory whose name makes the page longer" });
    let orders = json!({ "supplier": "aurora", "count": 500, "items": vec![item; 20] });
    let (status, placed) = control.call("POST", "/sandboxes/default/orders", Some(orders)).await;
    assert_eq!(status, 201, "{placed}");
    let events = sandbox.request("GET", "/_sandbox/sandboxes/default/events").send().await.unwrap();
    let mut events = events_of(events);
    let mut connection = Connection::open(&sandbox.server).await;
    let key = sandbox.key("aurora");
    connection
        .send(&format!("GET {ORDERS}?{OPEN}&limit=500 HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\n\r\n"))
        .await;
    assert!(connection.read_some().await, "the answer has begun");
    drop(connection);
    let call = events.call().await;
    assert_eq!((&call["lost"], call["orders"].as_array().unwrap().len()), (&json!(true), 500));
    assert_eq!(findings(&sandbox).await[0].0, "lost-page");
}

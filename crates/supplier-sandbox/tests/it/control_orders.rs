//! `/_sandbox/sandboxes/{id}/orders`: what is known of an order, and why it is not in a list.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::control::Control;
use crate::sandbox::{Sandbox, order};

/// The rules that hide an order, in the order in which they are told.
fn hidden_by(why: &Value) -> Vec<&str> {
    let rules = why["rules"].as_array().unwrap().iter();
    let hidden: Vec<_> =
        rules.filter(|rule| rule["passes"] == false).map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert_eq!(why["listed"], json!(hidden.is_empty()), "{why}");
    hidden
}

/// Rules: `list.paid-only`, `list.own-only`, `list.status`, `list.product-type`, `list.entity-type`,
/// `list.sub-category`, `list.own-items`.
#[tokio::test]
async fn why_names_the_rule_that_hides_an_order_and_the_list_agrees() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for (number, query, rules) in [
        (12345, "productType=manual", &[][..]),
        (40402, "productType=manual", &["list.paid-only"]),
        (
            40301,
            "productType=manual",
            &[
                "list.own-only",
                "list.product-type",
                "list.entity-type",
                "list.sub-category",
                "list.own-items",
            ],
        ),
        (40001, "productType=manual&status=pending", &["list.status"]),
        (12345, "", &["list.product-type", "list.own-items"]),
        (12345, "productType=manual&entityType=smm_service", &["list.entity-type", "list.own-items"]),
        (12345, "productType=manual&subCategory=Elsewhere", &["list.sub-category", "list.own-items"]),
    ] {
        let path = format!("/sandboxes/default/orders/{number}/why?supplier=aurora&{query}");
        let (status, why) = control.call("GET", &path, None).await;
        assert_eq!(status, 200, "{why}");
        assert_eq!(hidden_by(&why), rules, "{path}");
        let listed = sandbox.list(&format!("{query}&limit=500")).await.numbers();
        assert_eq!(listed.contains(&number), rules.is_empty(), "{path}");
        sandbox.pass(crate::sandbox::WINDOW).await;
    }
}

/// A query string with any of the list's parameters.
fn queries() -> impl Strategy<Value = String> {
    let some = |words: &'static [&'static str]| {
        prop::option::weighted(0.7, prop::sample::subsequence(words, 1..=words.len()))
            .prop_map(|words| words.map(|words| words.join(",")))
    };
    let status = some(&["pending", "processing", "completed", "partial", "cancelled", "error"]);
    let product_type = some(&["manual", "auto", "inventory"]);
    let entity_type = prop::option::weighted(0.2, prop::sample::select(&["product", "smm_service"][..]));
    let (limit, offset) = (prop::option::weighted(0.7, 1..8_u32), prop::option::weighted(0.7, 0..8_u32));
    (status, product_type, entity_type, limit, offset).prop_map(
        |(status, product_type, entity_type, limit, offset)| {
            let parameters = [
                ("status", status),
                ("productType", product_type),
                ("entityType", entity_type.map(str::to_owned)),
                ("limit", limit.map(|limit| limit.to_string())),
                ("offset", offset.map(|offset| offset.to_string())),
            ];
            let given = parameters.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
            given.collect::<Vec<_>>().join("&")
        },
    )
}

/// Rules: `list.limit`, `list.offset`, `list.order`, `list.status`, `list.product-type`, `list.own-only`, `list.window`,
/// `list.window-end`.
#[tokio::test]
async fn an_order_is_listed_exactly_if_the_page_of_a_copy_holds_it_whatever_is_asked_for() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for (supplier, count) in [("aurora", 12), ("birch", 6)] {
        let place = json!({ "supplier": supplier, "quantity": 1, "count": count });
        assert_eq!(control.call("POST", "/sandboxes/default/orders", Some(place)).await.0, 201);
    }
    let (_, all) = control.call("GET", "/sandboxes/default/orders?limit=1000", None).await;
    let all: Vec<_> =
        all["orders"].as_array().unwrap().iter().map(|order| order["id"].as_u64().unwrap()).collect();
    let mut runner = TestRunner::deterministic();
    let supplier = prop::sample::select(&["aurora", "aurora", "birch"][..]);
    let drawn = (supplier, queries(), queries(), prop::sample::select(&[0, 5, 30_u64][..]), 0..3_u32);
    let (mut listed, mut cut) = (0, 0);
    for round in 0..24 {
        let (supplier, query, polled, minutes, steps) = drawn.new_tree(&mut runner).unwrap().current();
        let clock = json!({ "stepOnPoll": steps / 2 * 1_800 });
        assert_eq!(control.call("PUT", "/sandboxes/default/clock", Some(clock)).await.0, 200);
        let copy = control.created(json!({ "from": "default" })).await;
        let page = control.list(&copy, supplier, &query).await.numbers();
        for number in &all {
            let path = format!("/sandboxes/default/orders/{number}/why?supplier={supplier}&{query}");
            let (_, why) = control.call("GET", &path, None).await;
            assert_eq!(
                why["listed"],
                page.contains(number),
                "round {round}: {path}: {why}, and not {page:?}"
            );
            let hidden = hidden_by(&why);
            listed += u32::from(hidden.is_empty());
            cut += u32::from(hidden == ["list.limit"] || hidden == ["list.offset"]);
        }
        let path = format!("/sandboxes/{}", copy["id"].as_str().unwrap());
        assert_eq!(control.call("DELETE", &path, None).await.0, 204);
        sandbox.list_as(supplier, &polled).await.good();
        sandbox.pass(minutes * 60_000).await;
    }
    assert!(listed > 20 && cut > 20, "all that matters was seen: {listed} and {cut}");
}

/// Rules: `list.window`, `list.window-end`.
#[tokio::test]
async fn why_says_when_the_window_ends_and_hands_nothing_out() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let path = "/sandboxes/default/orders/12345/why?supplier=aurora&productType=manual";
    for _ in 0..2 {
        assert_eq!(hidden_by(&control.call("GET", path, None).await.1), [""; 0]);
    }
    sandbox.list("productType=manual&limit=1").await.good();
    let (_, why) = control.call("GET", path, None).await;
    assert_eq!(hidden_by(&why), ["list.window"]);
    let window = why["rules"].as_array().unwrap().last().unwrap();
    let (_, state) = control.call("GET", "/sandboxes/default/orders/12345", None).await;
    assert_eq!(state["withheld"], json!([{ "supplier": "aurora", "until": window["until"] }]));
    assert!(window["sentence"].as_str().unwrap().contains("for 1800 s more"), "{window}");
    sandbox.pass(crate::sandbox::WINDOW - 1).await;
    assert_eq!(hidden_by(&control.call("GET", path, None).await.1), ["list.window"]);
    sandbox.pass(1).await;
    assert_eq!(hidden_by(&control.call("GET", path, None).await.1), [""; 0]);
}

/// Rules: `update.secret`.
#[tokio::test]
async fn an_order_shows_logins_and_fingerprints_and_no_password() {
    let sandbox = Sandbox::with_orders(&order(1, "pending", &[("mail", 2)])).await;
    let control = Control::of(&sandbox);
    let update = json!({ "order": 1, "accounts": ["user-1:hunter2-secret", "user-2:hunter3-secret"] });
    sandbox.update(update).await.good();
    let (status, state) = control.call("GET", "/sandboxes/default/orders/1", None).await;
    assert_eq!(status, 200, "{state}");
    let accounts = state["accounts"].as_array().unwrap();
    assert_eq!((accounts.len(), &accounts[0]["login"]), (2, &json!("user-1")));
    assert_ne!(accounts[0]["fingerprint"], accounts[1]["fingerprint"]);
    assert!(!state.to_string().contains("hunter"), "{state}");
}

/// However many accounts an order has, an answer shows a bounded number of them.
#[tokio::test]
async fn accounts_of_an_order_are_shown_page_by_page() {
    let sandbox = Sandbox::with_orders(&order(1, "pending", &[("mail", 2)])).await;
    let control = Control::of(&sandbox);
    let accounts: Vec<_> = (0..1_234).map(|number| format!("user-{number}:pass")).collect();
    sandbox.update(json!({ "order": 1, "accounts": accounts })).await.good();
    for (query, first, count) in [
        ("", 0, 100),
        ("?accountsLimit=1000", 0, 1_000),
        ("?accountsLimit=1000&accountsOffset=1000", 1_000, 234),
        ("?accountsOffset=1234", 1_234, 0),
        ("?accountsOffset=18446744073709551615", 1_234, 0),
    ] {
        let (_, state) = control.call("GET", &format!("/sandboxes/default/orders/1{query}"), None).await;
        let shown = state["accounts"].as_array().unwrap();
        assert_eq!((&state["accountsDelivered"], shown.len()), (&json!(1_234), count), "{query}");
        let logins = (first..first + count).map(|number| format!("user-{number}"));
        assert!(shown.iter().map(|account| account["login"].as_str().unwrap()).eq(logins), "{query}");
    }
    let (status, _) = control.call("GET", "/sandboxes/default/orders/1?accountsLimit=1001", None).await;
    assert_eq!(status, 400);
    let (_, list) = control.call("GET", "/sandboxes/default/orders", None).await;
    let found = &list["orders"][0];
    assert_eq!(
        (&found["accountsDelivered"], found["accounts"].as_array().unwrap().len()),
        (&json!(1_234), 10)
    );
}

/// An order keeps its last 100 events, and a list shows the last 10 of them.
#[tokio::test]
async fn an_order_that_is_updated_again_and_again_stays_small() {
    let sandbox = Sandbox::with_orders(&order(1, "pending", &[("mail", 2)])).await;
    let control = Control::of(&sandbox);
    for number in 0..130 {
        sandbox.update(json!({ "order": 1, "supplierOrderId": format!("SUP-{number}") })).await.good();
    }
    for (path, shown, forgotten) in [("/orders/1", 100, 30), ("/orders", 10, 120)] {
        let (_, body) = control.call("GET", &format!("/sandboxes/default{path}"), None).await;
        let order = if path == "/orders" { &body["orders"][0] } else { &body };
        let history = order["history"].as_array().unwrap();
        assert_eq!((history.len(), &order["historyForgotten"]), (shown, &json!(forgotten)), "{path}");
        assert!(history.last().unwrap()["sentence"].as_str().unwrap().contains("SUP-129"), "{order}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_said() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for (path, status, word) in [
        ("/orders/40401", 404, "no-such-order"),
        ("/orders/0", 404, "no-such-order"),
        ("/orders/abc", 404, "no-such-order"),
        ("/orders/12345/why?supplier=nobody", 404, "no-such-supplier"),
        ("/orders/40401/why?supplier=aurora", 404, "no-such-order"),
        ("/orders/12345/why", 400, "invalid-request"),
        ("/orders/12345/why?supplier=aurora&supplier=birch", 400, "invalid-request"),
        ("/orders/12345/why?supplier=aurora&limit=0", 400, "invalid-request"),
    ] {
        let (answered, problem) = control.call("GET", &format!("/sandboxes/default{path}"), None).await;
        let expected = json!(format!("urn:supplier-sandbox:problem:{word}"));
        assert_eq!((answered, &problem["type"]), (status, &expected), "{path}: {problem}");
    }
}

/// Rules: `list.paid-only`, `list.own-items`, `list.order`, `update.unpaid`.
#[tokio::test]
async fn orders_are_placed_and_amended_as_a_buyer_would() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let created = control.created(json!({ "scenario": "empty" })).await;
    let path = format!("/sandboxes/{}/orders", created["id"].as_str().unwrap());
    let manual = "productType=manual&limit=500";
    let (status, placed) =
        control.call("POST", &path, Some(json!({ "supplier": "aurora", "count": 3, "quantity": 5 }))).await;
    assert_eq!(status, 201, "{placed}");
    let listed = control.list(&created, "aurora", manual).await.good();
    let numbers: Vec<_> =
        listed["orders"].as_array().unwrap().iter().map(|order| json!({ "id": order["id"] })).collect();
    assert_eq!((json!(numbers), &listed["orders"][0]["quantity"]), (placed["orders"].clone(), &json!(5)));

    let items = json!([
        { "quantity": 2, "unitPrice": 1.2345, "productType": "manual", "entityType": "product", "subCategory": "Forum" },
        { "supplier": "birch", "quantity": 7, "productType": "manual" },
    ]);
    let body = json!({ "supplier": "aurora", "id": 777, "status": "processing", "items": items });
    assert_eq!(control.call("POST", &path, Some(body.clone())).await.1, json!({ "orders": [{ "id": 777 }] }));
    assert_eq!(control.call("POST", &path, Some(body)).await.0, 409);
    let own = control.list(&created, "aurora", manual).await.good();
    assert_eq!(
        (&own["orders"][0]["quantity"], &own["orders"][0]["items"][0]["unitPrice"]),
        (&json!(2), &json!(1.2345))
    );
    assert_eq!(control.list(&created, "birch", manual).await.good()["orders"][0]["quantity"], json!(7));

    let body = json!({ "supplier": "aurora", "id": 778, "paymentStatus": "pending" });
    control.call("POST", &path, Some(body)).await;
    assert_eq!(control.list(&created, "aurora", manual).await.numbers(), [0; 0]);
    let (status, paid) =
        control.call("PATCH", &format!("{path}/778"), Some(json!({ "paymentStatus": "completed" }))).await;
    assert_eq!((status, &paid["paymentStatus"]), (200, &json!("completed")));
    assert_eq!(control.list(&created, "aurora", manual).await.numbers(), [778]);
}

#[tokio::test]
async fn an_order_that_cannot_be_placed_is_refused_with_all_that_is_wrong() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let path = "/sandboxes/default/orders";
    for (body, fields) in [
        (json!({}), &["supplier"][..]),
        (json!({ "supplier": "aurora", "count": 0 }), &["count"]),
        (json!({ "supplier": "aurora", "count": 10_001, "id": 5 }), &["count", "id"]),
        (json!({ "supplier": "aurora", "quantity": 0, "subCategory": " " }), &["quantity", "subCategory"]),
        (json!({ "supplier": "aurora", "unitPrice": 1.23456, "status": "open" }), &["status", "unitPrice"]),
        (json!({ "supplier": "aurora", "items": [] }), &["items"]),
        (json!({ "supplier": "aurora", "items": [{ "prize": 1 }] }), &["items"]),
        (
            json!({ "supplier": "aurora", "items": [{}, { "productType": "hand" }] }),
            &["items[1].productType"],
        ),
    ] {
        let (status, problem) = control.call("POST", path, Some(body.clone())).await;
        assert_eq!(status, 400, "{body}: {problem}");
        let errors = problem["errors"].as_array().unwrap();
        let named: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(named, fields, "{body}: {problem}");
    }
    let greatest = json!({ "supplier": "aurora", "id": 9_007_199_254_740_991_u64 });
    assert_eq!(control.call("POST", path, Some(greatest)).await.0, 201);
    // A number that somebody chose is followed by none.
    let (status, placed) = control.call("POST", path, Some(json!({ "supplier": "aurora" }))).await;
    assert_eq!(
        (status, placed["orders"][0]["id"].as_u64().map(|id| id < 1_000_000)),
        (201, Some(true)),
        "{placed}"
    );
    let stranger = json!({ "supplier": "aurora", "sharedWith": ["nobody"] });
    assert_eq!(control.call("POST", path, Some(stranger)).await.0, 404);
    let (_, nothing) = control.call("PATCH", "/sandboxes/default/orders/99999", Some(json!({}))).await;
    assert_eq!(nothing["type"], "urn:supplier-sandbox:problem:no-such-order");
}

/// The control API and the dashboard refuse what a sandbox has no room for in the same way.
#[tokio::test]
async fn orders_beyond_what_a_sandbox_holds_are_refused() {
    let bounds = supplier_control::Bounds { orders: 5, ..supplier_control::Bounds::default() };
    let caps = supplier_sandbox::Caps { bounds, ..supplier_sandbox::Caps::default() };
    let sandbox = Sandbox::start(crate::sandbox::builder("minimal").caps(caps)).await;
    let control = Control::of(&sandbox);
    let place = |count: u32| {
        let body = json!({ "supplier": "aurora", "count": count });
        control.call("POST", "/sandboxes/default/orders", Some(body))
    };
    assert_eq!(place(4).await.0, 201);
    let (status, problem) = place(2).await;
    assert_eq!((status, &problem["type"]), (409, &json!("urn:supplier-sandbox:problem:too-many")));
    assert!(problem["detail"].as_str().unwrap().contains("has room for 1 more"), "{problem}");
    let browser = crate::dashboard::Browser::opened(&sandbox, "aurora").await;
    let response = browser.post("/lab/orders", "count=2&quantity=1&kind=product").await;
    assert_eq!(response.status(), 409, "{}", response.text().await.unwrap());
    assert_eq!(place(1).await.0, 201);
}

#[tokio::test]
async fn a_name_that_no_key_has_is_one_that_none_has() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for name in ["%00", "%ff", "key-%0a", "unheard-of"] {
        let path = format!("/sandboxes/default/suppliers/aurora/keys/{name}");
        let (status, problem) = control.call("DELETE", &path, None).await;
        assert_eq!(status, 404, "{name}: {problem}");
    }
}

/// A clock ends some day, and says so rather than doing nothing.
#[tokio::test]
async fn a_clock_is_not_moved_to_its_end() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let path = "/sandboxes/default/clock";
    let near = json!({ "now": "9989-12-31T23:59:59.000Z", "mode": "frozen" });
    assert_eq!(control.call("PUT", path, Some(near)).await.0, 200);
    for (method, path, body) in [
        ("POST", "/sandboxes/default/clock/advance", json!({ "seconds": 1 })),
        ("PUT", path, json!({ "now": "9990-01-01T00:00:00.000Z" })),
        ("PUT", path, json!({ "now": "9999-12-30T21:59:59.999Z" })),
    ] {
        let (status, problem) = control.call(method, path, Some(body.clone())).await;
        let expected = json!("urn:supplier-sandbox:problem:clock-at-end");
        assert_eq!((status, &problem["type"]), (409, &expected), "{body}: {problem}");
    }
    // Up to the end a window withholds.
    sandbox.list("productType=manual&limit=1").await.good();
    let again = sandbox.list("productType=manual").await;
    assert_eq!(again.header("sandbox-withheld"), Some("1"));
}

/// A file that goes under a running server takes all that comes after with it: nothing is answered then.
#[tokio::test]
async fn a_data_file_that_is_gone_makes_the_server_unready() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sandbox.db");
    let sandbox = Sandbox::start(crate::sandbox::builder("minimal").data(&file)).await;
    let control = Control::of(&sandbox);
    assert_eq!(control.call("GET", "/ready", None).await.0, 200);
    std::fs::remove_file(&file).unwrap();
    // Whatever is answered from now on says so.
    let update = sandbox.update(json!({ "order": 12348, "status": "processing" })).await;
    assert_eq!(update.status, 503, "{}", update.text);
    let (status, problem) = control.call("GET", "/ready", None).await;
    assert_eq!((status, &problem["type"]), (503, &json!("urn:supplier-sandbox:problem:data-file-gone")));
    let (status, problem) = control.call("POST", "/sandboxes/default/reset", None).await;
    assert_eq!(status, 503, "{problem}");
}

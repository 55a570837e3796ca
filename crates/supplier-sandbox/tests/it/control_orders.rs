//! `/_sandbox/sandboxes/{id}/orders`: what is known of an order, and why it is not in a list.

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

//! Accounts: which are taken, and when none is left.

use serde_json::{Value, json};

use crate::control::Control;
use crate::sandbox::Sandbox;

impl Sandbox {
    /// How many accounts an order has after these were submitted.
    async fn delivered(&self, order: u64, accounts: Value) -> u64 {
        let updated = self.update(json!({ "order": order, "accounts": accounts })).await.good();
        updated["accountsDelivered"].as_u64().unwrap()
    }

    /// Fails unless these accounts are refused, to the letter.
    async fn none_left(&self, order: u64, accounts: Value) {
        let answer = self.update(json!({ "order": order, "accounts": accounts })).await;
        let expected =
            r#"{"error":"INVALID_ACCOUNTS","message":"No valid accounts provided after deduplication"}"#;
        assert_eq!((answer.status, answer.text.as_str()), (400, expected), "{accounts}");
    }
}

/// Rules: `update.accounts`, `update.accounts-valid`.
#[tokio::test]
async fn valid_accounts_are_taken_and_the_rest_dropped() {
    let sandbox = Sandbox::minimal().await;
    let mixed = json!([
        "user:pass", "mail@example.com:pass", "colons:a:b::", "  spaced : pass  ", "ü:ñ",
        "no-colon", ":pass", "user:", " : ", "\u{3000}:pass", "user:\u{2003}", "", null, 7, ["a:1"], { "a": 1 }, true,
    ]);
    assert_eq!(sandbox.delivered(12348, mixed).await, 5);
}

/// Rules: `update.accounts-dedup`.
#[tokio::test]
async fn an_account_counts_once_in_a_submission() {
    let sandbox = Sandbox::minimal().await;
    assert_eq!(sandbox.delivered(12348, json!(["a:1", "a:1", " a:1", "a:1\t", "b:2", "a:1"])).await, 2);
}

/// Rules: `update.accounts-dedup-scope`, `update.accounts-distinct`.
#[tokio::test]
async fn an_account_counts_once_in_an_order_and_may_go_to_another() {
    let sandbox = Sandbox::minimal().await;
    assert_eq!(sandbox.delivered(12348, json!(["a:1", "b:2"])).await, 2);
    assert_eq!(sandbox.delivered(12348, json!(["b:2", "\u{a0}a:1 ", "c:3"])).await, 3);
    // The whole string makes an account: another password, case or inner space is another account.
    assert_eq!(sandbox.delivered(12348, json!(["a:2", "A:1", "a :1", "a: 1"])).await, 7);
    assert_eq!(sandbox.delivered(12347, json!(["a:1"])).await, 1);
}

/// Rules: `update.invalid-accounts`, `error.messages`, `error.status`.
#[tokio::test]
async fn without_a_valid_account_the_update_is_refused() {
    let sandbox = Sandbox::minimal().await;
    for accounts in [
        json!([]),
        json!([""]),
        json!(["  ", "\t\n"]),
        json!(["no-colon", ":", ":x", "x:"]),
        json!([1, null, {}]),
    ] {
        sandbox.none_left(12345, accounts).await;
    }
}

/// Rules: `update.resubmission`.
#[tokio::test]
async fn what_the_order_already_has_is_nothing_new() {
    let sandbox = Sandbox::minimal().await;
    sandbox
        .none_left(40001, json!(["ready-1@example.com:fixture-pass-1", "ready-2@example.com:fixture-pass-2"]))
        .await;
    sandbox.none_left(40001, json!([" ready-2@example.com:fixture-pass-2 "])).await;
    assert_eq!(sandbox.delivered(12347, json!(["a:1"])).await, 1);
    sandbox.none_left(12347, json!(["a:1"])).await;
    assert_eq!(sandbox.delivered(40001, json!(["ready-1@example.com:another-pass"])).await, 3);
}

/// Rules: `update.accounts-kind`.
#[tokio::test]
async fn accounts_are_taken_for_a_service_as_for_a_product() {
    let sandbox = Sandbox::minimal().await;
    assert_eq!(sandbox.delivered(12349, json!(["a:1", "a:1", "x"])).await, 1);
    sandbox.none_left(12349, json!([])).await;
}

/// Rules: `update.partial`, `update.any-count`.
#[tokio::test]
async fn a_part_may_come_first_and_more_or_fewer_than_ordered_with_any_status() {
    let sandbox = Sandbox::minimal().await;
    let deliver = |order: u64, status: &'static str, accounts: Value| {
        let body = json!({ "order": order, "status": status, "accounts": accounts });
        async { sandbox.update(body).await.good() }
    };
    let part = deliver(12345, "partial", json!(["a:1", "a:2"])).await;
    assert_eq!(
        (&part["status"], &part["accountsDelivered"], &part["quantity"]),
        (&"partial".into(), &2.into(), &10.into())
    );
    let rest: Vec<_> = (3..=10).map(|n| format!("a:{n}")).collect();
    let rest = deliver(12345, "completed", json!(rest)).await;
    assert_eq!((&rest["status"], &rest["accountsDelivered"]), (&"completed".into(), &10.into()));
    // One piece was ordered.
    let more = deliver(12347, "completed", json!(["a:1", "a:2", "a:3"])).await;
    assert_eq!((&more["accountsDelivered"], &more["quantity"]), (&3.into(), &1.into()));
    for status in ["pending", "processing", "completed", "partial", "cancelled", "error"] {
        deliver(12348, status, json!([format!("{status}:1")])).await;
    }
}

/// Rules: `update.no-auto-status`.
#[tokio::test]
async fn accounts_alone_change_no_status() {
    let sandbox = Sandbox::minimal().await;
    for (order, status) in [(12347, "pending"), (12349, "processing"), (40001, "completed")] {
        let updated = sandbox.update(json!({ "order": order, "accounts": ["a:1"] })).await.good();
        assert_eq!(updated["status"], status);
    }
}

/// Rules: `update.secret`, `error.secret`.
#[tokio::test]
async fn no_answer_shows_a_password_or_a_key() {
    let sandbox = Sandbox::minimal().await;
    let accounts = json!(["user:hunter2-secret", "hunter2-secret", "x:hunter2-secret", 7]);
    let mut answers = vec![
        sandbox.update(json!({ "order": 12345, "accounts": accounts })).await.text,
        sandbox.update(json!({ "order": 12345, "accounts": accounts })).await.text,
        sandbox.update(json!({ "order": "hunter2-secret", "status": "hunter2-secret", "accounts": "hunter2-secret" })).await.text,
        sandbox.update_text(r#"{"order":1,"order":2,"accounts":["user:hunter2-secret"]}"#).await.text,
        sandbox.update_text(r#"{"order":1,"accounts":["user:hunter2-secret"]"#).await.text,
        sandbox.list("status=hunter2-secret&limit=hunter2-secret").await.text,
    ];
    answers.push(sandbox.look_up(12345).await.to_string());
    for answer in answers {
        assert!(!answer.contains("hunter2-secret") && !answer.contains(sandbox.key("aurora")), "{answer}");
    }
}

/// Rules: `update.accounts-cap`, `error.details`.
#[tokio::test]
async fn more_accounts_than_an_order_keeps_are_refused_whole_and_the_journal_says_why() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let some = |numbers: std::ops::Range<u32>| {
        Value::from(numbers.map(|number| format!("user-{number}:pass")).collect::<Vec<_>>())
    };
    assert_eq!(sandbox.delivered(12348, some(0..9_999)).await, 9_999);
    let refused =
        sandbox.update(json!({ "order": 12348, "status": "completed", "accounts": some(9_998..10_001) }));
    let refused = refused.await;
    assert_eq!((refused.status, refused.wrong_fields()), (400, vec!["accounts"]), "{}", refused.text);
    assert!(refused.text.contains("keeps at most 10000"), "{}", refused.text);
    let id = refused.header("sandbox-request-id").unwrap();
    let (_, why) = control.call("GET", &format!("/sandboxes/default/requests/{id}/why"), None).await;
    assert_eq!(why["reasons"][0]["rule"], "update.accounts-cap", "{why}");
    // Nothing has changed, and what fits is taken.
    let (_, order) = control.call("GET", "/sandboxes/default/orders/12348", None).await;
    assert_eq!(
        (&order["accountsDelivered"], &order["status"]),
        (&json!(9_999), &json!("pending")),
        "{order}"
    );
    assert_eq!(sandbox.delivered(12348, some(9_998..10_000)).await, 10_000);
}

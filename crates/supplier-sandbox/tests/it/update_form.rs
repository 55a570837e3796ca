//! What an update's body may be.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// Rules: `update.order-required`, `update.null`.
#[tokio::test]
async fn an_update_without_an_order_is_refused() {
    let sandbox = Sandbox::minimal().await;
    for body in
        [json!({}), json!({ "status": "completed" }), json!({ "order": null }), json!({ "Order": 12345 })]
    {
        assert_eq!(sandbox.update(body.clone()).await.wrong_fields(), ["order"], "{body}");
    }
}

/// Rules: `update.order-number`.
#[tokio::test]
async fn an_order_that_is_no_json_integer_is_refused() {
    let sandbox = Sandbox::minimal().await;
    for order in [
        "\"12345\"",
        "12345.0",
        "12345.5",
        "1.2345e4",
        "12345e0",
        "1E5",
        "true",
        "[12345]",
        "{}",
        "\"\"",
        "-1.0",
        "-0.0",
    ] {
        let answer = sandbox.update_text(format!("{{\"order\":{order},\"status\":\"completed\"}}")).await;
        assert_eq!(answer.wrong_fields(), ["order"], "{order}");
    }
}

/// Rules: `update.order-number`, `update.not-found`.
#[tokio::test]
async fn a_number_that_no_order_has_is_not_found_however_small_or_large() {
    let sandbox = Sandbox::minimal().await;
    let numbers = [
        "0",
        "-0",
        "-1",
        "-12345",
        "1",
        "40401",
        "9007199254740991",
        "9007199254740992",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "123456789012345678901234567890123456789012345678901234567890",
        // Off by a multiple of 2^64, or by less than a 64-bit float can tell.
        "18446744073709563961",
        "-18446744073709539271",
    ];
    for number in numbers {
        let answer = sandbox.update_text(format!("{{\"order\":{number}}}")).await;
        answer.refused(404, "ORDER_NOT_FOUND");
        assert_eq!(answer.body["message"], "Order not found");
    }
}

/// Rules: `update.optional-fields`, `update.null`.
#[tokio::test]
async fn what_is_left_out_or_null_stays_as_it_was_and_unknown_fields_are_ignored() {
    let sandbox = Sandbox::minimal().await;
    let first =
        json!({ "order": 12345, "status": "processing", "accounts": ["a:1"], "supplierOrderId": "SUP-1" });
    let before = sandbox.update(first).await.good();
    for body in [
        json!({ "order": 12345 }),
        json!({ "order": 12345, "status": null, "accounts": null, "supplierOrderId": null }),
        json!({ "order": 12345, "Status": "error", "id": 7, "note": { "deep": [1] }, "": "", "paymentStatus": "failed" }),
    ] {
        assert_eq!(sandbox.update(body.clone()).await.good(), before, "{body}");
    }
    let after = sandbox.update(json!({ "order": 12345, "supplierOrderId": "SUP-2" })).await.good();
    assert_eq!(
        (&after["status"], &after["accountsDelivered"]),
        (&before["status"], &before["accountsDelivered"])
    );
}

/// Rules: `update.status-refused`.
#[tokio::test]
async fn a_status_that_is_not_one_of_the_six_is_refused_and_changes_nothing() {
    let sandbox = Sandbox::minimal().await;
    for status in [
        json!("done"),
        json!("Completed"),
        json!("COMPLETED"),
        json!(" completed"),
        json!("completed "),
        json!(""),
        json!("pending,error"),
        json!(1),
        json!(true),
        json!(["completed"]),
        json!({}),
    ] {
        let answer =
            sandbox.update(json!({ "order": 12345, "status": status, "supplierOrderId": "SUP-1" })).await;
        assert_eq!(answer.wrong_fields(), ["status"], "{status}");
    }
    let order = sandbox.look_up(12345).await;
    assert_eq!((&order["status"], order.get("supplierOrderId")), (&"pending".into(), None));
}

/// Rules: `update.supplier-order-id-form`.
#[tokio::test]
async fn a_supplier_order_id_is_a_string_of_at_most_255_characters() {
    let sandbox = Sandbox::minimal().await;
    for id in
        [json!("山".repeat(256)), json!("x".repeat(256)), json!(7), json!(false), json!(["SUP"]), json!({})]
    {
        let answer = sandbox.update(json!({ "order": 12345, "supplierOrderId": id })).await;
        assert_eq!(answer.wrong_fields(), ["supplierOrderId"]);
    }
    // Characters count, not bytes.
    for id in ["山".repeat(255), "x".repeat(255), String::new(), " \"\\\u{1F600}\n".to_owned()] {
        let updated = sandbox.update(json!({ "order": 12345, "supplierOrderId": id })).await.good();
        assert_eq!(updated["supplierOrderId"], Value::from(id));
    }
}

/// Rules: `update.accounts`.
#[tokio::test]
async fn accounts_that_are_no_array_are_refused() {
    let sandbox = Sandbox::minimal().await;
    for accounts in [json!("a:1"), json!({ "0": "a:1" }), json!(1), json!(true), json!("")] {
        let answer = sandbox.update(json!({ "order": 12345, "accounts": accounts })).await;
        assert_eq!(answer.wrong_fields(), ["accounts"], "{accounts}");
    }
}

/// Rules: `error.details`.
#[tokio::test]
async fn all_that_is_wrong_is_named_at_once() {
    let sandbox = Sandbox::minimal().await;
    let body =
        json!({ "order": "12345", "status": "done", "accounts": "a:secret-pass", "supplierOrderId": 7 });
    let answer = sandbox.update(body).await;
    assert_eq!(answer.wrong_fields(), ["order", "status", "accounts", "supplierOrderId"]);
    assert!(!answer.text.contains("secret-pass"), "{}", answer.text);
    let answer = sandbox.update(json!({ "status": 1, "accounts": {} })).await;
    assert_eq!(answer.wrong_fields(), ["order", "status", "accounts"]);
}

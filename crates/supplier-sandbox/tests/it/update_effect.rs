//! What an update does, and to which orders.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use supplier_domain::OrderStatus;

use crate::sandbox::{Sandbox, order};

/// Rules: `update.status-values`, `update.transitions`.
#[tokio::test]
async fn each_status_may_follow_each_other_on_orders_of_every_kind() {
    let kinds = [("mail", 1), ("views", 2), ("instant", 3), ("stock", 4)];
    let orders: String =
        kinds.iter().map(|(product, number)| order(*number, "pending", &[(product, 1)])).collect();
    let sandbox = Sandbox::with_orders(&orders).await;
    for (_, number) in kinds {
        for from in OrderStatus::WORDS {
            for to in OrderStatus::WORDS {
                for status in [from, to] {
                    let updated = sandbox.update(json!({ "order": number, "status": status })).await.good();
                    assert_eq!(updated["status"], **status, "{from} to {to}");
                }
            }
        }
    }
}

/// Rules: `update.incremental`, `update.visible`.
#[tokio::test]
async fn an_order_is_completed_step_by_step_or_at_once() {
    let sandbox = Sandbox::minimal().await;
    for (order, steps) in [(12345, &["processing", "completed"][..]), (12347, &["completed"])] {
        for status in steps {
            sandbox.update(json!({ "order": order, "status": status })).await.good();
        }
        assert_eq!(sandbox.look_up(order).await["status"], "completed");
    }
    sandbox.pass(crate::sandbox::WINDOW).await;
    let open = sandbox.list("status=pending,processing&productType=manual").await.numbers();
    assert_eq!(open, [12346, 12348, 12349]);
}

/// Rules: `update.success`, `update.response`, `update.response-current`, `list.shape`.
#[tokio::test]
async fn the_answer_is_the_order_as_a_list_shows_it_and_two_fields_more() {
    let sandbox = Sandbox::minimal().await;
    let listed = sandbox.look_up(12345).await;
    let answer = sandbox.update(json!({ "order": 12345 })).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let mut updated = answer.good();
    let fields = updated.as_object_mut().unwrap();
    assert_eq!(fields.shift_remove("supplierOrderId"), Some(json!(null)));
    assert_eq!(fields.shift_remove("accountsDelivered"), Some(json!(0)));
    assert_eq!(updated, listed);
}

/// Rules: `update.supplier-order-id`, `update.supplier-order-id-form`.
#[tokio::test]
async fn the_last_supplier_order_id_stands_and_shows_in_lists_from_then_on() {
    let sandbox = Sandbox::minimal().await;
    assert_eq!(sandbox.look_up(12345).await.get("supplierOrderId"), None);
    for id in ["SUP-1", "SUP-2"] {
        let updated = sandbox.update(json!({ "order": 12345, "supplierOrderId": id })).await.good();
        assert_eq!(updated["supplierOrderId"], id);
        assert_eq!(sandbox.look_up(12345).await["supplierOrderId"], id);
    }
    let updated = sandbox.update(json!({ "order": 12345, "status": "error" })).await.good();
    assert_eq!(updated["supplierOrderId"], "SUP-2");
}

/// Rules: `update.not-found`, `update.unpaid`, `update.access-denied`, `error.messages`, `error.envelope`.
#[tokio::test]
async fn orders_that_are_not_there_not_paid_or_not_ones_own_are_refused() {
    let sandbox = Sandbox::minimal().await;
    let cases = [
        ("aurora", 40401, 404, r#"{"error":"ORDER_NOT_FOUND","message":"Order not found"}"#),
        ("aurora", 40402, 404, r#"{"error":"ORDER_NOT_FOUND","message":"Order not found"}"#),
        ("birch", 40402, 404, r#"{"error":"ORDER_NOT_FOUND","message":"Order not found"}"#),
        (
            "aurora",
            40301,
            403,
            r#"{"error":"ACCESS_DENIED","message":"You do not have access to this order"}"#,
        ),
        (
            "birch",
            12345,
            403,
            r#"{"error":"ACCESS_DENIED","message":"You do not have access to this order"}"#,
        ),
    ];
    for (supplier, order, status, text) in cases {
        let body =
            json!({ "order": order, "status": "completed", "accounts": ["a:1"], "supplierOrderId": "SUP-1" });
        let answer = sandbox.update_as(supplier, body).await;
        assert_eq!((answer.status, answer.text.as_str()), (status, text), "{supplier} {order}");
    }
    let page = sandbox.list_as("birch", "productType=manual").await.good();
    let of_birch = &page["orders"].as_array().unwrap()[1];
    assert_eq!(
        (&of_birch["id"], &of_birch["status"], of_birch.get("supplierOrderId")),
        (&40301.into(), &"pending".into(), None)
    );
    assert_eq!(sandbox.look_up(12345).await["status"], "pending");
}

/// Rules: `update.access-denied`, `list.own-items`.
#[tokio::test]
async fn a_shared_order_may_be_updated_by_each_of_its_suppliers() {
    let sandbox = Sandbox::minimal().await;
    let by_aurora = sandbox.update(json!({ "order": 12346, "accounts": ["a:1"] })).await.good();
    let by_birch =
        sandbox.update_as("birch", json!({ "order": 12346, "accounts": ["a:1", "b:2"] })).await.good();
    assert_eq!((&by_aurora["quantity"], &by_birch["quantity"]), (&3.into(), &2.into()));
    assert_eq!(by_birch["accountsDelivered"], 2, "a:1 is the order's already, whoever delivered it");
}

/// Rules: `update.atomic`.
#[tokio::test]
async fn a_refused_update_changes_nothing_at_all() {
    let sandbox = Sandbox::minimal().await;
    let before = sandbox
        .update(json!({ "order": 12345, "accounts": ["a:1"], "supplierOrderId": "SUP-1" }))
        .await
        .good();
    let refused = [
        json!({ "order": 12345, "status": "completed", "supplierOrderId": "SUP-2", "accounts": ["a:1"] }),
        json!({ "order": 12345, "status": "completed", "supplierOrderId": "SUP-2", "accounts": [] }),
        json!({ "order": 12345, "status": "nonsense", "supplierOrderId": "SUP-2", "accounts": ["b:2"] }),
        json!({ "order": 12345, "status": "completed", "supplierOrderId": 7, "accounts": ["b:2"] }),
    ];
    for body in refused {
        assert_eq!(sandbox.update(body.clone()).await.status, 400, "{body}");
        assert_eq!(sandbox.update(json!({ "order": 12345 })).await.good(), before, "after {body}");
    }
}

/// Rules: `update.visible`.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_concurrent_updates_none_is_lost() {
    let sandbox = Arc::new(Sandbox::minimal().await);
    let deliver = |number: u32| {
        let sandbox = Arc::clone(&sandbox);
        tokio::spawn(async move {
            let updated = sandbox
                .update(json!({ "order": 12348, "accounts": [format!("user-{number}:pass")] }))
                .await
                .good();
            updated["accountsDelivered"].as_u64().unwrap()
        })
    };
    let mut counts = BTreeSet::new();
    for update in (0..64).map(deliver).collect::<Vec<_>>() {
        counts.insert(update.await.unwrap());
    }
    assert_eq!(counts, (1..=64).collect(), "each update sees all that came before it");
}

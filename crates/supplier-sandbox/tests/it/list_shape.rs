//! What a page looks like.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::sandbox::{Sandbox, order};

/// Rules: `list.shape`, `list.types`.
#[tokio::test]
async fn the_guides_example_is_answered_to_the_byte() {
    let sandbox = Sandbox::minimal().await;
    let page = sandbox.list("status=pending,processing&productType=manual&limit=1").await;
    assert_eq!(page.header("content-type"), Some("application/json"));
    let expected = concat!(
        r#"{"orders":[{"id":12345,"order":12345,"status":"pending","paymentStatus":"completed","quantity":10,"#,
        r#""user":{"id":"507f1f77bcf86cd799439011","email":"customer@example.com","name":"John Doe"},"items":[{"product":"#,
        r#"{"id":"507f1f77bcf86cd799439012","name":"Channel followers","type":"product"},"quantity":10,"unitPrice":5.0,"#,
        r#""totalPrice":50.0}],"createdAt":"2024-01-01T10:00:00.000Z"}],"count":1,"total":5}"#
    );
    assert_eq!(page.text, expected);
}

/// Rules: `list.shape`.
#[tokio::test]
async fn a_page_without_orders_has_an_empty_array() {
    let sandbox = Sandbox::minimal().await;
    assert_eq!(sandbox.list("status=error").await.text, r#"{"orders":[],"count":0,"total":0}"#);
}

/// Rules: `list.shape`, `list.types`, `list.amounts`.
#[tokio::test]
async fn every_order_of_every_kind_has_the_documented_fields_and_forms() {
    let sandbox = Sandbox::default().await;
    let page = sandbox.list("productType=auto,manual,inventory&limit=500").await.good();
    assert_eq!(page.as_object().unwrap().keys().collect::<Vec<_>>(), ["orders", "count", "total"]);
    let fields = ["id", "order", "status", "paymentStatus", "quantity", "user", "items", "createdAt"];
    let mut kinds = BTreeMap::new();
    for order in page["orders"].as_array().unwrap() {
        let given = order["supplierOrderId"].is_string().then_some("supplierOrderId");
        let expected: Vec<_> = fields.into_iter().chain(given).collect();
        assert_eq!(order.as_object().unwrap().keys().collect::<Vec<_>>(), expected);
        assert_eq!(order["id"], order["order"]);
        assert_eq!(order["paymentStatus"], "completed");
        let pieces: u64 =
            order["items"].as_array().unwrap().iter().map(|item| item["quantity"].as_u64().unwrap()).sum();
        assert_eq!(order["quantity"], pieces);
        for item in order["items"].as_array().unwrap() {
            *kinds.entry(item["product"]["type"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
    }
    assert!(kinds["product"] > 50 && kinds["smm_service"] > 5, "{kinds:?}");
}

/// Rules: `list.types`, `list.amounts`, `list.price-decimals`.
#[tokio::test]
async fn prices_are_exact_decimals_of_at_most_four_places() {
    // 0.1 times 3 is no exact binary fraction, and neither are most of the others.
    let quantities = [1, 3, 7, 99_999, 100_000];
    let orders: String =
        (1..).zip(quantities).map(|(n, q)| order(n, "pending", &[("mail", q), ("views", q)])).collect();
    let sandbox = Sandbox::with_orders(&orders).await;
    let text = sandbox.list("productType=manual").await.text;
    let page: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).unwrap();
    let orders: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(page["orders"].get()).unwrap();
    for (order, quantity) in orders.iter().zip(quantities) {
        assert_eq!(order["quantity"].get(), (2 * quantity).to_string());
        let items: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(order["items"].get()).unwrap();
        for (item, units) in items.iter().zip([1_000_u64, 12]) {
            assert_eq!(item["quantity"].get(), quantity.to_string());
            assert_eq!(ten_thousandths(item["unitPrice"].get()), units);
            assert_eq!(ten_thousandths(item["totalPrice"].get()), units * u64::from(quantity));
        }
    }
}

/// A JSON number of at most four decimals, in units of 1/10,000.
#[track_caller]
fn ten_thousandths(number: &str) -> u64 {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    assert!(decimals.len() <= 4, "{number} has more than four decimals");
    format!("{whole}{decimals:0<4}").parse().unwrap_or_else(|_| panic!("{number} is no plain decimal"))
}

/// Rules: `list.types`.
#[tokio::test]
async fn the_largest_order_number_is_exact() {
    let sandbox = Sandbox::with_orders(&order(9_007_199_254_740_991, "pending", &[("mail", 1)])).await;
    let page = sandbox.list("productType=manual").await;
    assert!(page.text.contains(r#"{"id":9007199254740991,"order":9007199254740991,"#), "{}", page.text);
    let updated = sandbox.update(serde_json::json!({ "order": 9_007_199_254_740_991_u64 })).await;
    assert!(updated.text.starts_with(r#"{"id":9007199254740991,"#), "{}", updated.text);
}

/// Rules: `list.own-items`, `list.own-only`, `list.amounts`.
#[tokio::test]
async fn each_supplier_of_a_shared_order_sees_its_own_items() {
    let sandbox = Sandbox::minimal().await;
    let shared =
        |page: Value| page["orders"].as_array().unwrap().iter().find(|o| o["id"] == 12346).unwrap().clone();
    let of_aurora = shared(sandbox.list("productType=manual").await.good());
    let of_birch = shared(sandbox.list_as("birch", "productType=manual").await.good());
    for (order, name, quantity) in
        [(&of_aurora, "Aged mail account", 3), (&of_birch, "Fresh mail account", 2)]
    {
        let items = order["items"].as_array().unwrap();
        assert_eq!((items.len(), &items[0]["product"]["name"]), (1, &Value::from(name)));
        assert_eq!((&order["quantity"], &items[0]["quantity"]), (&quantity.into(), &quantity.into()));
    }
    // The rest of the order is one for both.
    let update = serde_json::json!({ "order": 12346, "status": "processing", "supplierOrderId": "SUP-1" });
    sandbox.update(update).await.good();
    sandbox.pass(crate::sandbox::WINDOW).await;
    let of_birch = shared(sandbox.list_as("birch", "productType=manual").await.good());
    assert_eq!((&of_birch["status"], &of_birch["supplierOrderId"]), (&"processing".into(), &"SUP-1".into()));
}

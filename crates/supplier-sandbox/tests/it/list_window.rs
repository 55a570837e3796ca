//! The window.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use crate::sandbox::{Sandbox, WINDOW, order};

const OPEN: &str = "status=pending,processing&productType=manual";

/// Rules: `list.window`, `list.window-end`.
#[tokio::test]
async fn an_order_comes_back_at_thirty_minutes_sharp_and_every_time() {
    let sandbox = Sandbox::minimal().await;
    let all = [12345, 12346, 12347, 12348, 12349];
    for _ in 0..3 {
        assert_eq!(sandbox.list(OPEN).await.numbers(), all);
        assert!(sandbox.list(OPEN).await.numbers().is_empty(), "at once");
        sandbox.pass(WINDOW - 1).await;
        assert!(sandbox.list(OPEN).await.numbers().is_empty(), "one millisecond before");
        sandbox.pass(1).await;
    }
}

/// Rules: `list.window`.
#[tokio::test]
async fn the_headers_say_what_is_withheld_and_until_when() {
    let sandbox = Sandbox::minimal().await;
    let first = sandbox.list(&format!("{OPEN}&limit=2")).await;
    assert_eq!((first.header("sandbox-withheld"), first.header("sandbox-next-at")), (Some("0"), None));
    sandbox.pass(60_000).await;
    let second = sandbox.list(&format!("{OPEN}&limit=1")).await;
    assert_eq!(second.header("sandbox-withheld"), Some("2"));
    let next_at = second.header("sandbox-next-at").unwrap().to_owned();
    assert!(next_at.len() == 24 && next_at.ends_with('Z'), "{next_at}");
    // The first two come back first, and the moment stays the same until they do.
    sandbox.pass(WINDOW - 60_001).await;
    let third = sandbox.list(&format!("{OPEN}&limit=1&offset=5")).await;
    assert_eq!(
        (third.header("sandbox-withheld"), third.header("sandbox-next-at")),
        (Some("3"), Some(&*next_at))
    );
    sandbox.pass(1).await;
    assert_eq!(sandbox.list(&format!("{OPEN}&limit=2")).await.numbers(), [12345, 12346]);
}

/// Rules: `list.window-scope`.
#[tokio::test]
async fn the_window_holds_whatever_the_next_call_asks_for() {
    let sandbox = Sandbox::minimal().await;
    assert_eq!(sandbox.list(&format!("{OPEN}&subCategory=Channel+growth")).await.numbers(), [12345]);
    for query in [
        "productType=manual&status=pending&limit=500",
        "productType=auto,manual,inventory",
        "productType=manual&entityType=product",
    ] {
        let numbers = sandbox.list(&format!("{query}&offset=0")).await.numbers();
        assert!(!numbers.contains(&12345), "{query}");
        sandbox.pass(WINDOW).await;
        assert!(sandbox.list(query).await.numbers().contains(&12345), "{query}");
    }
}

/// Rules: `list.window-scope`.
#[tokio::test]
async fn every_kind_of_order_is_withheld() {
    let sandbox = Sandbox::minimal().await;
    for query in [
        "",
        "productType=inventory",
        "productType=manual&entityType=smm_service",
        "productType=manual&status=completed",
    ] {
        assert!(!sandbox.list(query).await.numbers().is_empty(), "{query}");
        assert!(sandbox.list(query).await.numbers().is_empty(), "{query}");
    }
}

/// Rules: `list.window-scope`.
#[tokio::test]
async fn an_update_neither_ends_nor_extends_the_window() {
    let sandbox = Sandbox::minimal().await;
    assert_eq!(sandbox.list(&format!("{OPEN}&limit=1")).await.numbers(), [12345]);
    sandbox.pass(10 * 60_000).await;
    for status in ["processing", "pending"] {
        sandbox.update(json!({ "order": 12345, "status": status })).await.good();
        assert!(!sandbox.list(&format!("{OPEN}&limit=1")).await.numbers().contains(&12345));
    }
    sandbox.pass(WINDOW - 10 * 60_000 - 1).await;
    assert!(!sandbox.list(&format!("{OPEN}&limit=1")).await.numbers().contains(&12345));
    sandbox.pass(1).await;
    assert_eq!(sandbox.list(&format!("{OPEN}&limit=1")).await.numbers(), [12345]);
}

/// Rules: `list.window-scope`, `update.visible`.
#[tokio::test]
async fn an_order_that_was_updated_before_it_was_handed_out_is_not_withheld() {
    let sandbox = Sandbox::minimal().await;
    sandbox.update(json!({ "order": 12345, "status": "processing" })).await.good();
    assert_eq!(sandbox.list("productType=manual&status=processing").await.numbers(), [12345, 12349]);
}

/// Rules: `list.window-page`.
#[tokio::test]
async fn what_was_skipped_or_cut_off_is_not_withheld() {
    let sandbox = Sandbox::minimal().await;
    assert_eq!(sandbox.list(&format!("{OPEN}&offset=1&limit=2")).await.numbers(), [12346, 12347]);
    assert_eq!(sandbox.list(OPEN).await.numbers(), [12345, 12348, 12349]);
}

/// Rules: `list.window-page`.
#[tokio::test]
async fn a_shared_order_still_reaches_the_other_supplier() {
    let sandbox = Sandbox::minimal().await;
    assert!(sandbox.list(OPEN).await.numbers().contains(&12346));
    assert_eq!(sandbox.list_as("birch", OPEN).await.numbers(), [12346, 40301]);
    assert!(sandbox.list(OPEN).await.numbers().is_empty());
    assert!(sandbox.list_as("birch", OPEN).await.numbers().is_empty());
}

/// Rules: `list.window-race`.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_at_once_are_handed_each_order_once() {
    let orders: String = (1..=300).map(|number| order(number, "pending", &[("mail", 1)])).collect();
    let sandbox = Arc::new(Sandbox::with_orders(&orders).await);
    let poll = |_| {
        let sandbox = Arc::clone(&sandbox);
        tokio::spawn(async move {
            let mut mine = Vec::new();
            // Each page but the last brings an order at least, so a list that never ends is a defect.
            for _ in 0..=300 {
                let numbers = sandbox.list(&format!("{OPEN}&limit=7")).await.numbers();
                if numbers.is_empty() {
                    return mine;
                }
                mine.extend(numbers);
            }
            panic!("orders come again and again: {mine:?}")
        })
    };
    let mut all = Vec::new();
    for caller in (0..16).map(poll).collect::<Vec<_>>() {
        all.extend(caller.await.unwrap());
    }
    assert_eq!((all.len(), all.into_iter().collect::<BTreeSet<_>>().len()), (300, 300));
}

//! How orders are cut into pages.

use serde_json::Value;

use crate::sandbox::{Sandbox, WINDOW, order};

const MANUAL: &str = "productType=manual";

/// Orders 1 to `count`, all made at the same moment.
async fn orders(count: u64) -> Sandbox {
    Sandbox::with_orders(
        &(1..=count).map(|number| order(number, "pending", &[("mail", 1)])).collect::<String>(),
    )
    .await
}

/// Rules: `list.limit-default`, `list.limit`, `list.count`, `list.total`.
#[tokio::test]
async fn a_page_holds_fifty_orders_if_nothing_is_said() {
    let sandbox = Sandbox::default().await;
    let page = sandbox.list("status=pending,processing&productType=manual").await.good();
    assert_eq!((&page["count"], page["orders"].as_array().unwrap().len()), (&50.into(), 50));
    assert_eq!(page["total"], 806);
}

/// Rules: `list.limit-max`, `list.limit`, `list.count`, `list.total-withheld`.
#[tokio::test]
async fn the_largest_page_holds_five_hundred_and_the_next_one_the_rest() {
    let sandbox = Sandbox::default().await;
    let query = "status=pending,processing&productType=manual&limit=500";
    let mut counts = Vec::new();
    for withheld in ["0", "500", "806"] {
        let answer = sandbox.list(query).await;
        assert_eq!(answer.header("sandbox-withheld"), Some(withheld));
        let page = answer.good();
        assert_eq!(page["count"], page["orders"].as_array().unwrap().len());
        counts.push((page["count"].clone(), page["total"].clone()));
    }
    let expected =
        [(500, 806), (306, 306), (0, 0)].map(|(count, total)| (Value::from(count), Value::from(total)));
    assert_eq!(counts, expected);
}

/// Rules: `list.limit`, `list.offset`, `list.count`, `list.total`, `list.no-duplicates`.
#[tokio::test]
async fn pages_of_any_size_join_to_the_whole() {
    let sandbox = orders(13).await;
    for limit in 1..=14 {
        let mut joined = Vec::new();
        for offset in (0..14).step_by(limit) {
            // The offset counts orders that may be handed out: let those of the page before come back.
            sandbox.pass(WINDOW).await;
            let page = sandbox.list(&format!("{MANUAL}&limit={limit}&offset={offset}")).await.good();
            assert_eq!(page["total"], 13);
            assert_eq!(page["count"], limit.min(13_usize.saturating_sub(offset)));
            joined
                .extend(page["orders"].as_array().unwrap().iter().map(|order| order["id"].as_u64().unwrap()));
        }
        assert_eq!(joined, (1..=13).collect::<Vec<_>>(), "pages of {limit}");
    }
}

/// Rules: `list.offset`, `list.offset-range`.
#[tokio::test]
async fn past_the_end_the_page_is_empty_however_large_the_offset() {
    let sandbox = orders(3).await;
    for offset in ["3", "4", "1000", "18446744073709551615", "99999999999999999999999999999999"] {
        let page = sandbox.list(&format!("{MANUAL}&offset={offset}")).await.good();
        assert_eq!((&page["count"], &page["total"]), (&0.into(), &3.into()), "{offset}");
    }
    assert_eq!(sandbox.list(&format!("{MANUAL}&offset=2")).await.numbers(), [3]);
}

/// Rules: `list.offset`, `list.total-withheld`.
#[tokio::test]
async fn the_offset_skips_what_may_be_handed_out_now_and_the_total_counts_it() {
    let sandbox = orders(5).await;
    assert_eq!(sandbox.list(&format!("{MANUAL}&limit=2")).await.numbers(), [1, 2]);
    let page = sandbox.list(&format!("{MANUAL}&limit=1&offset=1")).await;
    assert_eq!(page.header("sandbox-withheld"), Some("2"));
    assert_eq!(page.body["total"], 3);
    assert_eq!(page.numbers(), [4]);
}

/// Rules: `list.order`.
#[tokio::test]
async fn the_oldest_come_first_and_equally_old_ones_by_number() {
    let at = |number, day: u32| {
        order(number, "pending", &[("mail", 1)]).replace("2024-01-01", &format!("2024-01-{day:02}"))
    };
    let orders = [at(7, 3), at(3, 2), at(9, 1), at(5, 2), at(1, 3)];
    let sandbox = Sandbox::with_orders(&orders.concat()).await;
    assert_eq!(sandbox.list(MANUAL).await.numbers(), [9, 3, 5, 1, 7]);

    let sandbox = Sandbox::default().await;
    let page = sandbox.list("productType=auto,manual,inventory&limit=500").await.good();
    let key =
        |order: &Value| (order["createdAt"].as_str().unwrap().to_owned(), order["id"].as_u64().unwrap());
    assert!(page["orders"].as_array().unwrap().iter().map(key).is_sorted());
}

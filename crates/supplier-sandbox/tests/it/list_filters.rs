//! Which orders a page is made of.

use std::collections::BTreeSet;

use supplier_domain::OrderStatus;

use crate::sandbox::{Sandbox, WINDOW, order};

/// An order of each status: pending is 1, and so on in the order of the guide.
async fn one_of_each_status() -> Sandbox {
    let orders = (1..).zip(OrderStatus::WORDS).map(|(number, status)| order(number, status, &[("mail", 1)]));
    Sandbox::with_orders(&orders.collect::<String>()).await
}

impl Sandbox {
    /// The numbers that a list call brings when nothing is withheld.
    async fn listed(&self, query: &str) -> Vec<u64> {
        self.pass(WINDOW).await;
        self.list(query).await.numbers()
    }
}

/// Rules: `list.status`, `list.status-default`.
#[tokio::test]
async fn status_takes_any_choice_of_the_six_and_left_out_takes_all() {
    let sandbox = one_of_each_status().await;
    assert_eq!(sandbox.listed("productType=manual").await, [1, 2, 3, 4, 5, 6]);
    for choice in 1_u32..64 {
        let chosen: Vec<_> = (0..6).filter(|bit| choice & (1 << bit) != 0).collect();
        // Backwards, so that the order of the values is seen to be no matter.
        let words: Vec<_> = chosen.iter().rev().map(|index| OrderStatus::WORDS[*index]).collect();
        let listed = sandbox.listed(&format!("productType=manual&status={}", words.join(","))).await;
        assert_eq!(listed, chosen.iter().map(|index| *index as u64 + 1).collect::<Vec<_>>(), "{words:?}");
    }
    assert_eq!(sandbox.listed("productType=manual&status=error%2Cpending").await, [1, 6]);
}

/// Rules: `list.product-type`, `list.product-type-values`.
#[tokio::test]
async fn manual_orders_come_only_when_asked_for() {
    let products = ["mail", "instant", "stock"];
    let orders = (1..).zip(products).map(|(number, product)| order(number, "pending", &[(product, 1)]));
    let sandbox = Sandbox::with_orders(&orders.collect::<String>()).await;
    let cases: [(&str, &[u64]); 7] = [
        ("", &[2]),
        ("productType=manual", &[1]),
        ("productType=auto", &[2]),
        ("productType=inventory", &[3]),
        ("productType=inventory,auto", &[2, 3]),
        ("productType=auto,manual,inventory", &[1, 2, 3]),
        ("status=pending", &[2]),
    ];
    for (query, expected) in cases {
        assert_eq!(sandbox.listed(query).await, expected, "{query}");
    }
}

/// Rules: `list.entity-type`.
#[tokio::test]
async fn entity_type_keeps_the_orders_of_that_type() {
    let orders = [order(1, "pending", &[("mail", 1)]), order(2, "pending", &[("views", 1)])].concat();
    let sandbox = Sandbox::with_orders(&orders).await;
    assert_eq!(sandbox.listed("productType=manual").await, [1, 2]);
    assert_eq!(sandbox.listed("productType=manual&entityType=product").await, [1]);
    assert_eq!(sandbox.listed("productType=manual&entityType=smm_service").await, [2]);
}

/// Rules: `list.sub-category`, `list.sub-category-match`.
#[tokio::test]
async fn a_subcategory_is_named_exactly_and_encoded_in_the_url() {
    let orders = [order(1, "pending", &[("mail", 1)]), order(2, "pending", &[("views", 1)])].concat();
    let sandbox = Sandbox::with_orders(&orders).await;
    let cases: [(&str, &[u64]); 9] = [
        ("Mail%20accounts", &[1]),
        ("Mail+accounts", &[1]),
        ("Mail accounts", &[1]),
        ("Vid%C3%A9o+%26+more", &[2]),
        ("mail+accounts", &[]),
        ("Mail", &[]),
        ("Mail+accounts+", &[]),
        ("Mail%2Baccounts", &[]),
        ("Nothing+of+the+kind", &[]),
    ];
    for (name, expected) in cases {
        let listed = sandbox.listed(&format!("productType=manual&subCategory={name}")).await;
        assert_eq!(listed, expected, "{name}");
    }
}

/// Rules: `list.own-items`, `list.no-duplicates`.
#[tokio::test]
async fn one_own_item_must_fit_all_the_filters_and_the_order_comes_once() {
    let orders = [
        order(1, "pending", &[("mail", 1), ("views", 2), ("instant", 1)]),
        order(2, "pending", &[("views", 1), ("birch-mail", 5)]),
    ];
    let sandbox = Sandbox::with_orders(&orders.concat()).await;
    assert_eq!(sandbox.listed("productType=manual").await, [1, 2]);
    assert_eq!(sandbox.listed("productType=auto,manual").await, [1, 2]);
    // 1 has an automatic item and a service, but no automatic service; 2 has a product, but not of aurora.
    assert!(sandbox.listed("productType=auto&entityType=smm_service").await.is_empty());
    assert_eq!(sandbox.listed("productType=manual&entityType=product").await, [1]);
    // An order that fits is shown with all that is the supplier's.
    sandbox.pass(WINDOW).await;
    let page = sandbox.list("productType=manual&entityType=product").await.good();
    assert_eq!(
        (&page["orders"][0]["quantity"], page["orders"][0]["items"].as_array().unwrap().len()),
        (&4.into(), 3)
    );
}

/// Rules: `list.paid-only`, `list.own-only`.
#[tokio::test]
async fn unpaid_orders_and_other_suppliers_orders_never_come() {
    let sandbox = Sandbox::default().await;
    let mut seen = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
    for (seen, supplier) in seen.iter_mut().zip(["aurora", "birch", "cedar"]) {
        loop {
            let page = sandbox.list_as(supplier, "productType=auto,manual,inventory&limit=500").await.good();
            let orders = page["orders"].as_array().unwrap();
            if orders.is_empty() {
                break;
            }
            for order in orders {
                assert_eq!(order["paymentStatus"], "completed");
                assert!(seen.insert(order["id"].as_u64().unwrap()), "{} came twice", order["id"]);
            }
        }
    }
    let [aurora, birch, cedar] = seen;
    let unpaid = |number: &&u64| {
        **number == 40402 || (107_001..108_000).contains(*number) || (201_001..202_000).contains(*number)
    };
    assert_eq!(aurora.iter().chain(&birch).chain(&cedar).find(unpaid), None);
    assert_eq!(
        aurora.len(),
        640 + 110 + 140 + 110 + 70 + 80 + 60 + 6,
        "all paid orders of aurora, and the fixed ones"
    );
    assert_eq!(birch.len(), 140 + 60 + 2);
    assert_eq!(cedar.len(), 80);
    assert_eq!(aurora.intersection(&birch).count(), 61, "the shared ones reach both");
    assert_eq!(aurora.intersection(&cedar).count(), 0);
}

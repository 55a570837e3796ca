//! Orders that come in: what a scenario says of them is what comes.

use std::time::Duration;

use supplier_domain::{Arrivals, OrderDraft, OrderStatus, PaymentStatus};

use crate::texts::{DEFAULT, builtin, world, world_of};

const SECTION: &str = r#"
[arrivals]
per_minute = 2.5
burst_every_minutes = 60
burst_size = 20
[[arrivals.mix]]
weight = 3
products = ["aged-mail", "channel-followers"]
items = [1, 2]
quantity = [2, 9]
[[arrivals.mix]]
products = ["aged-mail"]
quantity = [500, 500]
"#;

/// The orders of the first day.
fn first_day(text: &str) -> Vec<OrderDraft> {
    let plan = world_of(text).arrivals.expect("a plan");
    let start = builtin("default").epoch();
    let mut arrivals = Arrivals::new(plan, start);
    let due = arrivals.due(start.plus(Duration::from_hours(24)));
    due.orders.into_iter().map(|(_, draft)| draft).collect()
}

#[test]
fn they_come_as_often_and_are_as_mixed_as_the_section_says() {
    let orders = first_day(&format!("{DEFAULT}{SECTION}"));
    assert_eq!(orders.len(), 24 * 60 * 5 / 2 + 24 * 20);
    for order in &orders {
        assert_eq!((order.status, order.payment_status), (OrderStatus::Pending, PaymentStatus::Completed));
        let quantities = order.items.iter().map(|item| item.quantity);
        assert!(quantities.clone().all(|it| (2..=9).contains(&it)) || quantities.eq([500]), "{order:?}");
    }
    let large = orders.iter().filter(|order| order.items[0].quantity == 500).count();
    assert!((900..1_200).contains(&large), "one of four: {large}");
    assert!(orders.iter().any(|order| order.items.len() == 2));
    let buyers: std::collections::BTreeSet<_> = orders.iter().map(|order| order.user.id).collect();
    assert!(buyers.len() > 50, "{}", buyers.len());
}

#[test]
fn the_same_seed_brings_the_same_and_no_order_changes() {
    let text = format!("{DEFAULT}{SECTION}");
    assert_eq!(first_day(&text), first_day(&text));
    assert_eq!(world_of(&text).orders, world_of(DEFAULT).orders);
    for name in supplier_seed::BUILTIN {
        assert_eq!(world(&builtin(name), 1).arrivals, None, "{name}");
    }
}

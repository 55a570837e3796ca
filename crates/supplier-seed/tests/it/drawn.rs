//! What the fields of a scenario do to its orders.

use supplier_domain::{Money, OrderStatus};

use crate::texts::world_of;

const HEAD: &str = r#"
title = "A small shop"
description = "For one test."
epoch = "2026-01-05T00:00:00.000Z"
[[suppliers]]
id = "aurora"
name = "Aurora Digital Goods"
email = "aurora@example.com"
[[products]]
id = "mail"
supplier = "aurora"
name = "Aged mail account"
product_type = "manual"
entity_type = "product"
sub_category = "Mail accounts"
unit_price = "1.25"
[[products]]
id = "reviews"
supplier = "aurora"
name = "Short reviews"
product_type = "manual"
entity_type = "smm_service"
sub_category = "Reviews"
unit_price = "0.0875"
"#;

fn group(fields: &str) -> String {
    let most = "[[orders]]\ngroup = \"g\"\nfirst_number = 11\ncount = 40\nage_hours = [2, 3]\n";
    format!("{HEAD}{most}products = [\"mail\", \"reviews\"]\n{fields}")
}

#[test]
fn a_fixed_order_has_the_price_that_it_names_and_else_the_product_s() {
    let world = world_of(&format!(
        "{HEAD}[[fixed]]\nnumber = 7\nabout = \"It.\"\nstatus = \"error\"\ncreated_at = \"2025-01-01T00:00:00.000Z\"\n\
         user = {{ id = \"507f1f77bcf86cd799439011\", email = \"a@example.com\", name = \"A\" }}\n\
         items = [{{ product = \"mail\", quantity = 2, unit_price = \"1.50\" }}, {{ product = \"reviews\", quantity = 3 }}]"
    ));
    let prices: Vec<_> = world.orders[0].items.iter().map(|item| item.unit_price).collect();
    assert_eq!(prices, [Money::from_units(15_000), Money::from_units(875)]);
    assert_eq!((world.orders[0].status, world.orders[0].is_paid()), (OrderStatus::Error, true));
}

#[test]
fn what_a_group_leaves_out_means_paid_orders_of_one_item_without_accounts() {
    let world = world_of(&group("statuses = { completed = 1 }\nquantity = [5, 5]"));
    let numbers: Vec<_> = world.orders.iter().map(|order| order.id.get()).collect();
    assert_eq!(numbers, (11..51).collect::<Vec<_>>());
    for order in &world.orders {
        assert!(order.is_paid() && order.accounts.is_empty() && order.items.len() == 1);
        assert_eq!(order.items[0].quantity, 5);
    }
}

#[test]
fn only_paid_orders_and_only_their_goods_have_accounts() {
    let fields = "statuses = { completed = 1 }\npayment_statuses = { completed = 1, failed = 1 }\n\
                  one_of_each = true\nquantity = [5, 5]\naccounts = true";
    let world = world_of(&group(fields));
    assert!(world.orders.iter().any(|order| !order.is_paid()));
    for order in &world.orders {
        let products: Vec<_> = order.items.iter().map(|item| &*item.product.name).collect();
        assert_eq!(products, ["Aged mail account", "Short reviews"]);
        assert_eq!(order.accounts.len(), if order.is_paid() { 5 } else { 0 });
    }
}

//! What a page looks like, and whose orders stand in it. All that can be seen from an answer by itself is judged with
//! every answer (see `schema`); these checks see to it that there is something to judge.

use serde_json::json;
use supplier_rulebook::{
    LIST_AMOUNTS, LIST_COUNT, LIST_OWN_ITEMS, LIST_OWN_ONLY, LIST_PAID_ONLY, LIST_SHAPE, LIST_TYPES,
    LIST_WINDOW_PAGE,
};

use crate::bench::Bench;
use crate::case::{Case, CaseError};
use crate::check::checks;
use crate::guide_table::STATUSES;
use crate::script::{Expect, NewOrders, Shape, Who};

checks! {
    CHECKS;
    "page-shape" = page_shape, Example,
        [LIST_SHAPE, LIST_TYPES, LIST_AMOUNTS, LIST_COUNT, LIST_NO_DUPLICATES], [Key, Lists, Stock], 24, 0,
        "A page of orders of every status, type and price has the fields, types and amounts that it should have.";
    "page-empty" = page_empty, Example, [LIST_SHAPE, LIST_COUNT], [Key, Lists], 1, 0,
        "A page without orders has an empty list, and counts none.";
    "page-amounts" = page_amounts, Example, [LIST_AMOUNTS, LIST_TYPES], [Key, Lists, Orders], 20, 0,
        "Quantity, price and type are shown as they were ordered, to the fourth decimal.";
    "page-big-numbers" = page_big_numbers, Example, [LIST_TYPES], [Key, Lists, Orders, Fresh], 4, 0,
        "Order numbers up to 2^53−1 are shown exactly.";
    "paid-only" = paid_only, Example, [LIST_PAID_ONLY], [Key, Lists, Orders], 20, 0,
        "Orders that are not paid, or were paid back, are not listed, whatever the filters.";
    "own-only" = own_only, Example, [LIST_OWN_ONLY], [Key, Lists, Orders, Second], 60, 0,
        "Neither supplier is shown an order of the other, whatever the filters and however far it pages.";
    "shared-order" = shared_order, Example, [LIST_OWN_ONLY, LIST_WINDOW_PAGE], [Key, Lists, Orders, Second], 8, 0,
        "An order with items of both suppliers reaches each of them.";
    "shared-items" = shared_items, Example, [LIST_OWN_ITEMS, LIST_AMOUNTS], [Key, Lists, Orders, Second], 4, 0,
        "Of a shared order, each supplier sees its own items and their quantity.";
}

/// Prices that binary fractions cannot hold, in ten-thousandths, with quantities that bring that to light.
const PRICES: [(u32, u32); 8] =
    [(1_000, 3), (875, 7), (199_900, 3), (123_456, 7), (1, 3), (50_000, 10), (10_001, 999), (7, 100_000)];

async fn page_shape(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let orders =
                STATUSES.iter().zip(PRICES).enumerate().map(|(place, (status, (price, quantity)))| {
                    let entity = if place % 2 == 0 { "product" } else { "smm_service" };
                    NewOrders::some(2).status(status).entity(entity).price(price).quantity(quantity)
                });
            case.stock(orders).await?;
            // A part of what there is, then the rest.
            case.list(Who::First, case.manual().limit(4)).await?;
            let page = case.list(Who::First, case.manual().limit(20)).await?;
            case.expect(LIST_SHAPE, Expect::Looks { at: "/orders".to_owned(), like: Shape::List })?;
            if page.orders().is_empty() {
                return Err(CaseError::Untested("there was no order to look at".to_owned()));
            }
            Ok(())
        })
        .await
}

async fn page_empty(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let nothing = format!("{}-nothing", case.tag());
            case.list(Who::First, case.orders_of("manual").set("subCategory", nothing).limit(1)).await?;
            case.expect(LIST_SHAPE, Expect::is("/orders", json!([])))?;
            case.expect(LIST_COUNT, Expect::is("/count", 0))?;
            case.expect(LIST_SHAPE, Expect::is("/total", 0))
        })
        .await
}

async fn page_amounts(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (price, quantity) in PRICES {
        for entity in ["product", "smm_service"] {
            bench
                .case(async |case: &mut Case<'_>| {
                    let new = NewOrders::some(1).price(price).quantity(quantity).entity(entity);
                    let order = case.place_one(new).await?;
                    case.list(Who::First, case.manual().limit(1)).await?;
                    let total = f64::from(price) * f64::from(quantity) / 10_000.0;
                    case.expect(LIST_AMOUNTS, Expect::order_is(order, "/quantity", quantity))?;
                    case.expect(LIST_AMOUNTS, Expect::order_is(order, "/items/0/quantity", quantity))?;
                    let unit = f64::from(price) / 10_000.0;
                    case.expect(LIST_AMOUNTS, Expect::order_is(order, "/items/0/unitPrice", unit))?;
                    case.expect(LIST_AMOUNTS, Expect::order_is(order, "/items/0/totalPrice", total))?;
                    case.expect(LIST_TYPES, Expect::order_is(order, "/items/0/product/type", entity))
                })
                .await?;
        }
    }
    Ok(())
}

async fn page_big_numbers(bench: &Bench<'_>) -> Result<(), CaseError> {
    for number in [(1_u64 << 31) + 1, (1 << 32) + 1, (1 << 53) - 2] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).numbered(number)).await?;
                if case.number(order) != number {
                    return Err(CaseError::Failed(format!(
                        "an order {number} was asked for, and {} made",
                        case.number(order)
                    )));
                }
                case.list(Who::First, case.manual().limit(1)).await?;
                case.expect(LIST_TYPES, Expect::is("/orders/0/id", number))?;
                case.expect(LIST_TYPES, Expect::is("/orders/0/order", number))
            })
            .await?;
    }
    Ok(())
}

async fn paid_only(bench: &Bench<'_>) -> Result<(), CaseError> {
    for payment in ["pending", "failed", "refunded"] {
        for status in [None, Some("pending")] {
            bench
                .case(async |case: &mut Case<'_>| {
                    let paid = case.place_one(NewOrders::some(1)).await?;
                    case.place(NewOrders::some(1).payment(payment)).await?;
                    let query = case.manual().limit(3);
                    let query = if let Some(status) = status { query.status(status) } else { query };
                    case.list(Who::First, query).await?;
                    case.expect(LIST_PAID_ONLY, Expect::Exactly { orders: vec![paid] })
                })
                .await?;
        }
    }
    Ok(())
}

async fn own_only(bench: &Bench<'_>) -> Result<(), CaseError> {
    for who in [Who::First, Who::Second] {
        for (filter, value) in
            [("limit", "10"), ("status", "pending"), ("entityType", "product"), ("offset", "2")]
        {
            bench
                .case(async |case: &mut Case<'_>| {
                    case.place(NewOrders::some(3).of(who)).await?;
                    let others = case.place(NewOrders::some(3).of(who.other())).await?;
                    case.place(NewOrders::some(1).of(who)).await?;
                    case.list(who, case.manual().limit(5).set(filter, value)).await?;
                    case.expect(LIST_OWN_ONLY, Expect::Lacks { orders: others })
                })
                .await?;
        }
    }
    Ok(())
}

async fn shared_order(bench: &Bench<'_>) -> Result<(), CaseError> {
    for who in [Who::First, Who::Second] {
        bench
            .case(async |case: &mut Case<'_>| {
                let shared = case.place_one(NewOrders::some(1).of(who).shared()).await?;
                case.list(Who::First, case.manual().limit(2)).await?;
                case.expect(LIST_OWN_ONLY, Expect::Lists { orders: vec![shared] })?;
                case.list(Who::Second, case.manual().limit(2)).await?;
                case.expect(LIST_WINDOW_PAGE, Expect::Lists { orders: vec![shared] })
            })
            .await?;
    }
    Ok(())
}

async fn shared_items(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let shared = case.place_one(NewOrders::some(1).quantity(4).shared()).await?;
            let (items, quantity) =
                if bench.target.profile().of(LIST_OWN_ITEMS) == "all" { (1, 8) } else { (0, 4) };
            for who in [Who::First, Who::Second] {
                case.list(who, case.manual().limit(2)).await?;
                case.expect(LIST_OWN_ITEMS, Expect::order_is(shared, "/quantity", quantity))?;
                let at = format!("/items/{}", items + 1);
                case.expect(LIST_OWN_ITEMS, Expect::OrderLacks { order: shared, at })?;
            }
            Ok(())
        })
        .await
}

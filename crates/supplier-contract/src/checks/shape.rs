//! What a page looks like, and whose orders stand in it. All that can be seen from an answer by itself is judged with
//! every answer (see `schema`); these checks see to it that there is something to judge.

use jiff::Timestamp;
use serde_json::json;
use supplier_rulebook::{
    LIST_AMOUNTS, LIST_COUNT, LIST_LIMIT, LIST_OWN_ITEMS, LIST_OWN_ONLY, LIST_PAID_ONLY, LIST_PRICE_DECIMALS,
    LIST_SHAPE, LIST_TOTAL, LIST_TYPES, LIST_WINDOW_PAGE,
};

use crate::bench::Bench;
use crate::case::{Case, CaseError};
use crate::check::checks;
use crate::guide_table::STATUSES;
use crate::query::Query;
use crate::script::{Expect, NewOrders, Shape, Who};

checks! {
    CHECKS;
    "page-shape" = page_shape, Example,
        [LIST_SHAPE, LIST_TYPES, LIST_AMOUNTS, LIST_COUNT, LIST_NO_DUPLICATES], [Key, Lists, Stock], 24, 0,
        "A page of orders of every status, type and price has the fields, types and amounts that it should have.";
    "page-empty" = page_empty, Example, [LIST_SHAPE, LIST_COUNT], [Key, Lists], 1, 0,
        "A page without orders has an empty list, and counts none.";
    "page-amounts" = page_amounts, Example, [LIST_AMOUNTS, LIST_TYPES, LIST_LIMIT], [Key, Lists, Orders], 20, 0,
        "Quantity, price and type are shown as they were ordered: free orders too, and large ones.";
    "page-fine-prices" = page_fine_prices, Example, [LIST_PRICE_DECIMALS, LIST_SHAPE], [Key, Lists, Orders], 5, 0,
        "Prices are shown to the fourth decimal.";
    "page-created" = page_created, Example, [LIST_TYPES], [Key, Lists, Orders, Time], 1, 0,
        "`createdAt` is the time in UTC at which the order was placed, and no local time.";
    "page-big-numbers" = page_big_numbers, Example, [LIST_TYPES], [Key, Lists, Orders, Fresh], 4, 0,
        "Order numbers up to 2^53−1 are shown exactly.";
    "paid-only" = paid_only, Example, [LIST_PAID_ONLY, LIST_TOTAL], [Key, Lists, Orders], 30, 0,
        "Orders that are not paid, or were paid back, are neither listed nor counted, whatever the filters.";
    "own-only" = own_only, Example, [LIST_OWN_ONLY, LIST_TOTAL], [Key, Lists, Orders, Second], 60, 0,
        "Neither supplier is shown an order of the other, nor is it counted, whatever the filters and however far it pages.";
    "shared-order" = shared_order, Example, [LIST_OWN_ONLY, LIST_WINDOW_PAGE], [Key, Lists, Orders, Second], 8, 0,
        "An order with items of both suppliers reaches each of them.";
    "shared-items" = shared_items, Example, [LIST_OWN_ITEMS, LIST_AMOUNTS], [Key, Lists, Orders, Second], 4, 0,
        "Of a shared order, each supplier sees its own items and their quantity.";
}

/// Prices that binary fractions cannot hold, in ten-thousandths, with quantities that bring that to light; none, and much.
const PRICES: [(u32, u32); 6] =
    [(1_000, 3), (199_900, 3), (50_000, 10), (0, 2), (1_234_500, 7), (199_900, 100_000)];
/// Prices of more than two decimals.
const FINE_PRICES: [(u32, u32); 5] = [(875, 7), (123_456, 7), (1, 3), (10_001, 999), (7, 100_000)];

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
                    case.expect(LIST_LIMIT, Expect::Lists { orders: vec![order] })?;
                    case.expect(LIST_AMOUNTS, Expect::order_is(order, "/quantity", quantity))?;
                    case.expect(LIST_AMOUNTS, Expect::order_is(order, "/items/0/quantity", quantity))?;
                    priced(case, LIST_AMOUNTS, order, (price, quantity))?;
                    case.expect(LIST_TYPES, Expect::order_is(order, "/items/0/product/type", entity))
                })
                .await?;
        }
    }
    Ok(())
}

/// An order has that price and the total that follows.
fn priced(
    case: &Case<'_>,
    rule: supplier_rulebook::RuleId,
    order: usize,
    (price, quantity): (u32, u32),
) -> Result<(), CaseError> {
    let unit = f64::from(price) / 10_000.0;
    let total = f64::from(price) * f64::from(quantity) / 10_000.0;
    case.expect(rule, Expect::order_is(order, "/items/0/unitPrice", unit))?;
    case.expect(rule, Expect::order_is(order, "/items/0/totalPrice", total))
}

async fn page_fine_prices(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (price, quantity) in FINE_PRICES {
        bench
            .case(async |case: &mut Case<'_>| {
                let new = NewOrders::some(1).price(price).quantity(quantity);
                let order = case.place_one(new).await?;
                case.list(Who::First, case.manual().limit(1)).await?;
                if bench.target.profile().of(LIST_PRICE_DECIMALS) == "two" {
                    return case.expect(LIST_SHAPE, Expect::Lists { orders: vec![order] });
                }
                priced(case, LIST_PRICE_DECIMALS, order, (price, quantity))
            })
            .await?;
    }
    Ok(())
}

/// The moment of a text, if it is one.
fn moment(text: Option<&serde_json::Value>) -> Option<Timestamp> {
    text?.as_str()?.parse().ok()
}

async fn page_created(bench: &Bench<'_>) -> Result<(), CaseError> {
    const QUARTER: i64 = 900;
    bench
        .case(async |case: &mut Case<'_>| {
            case.place(NewOrders::some(1)).await?;
            let page = case.list(Who::First, case.manual().limit(1)).await?;
            let told = case.now().await?;
            let Some(created) = moment(page.orders().first().and_then(|order| order.get("createdAt"))) else {
                return Ok(());
            };
            let moved = jiff::SignedDuration::from_millis(case.advanced_in_all().cast_signed());
            // Without the target's own word, its clock is this machine's or its `Date`, moved or not.
            let guessed = || {
                [Some(Timestamp::now()), page.date()].into_iter().flatten().flat_map(|now| [now, now + moved])
            };
            let clocks: Vec<_> = if let Some(told) = told {
                vec![told]
            } else if case.is_frozen() {
                Vec::new()
            } else {
                guessed().collect()
            };
            let ahead: Vec<i64> = clocks.iter().map(|now| created.as_second() - now.as_second()).collect();
            let is_near = |seconds: i64| seconds.abs() <= 60;
            // Whoever makes orders may date them as it likes; whole quarters of an hour are a zone.
            let zone = |seconds: &&i64| {
                let quarters = (**seconds + QUARTER / 2).div_euclid(QUARTER);
                (1..=56).contains(&quarters.abs()) && (**seconds - quarters * QUARTER).abs() <= 3
            };
            let shifted =
                if ahead.iter().any(|&seconds| is_near(seconds)) { None } else { ahead.iter().find(zone) };
            case.law(LIST_TYPES, shifted.is_none(), "`createdAt` in UTC, which its Z says", || {
                let minutes = shifted.copied().unwrap_or_default() / 60;
                format!("{created} for an order that was placed just now: {minutes} minutes off")
            })
        })
        .await
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
    for (payment, filter) in [
        ("pending", ""),
        ("failed", ""),
        ("refunded", ""),
        ("pending", "status"),
        ("failed", "status"),
        ("refunded", "entityType"),
        ("pending", "entityType"),
        ("pending", "subCategory"),
        ("refunded", "subCategory"),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let name = case.tag().to_owned();
                let paid = case.place_one(NewOrders::some(1).category(&name)).await?;
                case.place(NewOrders::some(1).payment(payment).category(&name)).await?;
                let query = filtered(case.manual(), filter, &name).limit(3);
                case.list(Who::First, query).await?;
                case.expect(LIST_PAID_ONLY, Expect::Exactly { orders: vec![paid] })?;
                case.expect(LIST_TOTAL, Expect::is("/total", 1))
            })
            .await?;
    }
    Ok(())
}

/// The query with a filter that keeps plain orders of that subcategory.
fn filtered(query: Query, filter: &str, category: &str) -> Query {
    match filter {
        "status" => query.set(filter, "pending"),
        "entityType" => query.set(filter, "product"),
        "subCategory" => query.set(filter, category),
        _ => query,
    }
}

async fn own_only(bench: &Bench<'_>) -> Result<(), CaseError> {
    for who in [Who::First, Who::Second] {
        for filter in ["", "status", "entityType", "subCategory", "offset"] {
            bench
                .case(async |case: &mut Case<'_>| {
                    let name = case.tag().to_owned();
                    let some = |count| NewOrders::some(count).category(&name);
                    case.place(some(3).of(who)).await?;
                    let others = case.place(some(3).of(who.other())).await?;
                    case.place(some(1).of(who)).await?;
                    let query = filtered(case.manual(), filter, &name).limit(5);
                    let query = if filter == "offset" { query.offset(2) } else { query };
                    case.list(who, query).await?;
                    case.expect(LIST_OWN_ONLY, Expect::Lacks { orders: others })?;
                    case.expect(LIST_TOTAL, Expect::is("/total", 4))
                })
                .await?;
        }
    }
    // Both with one and the same URL, one right after the other.
    bench
        .case(async |case: &mut Case<'_>| {
            let name = case.tag().to_owned();
            let first = case.place(NewOrders::some(2).category(&name)).await?;
            let second = case.place(NewOrders::some(2).of(Who::Second).category(&name)).await?;
            for (who, others) in [(Who::First, second), (Who::Second, first)] {
                case.list(who, filtered(case.manual(), "subCategory", &name).limit(4)).await?;
                case.expect(LIST_OWN_ONLY, Expect::Lacks { orders: others })?;
            }
            Ok(())
        })
        .await
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

//! Checks of paging.

use proptest::prelude::*;
use supplier_rulebook::{
    LIST_LIMIT, LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX, LIST_OFFSET, LIST_ORDER, LIST_TOTAL, LIST_TOTAL_WITHHELD,
    LIST_WINDOW, LIST_WINDOW_PAGE,
};

use crate::bench::Bench;
use crate::case::{Case, CaseError, at};
use crate::check::checks;
use crate::http::Call;
use crate::script::{Expect, NewOrders, Who};

checks! {
    CHECKS;
    "limit-default" = limit_default, Example, [LIST_LIMIT_DEFAULT, LIST_LIMIT], [Key, Lists, Orders], 50, 0,
        "Without `limit`, 60 orders come in a page of 50.";
    "limit-max" = limit_max, Example, [LIST_LIMIT_MAX, LIST_LIMIT, LIST_TOTAL, LIST_WINDOW],
        [Key, Lists, Orders, Fresh], 1000, 0,
        "Of 520 orders, `limit=500` brings 500 and then the others, and no higher `limit` brings more.";
    "pages-join" = pages_join, Property, [LIST_LIMIT, LIST_NO_DUPLICATES, LIST_WINDOW], [Key, Lists, Orders, Fresh], 500, 0,
        "Pages of any size bring all orders, each once, and no page is smaller than it can be.";
    "pages-offset" = pages_offset, Property, [LIST_OFFSET, LIST_LIMIT, LIST_WINDOW_PAGE], [Key, Lists, Orders, Fresh], 500, 0,
        "A page at any offset holds as many orders as there are behind it; what it skips comes later.";
    "offset-past-end" = offset_past_end, Example, [LIST_OFFSET], [Key, Lists], 1, 0,
        "An offset past the end brings an empty page.";
    "order-oldest-first" = order_oldest_first, Example, [LIST_ORDER], [Key, Lists, Orders], 20, 0,
        "Orders come in the order in which they were placed.";
    "order-after-update" = order_after_update, Example, [LIST_ORDER], [Key, Lists, Writes, Orders], 3, 1,
        "An order that was updated keeps its place.";
    "order-seen" = order_seen, Law, [LIST_ORDER], [Key, Lists, Stock], 10, 0,
        "The orders of a page are sorted by `createdAt`, then by number.";
    "total" = total, Property, [LIST_TOTAL], [Key, Lists, Orders, Fresh], 500, 0,
        "`total` is the number of matching orders, whatever `limit` and `offset`.";
    "total-withheld" = total_withheld, Example, [LIST_TOTAL_WITHHELD, LIST_WINDOW, LIST_OFFSET], [Key, Lists, Orders], 8, 0,
        "Orders that are withheld are not in `total`, and `offset` does not skip them.";
    "total-seen" = total_seen, Law, [LIST_TOTAL], [Key, Lists, Stock], 6, 0,
        "`total` is at least the number of orders in the page, and goes down by no more than were handed out.";
}

async fn limit_default(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.place(NewOrders::some(60)).await?;
            case.list(Who::First, case.manual()).await?;
            case.expect(LIST_LIMIT_DEFAULT, Expect::length(50))
        })
        .await
}

async fn limit_max(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.place(NewOrders::some(520)).await?;
            case.list(Who::First, case.manual().limit(500)).await?;
            case.expect(LIST_LIMIT, Expect::length(500))?;
            case.expect(LIST_TOTAL, Expect::is("/total", 520))?;
            let first = case.last();
            case.list(Who::First, case.manual().limit(500)).await?;
            case.expect(LIST_WINDOW, Expect::OnceEach { steps: vec![first, first + 1] })?;
            case.expect(LIST_LIMIT, Expect::length(20))
        })
        .await?;
    for limit in [501, 1000, 100_000] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.place(NewOrders::some(520)).await?;
                // It may be refused, which brings none.
                case.call(Call::list("first", case.manual().limit(limit))).await?;
                case.expect(LIST_LIMIT_MAX, Expect::Answered)
            })
            .await?;
    }
    Ok(())
}

/// Counts and limits about which pages go wrong, whatever the seed.
const JOINED: [(u32, usize); 4] = [(1, 1), (6, 3), (7, 7), (8, 7)];

async fn pages_join(bench: &Bench<'_>) -> Result<(), CaseError> {
    for sizes in JOINED {
        bench.case(async |case: &mut Case<'_>| join(case, sizes).await).await?;
    }
    let cases = bench.property_cases() * 3 / 8;
    bench
        .property(cases, (1..40_u32, 1..17_usize), async |case: &mut Case<'_>, &sizes| {
            join(case, sizes).await
        })
        .await
}

async fn join(case: &mut Case<'_>, (count, limit): (u32, usize)) -> Result<(), CaseError> {
    case.place(NewOrders::some(count)).await?;
    let mut left = count as usize;
    let mut steps = Vec::new();
    loop {
        let query = case.manual().limit(limit);
        case.list(Who::First, query).await?;
        steps.push(case.last());
        case.expect(LIST_WINDOW, Expect::OnceEach { steps: steps.clone() })?;
        case.expect(LIST_LIMIT, Expect::length(limit.min(left)))?;
        if left == 0 {
            return Ok(());
        }
        left -= limit.min(left);
    }
}

/// Counts, offsets and limits about which pages go wrong, whatever the seed.
const BEHIND: [(u32, usize, usize); 6] = [(5, 4, 1), (5, 5, 1), (5, 6, 2), (6, 3, 3), (1, 0, 1), (4, 1, 2)];

async fn pages_offset(bench: &Bench<'_>) -> Result<(), CaseError> {
    for sizes in BEHIND {
        bench.case(async |case: &mut Case<'_>| behind(bench, case, sizes).await).await?;
    }
    let strategy = (1..25_u32, 0..30_usize, 1..12_usize);
    let cases = bench.property_cases() * 3 / 4;
    bench
        .property(cases, strategy, async |case: &mut Case<'_>, &sizes| behind(bench, case, sizes).await)
        .await
}

async fn behind(
    bench: &Bench<'_>,
    case: &mut Case<'_>,
    (count, offset, limit): (u32, usize, usize),
) -> Result<(), CaseError> {
    let orders = case.place(NewOrders::some(count)).await?;
    let page = case.list(Who::First, case.manual().limit(limit).offset(offset)).await?;
    let behind = orders.len().saturating_sub(offset);
    case.expect(LIST_OFFSET, Expect::length(limit.min(behind)))?;
    let oldest: Vec<_> = orders.iter().copied().skip(offset).take(limit).collect();
    let newest: Vec<_> = orders.iter().rev().copied().skip(offset).take(limit).collect();
    let handed_out = page.numbers();
    let is_at = |end: &[usize]| end.iter().all(|&order| handed_out.contains(&case.number(order)));
    // Which end of the list is skipped is a choice that is told by another check, and is no wrong offset. Orders that were made
    // at once may have one `createdAt`: then a list may begin with the oldest though the newest come first.
    let is_one_end = is_at(&oldest) || is_at(&newest);
    let rest = orders.iter().copied().filter(|&order| !handed_out.contains(&case.number(order))).collect();
    let in_order = match bench.target.profile().of(LIST_ORDER) {
        _ if is_one_end => None,
        "newest-first" => Some(newest),
        "oldest-first" => Some(oldest),
        _ => None,
    };
    if let Some(in_order) = in_order {
        case.expect(LIST_OFFSET, Expect::Exactly { orders: in_order })?;
    }
    case.list(Who::First, case.manual().limit(500)).await?;
    case.expect(LIST_WINDOW_PAGE, Expect::Exactly { orders: rest })
}

async fn offset_past_end(bench: &Bench<'_>) -> Result<(), CaseError> {
    for offset in ["1000000", "9007199254740991"] {
        bench
            .case(async |case: &mut Case<'_>| {
                let nothing = format!("{}-nothing", case.tag());
                let query = case.orders_of("manual").set("subCategory", nothing).limit(1).offset(offset);
                case.list(Who::First, query).await?;
                case.expect(LIST_OFFSET, Expect::length(0))
            })
            .await?;
    }
    Ok(())
}

async fn order_oldest_first(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            for _ in 0..4 {
                case.place(NewOrders::some(2)).await?;
            }
            case.list(Who::First, case.manual().limit(20)).await?;
            let orders: Vec<usize> = (0..case.orders().len()).collect();
            case.expect(LIST_ORDER, in_order(bench, orders))
        })
        .await?;
    if !bench.target.is_fresh() {
        return Ok(());
    }
    // Numbers that are sorted otherwise as text.
    bench
        .case(async |case: &mut Case<'_>| {
            let mut orders = Vec::new();
            for number in 99_998..=100_001 {
                let Some(order) = case.try_place(NewOrders::some(1).numbered(number)).await? else {
                    return Ok(());
                };
                orders.push(order);
            }
            case.list(Who::First, case.manual().limit(4)).await?;
            case.expect(LIST_ORDER, in_order(bench, orders))
        })
        .await
}

/// These orders, as the target sorts them.
fn in_order(bench: &Bench<'_>, mut orders: Vec<usize>) -> Expect {
    if bench.target.profile().of(LIST_ORDER) == "newest-first" {
        orders.reverse();
    }
    Expect::Sequence { orders }
}

async fn order_after_update(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let orders = case.place(NewOrders::some(3)).await?;
            case.update(Who::First, orders[0], r#""status": "processing""#).await?;
            case.list(Who::First, case.manual().limit(3)).await?;
            case.expect(LIST_ORDER, in_order(bench, orders))
        })
        .await
}

async fn order_seen(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.stock([NewOrders::some(6)]).await?;
            let page = case.list(Who::First, case.manual().limit(10)).await?;
            let key = |order: &serde_json::Value| {
                (order["createdAt"].as_str().unwrap_or_default().to_owned(), crate::http::number(order))
            };
            let keys: Vec<_> = page.orders().iter().map(key).collect();
            let newest_first = bench.target.profile().of(LIST_ORDER) == "newest-first";
            let sorted = if newest_first { keys.is_sorted_by(|a, b| a >= b) } else { keys.is_sorted() };
            let words = if newest_first {
                "orders, the newest first"
            } else {
                "orders, the oldest first, then by number"
            };
            case.law(LIST_ORDER, sorted, words, || {
                keys.iter()
                    .map(|(at, number)| format!("{at} {}", number.unwrap_or_default()))
                    .collect::<Vec<_>>()
                    .join(", ")
            })
        })
        .await
}

/// Counts, others, offsets, limits and whether there is a filter: about these `total` goes wrong, whatever the seed.
const COUNTED: [(u32, u32, usize, usize, bool); 4] =
    [(3, 0, 0, 3, false), (3, 2, 3, 1, true), (4, 1, 1, 2, false), (1, 0, 1, 1, false)];

async fn total(bench: &Bench<'_>) -> Result<(), CaseError> {
    for sizes in COUNTED {
        bench.case(async |case: &mut Case<'_>| is_total(case, sizes).await).await?;
    }
    let strategy = (1..20_u32, 0..6_u32, 0..12_usize, 1..12_usize, any::<bool>());
    let cases = bench.property_cases() * 3 / 4;
    bench.property(cases, strategy, async |case: &mut Case<'_>, &sizes| is_total(case, sizes).await).await
}

async fn is_total(
    case: &mut Case<'_>,
    (count, others, offset, limit, filter): (u32, u32, usize, usize, bool),
) -> Result<(), CaseError> {
    case.place(NewOrders::some(count)).await?;
    if others > 0 {
        case.place(NewOrders::some(others).status("completed")).await?;
    }
    let query = case.manual().limit(limit).offset(offset);
    let query = if filter { query.status("pending") } else { query };
    case.list(Who::First, query).await?;
    let matching = if filter { count } else { count + others };
    case.expect(LIST_TOTAL, Expect::is("/total", matching))
}

async fn total_withheld(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.place(NewOrders::some(7)).await?;
            let page = case.list(Who::First, case.manual().limit(3)).await?.numbers();
            case.list(Who::First, case.manual().offset(1).limit(1)).await?;
            case.expect(LIST_WINDOW, Expect::OnceEach { steps: vec![case.last() - 1, case.last()] })?;
            let is_next_known = [0, 6].iter().any(|&end| page.first() == Some(&case.number(end)));
            if is_next_known {
                // What is withheld is not skipped.
                case.expect(LIST_OFFSET, Expect::Lacks { orders: vec![3] })?;
            }
            let total = if bench.target.profile().of(LIST_TOTAL_WITHHELD) == "counted" { 7 } else { 4 };
            case.expect(LIST_TOTAL_WITHHELD, Expect::is("/total", total))
        })
        .await
}

async fn total_seen(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.stock([NewOrders::some(6)]).await?;
            let page = case.list(Who::First, case.manual().limit(6)).await?;
            let total = at(&page, "/total").and_then(serde_json::Value::as_u64).unwrap_or_default();
            let length = page.orders().len() as u64;
            let words = "a `total` of at least as many orders as stand in the page";
            case.law(LIST_TOTAL, total >= length, words, || format!("{total}, and {length} in the page"))
        })
        .await
}

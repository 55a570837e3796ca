//! The window: for how long an order that was handed out is withheld, from whom, and whatever else happens.

use supplier_rulebook::{
    LIST_WINDOW, LIST_WINDOW_END, LIST_WINDOW_PAGE, LIST_WINDOW_SCOPE, RuleId, UPDATE_SUCCESS,
};
use tokio::time::Duration;

use crate::bench::Bench;
use crate::case::{Case, CaseError, accounts};
use crate::check::checks;
use crate::elapsed::{Moment, Within};
use crate::http::{Call, LIST};
use crate::query::Query;
use crate::script::{Expect, NewOrders, Who};
use crate::template::{Hole, template};

checks! {
    CHECKS;
    "window-at-once" = window_at_once, Law, [LIST_WINDOW], [Key, Lists, Stock], 12, 0,
        "Orders that were handed out a moment ago are not handed out again.";
    "window-before-end" = window_before_end, Time, [LIST_WINDOW], [Key, Lists, Orders, Time], 12, 0,
        "Just before 30 minutes are over, an order that was handed out is still withheld.";
    "window-end" = window_end, Time, [LIST_WINDOW_END, LIST_WINDOW], [Key, Lists, Orders, Time], 70, 0,
        "When 30 minutes are over, it is handed out again, and again each time.";
    "window-polled" = window_polled, Time, [LIST_WINDOW_END, LIST_WINDOW], [Key, Lists, Orders, Time], 20, 0,
        "Polls during the window do not make it longer.";
    "window-midnight" = window_midnight, Time, [LIST_WINDOW, LIST_WINDOW_END], [Key, Lists, Orders, Time], 20, 0,
        "An order that is handed out before midnight is withheld past it, for 30 minutes.";
    "window-scope" = window_scope, Example, [LIST_WINDOW_SCOPE], [Key, Lists, Orders], 70, 0,
        "It is withheld whatever the filters of the next call.";
    "window-key" = window_key, Example, [LIST_WINDOW_SCOPE], [Key, Lists, Orders, NewKey], 4, 0,
        "It is withheld from every key of the supplier.";
    "window-kinds" = window_kinds, Example, [LIST_WINDOW_SCOPE], [Key, Lists, Orders], 40, 0,
        "Orders of every status, type and way of fulfilment are withheld.";
    "window-update" = window_update, Example, [LIST_WINDOW_SCOPE], [Key, Lists, Writes, Orders], 8, 4,
        "An update does not end the window.";
    "window-update-later" = window_update_later, Time, [LIST_WINDOW_SCOPE, LIST_WINDOW_END, UPDATE_SUCCESS],
        [Key, Lists, Writes, Orders, Time], 8, 1,
        "An update does not make the window longer; after the window an order can still be updated.";
    "window-page" = window_page, Example, [LIST_WINDOW_PAGE], [Key, Lists, Orders], 32, 0,
        "What `limit` cuts and `offset` skips is not withheld.";
    "window-failed-call" = window_failed_call, Example, [LIST_WINDOW_PAGE], [Key, Lists, Orders], 80, 0,
        "A call that is refused withholds nothing.";
    "window-other-supplier" = window_other_supplier, Example, [LIST_WINDOW_PAGE], [Key, Lists, Orders, Second], 6, 0,
        "What is withheld from one supplier still reaches the other.";
}

const WINDOW: Duration = Duration::from_mins(30);
/// How close to the end of the window a clock that runs is looked at, beside what calls take.
const NEAR: Duration = Duration::from_millis(20);
/// The same where the window is waited for: two clocks drift apart by a thousandth.
const NEAR_AFTER_WAITING: Duration = Duration::from_secs(5);

/// How much of the clock's time has passed since `from`, real time included.
fn passed(case: &Case<'_>, from: &Moment) -> Duration {
    moved(case, from) + case.since(from)
}

/// How far the clock was moved since `from`.
fn moved(case: &Case<'_>, from: &Moment) -> Duration {
    Duration::from_millis(case.advanced().saturating_sub(from.advanced))
}

/// Moves the clock to just before the end of a window that began at `from`.
pub(super) async fn to_the_brink(
    bench: &Bench<'_>,
    case: &mut Case<'_>,
    from: &Moment,
) -> Result<(), CaseError> {
    let call = from.received.saturating_duration_since(from.sent);
    let near = match () {
        () if case.is_frozen() => Duration::from_millis(1),
        () if bench.target.offers.waits => NEAR_AFTER_WAITING,
        // The next call may take longer than the one before.
        () => NEAR + call * 3,
    };
    case.advance(WINDOW.saturating_sub(near + passed(case, from))).await
}

/// Moves the clock to the end of a window that began at `from`: exactly, but for what the next call takes.
pub(super) async fn past_the_end(
    bench: &Bench<'_>,
    case: &mut Case<'_>,
    from: &Moment,
) -> Result<(), CaseError> {
    if bench.target.offers.waits {
        return case.advance((WINDOW + NEAR_AFTER_WAITING).saturating_sub(passed(case, from))).await;
    }
    case.advance(WINDOW.saturating_sub(moved(case, from))).await
}

/// Lists, and expects an order to be withheld or handed out as the time that passed since `from` has it.
async fn judge(case: &mut Case<'_>, from: &Moment, order: usize, rule: RuleId) -> Result<Moment, CaseError> {
    let page = case.list(Who::First, case.manual().limit(5)).await?;
    let now = case.moment(&page);
    match case.elapsed(from, &now).within(WINDOW) {
        Within::Open => case.expect(rule, Expect::Lacks { orders: vec![order] })?,
        Within::Over => case.expect(rule, Expect::Lists { orders: vec![order] })?,
        Within::Undecided => {
            let why = "the window ended about when it was looked at: the clocks of both sides are not told exactly enough";
            return Err(CaseError::Untested(why.to_owned()));
        }
    }
    Ok(now)
}

async fn window_at_once(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.stock([NewOrders::some(5)]).await?;
            let mut steps = Vec::new();
            let mut seen = 0;
            for _ in 0..4 {
                let page = case.list(Who::First, case.manual().limit(3)).await?;
                seen += page.orders().len();
                steps.push(case.last());
            }
            if seen == 0 {
                return Err(CaseError::Untested("there was no order to look at".to_owned()));
            }
            case.expect(LIST_WINDOW, Expect::OnceEach { steps })
        })
        .await
}

async fn window_before_end(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let orders = case.place(NewOrders::some(2)).await?;
            if !bench.target.offers.waits {
                // The window begins with the page, and not with the order.
                case.advance(Duration::from_mins(10)).await?;
            }
            let mut handed_out = Vec::new();
            // Half a second apart, so that one of them is far from where its second begins.
            let some = if bench.target.provisioner.takes_milliseconds() { 2 } else { 1 };
            for place in 0..some {
                let page = case.list(Who::First, case.manual().limit(1)).await?;
                let shown =
                    orders.iter().copied().find(|&order| page.numbers().contains(&case.number(order)));
                handed_out.extend(shown.map(|order| (order, case.moment(&page))));
                if place + 1 < some {
                    case.advance(Duration::from_millis(500)).await?;
                }
            }
            for (order, from) in handed_out {
                to_the_brink(bench, case, &from).await?;
                judge(case, &from, order, LIST_WINDOW).await?;
            }
            Ok(())
        })
        .await
}

async fn window_end(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            let first = case.list(Who::First, case.manual().limit(5)).await?;
            let mut from = case.moment(&first);
            let rounds = if bench.target.offers.waits { 1 } else { 6 };
            for _ in 0..rounds {
                past_the_end(bench, case, &from).await?;
                from = judge(case, &from, order, LIST_WINDOW_END).await?;
                // Handed out again, it is withheld again.
                case.list(Who::First, case.manual().limit(5)).await?;
                case.expect(LIST_WINDOW, Expect::Lacks { orders: vec![order] })?;
            }
            Ok(())
        })
        .await
}

async fn window_polled(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            let page = case.list(Who::First, case.manual().limit(5)).await?;
            let from = case.moment(&page);
            for _ in 0..2 {
                case.advance(Duration::from_mins(12)).await?;
                case.list(Who::First, case.manual().limit(5)).await?;
                case.expect(LIST_WINDOW, Expect::Lacks { orders: vec![order] })?;
            }
            past_the_end(bench, case, &from).await?;
            judge(case, &from, order, LIST_WINDOW_END).await.map(drop)
        })
        .await
}

async fn window_midnight(bench: &Bench<'_>) -> Result<(), CaseError> {
    const DAY: i64 = 86_400;
    const BEFORE: i64 = 900;
    if bench.target.offers.waits {
        return Err(CaseError::Untested(
            "midnight is not waited for: a hook with `advance_clock`".to_owned(),
        ));
    }
    bench
        .case(async |case: &mut Case<'_>| {
            let early = case.place_one(NewOrders::some(1)).await?;
            let page = case.list(Who::First, case.manual().limit(5)).await?;
            case.expect(LIST_WINDOW, Expect::Lists { orders: vec![early] })?;
            let told = page.orders().first().and_then(|order| order["createdAt"].as_str()?.parse().ok());
            let now = case.now().await?.or(told).map_or(0, |now: jiff::Timestamp| now.as_second());
            // To a quarter of an hour before midnight, and never less than a window from here.
            let mut ahead = (DAY - BEFORE - now).rem_euclid(DAY);
            if ahead < 3600 {
                ahead += DAY;
            }
            case.advance(Duration::from_secs(ahead.unsigned_abs())).await?;
            let order = case.place_one(NewOrders::some(1)).await?;
            let page = case.list(Who::First, case.manual().limit(5)).await?;
            let from = case.moment(&page);
            case.advance(Duration::from_mins(20)).await?;
            judge(case, &from, order, LIST_WINDOW).await?;
            past_the_end(bench, case, &from).await?;
            judge(case, &from, order, LIST_WINDOW_END).await.map(drop)
        })
        .await
}

async fn window_scope(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (name, value) in [
        ("status", "pending"),
        ("status", "processing,pending"),
        ("entityType", "product"),
        ("limit", "500"),
        ("limit", "1"),
        ("productType", "manual,auto,inventory"),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                case.list(Who::First, case.manual().limit(5)).await?;
                // Small, where others' orders would be withheld along with it.
                let limit = if name == "limit" && case.is_exclusive() { value } else { "5" };
                let answer =
                    case.call(Call::list("first", case.manual().set(name, value).limit(limit))).await?;
                if answer.status != 200 && name == "productType" {
                    return Ok(());
                }
                case.expect(LIST_WINDOW_SCOPE, Expect::Lacks { orders: vec![order] })
            })
            .await?;
    }
    // The other way round: handed out by a filter, withheld without one.
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            case.list(Who::First, case.manual().status("pending").with("entityType", "product").limit(2))
                .await?;
            case.expect(LIST_WINDOW_SCOPE, Expect::Lists { orders: vec![order] })?;
            case.list(Who::First, case.manual().limit(2)).await?;
            case.expect(LIST_WINDOW_SCOPE, Expect::Lacks { orders: vec![order] })
        })
        .await
}

async fn window_key(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.new_key(Who::First, "further").await?;
            let order = case.place_one(NewOrders::some(1)).await?;
            case.list(Who::First, case.manual().limit(2)).await?;
            case.list_by("further", case.manual().limit(2)).await?;
            case.expect(LIST_WINDOW_SCOPE, Expect::Lacks { orders: vec![order] })
        })
        .await
}

async fn window_kinds(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (status, product_type, entity) in [
        ("pending", "manual", "smm_service"),
        ("processing", "manual", "product"),
        ("completed", "manual", "product"),
        ("partial", "manual", "smm_service"),
        ("cancelled", "manual", "product"),
        ("error", "manual", "product"),
        ("pending", "auto", "product"),
        ("pending", "inventory", "product"),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let new = NewOrders::some(1).status(status).product_type(product_type).entity(entity);
                let Some(order) = case.try_place(new).await? else { return Ok(()) };
                let query = case.orders_of(product_type).limit(2);
                let page = case.call(Call::list("first", query.clone())).await?;
                if !page.numbers().contains(&case.number(order)) {
                    // Other checks say whether it should have been.
                    return Ok(());
                }
                case.call(Call::list("first", query)).await?;
                case.expect(LIST_WINDOW_SCOPE, Expect::Lacks { orders: vec![order] })
            })
            .await?;
    }
    Ok(())
}

async fn window_update(bench: &Bench<'_>) -> Result<(), CaseError> {
    for fields in [
        r#""status": "processing""#.into(),
        r#""status": "cancelled""#.into(),
        r#""supplierOrderId": "S-1""#.into(),
        template![r#""status": "completed", "#, accounts(1, 1)],
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                case.list(Who::First, case.manual().limit(1)).await?;
                case.update(Who::First, order, &fields).await?;
                case.list(Who::First, case.manual().limit(1)).await?;
                case.expect(LIST_WINDOW_SCOPE, Expect::Lacks { orders: vec![order] })
            })
            .await?;
    }
    Ok(())
}

async fn window_update_later(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let (order, other) = super::updates::pair(case).await?;
            let page = case.list(Who::First, case.manual().limit(3)).await?;
            let from = case.moment(&page);
            case.advance(Duration::from_mins(20)).await?;
            case.update(Who::First, order, r#""status": "processing""#).await?;
            past_the_end(bench, case, &from).await?;
            // Where the other is withheld as well, the window is too long for every order.
            judge(case, &from, other, LIST_WINDOW_END).await?;
            case.expect(LIST_WINDOW_SCOPE, Expect::Lists { orders: vec![order] })?;
            if !bench.target.offers.waits {
                case.advance(WINDOW).await?;
            }
            case.try_update(Who::First, order, r#""status": "processing""#).await?;
            case.expect(UPDATE_SUCCESS, Expect::Success)
        })
        .await
}

async fn window_page(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (offset, limit) in [(0, 2), (2, 2), (4, 9)] {
        bench
            .case(async |case: &mut Case<'_>| {
                let orders = case.place(NewOrders::some(6)).await?;
                let page = case.list(Who::First, case.manual().offset(offset).limit(limit)).await?;
                let shown = page.numbers();
                let rest = orders.into_iter().filter(|&order| !shown.contains(&case.number(order))).collect();
                case.list(Who::First, case.manual().limit(6)).await?;
                case.expect(LIST_WINDOW_PAGE, Expect::Exactly { orders: rest })
            })
            .await?;
    }
    Ok(())
}

async fn window_failed_call(bench: &Bench<'_>) -> Result<(), CaseError> {
    let by = |key: Hole, query: Query| Call::list(key, query);
    for how in ["limit", "status", "offset", "key", "method", "entityType"] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let query = case.manual().limit(2);
                let call = match how {
                    "key" => by(Hole::UnknownKey, query),
                    "method" => Call::new("DELETE", LIST).query(query).key("first"),
                    "status" => by("first".into(), query.set("status", "unheard-of")),
                    "entityType" => by("first".into(), query.set("entityType", "unheard-of")),
                    "offset" => by("first".into(), query.offset("-1")),
                    _ => by("first".into(), query.limit("none")),
                };
                let answer = case.call(call).await?;
                if answer.is_success() {
                    // It did not fail, which is for other checks to judge.
                    return Ok(());
                }
                case.list(Who::First, case.manual().limit(2)).await?;
                case.expect(LIST_WINDOW_PAGE, Expect::Lists { orders: vec![order] })
            })
            .await?;
    }
    Ok(())
}

async fn window_other_supplier(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let shared = case.place_one(NewOrders::some(1).shared()).await?;
            let own = case.place_one(NewOrders::some(1).of(Who::Second)).await?;
            case.list(Who::First, case.manual().limit(3)).await?;
            case.list(Who::Second, case.manual().limit(3)).await?;
            case.expect(LIST_WINDOW_PAGE, Expect::Exactly { orders: vec![shared, own] })
        })
        .await
}

//! Which orders may be updated, by whom, and what an update answers.

use serde_json::json;
use supplier_rulebook::{
    ERROR_SECRET, LIST_AMOUNTS, LIST_LIMIT, LIST_TYPES, LIST_WINDOW_END, UPDATE_ACCESS_DENIED,
    UPDATE_NOT_FOUND, UPDATE_RESPONSE_CURRENT, UPDATE_SECRET, UPDATE_SUCCESS, UPDATE_UNPAID, UPDATE_VISIBLE,
};
use tokio::time::Duration;

use super::expected::{documented, nobodys};
use crate::bench::Bench;
use crate::case::{Case, CaseError, account, accounts, at, body};
use crate::check::checks;
use crate::claim::Claim;
use crate::http::{Call, number};
use crate::profile;
use crate::provision::Need;
use crate::script::{Expect, NewOrders, Shape, Who};
use crate::template::{Hole, template};

checks! {
    CHECKS;
    "order-unpaid" = order_unpaid, Example, [UPDATE_UNPAID], [Key, Writes, UnpaidOrder], 0, 3,
        "An order that is not paid counts as not found.";
    "access-denied" = access_denied, Example,
        [UPDATE_ACCESS_DENIED, ERROR_ENVELOPE, ERROR_MESSAGES, ERROR_STATUS], [Key, Writes, ForeignOrder], 0, 2,
        "An order of another supplier is refused.";
    "access-denied-unchanged" = access_denied_unchanged, Example, [UPDATE_ACCESS_DENIED],
        [Key, Writes, Orders, Second, State], 0, 4,
        "An update of another supplier's order changes nothing; a shared order may be updated by each.";
    "success" = success, Example, [UPDATE_SUCCESS], [Key, Writes, OwnOrder], 1, 1,
        "An update that goes well is answered with 2xx and a JSON object.";
    "response" = response, Example, [UPDATE_RESPONSE, UPDATE_RESPONSE_CURRENT, UPDATE_SUCCESS],
        [Key, Writes, Orders], 0, 1,
        "It is answered with 200 and the order, with `supplierOrderId` and `accountsDelivered`.";
    "visible" = visible, Example, [UPDATE_VISIBLE, LIST_AMOUNTS], [Key, Lists, Writes, Orders], 18, 5,
        "What was updated shows in the next page that has the order, and is filtered by.";
    "visible-later" = visible_later, Time, [UPDATE_VISIBLE, LIST_WINDOW_END, LIST_TYPES],
        [Key, Lists, Writes, Orders, Time], 6, 1,
        "What was updated during the window shows after it.";
    "secret" = secret, Example, [UPDATE_SECRET], [Key, Lists, Writes, Orders], 4, 1,
        "No answer shows an account's password or the key.";
    "secret-errors" = secret_errors, Example, [ERROR_SECRET], [Key, Writes, Orders], 0, 8,
        "No error repeats an account's password or the key.";
    "orders-old" = orders_old, Time, [LIST_LIMIT, UPDATE_NOT_FOUND], [Key, Lists, Writes, Orders, Time], 2, 1,
        "An order of a hundred days ago is listed, and can be updated.";
    "updates-many" = updates_many, Example, [UPDATE_VISIBLE, UPDATE_SUCCESS], [Key, Lists, Writes, Orders, Fresh], 50, 34,
        "Of updates of many orders, one after the other, none is lost, and one order takes many.";
}

async fn updates_many(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let orders = case.place(NewOrders::some(33)).await?;
            for &order in &orders {
                case.update(Who::First, order, r#""status": "processing""#).await?;
            }
            case.list(Who::First, case.manual().status("processing").limit(50)).await?;
            case.expect(UPDATE_VISIBLE, Expect::Exactly { orders })
        })
        .await?;
    // One order, again and again.
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            let call = Call::update("first", body(order, r#""status": "processing""#));
            case.repeat(call, 24, UPDATE_SUCCESS, Expect::Success).await
        })
        .await
}

async fn orders_old(bench: &Bench<'_>) -> Result<(), CaseError> {
    if bench.target.offers.waits {
        return Err(CaseError::Untested(
            "a hundred days are not waited for: a hook with `advance_clock`".to_owned(),
        ));
    }
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            case.advance(Duration::from_hours(24 * 100)).await?;
            case.list(Who::First, case.manual().limit(2)).await?;
            case.expect(LIST_LIMIT, Expect::Lists { orders: vec![order] })?;
            case.try_update(Who::First, order, r#""status": "processing""#).await?;
            case.expect(UPDATE_NOT_FOUND, Expect::Success)
        })
        .await
}

async fn order_unpaid(bench: &Bench<'_>) -> Result<(), CaseError> {
    for payment in ["pending", "failed", "refunded"] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = if bench.target.offers.has(Need::Orders) {
                    case.place_one(NewOrders::some(1).payment(payment)).await?
                } else {
                    case.adopt(bench.target.listed().unpaid[0])
                };
                case.try_update(Who::First, order, r#""status": "processing""#).await?;
                match bench.target.profile().of(UPDATE_UNPAID) {
                    "refuse" => case.expect(UPDATE_UNPAID, Expect::refused()),
                    "accept" => case.expect(UPDATE_UNPAID, Expect::Success),
                    _ => documented(bench, case, UPDATE_UNPAID, "ORDER_NOT_FOUND"),
                }
            })
            .await?;
    }
    Ok(())
}

async fn access_denied(bench: &Bench<'_>) -> Result<(), CaseError> {
    for fields in [r#""status": "processing""#.into(), accounts(1, 1)] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = if bench.target.offers.has(Need::Orders) {
                    case.place_one(NewOrders::some(1).of(Who::Second)).await?
                } else {
                    case.adopt(bench.target.listed().foreign[0])
                };
                case.try_update(Who::First, order, &fields).await?;
                documented(bench, case, UPDATE_ACCESS_DENIED, "ACCESS_DENIED")
            })
            .await?;
    }
    Ok(())
}

async fn access_denied_unchanged(bench: &Bench<'_>) -> Result<(), CaseError> {
    for who in [Who::First, Who::Second] {
        let fields = template![r#""status": "cancelled", "supplierOrderId": "S-1", "#, accounts(1, 1)];
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).of(who.other())).await?;
                let before = case.state(order).await?;
                case.try_update(who, order, &fields).await?;
                case.expect_state(UPDATE_ACCESS_DENIED, order, &before).await
            })
            .await?;
        // Each supplier of a shared order may update it.
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).of(who.other()).shared()).await?;
                case.try_update(who, order, &fields).await?;
                case.expect(UPDATE_ACCESS_DENIED, Expect::Success)
            })
            .await?;
    }
    Ok(())
}

async fn success(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.own_order().await?;
            case.try_update(Who::First, order, r#""status": "processing""#).await?;
            case.expect(UPDATE_SUCCESS, Expect::Success)
        })
        .await
}

async fn response(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1).quantity(3)).await?;
            let number = case.number(order);
            let answer = case.update(Who::First, order, "").await?;
            if bench.target.profile().of(profile::RESPONSE_STATUS) == "rulebook" {
                case.expect(profile::RESPONSE_STATUS, Expect::status(&[200]))?;
            }
            for (place, value) in
                [("/order", json!(number)), ("/id", json!(number)), ("/status", json!("pending"))]
            {
                shows(case, &answer, profile::RESPONSE_ORDER, (place, &value))?;
            }
            shows(case, &answer, profile::RESPONSE_DELIVERED, ("/accountsDelivered", &json!(0)))?;
            case.expect(profile::RESPONSE_ID, Expect::is("/supplierOrderId", serde_json::Value::Null))?;
            let fields = template![r#""status": "partial", "supplierOrderId": "S-1", "#, accounts(1, 2)];
            let answer = case.update(Who::First, order, fields).await?;
            shows(case, &answer, profile::RESPONSE_ORDER, ("/status", &json!("partial")))?;
            shows(case, &answer, profile::RESPONSE_DELIVERED, ("/accountsDelivered", &json!(2)))?;
            if at(&answer, "/supplierOrderId").is_some() {
                case.expect(UPDATE_RESPONSE_CURRENT, Expect::is("/supplierOrderId", "S-1"))?;
            }
            case.expect(
                profile::RESPONSE_ORDER,
                Expect::Looks { at: "/items/0/product".to_owned(), like: Shape::Object },
            )?;
            let answer = case.update(Who::First, order, accounts(3, 1)).await?;
            let delivered = at(&answer, "/accountsDelivered").and_then(serde_json::Value::as_u64);
            if delivered == Some(2) {
                return case.expect(UPDATE_RESPONSE_CURRENT, Expect::is("/accountsDelivered", 3));
            }
            case.expect(profile::RESPONSE_DELIVERED, Expect::is("/accountsDelivered", 3))
        })
        .await
}

/// What an answer shows of the order is so now. That it shows it at all is a choice.
fn shows(
    case: &Case<'_>,
    answer: &crate::http::Answer,
    claim: Claim,
    (place, value): (&str, &serde_json::Value),
) -> Result<(), CaseError> {
    if at(answer, place).is_some() {
        return case.expect(UPDATE_RESPONSE_CURRENT, Expect::is(place, value.clone()));
    }
    case.expect(claim, Expect::is(place, value.clone()))
}

async fn visible(bench: &Bench<'_>) -> Result<(), CaseError> {
    for status in ["processing", "completed", "partial", "cancelled"] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                case.update(Who::First, order, format!(r#""status": "{status}""#)).await?;
                case.list(Who::First, case.manual().status("pending").limit(2)).await?;
                case.expect(UPDATE_VISIBLE, Expect::Lacks { orders: vec![order] })?;
                case.list(Who::First, case.manual().status(status).limit(2)).await?;
                case.expect(UPDATE_VISIBLE, Expect::order_is(order, "/status", status))
            })
            .await?;
    }
    // All accounts are there: the order is listed all the same, with the quantity that was ordered.
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1).quantity(2)).await?;
            case.update(Who::First, order, accounts(1, 2)).await?;
            case.list(Who::First, case.manual().limit(2)).await?;
            case.expect(UPDATE_VISIBLE, Expect::Lists { orders: vec![order] })?;
            case.expect(LIST_AMOUNTS, Expect::order_is(order, "/quantity", 2))?;
            case.expect(LIST_AMOUNTS, Expect::order_is(order, "/items/0/quantity", 2))
        })
        .await
}

async fn visible_later(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let (order, other) = pair(case).await?;
            let page = case.list(Who::First, case.manual().limit(3)).await?;
            let from = case.moment(&page);
            let created = page.orders().iter().find(|shown| number(shown) == Some(case.number(order)));
            let created = created.and_then(|shown| shown.get("createdAt").cloned());
            case.advance(Duration::from_mins(10)).await?;
            case.update(Who::First, order, r#""status": "partial""#).await?;
            super::window::past_the_end(bench, case, &from).await?;
            case.list(Who::First, case.manual().limit(3)).await?;
            // Where the other is missing as well, it is the window that has not ended.
            case.expect(LIST_WINDOW_END, Expect::Lists { orders: vec![other] })?;
            case.expect(UPDATE_VISIBLE, Expect::order_is(order, "/status", "partial"))?;
            match created {
                Some(created) => case.expect(LIST_TYPES, Expect::order_is(order, "/createdAt", created)),
                None => Ok(()),
            }
        })
        .await
}

/// Two orders that are alike: what happens to the one can be compared with the other, to which nothing happens.
pub(super) async fn pair(case: &mut Case<'_>) -> Result<(usize, usize), CaseError> {
    let orders = case.place(NewOrders::some(2)).await?;
    Ok((orders[0], orders[1]))
}

async fn secret(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            let answer = case.update(Who::First, order, accounts(1, 2)).await?;
            keeps(bench, case, &answer)?;
            let page = case.list(Who::First, case.manual().limit(2)).await?;
            keeps(bench, case, &page)
        })
        .await
}

async fn secret_errors(bench: &Bench<'_>) -> Result<(), CaseError> {
    let password = || Hole::Password;
    for (how, fields) in [
        ("status", template![r#""status": "unheard-of", "#, accounts(3, 1)]),
        ("resubmitted", accounts(1, 2)),
        ("text", template![r#""accounts": "buyer:"#, password(), "\""]),
        ("object", template![r#""accounts": [{"login": "buyer", "password": ""#, password(), r#""}]"#]),
        ("id", template![r#""supplierOrderId": ["#, account(1), "], ", accounts(3, 1)]),
        ("broken", template![r#""accounts": ["#, account(1)]),
        ("nobody", accounts(1, 1)),
        ("foreign", accounts(1, 1)),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let foreign = how == "foreign" && bench.target.offers.has(Need::Second);
                let who = if foreign { Who::Second } else { Who::First };
                let order = case.place_one(NewOrders::some(1).of(who)).await?;
                if how == "resubmitted" {
                    case.update(Who::First, order, accounts(1, 2)).await?;
                }
                let body = if how == "nobody" {
                    template![r#"{"order": "#, nobodys(bench), ", ", &fields, "}"]
                } else {
                    body(order, &fields)
                };
                let answer = case.call(Call::update("first", body)).await?;
                keeps(bench, case, &answer)
            })
            .await?;
    }
    Ok(())
}

/// No answer has an account's password or the key in it.
fn keeps(bench: &Bench<'_>, case: &Case<'_>, answer: &crate::http::Answer) -> Result<(), CaseError> {
    let body = String::from_utf8_lossy(&answer.body);
    let secrets = [bench.target.password.as_str(), case.bound("first")];
    let told = secrets.iter().any(|secret| body.contains(secret));
    let rule = if answer.is_success() { UPDATE_SECRET } else { ERROR_SECRET };
    case.law(rule, !told, "no answer with an account's password or the key in it", || {
        "it is in the body".to_owned()
    })
}

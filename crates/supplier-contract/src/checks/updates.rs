//! Which orders may be updated, by whom, and what an update answers.

use serde_json::json;
use supplier_rulebook::{
    LIST_WINDOW_END, UPDATE_ACCESS_DENIED, UPDATE_NOT_FOUND, UPDATE_ORDER_NUMBER, UPDATE_ORDER_REQUIRED,
    UPDATE_RESPONSE, UPDATE_SECRET, UPDATE_SUCCESS, UPDATE_UNPAID, UPDATE_VISIBLE,
};
use tokio::time::Duration;

use super::expected::{documented, invalid};
use crate::bench::Bench;
use crate::case::{Case, CaseError, accounts};
use crate::check::checks;
use crate::http::Call;
use crate::provision::Need;
use crate::script::{Expect, NewOrders, Shape, Who};
use crate::template::{Hole, template};

checks! {
    CHECKS;
    "order-required" = order_required, Example, [UPDATE_ORDER_REQUIRED, ERROR_STATUS, ERROR_DETAILS, ERROR_NO_5XX], [Key], 0, 0,
        "An update without `order` is refused.";
    "order-number" = order_number, Example, [UPDATE_ORDER_NUMBER, ERROR_STATUS, ERROR_DETAILS], [Key], 0, 0,
        "An `order` that is no JSON integer is refused.";
    "order-number-own" = order_number_own, Example, [UPDATE_ORDER_NUMBER], [Key, Writes, Orders], 0, 3,
        "The number of an order in a string, or as a fraction, is no number of an order.";
    "order-not-found" = order_not_found, Example,
        [UPDATE_NOT_FOUND, UPDATE_ORDER_NUMBER, ERROR_ENVELOPE, ERROR_MESSAGES, ERROR_STATUS], [Key], 0, 0,
        "An order that does not exist is not found.";
    "order-unpaid" = order_unpaid, Example, [UPDATE_UNPAID], [Key, Writes, UnpaidOrder], 0, 2,
        "An order that is not paid counts as not found.";
    "access-denied" = access_denied, Example,
        [UPDATE_ACCESS_DENIED, ERROR_ENVELOPE, ERROR_MESSAGES, ERROR_STATUS], [Key, Writes, ForeignOrder], 0, 2,
        "An order of another supplier is refused.";
    "access-denied-unchanged" = access_denied_unchanged, Example, [UPDATE_ACCESS_DENIED],
        [Key, Writes, Orders, Second, State], 0, 2,
        "An update of another supplier's order changes nothing.";
    "success" = success, Example, [UPDATE_SUCCESS], [Key, Writes, OwnOrder], 1, 1,
        "An update that goes well is answered with 2xx and a JSON object.";
    "response" = response, Example, [UPDATE_RESPONSE, UPDATE_SUCCESS], [Key, Writes, Orders], 0, 2,
        "It is answered with 200 and the order, with `supplierOrderId` and `accountsDelivered`.";
    "visible" = visible, Example, [UPDATE_VISIBLE], [Key, Lists, Writes, Orders], 16, 4,
        "What was updated shows in the next page that has the order, and is filtered by.";
    "visible-later" = visible_later, Time, [UPDATE_VISIBLE, LIST_WINDOW_END],
        [Key, Lists, Writes, Orders, Time], 6, 1,
        "What was updated during the window shows after it.";
    "secret" = secret, Example, [UPDATE_SECRET], [Key, Lists, Writes, Orders], 4, 2,
        "No answer shows an account's password or the key.";
}

async fn order_required(bench: &Bench<'_>) -> Result<(), CaseError> {
    let without = accounts(1, 1);
    for text in ["{}".into(), r#"{"status": "processing"}"#.into(), template!["{", without, "}"]] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(Call::update("first", text.clone())).await?;
                invalid(bench, case, UPDATE_ORDER_REQUIRED)
            })
            .await?;
    }
    Ok(())
}

async fn order_number(bench: &Bench<'_>) -> Result<(), CaseError> {
    for number in ["1.5", "true", "[]", "{}", r#""none""#, r#""""#] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(Call::update("first", format!(r#"{{"order": {number}}}"#))).await?;
                invalid(bench, case, UPDATE_ORDER_NUMBER)
            })
            .await?;
    }
    Ok(())
}

async fn order_number_own(bench: &Bench<'_>) -> Result<(), CaseError> {
    let lenient = bench.target.profile().of(UPDATE_ORDER_NUMBER) == "lenient";
    for (before, after) in [("\"", "\""), ("", ".0"), ("", "e0")] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let number = template![before, Hole::Order(order), after];
                let text = template![r#"{"order": "#, number, r#", "status": "processing"}"#];
                case.call(Call::update("first", text)).await?;
                if lenient {
                    case.expect(UPDATE_ORDER_NUMBER, Expect::Answered)
                } else {
                    invalid(bench, case, UPDATE_ORDER_NUMBER)
                }
            })
            .await?;
    }
    Ok(())
}

async fn order_not_found(bench: &Bench<'_>) -> Result<(), CaseError> {
    // The largest that every JSON library holds exactly: nobody's order.
    for (number, rule) in [
        ("9007199254740991", UPDATE_NOT_FOUND),
        ("0", UPDATE_ORDER_NUMBER),
        ("-1", UPDATE_ORDER_NUMBER),
        ("-9223372036854775808", UPDATE_ORDER_NUMBER),
        ("99999999999999999999999999", UPDATE_ORDER_NUMBER),
    ] {
        for fields in ["", r#", "status": "completed""#] {
            bench
                .case(async |case: &mut Case<'_>| {
                    case.call(Call::update("first", format!(r#"{{"order": {number}{fields}}}"#))).await?;
                    if rule == UPDATE_ORDER_NUMBER && bench.target.profile().of(rule) == "lenient" {
                        return case.expect(rule, Expect::refused());
                    }
                    documented(bench, case, rule, "ORDER_NOT_FOUND")
                })
                .await?;
        }
    }
    Ok(())
}

async fn order_unpaid(bench: &Bench<'_>) -> Result<(), CaseError> {
    for payment in ["pending", "refunded"] {
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
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).of(who.other())).await?;
                let before = case.state(order).await?;
                let fields =
                    template![r#""status": "cancelled", "supplierOrderId": "S-1", "#, accounts(1, 1)];
                case.try_update(who, order, fields).await?;
                case.expect_state(UPDATE_ACCESS_DENIED, order, &before).await
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
            case.update(Who::First, order, "").await?;
            case.expect(UPDATE_RESPONSE, Expect::status(&[200]))?;
            for (at, value) in
                [("/order", json!(number)), ("/id", json!(number)), ("/status", json!("pending"))]
            {
                case.expect(UPDATE_RESPONSE, Expect::is(at, value))?;
            }
            case.expect(UPDATE_RESPONSE, Expect::is("/accountsDelivered", 0))?;
            case.expect(UPDATE_RESPONSE, Expect::is("/supplierOrderId", serde_json::Value::Null))?;
            let fields = template![r#""status": "partial", "supplierOrderId": "S-1", "#, accounts(1, 2)];
            case.update(Who::First, order, fields).await?;
            case.expect(UPDATE_RESPONSE, Expect::is("/status", "partial"))?;
            case.expect(UPDATE_RESPONSE, Expect::is("/accountsDelivered", 2))?;
            case.expect(UPDATE_RESPONSE, Expect::is("/supplierOrderId", "S-1"))?;
            case.expect(
                UPDATE_RESPONSE,
                Expect::Looks { at: "/items/0/product".to_owned(), like: Shape::Object },
            )
        })
        .await
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
    Ok(())
}

async fn visible_later(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let (order, other) = pair(case).await?;
            let page = case.list(Who::First, case.manual().limit(3)).await?;
            let from = case.moment(&page);
            case.advance(Duration::from_mins(10)).await?;
            case.update(Who::First, order, r#""status": "partial""#).await?;
            super::window::past_the_end(case, &from).await?;
            case.list(Who::First, case.manual().limit(3)).await?;
            // Where the other is missing as well, it is the window that has not ended.
            case.expect(LIST_WINDOW_END, Expect::Lists { orders: vec![other] })?;
            case.expect(UPDATE_VISIBLE, Expect::order_is(order, "/status", "partial"))
        })
        .await
}

/// Two orders that are alike: what happens to the one can be compared with the other, to which nothing happens.
pub(super) async fn pair(case: &mut Case<'_>) -> Result<(usize, usize), CaseError> {
    let orders = case.place(NewOrders::some(2)).await?;
    Ok((orders[0], orders[1]))
}

async fn secret(bench: &Bench<'_>) -> Result<(), CaseError> {
    let texts = |case: &Case<'_>| [bench.target.password.clone(), case.bound("first").to_owned()];
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            for fields in
                [accounts(1, 2), accounts(1, 2), template![r#""status": "unheard-of", "#, accounts(3, 1)]]
            {
                let answer = case.try_update(Who::First, order, fields).await?;
                keeps(case, &answer, &texts(case))?;
            }
            let page = case.list(Who::First, case.manual().limit(2)).await?;
            keeps(case, &page, &texts(case))
        })
        .await
}

fn keeps(case: &Case<'_>, answer: &crate::http::Answer, secrets: &[String]) -> Result<(), CaseError> {
    let body = String::from_utf8_lossy(&answer.body);
    let told = secrets.iter().any(|secret| body.contains(secret.as_str()));
    case.law(UPDATE_SECRET, !told, "no answer with an account's password or the key in it", || {
        "it is in the body".to_owned()
    })
}

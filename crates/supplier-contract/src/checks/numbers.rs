//! `order`: which numbers are an order's, and which are none.

use supplier_rulebook::{LIST_TYPES, UPDATE_NOT_FOUND, UPDATE_ORDER_REQUIRED};

use super::expected::{documented, invalid, nobodys};
use crate::bench::Bench;
use crate::case::{Case, CaseError, accounts};
use crate::check::checks;
use crate::claim::Claim;
use crate::http::Call;
use crate::profile;
use crate::script::{Expect, NewOrders, Who};
use crate::template::{Hole, template};

checks! {
    CHECKS;
    "order-required" = order_required, Example, [UPDATE_ORDER_REQUIRED, ERROR_STATUS, ERROR_DETAILS, ERROR_NO_5XX], [Key], 0, 0,
        "An update without `order` is refused.";
    "order-number" = order_number, Example, [UPDATE_ORDER_NUMBER, ERROR_STATUS, ERROR_DETAILS], [Key], 0, 0,
        "An `order` that is no JSON integer is refused.";
    "order-number-own" = order_number_own, Example, [UPDATE_ORDER_NUMBER], [Key, Writes, Orders], 0, 7,
        "The number of an order in a string, or as a fraction, is no number of an order.";
    "order-not-found" = order_not_found, Example,
        [UPDATE_NOT_FOUND, UPDATE_ORDER_NUMBER, ERROR_ENVELOPE, ERROR_MESSAGES, ERROR_STATUS], [Key], 0, 0,
        "An order that does not exist is not found.";
    "order-number-near" = order_number_near, Example, [UPDATE_NOT_FOUND], [Key, Writes, Orders, State, Fresh], 0, 1,
        "A number that is like an order's in its digits, its lower bits or its sign is not that order's.";
    "order-number-big" = order_number_big, Example, [LIST_TYPES, UPDATE_SUCCESS], [Key, Writes, Orders, State, Fresh], 0, 3,
        "Orders whose numbers need more than 31 bits can be updated.";
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
        let claim = if number == "1.5" { profile::NUMBER_FRACTION } else { profile::NUMBER_NONE };
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(Call::update("first", format!(r#"{{"order": {number}}}"#))).await?;
                no_number(bench, case, claim)
            })
            .await?;
    }
    Ok(())
}

/// The last answer refuses what is no number of an order, as the target chose to.
fn no_number(bench: &Bench<'_>, case: &Case<'_>, claim: Claim) -> Result<(), CaseError> {
    match bench.target.profile().of(claim) {
        "not-found" => documented(bench, case, claim, "ORDER_NOT_FOUND"),
        "lenient" => case.expect(claim, Expect::Answered),
        _ => {
            case.expect(claim, Expect::refused())?;
            if case.was_refused() && case.last_code() == Some("ORDER_NOT_FOUND") {
                // That is said once, and by this part: the codes of other refusals are another rule's.
                return case.expect(claim, Expect::code("INVALID_REQUEST"));
            }
            invalid(bench, case, claim)
        }
    }
}

async fn order_number_own(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (claim, before, after) in [
        (profile::NUMBER_TEXT, "\"", "\""),
        (profile::NUMBER_DECIMAL, "", ".0"),
        (profile::NUMBER_DECIMAL, "", "e0"),
        (profile::NUMBER_FRACTION, "", ".5"),
        (profile::NUMBER_NONE, "\"", "abc\""),
        (profile::NUMBER_NONE, "[", "]"),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let number = template![before, Hole::Order(order), after];
                let text = template![r#"{"order": "#, number, r#", "status": "processing"}"#];
                case.call(Call::update("first", text)).await?;
                no_number(bench, case, claim)
            })
            .await?;
    }
    if !bench.target.is_fresh() {
        return Ok(());
    }
    bench
        .case(async |case: &mut Case<'_>| {
            if case.try_place(NewOrders::some(1).numbered(1)).await?.is_none() {
                return Ok(());
            }
            case.call(Call::update("first", r#"{"order": true, "status": "processing"}"#)).await?;
            no_number(bench, case, profile::NUMBER_NONE)
        })
        .await
}

async fn order_not_found(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (number, claim) in [
        (nobodys(bench), UPDATE_NOT_FOUND.into()),
        ("0", profile::NUMBER_ZERO),
        ("-1", profile::NUMBER_ZERO),
        ("9007199254740992", profile::NUMBER_BEYOND),
        ("-9223372036854775808", profile::NUMBER_BEYOND),
        ("99999999999999999999999999", profile::NUMBER_BEYOND),
    ] {
        for fields in ["", r#", "status": "completed""#] {
            bench
                .case(async |case: &mut Case<'_>| {
                    case.call(Call::update("first", format!(r#"{{"order": {number}{fields}}}"#))).await?;
                    if bench.target.profile().of(claim) == "refuse" {
                        return case.expect(claim, Expect::refused());
                    }
                    documented(bench, case, claim, "ORDER_NOT_FOUND")
                })
                .await?;
        }
    }
    Ok(())
}

async fn order_number_near(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            // The last number that single precision holds exactly with all before it: 2^24.
            let order = case.place_one(NewOrders::some(1).numbered(16_777_216)).await?;
            // The next one, the same in the lower 32 bits, its beginning, a longer one, and its opposite.
            for number in ["16777217", "4311744512", "1677721", "167772160", "-16777216"] {
                let text = format!(r#"{{"order": {number}, "status": "completed"}}"#);
                case.call(Call::update("first", text)).await?;
                case.expect(UPDATE_NOT_FOUND, Expect::refused())?;
            }
            case.state(order).await?;
            case.expect(UPDATE_NOT_FOUND, Expect::is("/status", "pending"))
        })
        .await
}

async fn order_number_big(bench: &Bench<'_>) -> Result<(), CaseError> {
    for number in [1_u64 << 31, (1 << 32) + 1, (1 << 53) - 2] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).numbered(number)).await?;
                case.try_update(Who::First, order, r#""status": "processing""#).await?;
                case.expect(LIST_TYPES, Expect::Success)?;
                case.state(order).await?;
                case.expect(LIST_TYPES, Expect::is("/status", "processing"))
            })
            .await?;
    }
    Ok(())
}

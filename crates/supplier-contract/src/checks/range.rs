//! Parameters that are out of range, or unheard of.

use supplier_rulebook::{LIST_LIMIT_RANGE, LIST_VALUES};

use super::expected::invalid;
use crate::bench::Bench;
use crate::case::{Case, CaseError};
use crate::check::checks;
use crate::claim::Claim;
use crate::http::Call;
use crate::profile;
use crate::query::Query;
use crate::script::{Expect, NewOrders, Who};

checks! {
    CHECKS;
    "limit-range" = limit_range, Example, [LIST_LIMIT_RANGE, ERROR_STATUS, ERROR_DETAILS], [Key, Lists], 0, 0,
        "A `limit` that is no integer from 1 to 500 is refused, or moved into that range.";
    "limit-moved" = limit_moved, Example, [LIST_LIMIT_RANGE], [Key, Lists, Orders, Fresh], 500, 0,
        "Where a `limit` out of range is moved, it is moved to the nearest that is in range.";
    "offset-range" = offset_range, Example, [LIST_OFFSET_RANGE, ERROR_STATUS, ERROR_DETAILS, ERROR_NO_5XX], [Key, Lists], 20, 0,
        "An `offset` that is no integer of 0 or more is refused.";
    "values-unknown" = values_unknown, Example, [LIST_VALUES, ERROR_STATUS, ERROR_DETAILS], [Key, Lists], 2, 0,
        "Unknown, blank and doubled values are refused.";
    "values-harmless" = values_harmless, Example, [LIST_VALUES], [Key, Lists, Orders], 20, 0,
        "A repeated status does no harm, nor does an unknown parameter.";
}

/// How a list with that parameter in place of another is answered.
async fn probe(case: &mut Case<'_>, name: &str, value: &str) -> Result<bool, CaseError> {
    let query = Query::of_nothing().set(name, value);
    Ok(case.call(Call::list("first", query)).await?.status == 200)
}

async fn limit_range(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (value, number) in [
        ("0", true),
        ("-1", true),
        ("501", true),
        ("99999999999999999999", true),
        ("ten", false),
        ("1.5", false),
        ("0x10", false),
        ("", false),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let taken = probe(case, "limit", value).await?;
                match bench.target.profile().of(LIST_LIMIT_RANGE) {
                    // Moving it into the range, and the default for what is no number, are taken too.
                    _ if taken => Ok(()),
                    "clamp" if number => case.expect(LIST_LIMIT_RANGE, Expect::status(&[200])),
                    "default" => case.expect(LIST_LIMIT_RANGE, Expect::status(&[200])),
                    _ => invalid(bench, case, LIST_LIMIT_RANGE),
                }
            })
            .await?;
    }
    Ok(())
}

async fn limit_moved(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (value, moved) in [("0", 1), ("-7", 1), ("ten", 50)] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.place(NewOrders::some(55)).await?;
                let answer = case.call(Call::list("first", case.manual().limit(value))).await?;
                if answer.status != 200 {
                    return Ok(());
                }
                let usual = if bench.target.profile().of(LIST_LIMIT_RANGE) == "default" { 50 } else { moved };
                let (at_least, at_most) = (usual.min(moved), usual.max(moved));
                case.expect(LIST_LIMIT_RANGE, Expect::Length { at_least, at_most })
            })
            .await?;
    }
    Ok(())
}

async fn offset_range(bench: &Bench<'_>) -> Result<(), CaseError> {
    for value in ["-1", "one", "1.5", "", "0x1"] {
        let claim = if value == "-1" { profile::OFFSET_NEGATIVE } else { profile::OFFSET_NO_NUMBER };
        bench
            .case(async |case: &mut Case<'_>| {
                let taken = probe(case, "offset", value).await?;
                match bench.target.profile().of(claim) {
                    "zero" => {
                        case.law(claim, taken, "an answer as if `offset` were 0", || "a refusal".to_owned())
                    }
                    _ => invalid(bench, case, claim),
                }
            })
            .await?;
    }
    // However large: an empty page.
    bench
        .case(async |case: &mut Case<'_>| {
            probe(case, "offset", "99999999999999999999999").await?;
            if bench.target.profile().of(profile::OFFSET_HUGE) == "refuse" {
                return case.expect(profile::OFFSET_HUGE, Expect::refused());
            }
            case.expect(profile::OFFSET_HUGE, Expect::length(0))
        })
        .await
}

async fn refused(bench: &Bench<'_>, rule: Claim, query: Query) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.call(Call::list("first", query.clone())).await?;
            if bench.target.profile().of(rule) == "ignore" {
                return case.expect(rule, Expect::status(&[200]));
            }
            invalid(bench, case, rule)
        })
        .await
}

async fn values_unknown(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (name, value) in [
        ("status", "unheard-of"),
        ("status", "pending,unheard-of"),
        ("status", "PENDING"),
        ("status", ""),
        ("status", "pending,"),
        ("status", "pending, processing"),
        ("productType", "unheard-of"),
        ("productType", ""),
        ("entityType", "unheard-of"),
        ("entityType", "product,smm_service"),
        ("entityType", " product"),
        ("entityType", ""),
        ("subCategory", ""),
        ("subCategory", "   "),
    ] {
        let claim = match value.trim() {
            "" | "pending," => profile::VALUES_BLANK,
            _ if value.contains(' ') => profile::VALUES_SPACES,
            _ => profile::VALUES_UNKNOWN,
        };
        refused(bench, claim, Query::of_nothing().set(name, value)).await?;
    }
    for (name, value) in [("status", "pending"), ("limit", "1"), ("productType", "manual")] {
        refused(bench, profile::VALUES_TWICE, Query::of_nothing().with(name, value).with(name, value))
            .await?;
    }
    Ok(())
}

async fn values_harmless(bench: &Bench<'_>) -> Result<(), CaseError> {
    let (repeated, unknown) = (profile::VALUES_REPEATED, profile::VALUES_PARAMETER);
    for (claim, name, value) in [(repeated, "status", "pending,pending"), (unknown, "unheard-of", "1")] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.place(NewOrders::some(2)).await?;
                case.call(Call::list("first", case.manual().limit(5).with(name, value))).await?;
                if bench.target.profile().of(claim) == "refuse" {
                    return case.expect(claim, Expect::refused());
                }
                case.expect(claim, Expect::Exactly { orders: vec![0, 1] })
            })
            .await?;
    }
    bench
        .case(async |case: &mut Case<'_>| {
            case.list(Who::First, Query::of_nothing()).await?;
            case.expect(LIST_VALUES, Expect::length(0))
        })
        .await
}

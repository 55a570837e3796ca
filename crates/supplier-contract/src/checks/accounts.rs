//! Accounts: which are taken, how often, and how many.

use supplier_rulebook::{
    UPDATE_ACCOUNTS, UPDATE_ACCOUNTS_CAP, UPDATE_ACCOUNTS_DEDUP, UPDATE_ACCOUNTS_DEDUP_SCOPE,
    UPDATE_ACCOUNTS_KIND, UPDATE_ACCOUNTS_VALID, UPDATE_ANY_COUNT, UPDATE_ATOMIC, UPDATE_INVALID_ACCOUNTS,
    UPDATE_NO_AUTO_STATUS, UPDATE_PARTIAL, UPDATE_RESUBMISSION,
};

use super::expected::{documented, invalid};
use crate::bench::Bench;
use crate::case::{Case, CaseError, account, account_list, accounts};
use crate::check::checks;
use crate::script::{Expect, NewOrders, Who};
use crate::template::{Hole, template};

checks! {
    CHECKS;
    "accounts-taken" = accounts_taken, Example, [UPDATE_ACCOUNTS], [Key, Writes, OwnOrder], 2, 2,
        "Accounts as `username:password` and `email:password` are taken.";
    "accounts-counted" = accounts_counted, Example, [UPDATE_ACCOUNTS], [Key, Writes, Orders, State], 0, 1,
        "So many accounts as were delivered are kept with the order.";
    "accounts-type" = accounts_type, Example, [UPDATE_ACCOUNTS, ERROR_STATUS], [Key, Writes, OwnOrder], 4, 4,
        "`accounts` that is no array is refused.";
    "accounts-valid" = accounts_valid, Example, [UPDATE_ACCOUNTS_VALID], [Key, Writes, Orders, State], 0, 12,
        "What is no account is dropped and the rest is taken; a password may hold colons.";
    "accounts-dedup" = accounts_dedup, Example, [UPDATE_ACCOUNTS_DEDUP], [Key, Writes, Orders, State], 0, 2,
        "An account that stands twice in a submission is delivered once.";
    "accounts-dedup-order" = accounts_dedup_order, Example, [UPDATE_ACCOUNTS_DEDUP_SCOPE],
        [Key, Writes, Orders, State], 0, 3,
        "An account that the order has already is not delivered again; another order may have it.";
    "accounts-none-valid" = accounts_none_valid, Example,
        [UPDATE_INVALID_ACCOUNTS, ERROR_ENVELOPE, ERROR_MESSAGES, ERROR_STATUS], [Key, Writes, OwnOrder], 6, 6,
        "An empty array, or one of blanks, is INVALID_ACCOUNTS.";
    "accounts-resubmitted" = accounts_resubmitted, Example, [UPDATE_RESUBMISSION], [Key, Writes, Orders], 0, 1,
        "Resubmitting only what the order has is INVALID_ACCOUNTS.";
    "accounts-service" = accounts_service, Example, [UPDATE_ACCOUNTS_KIND], [Key, Writes, Orders], 0, 1,
        "Accounts for an order of a service are taken like any others.";
    "accounts-partial" = accounts_partial, Example, [UPDATE_PARTIAL], [Key, Writes, OwnOrder], 1, 1,
        "`partial` with fewer accounts than the quantity is accepted, and the rest follows.";
    "accounts-any-count" = accounts_any_count, Example, [UPDATE_ANY_COUNT], [Key, Writes, OwnOrder], 12, 12,
        "Fewer and more accounts than the quantity are accepted with any status.";
    "accounts-cap" = accounts_cap, Example, [UPDATE_ACCOUNTS_CAP], [Key, Writes, Orders, State], 0, 1,
        "Of 10,001 accounts an order keeps all, or refuses them and changes nothing.";
    "accounts-status" = accounts_status, Example, [UPDATE_NO_AUTO_STATUS], [Key, Writes, Orders, State], 0, 3,
        "Accounts without a status leave the status as it was, even when all are there.";
    "atomic" = atomic, Example, [UPDATE_ATOMIC], [Key, Writes, Orders, State], 0, 5,
        "An update that is refused changes nothing.";
}

async fn accounts_taken(bench: &Bench<'_>) -> Result<(), CaseError> {
    let plain = |name: &str| template![format!("\"{name}."), Hole::Case, ":", Hole::Password, "\""];
    for fields in [account_list([plain("buyer1"), plain("buyer2")]), accounts(1, 2)] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.own_order().await?;
                case.try_update(Who::First, order, &fields).await?;
                case.expect(UPDATE_ACCOUNTS, Expect::Success)
            })
            .await?;
    }
    Ok(())
}

async fn accounts_counted(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1).quantity(5)).await?;
            for (from, count, held) in [(1, 1, 1), (2, 3, 4), (5, 1, 5)] {
                case.try_update(Who::First, order, accounts(from, count)).await?;
                case.expect(UPDATE_ACCOUNTS, Expect::Success)?;
                case.expect_accounts(UPDATE_ACCOUNTS, order, held).await?;
            }
            Ok(())
        })
        .await
}

async fn accounts_type(bench: &Bench<'_>) -> Result<(), CaseError> {
    for value in [account(1), template![r#"{"0": "#, account(1), "}"], "7".into(), "true".into()] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.own_order_like(NewOrders::some(1)).await?;
                case.try_update(Who::First, order, template![r#""accounts": "#, &value]).await?;
                invalid(bench, case, UPDATE_ACCOUNTS)
            })
            .await?;
    }
    Ok(())
}

async fn accounts_valid(bench: &Bench<'_>) -> Result<(), CaseError> {
    let refuses = bench.target.profile().of(UPDATE_ACCOUNTS_VALID) == "refuse";
    // Beside an account that is one: what is none, or is one after all.
    for (value, is_one) in [
        (r#""no-colon""#.into(), false),
        (template![r#"":"#, Hole::Password, r#"""#], false),
        (r#""buyer:""#.into(), false),
        (r#""  :  ""#.into(), false),
        (r#""buyer:   ""#.into(), false),
        (r#""""#.into(), false),
        ("7".into(), false),
        ("null".into(), false),
        (template![r#"["buyer:"#, Hole::Password, r#""]"#], false),
        (template![r#""buyer:"#, Hole::Password, r#":with:colons""#], true),
        (template!["\"\u{00a0}buyer2:", Hole::Password, "\u{2003}\""], true),
        (template![r#""büyer@example.com:"#, Hole::Password, r#" 日本""#], true),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                case.try_update(Who::First, order, account_list([value.clone(), account(1)])).await?;
                if refuses && !is_one {
                    return case.expect(UPDATE_ACCOUNTS_VALID, Expect::refused());
                }
                case.expect(UPDATE_ACCOUNTS_VALID, Expect::Success)?;
                case.expect_accounts(UPDATE_ACCOUNTS_VALID, order, if is_one { 2 } else { 1 }).await
            })
            .await?;
    }
    Ok(())
}

async fn accounts_dedup(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (list, held) in [(&[1, 1][..], 1), (&[1, 2, 1, 1], 2)] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).quantity(4)).await?;
                case.try_update(Who::First, order, account_list(list.iter().map(|&number| account(number))))
                    .await?;
                case.expect(UPDATE_ACCOUNTS_DEDUP, Expect::Success)?;
                case.expect_accounts(UPDATE_ACCOUNTS_DEDUP, order, held).await
            })
            .await?;
    }
    Ok(())
}

async fn accounts_dedup_order(bench: &Bench<'_>) -> Result<(), CaseError> {
    let by_order = bench.target.profile().of(UPDATE_ACCOUNTS_DEDUP_SCOPE) == "order";
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1).quantity(4)).await?;
            let other = case.place_one(NewOrders::some(1)).await?;
            let rule = UPDATE_ACCOUNTS_DEDUP_SCOPE;
            case.try_update(Who::First, order, accounts(1, 2)).await?;
            case.expect(rule, Expect::Success)?;
            case.try_update(Who::First, order, accounts(2, 2)).await?;
            case.expect(rule, Expect::Success)?;
            case.expect_accounts(rule, order, if by_order { 3 } else { 4 }).await?;
            // The whole trimmed texts are compared.
            let blank = account_list([
                template![r#"" buyer1."#, Hole::Case, "@example.com:", Hole::Password, r#"1 ""#],
                template![r#""buyer9@example.com:"#, Hole::Password, r#"9""#],
            ]);
            case.try_update(Who::First, order, blank).await?;
            case.expect(rule, Expect::Success)?;
            case.expect_accounts(rule, order, if by_order { 4 } else { 6 }).await?;
            case.try_update(Who::First, other, accounts(1, 2)).await?;
            case.expect(rule, Expect::Success)
        })
        .await
}

async fn accounts_none_valid(bench: &Bench<'_>) -> Result<(), CaseError> {
    for list in ["[]", r#"["", "  "]"#, r#"["no-colon"]"#] {
        for status in ["", r#""status": "completed", "#] {
            bench
                .case(async |case: &mut Case<'_>| {
                    let order = case.own_order_like(NewOrders::some(1)).await?;
                    case.try_update(Who::First, order, format!(r#"{status}"accounts": {list}"#)).await?;
                    // What an account must look like beyond a blank is the project's choice.
                    let chosen = list.contains("no-colon");
                    if chosen && bench.target.profile().of(UPDATE_ACCOUNTS_VALID) == "refuse" {
                        return case.expect(UPDATE_ACCOUNTS_VALID, Expect::refused());
                    }
                    let rule = if chosen { UPDATE_ACCOUNTS_VALID } else { UPDATE_INVALID_ACCOUNTS };
                    if chosen && !bench.target.profile().checks(rule) {
                        return Ok(());
                    }
                    documented(bench, case, rule, "INVALID_ACCOUNTS")
                })
                .await?;
        }
    }
    Ok(())
}

async fn accounts_resubmitted(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            case.update(Who::First, order, accounts(1, 2)).await?;
            case.try_update(Who::First, order, accounts(1, 2)).await?;
            let accepts = bench.target.profile().of(UPDATE_RESUBMISSION) == "accept"
                || bench.target.profile().of(UPDATE_ACCOUNTS_DEDUP_SCOPE) == "submission";
            if accepts {
                return case.expect(UPDATE_RESUBMISSION, Expect::Success);
            }
            case.expect(UPDATE_RESUBMISSION, Expect::code("INVALID_ACCOUNTS"))
        })
        .await
}

async fn accounts_service(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1).entity("smm_service")).await?;
            case.try_update(Who::First, order, template![r#""status": "completed", "#, accounts(1, 2)])
                .await?;
            case.expect(UPDATE_ACCOUNTS_KIND, Expect::Success)
        })
        .await
}

async fn accounts_partial(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.own_order_like(NewOrders::some(1).quantity(5)).await?;
            for (status, from, count) in [("partial", 1, 2), ("partial", 3, 1), ("completed", 4, 2)] {
                let fields = template![format!(r#""status": "{status}", "#), accounts(from, count)];
                case.try_update(Who::First, order, fields).await?;
                case.expect(UPDATE_PARTIAL, Expect::Success)?;
            }
            Ok(())
        })
        .await
}

async fn accounts_any_count(bench: &Bench<'_>) -> Result<(), CaseError> {
    for status in crate::guide_table::STATUSES {
        for count in [1, 5] {
            bench
                .case(async |case: &mut Case<'_>| {
                    let order = case.own_order_like(NewOrders::some(1).quantity(3)).await?;
                    let fields = template![format!(r#""status": "{status}", "#), accounts(1, count)];
                    case.try_update(Who::First, order, fields).await?;
                    case.expect(UPDATE_ANY_COUNT, Expect::Success)
                })
                .await?;
        }
    }
    Ok(())
}

async fn accounts_cap(bench: &Bench<'_>) -> Result<(), CaseError> {
    const MANY: u64 = 10_001;
    let list: Vec<_> = (1..=MANY).map(|number| format!(r#""buyer{number}:many""#)).collect();
    let fields = format!(r#""status": "completed", "accounts": [{}]"#, list.join(","));
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            let before = case.state(order).await?;
            let answer = case.try_update(Who::First, order, fields.as_str()).await?;
            if answer.is_success() {
                return case.expect_accounts(UPDATE_ACCOUNTS_CAP, order, MANY).await;
            }
            case.expect(UPDATE_ACCOUNTS_CAP, Expect::refused())?;
            case.expect_state(UPDATE_ACCOUNTS_CAP, order, &before).await
        })
        .await
}

async fn accounts_status(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (status, count) in [("pending", 2), ("processing", 2), ("partial", 1)] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).quantity(2).status(status)).await?;
                case.update(Who::First, order, accounts(1, count)).await?;
                case.state(order).await?;
                case.expect(UPDATE_NO_AUTO_STATUS, Expect::is("/status", status))
            })
            .await?;
    }
    Ok(())
}

async fn atomic(bench: &Bench<'_>) -> Result<(), CaseError> {
    for fields in [
        r#""status": "completed", "supplierOrderId": "S-1", "accounts": []"#.into(),
        r#""status": "completed", "supplierOrderId": "S-1", "accounts": "none""#.into(),
        template![r#""status": "unheard-of", "supplierOrderId": "S-1", "#, accounts(1, 1)],
        template![r#""status": "completed", "supplierOrderId": 7, "#, accounts(1, 1)],
        r#""supplierOrderId": "S-1", "accounts": ["no-colon"]"#.into(),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let before = case.state(order).await?;
                let answer = case.try_update(Who::First, order, &fields).await?;
                if answer.is_success() {
                    // It was not refused, which is for other checks to judge.
                    return Ok(());
                }
                case.expect_state(UPDATE_ATOMIC, order, &before).await
            })
            .await?;
    }
    Ok(())
}

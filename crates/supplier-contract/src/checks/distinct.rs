//! Accounts that are alike, and accounts in number: all are kept, as they were given.

use std::cell::Cell;

use supplier_rulebook::{ERROR_NO_5XX, UPDATE_ACCOUNTS, UPDATE_ACCOUNTS_DISTINCT};

use crate::bench::Bench;
use crate::case::{Case, CaseError, account_list};
use crate::check::checks;
use crate::script::{Expect, NewOrders, Who};

checks! {
    CHECKS;
    "accounts-distinct" = accounts_distinct, Example, [UPDATE_ACCOUNTS_DISTINCT], [Key, Writes, Orders, State], 0, 19,
        "Accounts that differ in case, accents, spaces, password, behind a second colon or far behind are all kept.";
    "accounts-content" = accounts_content, Example, [UPDATE_ACCOUNTS_DISTINCT], [Key, Writes, Orders, State], 0, 1,
        "Accounts are kept as they were given, where the hook tells a digest of them.";
    "accounts-many" = accounts_many, Example, [UPDATE_ACCOUNTS, ERROR_NO_5XX], [Key, Writes, Orders, State], 0, 1,
        "An order of 3,000 takes its accounts in one update of 300 KB.";
}

/// Accounts that are alike, and not the same: in each pair the second is taken for the first by something that servers do.
fn alike() -> Vec<[String; 2]> {
    let pair = |one: &str, other: &str| [one.to_owned(), other.to_owned()];
    let long = "x".repeat(300);
    vec![
        pair("Buyer1@example.com:Secret", "buyer1@example.com:Secret"),
        pair("buyer2:Secret", "buyer2:secret"),
        pair("buyer3:first", "buyer3:second"),
        pair("buyer4:one:two", "buyer4:one:three"),
        pair("buyer5:caf\u{e9}", "buyer5:cafe\u{301}"),
        pair("buyer6:résumé", "buyer6:resume"),
        pair("buyer7:\u{1f600}", "buyer7:\u{1f680}"),
        pair("buyer8:a b", "buyer8:ab"),
        pair("buyer9:straße", "buyer9:strasse"),
        pair("buyer10:a_c", "buyer10:abc"),
        pair("buyer11:0123", "buyer11:123"),
        pair("buyer12:ａ", "buyer12:a"),
        pair("buyer13:a\u{200b}b", "buyer13:ab"),
        pair("buyer15:a\nb:c", "buyer15:a"),
        pair("buyer16:a,b:c", "buyer16:a"),
        [format!("buyer14:{long}1"), format!("buyer14:{long}2")],
    ]
}

/// `"accounts"` with these texts.
fn texts<'a>(accounts: impl IntoIterator<Item = &'a String>) -> crate::template::Template {
    account_list(accounts.into_iter().map(|text| serde_json::Value::from(text.as_str()).to_string().into()))
}

async fn accounts_distinct(bench: &Bench<'_>) -> Result<(), CaseError> {
    let rule = UPDATE_ACCOUNTS_DISTINCT;
    let pairs = alike();
    // All at once, and one half after the other: servers compare in two places.
    let (ones, others): (Vec<_>, Vec<_>) = pairs.iter().map(|[one, other]| (one, other)).unzip();
    let all: Vec<_> = pairs.iter().flatten().collect();
    let held = Cell::new(0);
    for steps in [vec![all], vec![ones, others]] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).quantity(32)).await?;
                for accounts in &steps {
                    case.try_update(Who::First, order, texts(accounts.iter().copied())).await?;
                    case.expect(rule, Expect::Success)?;
                }
                held.set(held.get() + case.state(order).await?.accounts);
                Ok(())
            })
            .await?;
    }
    if held.get() == 4 * pairs.len() as u64 {
        return Ok(());
    }
    // Which are taken for one is seen pair by pair.
    for pair in &pairs {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).quantity(2)).await?;
                for account in pair {
                    case.try_update(Who::First, order, texts([account])).await?;
                    case.expect(rule, Expect::Success)?;
                }
                case.expect_accounts(rule, order, 2).await
            })
            .await?;
    }
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1).quantity(32)).await?;
            case.try_update(Who::First, order, texts(pairs.iter().flatten())).await?;
            case.expect_accounts(rule, order, 2 * pairs.len() as u64).await
        })
        .await
}

async fn accounts_content(bench: &Bench<'_>) -> Result<(), CaseError> {
    let mut accounts: Vec<String> = alike().into_iter().flatten().collect();
    accounts.extend(["buyer:<b>&\"'\\/%", "BUYER:\tTab", "buyer:{\"a\": 1}"].map(str::to_owned));
    let digest = crate::provision::digest(accounts.iter().map(String::as_str));
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1).quantity(35)).await?;
            if case.state(order).await?.digest.is_none() {
                return Err(CaseError::Untested("the hook's `order_state` tells no `digest`".to_owned()));
            }
            case.try_update(Who::First, order, texts(&accounts)).await?;
            case.expect(UPDATE_ACCOUNTS_DISTINCT, Expect::Success)?;
            case.state(order).await?;
            case.expect(UPDATE_ACCOUNTS_DISTINCT, Expect::is("/digest", digest.as_str()))
        })
        .await
}

async fn accounts_many(bench: &Bench<'_>) -> Result<(), CaseError> {
    const MANY: u32 = 3_000;
    let password = "0123456789".repeat(8);
    let list: Vec<_> = (1..=MANY).map(|number| format!(r#""buyer{number}:{password}""#)).collect();
    let fields = format!(r#""status": "completed", "accounts": [{}]"#, list.join(","));
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1).quantity(MANY)).await?;
            case.try_update(Who::First, order, fields.as_str()).await?;
            case.expect(ERROR_NO_5XX, Expect::Answered)?;
            case.expect(UPDATE_ACCOUNTS, Expect::Success)?;
            case.expect_accounts(UPDATE_ACCOUNTS, order, u64::from(MANY)).await
        })
        .await
}

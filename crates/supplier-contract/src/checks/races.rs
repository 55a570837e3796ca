//! Calls at the same time.

use supplier_rulebook::{LIST_WINDOW_RACE, UPDATE_ACCOUNTS_DEDUP_SCOPE, UPDATE_VISIBLE};

use crate::bench::Bench;
use crate::case::{Case, CaseError, accounts, body};
use crate::check::checks;
use crate::http::Call;
use crate::provision::OrderState;
use crate::script::{Expect, NewOrders, Who};

checks! {
    CHECKS;
    "race-polls" = race_polls, Race, [LIST_WINDOW_RACE], [Key, Lists, Orders], 200, 0,
        "Callers who poll at the same time are never handed the same order, and together they are handed all.";
    "race-polls-seen" = race_polls_seen, Race, [LIST_WINDOW_RACE], [Key, Lists, Stock], 16, 0,
        "Callers who poll at the same time are never handed the same order, whatever orders there are.";
    "race-updates" = race_updates, Race, [UPDATE_VISIBLE], [Key, Writes, Orders, State], 0, 12,
        "Of accounts that are delivered at the same time, none is lost.";
    "race-fields" = race_fields, Race, [UPDATE_VISIBLE], [Key, Lists, Writes, Orders, State], 8, 8,
        "Of a status, accounts and an id that are given at the same time, and during a list, none is lost.";
    "race-same-accounts" = race_same_accounts, Race, [UPDATE_ACCOUNTS_DEDUP_SCOPE], [Key, Writes, Orders, State], 0, 6,
        "One account, delivered many times at once, is delivered once.";
}

/// How often a race is run: most defects show in one of a few.
const ROUNDS: u32 = 6;

async fn race_polls(bench: &Bench<'_>) -> Result<(), CaseError> {
    // Fewer where each takes orders of the target's.
    let (rounds, callers, limit) = if bench.target.is_private() { (ROUNDS, 12, 5) } else { (2, 10, 5) };
    for round in 0..rounds {
        bench
            .case(async |case: &mut Case<'_>| {
                let orders = case.place(NewOrders::some(60)).await?;
                // The first rounds over connections that are open already, the later ones with pages of one order.
                let limit = if round % 2 == 0 { limit } else { 1 };
                // Some with a filter that keeps all of them.
                let query = |caller: usize| {
                    let query = case.manual().limit(limit);
                    if caller.is_multiple_of(2) { query } else { query.status("pending,processing") }
                };
                let calls = (0..callers).map(|caller| Call::list("first", query(caller))).collect();
                case.together(calls).await?;
                case.expect(LIST_WINDOW_RACE, Expect::OnceEach { steps: Vec::new() })?;
                let left = orders.len().saturating_sub(callers * limit);
                case.expect(LIST_WINDOW_RACE, Expect::length(limit.min(orders.len())))?;
                if bench.target.is_private() {
                    let race = case.last();
                    case.list(Who::First, case.manual().limit(500)).await?;
                    case.expect(LIST_WINDOW_RACE, Expect::length(left))?;
                    case.expect(LIST_WINDOW_RACE, Expect::OnceEach { steps: vec![race, race + 1] })?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

async fn race_polls_seen(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.stock([NewOrders::some(16)]).await?;
            let query = case.manual().limit(2);
            let answers = case.together((0..8).map(|_| Call::list("first", query.clone())).collect()).await?;
            if answers.iter().all(|answer| answer.orders().is_empty()) {
                return Err(CaseError::Untested("there was no order to look at".to_owned()));
            }
            case.expect(LIST_WINDOW_RACE, Expect::OnceEach { steps: Vec::new() })
        })
        .await
}

async fn race_updates(bench: &Bench<'_>) -> Result<(), CaseError> {
    for _ in 0..ROUNDS {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).quantity(16)).await?;
                let deliver = |caller: u32| Call::update("first", body(order, accounts(caller * 2, 2)));
                case.together((0..8).map(deliver).collect()).await?;
                case.expect(UPDATE_VISIBLE, Expect::Success)?;
                case.expect_accounts(UPDATE_VISIBLE, order, 16).await
            })
            .await?;
    }
    Ok(())
}

async fn race_fields(bench: &Bench<'_>) -> Result<(), CaseError> {
    for _ in 0..ROUNDS {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let fields = [
                    r#""status": "processing""#.into(),
                    accounts(1, 3),
                    r#""supplierOrderId": "S-7""#.into(),
                ];
                // A list writes to the order as well.
                let list = Call::list("first", case.manual().limit(1));
                let calls = fields.iter().map(|fields| Call::update("first", body(order, fields)));
                case.together(std::iter::once(list).chain(calls).collect()).await?;
                case.expect(UPDATE_VISIBLE, Expect::Success)?;
                let supplier_order_id = Some("S-7".to_owned());
                let wanted = OrderState {
                    status: "processing".to_owned(),
                    accounts: 3,
                    supplier_order_id,
                    digest: None,
                };
                case.expect_state(UPDATE_VISIBLE, order, &wanted).await
            })
            .await?;
    }
    Ok(())
}

async fn race_same_accounts(bench: &Bench<'_>) -> Result<(), CaseError> {
    if bench.target.profile().of(UPDATE_ACCOUNTS_DEDUP_SCOPE) != "order" {
        return Err(CaseError::Untested(
            "by the profile, accounts are de-duplicated within a submission only".to_owned(),
        ));
    }
    for _ in 0..ROUNDS {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let fields = accounts(1, 1);
                case.together((0..8).map(|_| Call::update("first", body(order, &fields))).collect()).await?;
                case.expect_accounts(UPDATE_ACCOUNTS_DEDUP_SCOPE, order, 1).await
            })
            .await?;
    }
    Ok(())
}

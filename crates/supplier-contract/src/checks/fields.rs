//! The fields of an update: status and the supplier's own id.

use supplier_rulebook::{
    UPDATE_INCREMENTAL, UPDATE_OPTIONAL_FIELDS, UPDATE_STATUS_REFUSED, UPDATE_STATUS_VALUES,
    UPDATE_SUPPLIER_ORDER_ID, UPDATE_SUPPLIER_ORDER_ID_FORM, UPDATE_TRANSITIONS,
};

use super::expected::invalid;
use crate::bench::Bench;
use crate::case::{Case, CaseError, accounts, at};
use crate::check::checks;
use crate::claim::Claim;
use crate::guide_table::STATUSES;
use crate::profile;
use crate::provision::OrderState;
use crate::script::{Expect, NewOrders, Who};
use crate::template::template;

checks! {
    CHECKS;
    "fields-optional" = fields_optional, Example, [UPDATE_OPTIONAL_FIELDS], [Key, Writes, OwnOrder], 5, 5,
        "`status`, `accounts` and `supplierOrderId` may each be left out, and all of them.";
    "fields-kept" = fields_kept, Example, [UPDATE_OPTIONAL_FIELDS], [Key, Lists, Writes, Orders, State], 2, 5,
        "What an update leaves out stays as it was, and so does what it cannot set.";
    "fields-null" = fields_null, Example, [UPDATE_NULL], [Key, Writes, Orders, State], 0, 5,
        "Null counts as left out, and an unknown field is ignored.";
    "status-values" = status_values, Example, [UPDATE_STATUS_VALUES], [Key, Writes, OwnOrder], 6, 6,
        "All six statuses are taken.";
    "status-kept" = status_kept, Example, [UPDATE_STATUS_VALUES], [Key, Writes, Orders, State], 0, 6,
        "A status that was taken is the order's status.";
    "status-refused" = status_refused, Example, [UPDATE_STATUS_REFUSED, ERROR_STATUS, ERROR_DETAILS],
        [Key, Writes, Orders, State], 0, 8,
        "Any other status is refused, and changes nothing.";
    "status-incremental" = status_incremental, Example, [UPDATE_INCREMENTAL], [Key, Writes, OwnOrder], 2, 2,
        "`processing` first and `completed` later works, and so does `completed` at once.";
    "status-transitions" = status_transitions, Example, [UPDATE_TRANSITIONS], [Key, Writes, Orders], 0, 41,
        "Any status may follow any other, whatever the order's way of fulfilment.";
    "supplier-order-id" = supplier_order_id, Example, [UPDATE_SUPPLIER_ORDER_ID], [Key, Writes, Orders, State], 0, 7,
        "`supplierOrderId` is kept with the order.";
    "supplier-order-id-form" = supplier_order_id_form, Example, [UPDATE_SUPPLIER_ORDER_ID_FORM],
        [Key, Writes, OwnOrder], 8, 8,
        "`supplierOrderId` is text of at most 255 characters.";
    "supplier-order-id-shown" = supplier_order_id_shown, Example, [UPDATE_SUPPLIER_ORDER_ID_FORM],
        [Key, Lists, Writes, Orders, State], 4, 2,
        "`supplierOrderId` shows in answers and pages once it was given; the last one stands.";
}

async fn fields_optional(bench: &Bench<'_>) -> Result<(), CaseError> {
    let each = [
        "".into(),
        r#""status": "processing""#.into(),
        accounts(1, 1),
        r#""supplierOrderId": "S-1""#.into(),
        template![r#""status": "partial", "supplierOrderId": "S-2", "#, accounts(2, 1)],
    ];
    for fields in each {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.own_order().await?;
                case.try_update(Who::First, order, &fields).await?;
                case.expect(UPDATE_OPTIONAL_FIELDS, Expect::Success)
            })
            .await?;
    }
    Ok(())
}

/// Judges what the owner sees of an order.
async fn is_so(
    case: &mut Case<'_>,
    rule: impl Into<Claim>,
    order: usize,
    status: &str,
    accounts: u64,
    id: Option<&str>,
) -> Result<(), CaseError> {
    let supplier_order_id = id.map(str::to_owned);
    let wanted = OrderState { status: status.to_owned(), accounts, supplier_order_id, digest: None };
    case.expect_state(rule, order, &wanted).await
}

async fn fields_kept(bench: &Bench<'_>) -> Result<(), CaseError> {
    let rule = UPDATE_OPTIONAL_FIELDS;
    let each = [
        ("".into(), ("processing", 2, "S-1")),
        (r#""status": "partial""#.into(), ("partial", 2, "S-1")),
        (accounts(3, 1), ("processing", 3, "S-1")),
        (r#""supplierOrderId": "S-2""#.into(), ("processing", 2, "S-2")),
    ];
    for (fields, (status, held, id)) in each {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let all = template![r#""status": "processing", "supplierOrderId": "S-1", "#, accounts(1, 2)];
                case.update(Who::First, order, all).await?;
                is_so(case, rule, order, "processing", 2, Some("S-1")).await?;
                let answer = case.try_update(Who::First, order, &fields).await?;
                // A server may keep the first id.
                if id != "S-1" && (400..500).contains(&answer.status) {
                    return case.expect(profile::ID_AGAIN, Expect::Success);
                }
                case.expect(rule, Expect::Success)?;
                is_so(case, rule, order, status, held, Some(id)).await
            })
            .await?;
    }
    // What only the marketplace may set is left as it was, whoever names it.
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1).quantity(3)).await?;
            let fields = r#""status": "processing", "paymentStatus": "refunded", "quantity": 99, "id": 1, "items": []"#;
            case.try_update(Who::First, order, fields).await?;
            case.list(Who::First, case.manual().limit(2)).await?;
            case.expect(rule, Expect::order_is(order, "/paymentStatus", "completed"))?;
            case.expect(rule, Expect::order_is(order, "/quantity", 3))
        })
        .await
}

async fn fields_null(bench: &Bench<'_>) -> Result<(), CaseError> {
    for fields in [
        r#""status": null"#,
        r#""accounts": null"#,
        r#""supplierOrderId": null"#,
        r#""status": null, "accounts": null, "supplierOrderId": null"#,
        r#""unheardOf": {"deep": [1, 2]}"#,
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let all = template![r#""status": "processing", "supplierOrderId": "S-1", "#, accounts(1, 2)];
                case.update(Who::First, order, all).await?;
                case.try_update(Who::First, order, fields).await?;
                let claim = if fields.contains("null") { profile::NULL_FIELD } else { profile::NULL_UNKNOWN };
                if matches!(bench.target.profile().of(claim), "refuse" | "refused") {
                    return case.expect(claim, Expect::refused());
                }
                case.expect(claim, Expect::Success)?;
                is_so(case, claim, order, "processing", 2, Some("S-1")).await
            })
            .await?;
    }
    Ok(())
}

async fn status_values(bench: &Bench<'_>) -> Result<(), CaseError> {
    for status in STATUSES {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.own_order().await?;
                case.try_update(Who::First, order, format!(r#""status": "{status}""#)).await?;
                case.expect(UPDATE_STATUS_VALUES, Expect::Success)
            })
            .await?;
    }
    Ok(())
}

async fn status_kept(bench: &Bench<'_>) -> Result<(), CaseError> {
    for status in STATUSES {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                case.update(Who::First, order, format!(r#""status": "{status}""#)).await?;
                is_so(case, UPDATE_STATUS_VALUES, order, status, 0, None).await
            })
            .await?;
    }
    Ok(())
}

async fn status_refused(bench: &Bench<'_>) -> Result<(), CaseError> {
    for status in
        [r#""done""#, r#""COMPLETED""#, r#""Completed""#, r#"" completed""#, r#""""#, "3", "[]", "true"]
    {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let fields = format!(r#""status": {status}, "supplierOrderId": "S-1""#);
                case.try_update(Who::First, order, fields).await?;
                // Upper and lower case, and white space, are the project's choice.
                let lenient = status.contains("ompleted") || status.contains("COMPLETED");
                if !lenient {
                    case.expect(UPDATE_STATUS_REFUSED, Expect::refused())?;
                }
                let claim = if lenient { profile::STATUS_CASE } else { UPDATE_STATUS_REFUSED.into() };
                invalid(bench, case, claim)?;
                if lenient {
                    return Ok(());
                }
                is_so(case, UPDATE_STATUS_REFUSED, order, "pending", 0, None).await
            })
            .await?;
    }
    Ok(())
}

async fn status_incremental(bench: &Bench<'_>) -> Result<(), CaseError> {
    let finish = template![r#""status": "completed", "#, accounts(1, 2)];
    for statuses in [vec![r#""status": "processing""#.into(), finish.clone()], vec![finish]] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.own_order_like(NewOrders::some(1).quantity(2)).await?;
                for fields in &statuses {
                    case.try_update(Who::First, order, fields).await?;
                    case.expect(UPDATE_INCREMENTAL, Expect::Success)?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

async fn status_transitions(bench: &Bench<'_>) -> Result<(), CaseError> {
    for from in STATUSES {
        for to in STATUSES {
            transition(bench, NewOrders::some(1).status(from), to).await?;
        }
    }
    for kind in ["auto", "inventory"] {
        transition(bench, NewOrders::some(1).product_type(kind), "processing").await?;
    }
    // A closed order takes accounts as any other does.
    for status in ["completed", "cancelled", "error"] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).status(status)).await?;
                case.try_update(Who::First, order, accounts(1, 1)).await?;
                case.expect(UPDATE_TRANSITIONS, Expect::Success)
            })
            .await?;
    }
    Ok(())
}

async fn transition(bench: &Bench<'_>, from: NewOrders, to: &str) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let Some(order) = case.try_place(from.clone()).await? else { return Ok(()) };
            case.try_update(Who::First, order, format!(r#""status": "{to}""#)).await?;
            let of_kind = from.product_type.is_some();
            let claim = if of_kind { profile::TRANSITIONS_KIND } else { UPDATE_TRANSITIONS.into() };
            case.expect(claim, Expect::Success)
        })
        .await
}

async fn supplier_order_id(bench: &Bench<'_>) -> Result<(), CaseError> {
    let long = format!("S-{}", "0123456789".repeat(10));
    for id in ["SUP-ORDER-12345", "éü 日本 😀 #7/1", "007", "<b>&\"'\\ c", long.as_str()] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let fields = format!(r#""supplierOrderId": {}"#, serde_json::Value::from(id));
                case.try_update(Who::First, order, fields).await?;
                case.expect(UPDATE_SUPPLIER_ORDER_ID, Expect::Success)?;
                is_so(case, UPDATE_SUPPLIER_ORDER_ID, order, "pending", 0, Some(id)).await
            })
            .await?;
    }
    // Two orders may have one id: the supplier's system may have sent them on as one.
    bench
        .case(async |case: &mut Case<'_>| {
            for order in case.place(NewOrders::some(2)).await? {
                case.try_update(Who::First, order, r#""supplierOrderId": "S-1""#).await?;
                case.expect(UPDATE_SUPPLIER_ORDER_ID, Expect::Success)?;
            }
            Ok(())
        })
        .await
}

async fn supplier_order_id_form(bench: &Bench<'_>) -> Result<(), CaseError> {
    let long = |letter: &str, times: usize| format!(r#""{}""#, letter.repeat(times));
    let taken = [long("x", 255), long("é", 255), long("😀", 255), r#""""#.to_owned()];
    let refused = [long("x", 256), long("x", 5000), "7".to_owned(), "[]".to_owned()];
    for (id, is_taken) in taken.iter().map(|id| (id, true)).chain(refused.iter().map(|id| (id, false))) {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.own_order_like(NewOrders::some(1)).await?;
                case.try_update(Who::First, order, format!(r#""supplierOrderId": {id}"#)).await?;
                let claim = if id.starts_with('"') { profile::ID_LENGTH } else { profile::ID_TYPE };
                match (is_taken, bench.target.profile().of(UPDATE_SUPPLIER_ORDER_ID_FORM)) {
                    // What is too long is for the target to decide where it shows none.
                    (_, "kept") => Ok(()),
                    (true, _) => case.expect(claim, Expect::Success),
                    (false, _) => invalid(bench, case, claim),
                }
            })
            .await?;
    }
    Ok(())
}

async fn supplier_order_id_shown(bench: &Bench<'_>) -> Result<(), CaseError> {
    let rule = UPDATE_SUPPLIER_ORDER_ID_FORM;
    let shown = |claim: Claim| bench.target.profile().of(claim) != "kept";
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            let other = case.place_one(NewOrders::some(1)).await?;
            for id in ["S-1", "S-é日😀"] {
                let answer = case.update(Who::First, order, format!(r#""supplierOrderId": "{id}""#)).await?;
                if shown(profile::ID_ANSWER) {
                    case.expect(profile::ID_ANSWER, Expect::is("/supplierOrderId", id))?;
                } else {
                    let shows = at(&answer, "/supplierOrderId").is_some_and(|shown| shown == id);
                    let words = "an answer that does not show `supplierOrderId`, as the profile has it";
                    case.law(profile::ID_ANSWER, !shows, words, || answer.summary())?;
                }
            }
            case.list(Who::First, case.manual().limit(4)).await?;
            let place = "/supplierOrderId".to_owned();
            if shown(profile::ID_PAGE) {
                case.expect(profile::ID_PAGE, Expect::order_is(order, &place, "S-é日😀"))?;
                case.expect(profile::ID_PAGE, Expect::OrderLacks { order: other, at: place })?;
            } else {
                case.expect(profile::ID_PAGE, Expect::OrderLacks { order, at: place })?;
            }
            is_so(case, rule, order, "pending", 0, Some("S-é日😀")).await
        })
        .await
}

//! What has made servers fail: odd bodies, queries and texts, and many calls in a row.

use proptest::prelude::*;
use supplier_rulebook::{AUTH_INVALID_KEY, ERROR_NO_5XX, LIST_COUNT, UPDATE_NOT_FOUND};

use super::expected::nobodys;
use crate::bench::Bench;
use crate::case::{Case, CaseError, accounts, body};
use crate::check::checks;
use crate::http::{Body, Call, JSON, KEY_HEADER, LIST, UPDATE};
use crate::provision::Need;
use crate::query::Query;
use crate::script::{Expect, NewOrders, Shape, Who};
use crate::template::template;

checks! {
    CHECKS;
    "no-5xx-bodies" = no_5xx_bodies, Example, [ERROR_NO_5XX], [Key], 0, 0,
        "Deep nesting, huge numbers, raw bytes, odd texts: no body makes the target fail.";
    "no-5xx-queries" = no_5xx_queries, Example, [ERROR_NO_5XX], [Key, Lists], 6, 0,
        "Long, broken and odd queries do not make the target fail.";
    "no-5xx-any" = no_5xx_any, Property, [ERROR_NO_5XX], [Key, Lists], 0, 0,
        "No query and no JSON body makes the target fail.";
    "no-5xx-own" = no_5xx_own, Example, [ERROR_NO_5XX], [Key, Lists, Writes, Orders, Fresh], 10, 5,
        "Texts with a NUL or half a surrogate pair, sent to an order, make neither the update fail nor later pages.";
    "soak-refusals" = soak_refusals, Example, [ERROR_NO_5XX], [Key, Writes, Orders], 0, 2,
        "Forty refusals in a row use nothing up.";
    "no-5xx-anonymous" = no_5xx_anonymous, Example, [ERROR_NO_5XX, AUTH_INVALID_KEY], [], 0, 0,
        "Two hundred calls without a key are answered alike.";
    "soak" = soak, Example, [ERROR_NO_5XX, LIST_COUNT, UPDATE_NOT_FOUND], [Key, Lists], 0, 0,
        "A hundred lists and as many updates in a row are answered alike.";
}

/// Bodies that have made servers fail.
fn odd_bodies() -> Vec<Body> {
    let text = |text: &str| Body::Text(text.into());
    let parts = |parts: &[(&str, usize)]| {
        Body::Parts(parts.iter().map(|(text, times)| ((*text).to_owned(), *times)).collect())
    };
    vec![
        parts(&[(r#"{"order": 0, "x": "#, 1), ("[", 10_000), ("]", 10_000), ("}", 1)]),
        parts(&[(r#"{"x":"#, 20_000), ("1", 1), ("}", 20_000)]),
        parts(&[("[", 100_000)]),
        parts(&[(r#"{"order": "#, 1), ("9", 5000), ("}", 1)]),
        text(r#"{"order": 1e400}"#),
        text(r#"{"order": -1e400}"#),
        text(r#"{"order": 1E-400}"#),
        text(r#"{"order": 9223372036854775808}"#),
        text(r#"{"order": 18446744073709551616}"#),
        text(r#"{"order": -0}"#),
        text(r#"{"order": 0, "order": 1}"#),
        text(r#"{"order": NaN}"#),
        text(r#"{"order": 0, "status": "\u0000"}"#),
        text(r#"{"order": 0, "supplierOrderId": "\ud800"}"#),
        text(r#"{"order": 0, "supplierOrderId": "\u0000\u0007"}"#),
        text(r#"{"order": 0, "accounts": ["\u0000:\u0000"]}"#),
        text(r#"{"order": 0, "accounts": [[[]], {}, null, 1.5, true]}"#),
        text(r#"{"order": 0, "__proto__": {"status": "completed"}, "constructor": 1}"#),
        text("\u{feff}{\"order\": 0}"),
        Body::Bytes(vec![0xff, 0xfe, b'{', 0, b'}', 0]),
        Body::Bytes(b"{\"order\": 0, \"supplierOrderId\": \"\xc3\x28\"}".to_vec()),
        Body::Bytes(vec![0; 64]),
    ]
}

async fn no_5xx_bodies(bench: &Bench<'_>) -> Result<(), CaseError> {
    for body in odd_bodies() {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(
                    Call::new("POST", UPDATE).key("first").header("Content-Type", JSON).body(body.clone()),
                )
                .await?;
                case.expect(ERROR_NO_5XX, Expect::Answered)
            })
            .await?;
    }
    for key in ["ключ", "é", "\u{1f600}"] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(Call::new("GET", LIST).query(Query::of_nothing()).header(KEY_HEADER, key)).await?;
                case.expect(ERROR_NO_5XX, Expect::Answered)
            })
            .await?;
    }
    for content_type in
        ["application/json; charset=utf-16", "application/json; charset=", "/", "json", "multipart/form-data"]
    {
        bench
            .case(async |case: &mut Case<'_>| {
                let call = Call::new("POST", UPDATE).key("first").header("Content-Type", content_type);
                case.call(call.body(Body::Text(r#"{"order": 0}"#.into()))).await?;
                case.expect(ERROR_NO_5XX, Expect::Answered)
            })
            .await?;
    }
    Ok(())
}

async fn no_5xx_queries(bench: &Bench<'_>) -> Result<(), CaseError> {
    let long = format!("status={}", "pending,".repeat(200));
    for query in [
        "status=%",
        "status=%zz",
        "status=%00",
        "subCategory=%ff%fe",
        "subCategory=%F0%9F%98%80",
        "limit=%31",
        "limit=1&limit[]=2",
        "limit[$gt]=1",
        "&&&=&",
        "=",
        "offset=1e3",
        "offset=-9223372036854775809",
        "offset=2147483648",
        "offset=9223372036854775807",
        "limit=2147483648",
        "limit=9223372036854775807",
        "limit=NaN",
        "subCategory=';--",
        long.as_str(),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                // Nothing is found, whatever is made of the rest.
                let rest = Query::of_nothing();
                let named = query.split('=').next().unwrap_or_default();
                // A parameter that is given twice may be refused before it is read.
                let rest = rest.without(named);
                case.call(Call::list("first", format!("{query}&{}", rest.encoded()))).await?;
                case.expect(ERROR_NO_5XX, Expect::Answered)
            })
            .await?;
    }
    Ok(())
}

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f32>()
            .prop_filter("JSON has no such number", |value| value.is_finite())
            .prop_map(|value| format!("{value:e}")),
        any::<String>().prop_map(|text| serde_json::Value::String(text).to_string()),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            proptest::collection::vec(("[a-z]{0,6}", inner), 0..4).prop_map(|fields| {
                let fields: Vec<_> =
                    fields.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

async fn no_5xx_any(bench: &Bench<'_>) -> Result<(), CaseError> {
    let names = proptest::sample::select(
        &["status", "productType", "entityType", "subCategory", "limit", "offset", "x"][..],
    );
    let query = proptest::collection::vec((names, any::<String>()), 0..5);
    // No order goes by these numbers, so that nothing is changed.
    let fields = (any_json(), any_json(), any_json());
    let cases = bench.property_cases();
    bench
        .property(cases, (query, fields), async |case: &mut Case<'_>, (query, (status, accounts, id))| {
            let mut asked = Query::new();
            for (name, value) in query {
                asked = asked.with(name, value);
            }
            // Nothing is found where the last of two values counts; where the first does, one order at most.
            let asked = format!("{}&{}", asked.encoded(), Query::of_nothing().encoded());
            case.call(Call::list("first", asked)).await?;
            case.expect(ERROR_NO_5XX, Expect::Answered)?;
            let text =
                format!(r#"{{"order":0,"status":{status},"accounts":{accounts},"supplierOrderId":{id}}}"#);
            case.call(Call::update("first", text)).await?;
            case.expect(ERROR_NO_5XX, Expect::Answered)
        })
        .await
}

async fn no_5xx_anonymous(bench: &Bench<'_>) -> Result<(), CaseError> {
    for call in [
        Call::new("GET", LIST).header(KEY_HEADER, "nobody"),
        Call::new("POST", UPDATE).json(r#"{"order": 0}"#),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.repeat(call.clone(), 100, AUTH_INVALID_KEY, Expect::code("INVALID_API_KEY")).await
            })
            .await?;
    }
    Ok(())
}

async fn soak(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.repeat(Call::list("first", Query::of_nothing()), 100, LIST_COUNT, Expect::is("/count", 0))
                .await
        })
        .await?;
    let text = template![r#"{"order": "#, nobodys(bench), ", ", accounts(1, 1), "}"];
    bench
        .case(async |case: &mut Case<'_>| {
            let call = Call::update("first", text.clone());
            case.repeat(call, 100, UPDATE_NOT_FOUND, Expect::code("ORDER_NOT_FOUND")).await
        })
        .await
}

async fn soak_refusals(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (who, fields) in
        [(Who::First, r#""status": "completed", "accounts": []"#), (Who::Second, r#""status": "error""#)]
    {
        if who == Who::Second && !bench.target.offers.has(Need::Second) {
            continue;
        }
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1).of(who)).await?;
                let call = Call::update("first", body(order, fields));
                case.repeat(call, 40, ERROR_NO_5XX, Expect::Answered).await
            })
            .await?;
    }
    Ok(())
}

async fn no_5xx_own(bench: &Bench<'_>) -> Result<(), CaseError> {
    for fields in [
        r#""supplierOrderId": "S\u0000-1""#,
        r#""supplierOrderId": "S\ud800-1""#,
        r#""accounts": ["buyer:\u0000", "buyer\ud800:secret", "buyer:secret"]"#,
        r#""status": "\u0000""#,
        r#""supplierOrderId": "\u202e\u0007\u007f<!--", "status": "processing""#,
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                case.call(Call::update("first", body(order, fields))).await?;
                case.expect(ERROR_NO_5XX, Expect::Answered)?;
                // What was kept must not make the pages fail.
                case.call(Call::list("first", case.manual().limit(2))).await?;
                case.expect(ERROR_NO_5XX, Expect::Answered)?;
                case.expect(
                    ERROR_NO_5XX,
                    Expect::Looks { at: "/orders/0/id".to_owned(), like: Shape::Present },
                )
            })
            .await?;
    }
    Ok(())
}

//! Errors: what carries them, which comes first, and that there are none of the server's own.

use proptest::prelude::*;
use supplier_rulebook::{
    AUTH_INVALID_KEY, ERROR_DETAILS, ERROR_NO_5XX, ERROR_PRECEDENCE, ERROR_TRANSPORT, LIST_COUNT,
    UPDATE_NOT_FOUND,
};

use crate::bench::Bench;
use crate::case::{Case, CaseError, accounts, body};
use crate::check::checks;
use crate::http::{Body, Call, JSON, KEY_HEADER, LIST, UPDATE};
use crate::query::Query;
use crate::script::{Expect, NewOrders, Shape, Who};
use crate::template::{Hole, template};

checks! {
    CHECKS;
    "error-details" = error_details, Example, [ERROR_DETAILS], [Key, Lists], 50, 0,
        "INVALID_REQUEST names all fields that are wrong, at once.";
    "error-precedence" = error_precedence, Example, [ERROR_PRECEDENCE], [Key, Writes, Orders, Second], 0, 4,
        "The key comes first, then the form, then whether the order exists, then whose it is, then its accounts.";
    "transport-paths" = transport_paths, Example, [ERROR_TRANSPORT], [], 0, 0,
        "An unknown path is 404, a wrong method 405 with `Allow`, both in the envelope.";
    "transport-head" = transport_head, Example, [ERROR_TRANSPORT], [Key, Lists, Orders], 10, 0,
        "HEAD is a wrong method, and hands nothing out.";
    "transport-body" = transport_body, Example, [ERROR_TRANSPORT], [Key], 0, 0,
        "A body that is too large, of another type, no JSON or no object is refused, in the envelope.";
    "no-5xx-bodies" = no_5xx_bodies, Example, [ERROR_NO_5XX], [Key], 0, 0,
        "Deep nesting, huge numbers, raw bytes, odd texts: no body makes the target fail.";
    "no-5xx-queries" = no_5xx_queries, Example, [ERROR_NO_5XX], [Key, Lists], 0, 0,
        "Long, broken and odd queries do not make the target fail.";
    "no-5xx-any" = no_5xx_any, Property, [ERROR_NO_5XX], [Key, Lists], 0, 0,
        "No query and no JSON body makes the target fail.";
    "no-5xx-anonymous" = no_5xx_anonymous, Example, [ERROR_NO_5XX, AUTH_INVALID_KEY], [], 0, 0,
        "Two hundred calls without a key are answered alike.";
    "soak" = soak, Example, [ERROR_NO_5XX, LIST_COUNT, UPDATE_NOT_FOUND], [Key, Lists], 0, 0,
        "A hundred lists and as many updates in a row are answered alike.";
}

async fn error_details(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let query =
                Query::of_nothing().limit("none").set("offset", "-1").with("entityType", "unheard-of");
            case.call(Call::list("first", query)).await?;
            for place in 0..3 {
                for name in ["field", "problem"] {
                    let at = format!("/details/{place}/{name}");
                    case.expect(ERROR_DETAILS, Expect::Looks { at, like: Shape::Text })?;
                }
            }
            Ok(())
        })
        .await?;
    bench
        .case(async |case: &mut Case<'_>| {
            case.call(Call::update("first", r#"{"order": "x", "status": 7, "accounts": 7}"#)).await?;
            for place in 0..3 {
                let at = format!("/details/{place}/field");
                case.expect(ERROR_DETAILS, Expect::Looks { at, like: Shape::Text })?;
            }
            Ok(())
        })
        .await
}

async fn error_precedence(bench: &Bench<'_>) -> Result<(), CaseError> {
    let wrong = r#""status": "unheard-of", "accounts": []"#;
    for (how, code) in [
        ("key", "INVALID_API_KEY"),
        ("form", "INVALID_REQUEST"),
        ("exists", "ORDER_NOT_FOUND"),
        ("access", "ACCESS_DENIED"),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let foreign = case.place_one(NewOrders::some(1).of(Who::Second)).await?;
                let call = match how {
                    "key" => Call::update(Hole::UnknownKey, body(foreign, wrong)),
                    "form" => Call::update("first", body(foreign, wrong)),
                    "exists" => Call::update("first", r#"{"order": 0, "accounts": []}"#),
                    _ => Call::update("first", body(foreign, r#""accounts": []"#)),
                };
                case.call(call).await?;
                if how == "form" {
                    // The code of such a refusal is another rule's.
                    case.expect(ERROR_PRECEDENCE, Expect::refused())?;
                    return case
                        .expect(ERROR_PRECEDENCE, Expect::NotCode { code: "ACCESS_DENIED".to_owned() });
                }
                case.expect(ERROR_PRECEDENCE, Expect::code(code))
            })
            .await?;
    }
    Ok(())
}

/// In the envelope, with that status and code.
fn enveloped(case: &Case<'_>, status: u16, code: &str) -> Result<(), CaseError> {
    case.expect(ERROR_TRANSPORT, Expect::status(&[status]))?;
    case.expect(ERROR_TRANSPORT, Expect::Envelope)?;
    case.expect(ERROR_TRANSPORT, Expect::code(code))
}

async fn transport_paths(bench: &Bench<'_>) -> Result<(), CaseError> {
    for path in ["/api/admin/v2/unheard-of", "/api/admin/v2/orders/1", "/api/admin/v2/Orders"] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(Call::new("GET", path)).await?;
                enveloped(case, 404, "NOT_FOUND")
            })
            .await?;
    }
    for (method, path, allowed) in [
        ("POST", LIST, "GET"),
        ("PUT", LIST, "GET"),
        ("DELETE", LIST, "GET"),
        ("GET", UPDATE, "POST"),
        ("PATCH", UPDATE, "POST"),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(Call::new(method, path)).await?;
                enveloped(case, 405, "METHOD_NOT_ALLOWED")?;
                case.expect(
                    ERROR_TRANSPORT,
                    Expect::Header { name: "allow".to_owned(), contains: allowed.to_owned() },
                )
            })
            .await?;
    }
    Ok(())
}

async fn transport_head(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let order = case.place_one(NewOrders::some(1)).await?;
            let query = case.manual().limit(2);
            case.call(Call::new("HEAD", LIST).query(query.clone()).key("first")).await?;
            case.expect(ERROR_TRANSPORT, Expect::status(&[405]))?;
            case.list(Who::First, query).await?;
            case.expect(ERROR_TRANSPORT, Expect::Lists { orders: vec![order] })
        })
        .await
}

async fn transport_body(bench: &Bench<'_>) -> Result<(), CaseError> {
    let post = || Call::new("POST", UPDATE).key("first");
    let text = |text: &str| Body::Text(text.into());
    let json = |body: Body| post().header("Content-Type", JSON).body(body);
    let large = Body::Parts(vec![
        (r#"{"order": 0, "supplierOrderId": ""#.to_owned(), 1),
        ("x".to_owned(), (1 << 20) + 1),
        (r#""}"#.to_owned(), 1),
    ]);
    for (call, status, code) in [
        (json(large), 413, "PAYLOAD_TOO_LARGE"),
        (
            post().header("Content-Type", "text/plain").body(text(r#"{"order": 0}"#)),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            post().header("Content-Type", "application/x-www-form-urlencoded").body(text("order=0")),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (post().body(text(r#"{"order": 0}"#)), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (json(text("{")), 400, "INVALID_REQUEST"),
        (json(Body::None), 400, "INVALID_REQUEST"),
        (json(text("[]")), 400, "INVALID_REQUEST"),
        (json(text("null")), 400, "INVALID_REQUEST"),
        (json(text(r#"{"order": 0} {}"#)), 400, "INVALID_REQUEST"),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(call.clone()).await?;
                enveloped(case, status, code)
            })
            .await?;
    }
    Ok(())
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
        "limit=NaN",
        "subCategory=';--",
        long.as_str(),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                // Nothing is found, whatever is made of the rest.
                let query = format!("{query}&{}", Query::of_nothing().encoded());
                case.call(Call::list("first", query)).await?;
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
    let text = template![r#"{"order": 0, "#, accounts(1, 1), "}"];
    bench
        .case(async |case: &mut Case<'_>| {
            let call = Call::update("first", text.clone());
            case.repeat(call, 100, UPDATE_NOT_FOUND, Expect::code("ORDER_NOT_FOUND")).await
        })
        .await
}

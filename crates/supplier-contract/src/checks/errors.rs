//! Errors: what carries them, which comes first, and that there are none of the server's own.

use supplier_rulebook::{ERROR_DETAILS, ERROR_PRECEDENCE, LIST_HEAD};

use super::expected::nobodys;
use crate::bench::Bench;
use crate::case::{Case, CaseError, body};
use crate::check::checks;
use crate::claim::Claim;
use crate::http::{Body, Call, JSON, LIST, UPDATE};
use crate::profile;
use crate::query::Query;
use crate::script::{Expect, NewOrders, Shape, Who};
use crate::template::{Hole, Template};

checks! {
    CHECKS;
    "error-details" = error_details, Example, [ERROR_DETAILS], [Key, Lists], 50, 0,
        "INVALID_REQUEST names all fields that are wrong, at once.";
    "error-precedence" = error_precedence, Example, [ERROR_PRECEDENCE], [Key, Writes, Orders, Second], 0, 4,
        "The key comes first, then the form, then whether the order exists, then whose it is, then its accounts.";
    "transport-paths" = transport_paths, Example, [ERROR_TRANSPORT], [], 0, 0,
        "An unknown path is 404, a wrong method 405 with `Allow`, both in the envelope.";
    "transport-head" = transport_head, Example, [LIST_HEAD, ERROR_TRANSPORT], [Key, Lists, Orders], 10, 0,
        "HEAD is a wrong method, and hands nothing out.";
    "transport-body" = transport_body, Example, [ERROR_TRANSPORT], [Key], 0, 0,
        "A body that is too large, of another type, no JSON or no object is refused, in the envelope.";
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
    for (how, claim, code) in [
        ("key", ERROR_PRECEDENCE.into(), "INVALID_API_KEY"),
        ("form", profile::PRECEDENCE_FORM, "INVALID_REQUEST"),
        ("exists", profile::PRECEDENCE_EXISTS, "ORDER_NOT_FOUND"),
        ("access", profile::PRECEDENCE_ACCESS, "ACCESS_DENIED"),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let foreign = case.place_one(NewOrders::some(1).of(Who::Second)).await?;
                let call = match how {
                    "key" => Call::update(Hole::UnknownKey, body(foreign, wrong)),
                    "form" => Call::update("first", body(foreign, wrong)),
                    "exists" => {
                        Call::update("first", format!(r#"{{"order": {}, "accounts": []}}"#, nobodys(bench)))
                    }
                    _ => Call::update("first", body(foreign, r#""accounts": []"#)),
                };
                case.call(call).await?;
                if how == "form" {
                    // The code of such a refusal is another rule's.
                    case.expect(claim, Expect::refused())?;
                    return case.expect(claim, Expect::NotCode { code: "ACCESS_DENIED".to_owned() });
                }
                case.expect(claim, Expect::code(code))
            })
            .await?;
    }
    Ok(())
}

/// In the envelope, with that status and code; any answer that the target chose in place of it.
fn enveloped(
    bench: &Bench<'_>,
    case: &Case<'_>,
    claim: Claim,
    (status, code): (u16, &str),
) -> Result<(), CaseError> {
    if bench.target.profile().of(claim) == "any" {
        // What may be read all the same need not be refused.
        let read = [profile::TRANSPORT_SIZE, profile::TRANSPORT_TYPE].contains(&claim);
        return case.expect(claim, if read { Expect::Answered } else { Expect::refused() });
    }
    case.expect(claim, Expect::status(&[status]))?;
    case.expect(claim, Expect::Envelope)?;
    case.expect(claim, Expect::code(code))
}

async fn transport_paths(bench: &Bench<'_>) -> Result<(), CaseError> {
    for path in ["/api/admin/v2/unheard-of", "/api/admin/v2/orders/1", "/api/admin/v2/Orders"] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(Call::new("GET", path)).await?;
                enveloped(bench, case, profile::TRANSPORT_PATH, (404, "NOT_FOUND"))
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
                enveloped(bench, case, profile::TRANSPORT_METHOD, (405, "METHOD_NOT_ALLOWED"))?;
                if bench.target.profile().of(profile::TRANSPORT_ALLOW) == "any" {
                    return Ok(());
                }
                case.expect(
                    profile::TRANSPORT_ALLOW,
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
            if bench.target.profile().of(profile::TRANSPORT_HEAD) == "rulebook" {
                case.expect(profile::TRANSPORT_HEAD, Expect::status(&[405]))?;
            }
            case.call(Call::list("first", query)).await?;
            case.expect(LIST_HEAD, Expect::Lists { orders: vec![order] })
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
    // Just as large as is allowed.
    let within = Body::Parts(vec![
        (r#"{"order": 0, "x": ""#.to_owned(), 1),
        ("x".to_owned(), (1 << 20) - r#"{"order": 0, "x": ""}"#.len()),
        (r#""}"#.to_owned(), 1),
    ]);
    bench
        .case(async |case: &mut Case<'_>| {
            case.call(json(within.clone())).await?;
            case.expect(profile::TRANSPORT_WITHIN, Expect::NotCode { code: "PAYLOAD_TOO_LARGE".to_owned() })?;
            let not_413 = Expect::Status { any_of: vec![200, 400, 404, 422] };
            case.expect(profile::TRANSPORT_WITHIN, not_413)
        })
        .await?;
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
        (json(text(r#"{"order": 0}"#)).header("Content-Encoding", "gzip"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (json(text("{")), 400, "INVALID_REQUEST"),
        (json(Body::None), 400, "INVALID_REQUEST"),
        (json(text("[]")), 400, "INVALID_REQUEST"),
        (json(text("null")), 400, "INVALID_REQUEST"),
        (json(text(r#"{"order": 0} {}"#)), 400, "INVALID_REQUEST"),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                case.call(call.clone()).await?;
                let claim = match (status, &call.body) {
                    (413, _) => profile::TRANSPORT_SIZE,
                    (415, _) => profile::TRANSPORT_TYPE,
                    (_, Body::Text(text)) if is_other_json(text) => profile::TRANSPORT_OBJECT,
                    _ => profile::TRANSPORT_JSON,
                };
                enveloped(bench, case, claim, (status, code))
            })
            .await?;
    }
    Ok(())
}

/// Whether a text is JSON, and no object.
fn is_other_json(text: &Template) -> bool {
    [Template::from("[]"), Template::from("null")].contains(text)
}

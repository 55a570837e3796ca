//! Calls as clients make them: with the headers of the guide's own program.

use supplier_rulebook::{ERROR_NO_5XX, LIST_SHAPE, UPDATE_SUCCESS};

use crate::bench::Bench;
use crate::case::{Case, CaseError, body};
use crate::check::checks;
use crate::http::{Body, Call};
use crate::script::{Expect, NewOrders};

checks! {
    CHECKS;
    "client-headers" = client_headers, Example, [LIST_SHAPE, ERROR_NO_5XX], [Key, Lists, Orders], 4, 0,
        "A list is answered that is asked for as axios, browsers and other clients ask.";
    "client-content-type" = client_content_type, Example, [UPDATE_SUCCESS], [Key, Writes, Orders], 0, 3,
        "An update is taken as `application/json`, however that is written.";
}

/// Headers of clients: axios of two ages, a browser's `fetch`, Python's `requests`.
const CLIENTS: [(&str, &str, &str); 4] = [
    ("application/json, text/plain, */*", "gzip, deflate, br", "axios/1.7.9"),
    ("application/json, text/plain, */*", "gzip, compress, deflate, br", "axios/1.12.0"),
    ("*/*", "gzip, deflate, br, zstd", "Mozilla/5.0"),
    ("*/*", "gzip, deflate", "python-requests/2.32.0"),
];

async fn client_headers(bench: &Bench<'_>) -> Result<(), CaseError> {
    for (accept, encoding, agent) in CLIENTS {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let call = Call::list("first", case.manual().limit(1));
                let call = call
                    .header("Accept", accept)
                    .header("Accept-Encoding", encoding)
                    .header("User-Agent", agent);
                let answer = case.call(call).await?;
                case.expect(ERROR_NO_5XX, Expect::Answered)?;
                if let Some((_, Some(why))) = &answer.coding {
                    let words = "an answer that is coded as its `Content-Encoding` says";
                    return case.broken_law(LIST_SHAPE, words, why);
                }
                // The suite does not read what the client named reads.
                if answer.json.is_none() && answer.header("content-encoding").is_some_and(is_unread) {
                    return Ok(());
                }
                case.expect(LIST_SHAPE, Expect::Lists { orders: vec![order] })
            })
            .await?;
    }
    Ok(())
}

/// Whether a content coding is one that clients take and the suite does not.
fn is_unread(coding: &str) -> bool {
    ["zstd", "compress"].contains(&coding.trim())
}

async fn client_content_type(bench: &Bench<'_>) -> Result<(), CaseError> {
    for kind in ["application/json; charset=utf-8", "application/json;charset=UTF-8", "application/json"] {
        bench
            .case(async |case: &mut Case<'_>| {
                let order = case.place_one(NewOrders::some(1)).await?;
                let body = Body::Text(body(order, r#""status": "processing""#));
                let call = Call::new("POST", crate::http::UPDATE)
                    .key("first")
                    .header("Content-Type", kind)
                    .body(body);
                case.call(call).await?;
                case.expect(UPDATE_SUCCESS, Expect::Success)
            })
            .await?;
    }
    Ok(())
}

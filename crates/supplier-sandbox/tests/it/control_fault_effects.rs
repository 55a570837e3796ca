//! What a client sees of each kind of fault and of its parameters, byte by byte.

use std::io::ErrorKind;

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::connections::http2;
use crate::control::Control;
use crate::control_faults::FAULTS;
use crate::events::events_of;
use crate::raw::Connection;
use crate::sandbox::{ORDERS, Sandbox, UPDATE};

const MANUAL: &str = "productType=manual&status=pending,processing";

/// A list call of `aurora`.
fn list(sandbox: &Sandbox) -> String {
    let key = sandbox.key("aurora");
    format!("GET {ORDERS}?{MANUAL} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\n\r\n")
}

/// Its update of order 12345.
fn update(sandbox: &Sandbox) -> String {
    let (key, body) = (sandbox.key("aurora"), r#"{"order":12345,"status":"processing"}"#);
    format!(
        "POST {UPDATE} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What the client of a connection of its own sees, and how the connection ends.
async fn ending(sandbox: &Sandbox, sent: &str) -> (String, Option<ErrorKind>) {
    let mut connection = Connection::open(&sandbox.server).await;
    connection.send(sent).await;
    connection.ending().await
}

#[tokio::test]
async fn a_dropped_connection_ends_in_order_or_by_a_reset_as_the_fault_says() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    // More than the server reads ahead: were it left unread, the system would reset the connection.
    let ahead = "x".repeat(1 << 20);
    for kind in ["drop-before", "drop-after"] {
        for (how, error) in
            [(Value::Null, None), (json!("fin"), None), (json!("rst"), Some(ErrorKind::ConnectionReset))]
        {
            control.arm(json!({ "effect": { "kind": kind, "how": how } })).await;
            for call in [list(&sandbox), update(&sandbox)] {
                for sent in [call.clone(), format!("{call}{ahead}")] {
                    assert_eq!(ending(&sandbox, &sent).await, (String::new(), error), "{kind} {how}: {call}");
                }
            }
            control.call("DELETE", FAULTS, None).await;
        }
    }
}

#[tokio::test]
async fn an_answer_before_the_dropped_one_arrives_whole() {
    let sandbox = Sandbox::minimal().await;
    Control::of(&sandbox).arm(json!({ "effect": { "kind": "drop-after" }, "every": 2 })).await;
    let mut connection = Connection::open(&sandbox.server).await;
    connection.send(&format!("{}{}", list(&sandbox), update(&sandbox))).await;
    assert_eq!(connection.answer().await.status, "200");
    assert_eq!(connection.ending().await, (String::new(), None));
}

#[tokio::test]
async fn a_broken_answer_announces_its_length_or_comes_in_chunks() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for call in [list(&sandbox), update(&sandbox)] {
        for framing in [Value::Null, json!("length")] {
            let effect = json!({ "kind": "truncate", "bytes": 30, "framing": framing });
            control.arm(json!({ "effect": effect, "times": 1 })).await;
            let (told, error) = ending(&sandbox, &call).await;
            let (head, body) = told.split_once("\r\n\r\n").unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            assert!(length.parse::<usize>().unwrap() > 30 && !head.contains("transfer-encoding"), "{head}");
            assert_eq!((body.len(), error), (30, None), "{told}");
        }
        for (bytes, body) in [(30, 30), (0, 0), (u32::MAX, 0)] {
            let effect = json!({ "kind": "truncate", "bytes": bytes, "framing": "chunked" });
            control.arm(json!({ "effect": effect, "times": 1 })).await;
            let (told, error) = ending(&sandbox, &call).await;
            let (head, chunks) = told.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("HTTP/1.1 200 ") && !head.contains("content-length"), "{head}");
            assert!(head.contains("transfer-encoding: chunked"), "{head}");
            assert_eq!((error, chunks.ends_with("0\r\n\r\n")), (None, false), "no last chunk: {told}");
            match chunks.split_once("\r\n") {
                None => assert_eq!((bytes, chunks), (0, "")),
                Some((size, chunk)) => {
                    let size = usize::from_str_radix(size, 16).unwrap();
                    assert!(size == body || bytes == u32::MAX, "{told}");
                    assert_eq!(chunk.len(), size + "\r\n".len(), "{told}");
                }
            }
        }
    }
}

/// A call on an HTTP/2 connection: its status, and its body or what went wrong with it.
async fn call_http2(
    sandbox: &Sandbox,
    sender: &mut hyper::client::conn::http2::SendRequest<Full<Bytes>>,
) -> Result<(u16, Result<Bytes, String>), String> {
    let request = Request::get(format!("{}{ORDERS}", sandbox.server.url()));
    let request = request.header("X-Api-Key", sandbox.key("aurora")).body(Full::default()).unwrap();
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    Ok((status, body.map_err(|error| format!("{error:?}"))))
}

#[tokio::test]
async fn over_http_2_a_drop_ends_the_connection_and_a_broken_answer_its_stream() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for framing in ["length", "chunked"] {
        let effect = json!({ "kind": "truncate", "bytes": 30, "framing": framing });
        control.arm(json!({ "effect": effect, "times": 1 })).await;
        let (mut sender, _) = http2(&sandbox.server).await;
        let (status, body) = call_http2(&sandbox, &mut sender).await.unwrap();
        assert_eq!(status, 200);
        let error = body.unwrap_err();
        assert!(error.contains("Reset(") && error.contains("INTERNAL_ERROR"), "{error}");
        assert!(call_http2(&sandbox, &mut sender).await.unwrap().1.is_ok(), "the connection goes on");
    }
    for kind in ["drop-before", "drop-after"] {
        for (how, is_reset) in [("fin", false), ("rst", true)] {
            control.arm(json!({ "effect": { "kind": kind, "how": how }, "times": 1 })).await;
            let (mut sender, connection) = http2(&sandbox.server).await;
            call_http2(&sandbox, &mut sender).await.unwrap_err();
            let ended = format!("{:?}", connection.await.unwrap());
            assert_eq!(ended.contains("ConnectionReset"), is_reset, "{kind} {how}: {ended}");
            assert!(sender.is_closed());
        }
    }
}

/// Rules: `list.window`, `update.visible`.
#[tokio::test]
async fn an_error_after_the_call_was_handled_takes_the_place_of_the_answer_and_what_was_done_stands() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let error = json!({ "kind": "error", "code": "SERVICE_UNAVAILABLE", "when": "after" });
    let status = json!({ "kind": "status", "status": 503, "when": "after" });
    for (effect, now) in [(error, "processing"), (status, "partial")] {
        control.arm(json!({ "effect": effect, "times": 2 })).await;
        let before = control.order(12_345).await["status"].clone();
        let updated = sandbox.update(json!({ "order": 12_345, "status": now })).await;
        updated.refused(503, "SERVICE_UNAVAILABLE");
        assert_eq!(updated.header("retry-after"), Some("1"));
        assert_eq!(control.order(12_345).await["status"], now, "the change is committed");
        let told = control.details(&updated.request_id()).await;
        assert_eq!((&told["status"], &told["error"]), (&json!(503), &json!("SERVICE_UNAVAILABLE")));
        assert_eq!(told["update"]["statusAfter"], now);
        assert!(told["answerBody"]["text"].as_str().unwrap().contains("SERVICE_UNAVAILABLE"), "{told}");
        let why = control.why(&updated.request_id()).await;
        let sentences: Vec<_> =
            why["reasons"].as_array().unwrap().iter().map(|it| it["sentence"].as_str().unwrap()).collect();
        assert!(sentences[0].contains("replaced the answer by"), "{why}");
        assert_eq!(sentences[1], format!("The order went from {} to {now}.", before.as_str().unwrap()));

        sandbox.list("productType=manual").await.refused(503, "SERVICE_UNAVAILABLE");
        assert_eq!(control.order(12_345).await["withheld"][0]["supplier"], "aurora", "the page is withheld");
        sandbox.pass(crate::sandbox::WINDOW).await;
    }
    // The client did not learn of what was done, so the same call again is one that is sent again.
    let again = sandbox.update(json!({ "order": 12_345, "status": "partial" })).await;
    let why = control.why(&again.request_id()).await;
    assert_eq!(why["reasons"][0]["sentence"], "The order's status stays partial.", "{why}");
}

/// Sends a call, goes away once the fault has fired and `has_happened` is true, and returns what the journal keeps of it.
async fn left(sandbox: &Sandbox, sent: &str, has_happened: impl AsyncFn(&Control<'_>) -> bool) -> Value {
    let control = Control::of(sandbox);
    let events = sandbox.request("GET", "/_sandbox/sandboxes/default/events").send().await.unwrap();
    let mut connection = Connection::open(&sandbox.server).await;
    connection.send(sent).await;
    while control.counts().await[0].1 == 0 || !has_happened(&control).await {
        tokio::task::yield_now().await;
    }
    drop(connection);
    events_of(events).call().await
}

/// Rules: `update.visible`, `list.window`.
#[tokio::test]
async fn a_delay_after_the_call_was_handled_leaves_it_done_when_the_client_goes_away() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let effect = json!({ "kind": "delay", "fixedMillis": 60_000, "when": "after" });
    control.arm(json!({ "operation": "updateOrder", "effect": effect })).await;
    let is_updated = async |control: &Control<'_>| control.order(12_345).await["status"] == "processing";
    let call = left(&sandbox, &update(&sandbox), is_updated).await;
    assert_eq!((&call["status"], &call["orders"]), (&Value::Null, &json!([12_345])), "{call}");
    let id = call["id"].as_str().unwrap();
    let told = control.details(id).await;
    assert_eq!(
        (&told["update"]["statusBefore"], &told["update"]["statusAfter"]),
        (&json!("pending"), &json!("processing"))
    );
    let why = control.why(id).await.to_string();
    assert!(why.contains("delayed the answer by 60000 ms") && why.contains("without an answer"), "{why}");

    control.call("DELETE", FAULTS, None).await;
    let effect = json!({ "kind": "delay", "fixedMillis": 60_000 });
    control.arm(json!({ "operation": "listOrders", "effect": effect })).await;
    let call = left(&sandbox, &list(&sandbox), async |_: &Control<'_>| true).await;
    assert_eq!((&call["status"], &call["orders"]), (&Value::Null, &json!([])), "{call}");
    assert_eq!(control.order(12_345).await["withheld"], json!([]), "nothing was handed out");
}

/// Rules: `error.status`, `error.messages`, `error.transport`, `error.server`.
#[tokio::test]
async fn a_status_is_answered_as_the_error_that_is_documented_for_it() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let of_fault = "A status fault in this sandbox set this answer";
    let (list, update) = (list(&sandbox), update(&sandbox));
    for (call, status, code, message, header) in [
        (&update, 400, "INVALID_REQUEST", of_fault, None),
        (&list, 401, "INVALID_API_KEY", "Invalid API key", None),
        (&update, 402, "INVALID_REQUEST", of_fault, None),
        (&update, 403, "ACCESS_DENIED", "You do not have access to this order", None),
        (&update, 404, "ORDER_NOT_FOUND", "Order not found", None),
        (&list, 404, "NOT_FOUND", of_fault, None),
        (&list, 405, "METHOD_NOT_ALLOWED", of_fault, Some("allow: GET")),
        (&update, 405, "METHOD_NOT_ALLOWED", of_fault, Some("allow: POST")),
        (&list, 408, "REQUEST_TIMEOUT", of_fault, None),
        (&update, 413, "PAYLOAD_TOO_LARGE", of_fault, None),
        (&update, 415, "UNSUPPORTED_MEDIA_TYPE", of_fault, None),
        (&list, 418, "INVALID_REQUEST", of_fault, None),
        (&list, 429, "RATE_LIMITED", of_fault, Some("retry-after: 1")),
        (&list, 500, "INTERNAL_ERROR", of_fault, None),
        (&list, 502, "INTERNAL_ERROR", of_fault, None),
        (&list, 503, "SERVICE_UNAVAILABLE", of_fault, Some("retry-after: 1")),
        (&list, 504, "INTERNAL_ERROR", of_fault, None),
    ] {
        for envelope in [true, false] {
            let effect = json!({ "kind": "status", "status": status, "envelope": envelope });
            control.arm(json!({ "effect": effect, "times": 1 })).await;
            let mut connection = Connection::open(&sandbox.server).await;
            connection.send(call).await;
            let answer = connection.answer().await;
            let head = answer.head.to_lowercase();
            assert_eq!(answer.status, status.to_string());
            assert!(header.is_none_or(|header| head.contains(&header.to_lowercase())), "{head}");
            if envelope {
                let body: Value = serde_json::from_str(&answer.body).unwrap();
                assert_eq!((&body["error"], &body["message"]), (&json!(code), &json!(message)), "{status}");
                assert_eq!(body.get("details").is_some(), status == 400, "{body}");
            } else {
                assert_eq!((answer.body.as_str(), head.contains("content-type")), ("", false), "{head}");
            }
        }
    }
    let calls = control.requests("").await;
    assert!(calls.iter().all(|call| call["rules"] == json!([])), "a fault's doing is no rule's: {calls:?}");
    let without_body = calls.last().unwrap()["id"].as_str().unwrap();
    assert_eq!(control.details(without_body).await["answerBody"]["text"], "");
    let why = control.why(without_body).await;
    let answered = format!("Fault {} answered with status 504 before the call was handled.", calls.len());
    assert_eq!(why["reasons"].as_array().unwrap().len(), 1, "{why}");
    assert_eq!(why["reasons"][0]["sentence"], answered);
}

/// Rules: `error.server`.
#[tokio::test]
async fn a_rate_limit_tells_the_clients_seconds_whatever_the_sandboxs_clock_does() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let clock = async |setting: Value| {
        assert_eq!(control.call("PUT", "/sandboxes/default/clock", Some(setting)).await.0, 200);
    };
    for (rate, period, seconds) in [(60.0, 180, 1..=3), (0.1, 10, 50..=100), (1.0, 40, 1..=40)] {
        clock(json!({ "mode": "running", "rate": rate })).await;
        let effect = json!({ "kind": "rate-limit", "calls": 1, "periodSeconds": period });
        control.arm(json!({ "effect": effect })).await;
        sandbox.list("").await.good();
        let refused = sandbox.list("").await;
        refused.refused(429, "RATE_LIMITED");
        let told: u32 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!(seconds.contains(&told), "{told} s at rate {rate}");
        clock(json!({ "mode": "frozen" })).await;
        let refused = sandbox.list("").await;
        refused.refused(429, "RATE_LIMITED");
        assert_eq!(refused.header("retry-after"), None, "no wait helps");
        let message = refused.body["message"].as_str().unwrap();
        assert!(message.contains("clock stands still"), "{message}");
        let why = control.why(&refused.request_id()).await;
        assert!(why["reasons"][0]["sentence"].as_str().unwrap().contains("clock stands still"), "{why}");
        assert_eq!(why["reasons"].as_array().unwrap().len(), 1, "{why}");
        control.call("DELETE", FAULTS, None).await;
    }
}

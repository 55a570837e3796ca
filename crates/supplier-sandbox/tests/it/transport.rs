//! Paths, methods, sizes, content types, bodies: what is judged before any rule about orders.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::answer::Answer;
use crate::raw::Connection;
use crate::sandbox::{ORDERS, Sandbox, UPDATE};

const MIB: usize = 1 << 20;

/// Rules: `error.transport`, `error.envelope`.
#[tokio::test]
async fn an_unknown_path_is_not_found_in_the_envelope() {
    let sandbox = Sandbox::minimal().await;
    for path in [
        "/api/admin/v2/orders/",
        "/api/admin/v2/orders-update/",
        "/api/admin/v2/Orders",
        "/api/admin/v2/Orders-Update",
        "/api/admin/v2",
        "/api/admin/v2//orders",
        "//api/admin/v2/orders",
        "/x",
        "/docs/",
    ] {
        for method in ["GET", "POST", "HEAD", "DELETE"] {
            let answer = sandbox.send(sandbox.request(method, path)).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            if method != "HEAD" {
                answer.refused(404, "NOT_FOUND");
            }
        }
    }
}

/// What a method may be: all that HTTP knows but CONNECT, and one that it does not.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "INVENTED"];

/// Rules: `error.transport`, `auth.first`, `list.head`.
#[tokio::test]
async fn a_wrong_method_is_told_the_right_one_and_hands_nothing_out() {
    let sandbox = Sandbox::minimal().await;
    for (path, allowed) in [(ORDERS, "GET"), (UPDATE, "POST")] {
        for method in METHODS.into_iter().filter(|method| *method != allowed) {
            let request = || sandbox.request(method, &format!("{path}?productType=manual"));
            for request in [request(), request().header("X-Api-Key", sandbox.key("aurora"))] {
                let answer = sandbox.send(request).await;
                assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method} {path}");
                if method != "HEAD" {
                    answer.refused(405, "METHOD_NOT_ALLOWED");
                }
            }
        }
        // A client would send CONNECT to a proxy.
        let mut connection = Connection::open(&sandbox.server).await;
        connection.send(&format!("CONNECT {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        let answer = connection.answer().await;
        assert_eq!(answer.status, "405", "{answer:?}");
        assert!(answer.head.contains(&format!("allow: {}\r\n", allowed.to_lowercase())), "{answer:?}");
    }
    assert_eq!(sandbox.list("productType=manual").await.numbers().len(), 8, "nothing was handed out");
}

/// Rules: `error.transport`.
#[tokio::test]
async fn path_method_key_size_type_and_json_are_judged_in_this_order() {
    let sandbox = Sandbox::minimal().await;
    let refusals = [
        (404, "NOT_FOUND"),
        (405, "METHOD_NOT_ALLOWED"),
        (401, "INVALID_API_KEY"),
        (413, "PAYLOAD_TOO_LARGE"),
        (415, "UNSUPPORTED_MEDIA_TYPE"),
        (400, "INVALID_REQUEST"),
    ];
    // Each set of things that are wrong at once.
    for wrong in 0_u8..1 << refusals.len() {
        let either = |bit: u8, bad: &'static str, good: &'static str| {
            if wrong & (1 << bit) == 0 { good } else { bad }
        };
        let request = sandbox.request(either(1, "PUT", "POST"), either(0, "/nowhere", UPDATE));
        let key = if wrong & 4 == 0 { sandbox.key("aurora") } else { "wrong" };
        let size = if wrong & 8 == 0 { 32 } else { MIB + 1 };
        let request = request.header("Content-Type", either(4, "text/plain", "application/json"));
        let body = either(5, "no JSON", r#"{"order":12345}"#);
        let body = format!("{body}{}", " ".repeat(size - body.len()));
        let answer = sandbox.send(request.header("X-Api-Key", key).body(body)).await;
        match refusals.get(wrong.trailing_zeros() as usize) {
            Some((status, code)) => answer.refused(*status, code),
            None => assert_eq!(answer.status, 200, "nothing is wrong"),
        }
    }
}

/// Rules: `error.transport`.
#[tokio::test]
async fn a_body_may_have_one_mebibyte_and_not_a_byte_more() {
    let sandbox = Sandbox::minimal().await;
    let order = r#"{"order":12345}"#;
    let padded = |size: usize| format!("{order}{}", " ".repeat(size - order.len()));
    assert_eq!(sandbox.update_text(padded(MIB)).await.status, 200);
    sandbox.update_text(padded(MIB + 1)).await.refused(413, "PAYLOAD_TOO_LARGE");
    // Without a declared length it is seen only while it is read.
    for (size, status) in [(MIB, "200"), (MIB + 1, "413")] {
        let mut connection = Connection::open(&sandbox.server).await;
        let head = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
        connection
            .send(&format!(
                "POST {UPDATE} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {}\r\n{head}\r\n",
                sandbox.key("aurora")
            ))
            .await;
        connection.send(&format!("{size:x}\r\n{}\r\n0\r\n\r\n", padded(size))).await;
        assert_eq!(connection.answer().await.status, status, "{size} bytes in chunks");
    }
}

/// Rules: `error.transport`.
#[tokio::test]
async fn only_one_content_type_that_says_json_will_do() {
    let sandbox = Sandbox::minimal().await;
    let body = r#"{"order":12345}"#;
    let post = || sandbox.request("POST", UPDATE).header("X-Api-Key", sandbox.key("aurora")).body(body);
    for right in [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
    ] {
        sandbox.send(post().header("Content-Type", right)).await.good();
    }
    sandbox.send(post()).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    for wrong in ["text/plain", "application/jsonx", "application/x-www-form-urlencoded", "json", ";", "*/*"]
    {
        sandbox.send(post().header("Content-Type", wrong)).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    for charset in ["utf-16", "\"utf-16\"", "iso-8859-1", ""] {
        let answer =
            sandbox.send(post().header("Content-Type", format!("application/json; charset={charset}")));
        let answer = answer.await;
        answer.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        assert!(answer.text.contains("UTF-8"), "{}", answer.text);
    }
    let twice = post().header("Content-Type", "application/json").header("Content-Type", "application/json");
    sandbox.send(twice).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
}

/// Rules: `error.transport`.
#[tokio::test]
async fn an_encoded_body_is_refused_by_the_name_of_its_coding() {
    let sandbox = Sandbox::minimal().await;
    let post = |path: &str, body: &'static str| {
        let request = sandbox.request("POST", path).header("X-Api-Key", sandbox.key("aurora"));
        request.header("Content-Type", "application/json").body(body)
    };
    for (coding, named) in
        [("gzip", "gzip"), ("X-GZIP", "gzip"), ("identity, br", "br"), ("odd", "not known")]
    {
        let answer =
            sandbox.send(post(UPDATE, r#"{"order":12345}"#).header("Content-Encoding", coding)).await;
        answer.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        assert!(answer.text.contains(named), "{}", answer.text);
        assert_eq!(answer.header("accept-encoding"), Some("identity"));
        let answer = sandbox.send(post("/_sandbox/sandboxes", "{}").header("Content-Encoding", coding)).await;
        assert_eq!(answer.status, 415, "{}", answer.text);
        assert!(answer.text.contains(named), "{}", answer.text);
        assert_eq!(answer.header("accept-encoding"), Some("identity"));
    }
    sandbox.send(post(UPDATE, r#"{"order":12345}"#).header("Content-Encoding", "identity")).await.good();
}

/// Rules: `error.transport`, `error.details`.
#[tokio::test]
async fn a_body_that_is_no_utf8_text_is_told_what_it_is() {
    let sandbox = Sandbox::minimal().await;
    let json = r#"{"order":12345,"supplierOrderId":"größer"}"#;
    let utf16: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin1: Vec<u8> = json.chars().map(|c| u8::try_from(c).unwrap()).collect();
    for (body, cause) in [
        (format!("\u{feff}{json}").into_bytes(), "byte order mark"),
        (utf16.clone(), "UTF-16"),
        ([&b"\xff\xfe"[..], &utf16].concat(), "UTF-16"),
        (latin1, "byte 37 is F6"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec(), "gzip"),
    ] {
        let answer = sandbox.update_text(body.clone()).await;
        assert_eq!(answer.wrong_fields(), ["body"]);
        assert!(answer.text.contains(cause), "{}", answer.text);
        let request =
            sandbox.request("POST", "/_sandbox/sandboxes").header("Content-Type", "application/json");
        let answer = sandbox.send(request.body(body)).await;
        assert!(answer.status == 400 && answer.text.contains(cause), "{}", answer.text);
    }
}

/// What broke off is no empty body, for which a default would do.
#[tokio::test]
async fn a_body_that_is_broken_is_not_taken_for_an_empty_one() {
    let sandbox = Sandbox::minimal().await;
    let count = async || {
        sandbox.send(sandbox.request("GET", "/_sandbox/sandboxes")).await.body["sandboxes"]
            .as_array()
            .unwrap()
            .len()
    };
    let before = count().await;
    for (path, content_type) in [
        ("/_sandbox/sandboxes", ""),
        ("/_sandbox/sandboxes", "Content-Type: application/json\r\n"),
        (UPDATE, "Content-Type: application/json\r\n"),
    ] {
        let mut connection = Connection::open(&sandbox.server).await;
        let key = sandbox.key("aurora");
        connection
            .send(&format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {key}\r\n{content_type}Transfer-Encoding: \
                 chunked\r\n\r\nzz\r\n"
            ))
            .await;
        let answer = connection.answer().await;
        assert_eq!(answer.status, "400", "{answer:?}");
        assert!(answer.body.contains("did not arrive whole"), "{answer:?}");
    }
    assert_eq!(count().await, before);
}

/// Rules: `error.transport`, `error.details`.
#[tokio::test]
async fn what_is_no_json_object_is_refused_as_a_whole() {
    let sandbox = Sandbox::minimal().await;
    let bodies: [&[u8]; 16] = [
        b"",
        b" ",
        b"null",
        b"[]",
        b"[12345]",
        b"\"order\"",
        b"12345",
        b"true",
        b"{",
        b"{\"order\":12345",
        b"{order:12345}",
        b"{\"order\":12345}x",
        b"{\"order\":012345}",
        b"{\"order\":12345,}",
        b"{\"order\":12345,\"order\":12346}",
        b"{\"order\":12345,\"supplierOrderId\":\"\xff\"}",
    ];
    for body in bodies {
        let answer = sandbox.update_text(body.to_vec()).await;
        assert_eq!(answer.wrong_fields(), ["body"], "{}", body.escape_ascii());
    }
    let with_mark = sandbox.update_text("\u{feff}{\"order\":12345}").await;
    assert_eq!(with_mark.wrong_fields(), ["body"]);
}

/// Rules: `error.no-5xx`.
#[tokio::test]
async fn deep_nesting_is_no_trouble() {
    let sandbox = Sandbox::minimal().await;
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    sandbox.update_text(format!(r#"{{"order":12345,"unknown":{deep}}}"#)).await.good();
    let answer = sandbox.update_text(format!(r#"{{"order":12345,"status":{deep}}}"#)).await;
    assert_eq!(answer.wrong_fields(), ["status"]);
    sandbox
        .update_text(format!(r#"{{"order":12345,"accounts":{deep}}}"#))
        .await
        .refused(400, "INVALID_ACCOUNTS");
    sandbox.update_text("[".repeat(100_000)).await.refused(400, "INVALID_REQUEST");
}

/// Rules: `error.no-5xx`, `list.values`.
#[tokio::test]
async fn any_query_and_any_body_is_answered_with_a_success_or_a_refusal() {
    let sandbox = Sandbox::minimal().await;
    let mut runner = TestRunner::deterministic();
    let query = "[!-\"$-~]{0,60}";
    let body =
        prop_oneof!["\\PC{0,60}".prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..60)];
    for _ in 0..64 {
        let (query, body) = (query, &body).new_tree(&mut runner).unwrap().current();
        for answer in [sandbox.list(&query).await, sandbox.update_text(body).await] {
            assert!([200, 400].contains(&answer.status), "{query}: {}", answer.text);
        }
    }
}

/// What the `Allow` header names, in order.
fn allowed(answer: &Answer) -> Vec<&str> {
    answer.header("allow").unwrap_or_default().split(',').map(str::trim).collect()
}

/// Rules: `error.transport`.
#[tokio::test]
async fn pages_and_the_control_api_name_the_methods_that_a_path_takes() {
    let sandbox = Sandbox::minimal().await;
    for (path, methods) in [
        ("/_sandbox/health", "GET, HEAD"),
        ("/_sandbox/sandboxes", "GET, HEAD, POST"),
        ("/_sandbox/sandboxes/default", "GET, HEAD, DELETE"),
        ("/_sandbox/sandboxes/default/clock", "GET, HEAD, PUT"),
        ("/_sandbox/sandboxes/default/orders/1", "GET, HEAD, PATCH"),
        ("/_sandbox/sandboxes/default/faults", "GET, HEAD, POST, DELETE"),
        ("/_sandbox/sandboxes/default/reset", "POST"),
    ] {
        let named: Vec<_> = methods.split(", ").collect();
        for method in METHODS.into_iter().filter(|method| !named.contains(method)) {
            let answer = sandbox.send(sandbox.request(method, path)).await;
            assert_eq!((answer.status, allowed(&answer)), (405, named.clone()), "{method} {path}");
            if method != "HEAD" {
                assert_eq!(answer.body["detail"], format!("It takes {methods}"), "{method} {path}");
            }
        }
    }
    for (path, named) in [
        ("/login", &["GET", "HEAD", "POST"][..]),
        ("/logout", &["POST"]),
        ("/orders/12345", &["GET", "HEAD"]),
    ] {
        for method in METHODS.into_iter().filter(|method| !named.contains(method)) {
            let answer = sandbox.send(sandbox.request(method, path)).await;
            assert_eq!((answer.status, allowed(&answer)), (405, named.to_vec()), "{method} {path}");
            assert!(answer.header("content-security-policy").is_some(), "{method} {path}");
            if method != "HEAD" {
                answer.refused(405, "METHOD_NOT_ALLOWED");
            }
        }
    }
}

#[tokio::test]
async fn documents_and_pages_are_there_for_get_and_head() {
    let sandbox = Sandbox::minimal().await;
    let pages = [
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/style.css", "text/css; charset=utf-8"),
        ("/docs/page.js", "text/javascript; charset=utf-8"),
        ("/docs/reference.js", "text/javascript; charset=utf-8"),
        ("/openapi.json", "application/json"),
        ("/openapi.yaml", "application/yaml"),
    ];
    for (path, content_type) in pages {
        for method in ["GET", "HEAD"] {
            let answer = sandbox.send(sandbox.request(method, path)).await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (200, Some(content_type)),
                "{method} {path}"
            );
        }
        for method in &METHODS[2..] {
            let answer = sandbox.send(sandbox.request(method, path)).await;
            assert_eq!(allowed(&answer), ["GET", "HEAD"], "{method} {path}");
            answer.refused(405, "METHOD_NOT_ALLOWED");
        }
    }
    let mut connection = Connection::open(&sandbox.server).await;
    connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let redirect = connection.answer().await;
    assert!(
        redirect.status == "303" && redirect.head.contains("location: /login?next=%2f\r\n"),
        "{redirect:?}"
    );
    let start = sandbox.send(sandbox.request("GET", "/")).await;
    assert!(
        start.text.contains("<h1>Log in") && start.text.contains("href=\"/docs\""),
        "it leads to the dashboard"
    );
}

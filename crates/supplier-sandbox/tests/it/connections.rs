//! Connections: how many, for how long, and how they end.

use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use supplier_sandbox::{Limits, SandboxServer};

use crate::raw::Connection;
use crate::sandbox::{ORDERS, Sandbox, UPDATE};

/// Long enough never to be reached in a test.
const LONG: Duration = Duration::from_hours(1);
/// Short enough to be waited for.
const SHORT: Duration = Duration::from_millis(50);

fn patient() -> Limits {
    Limits { idle_timeout: LONG, request_timeout: LONG, shutdown_grace: LONG, ..Limits::default() }
}

async fn start(limits: Limits) -> SandboxServer {
    SandboxServer::builder().scenario("minimal").limits(limits).start().await.unwrap()
}

fn list(server: &SandboxServer) -> String {
    format!(
        "GET /api/admin/v2/orders HTTP/1.1\r\nHost: x\r\nX-Api-Key: {}\r\n\r\n",
        server.key("aurora").unwrap()
    )
}

fn update_head(key: &str, length: usize, more: &str) -> String {
    format!(
        "POST {UPDATE} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"
    )
}

/// Rules: `error.server`, `error.envelope`.
#[tokio::test]
async fn a_body_that_does_not_arrive_is_a_request_timeout() {
    let server = start(Limits { request_timeout: SHORT, ..patient() }).await;
    let mut connection = Connection::open(&server).await;
    connection.send(&update_head(server.key("aurora").unwrap(), 100, "")).await;
    let answer = connection.answer().await;
    assert_eq!(answer.status, "408");
    assert_eq!(answer.body, r#"{"error":"REQUEST_TIMEOUT","message":"The request took too long"}"#);
}

#[tokio::test]
async fn a_head_that_does_not_end_and_a_connection_without_a_request_are_closed() {
    let server = start(Limits { idle_timeout: SHORT, ..patient() }).await;
    let mut connection = Connection::open(&server).await;
    connection.send("GET /docs HTTP/1.1\r\nHost").await;
    connection.end().await;

    let server = start(Limits { idle_timeout: SHORT, ..patient() }).await;
    assert_eq!(Connection::open(&server).await.end().await, "");
}

/// Rules: `error.server`, `error.envelope`.
#[tokio::test]
async fn a_connection_too_many_is_told_so_and_room_comes_back() {
    let server = start(Limits { connections: 1, ..patient() }).await;
    let mut first = Connection::open(&server).await;
    first.send(&list(&server)).await;
    assert_eq!(first.answer().await.status, "200");
    let mut second = Connection::open(&server).await;
    let answer = second.answer().await;
    assert_eq!(answer.status, "503");
    assert!(answer.head.contains("retry-after: 1\r\n"), "{}", answer.head);
    assert!(answer.body.starts_with(r#"{"error":"SERVICE_UNAVAILABLE","message":"#), "{}", answer.body);
    // The server runs on this test's thread: it makes room in the same step in which it closes.
    first.send(&list(&server).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).await;
    first.end().await;
    let mut third = Connection::open(&server).await;
    third.send(&list(&server)).await;
    assert_eq!(third.answer().await.status, "200");
}

#[tokio::test]
async fn a_connection_serves_many_requests_even_those_sent_ahead() {
    let server = start(patient()).await;
    let mut connection = Connection::open(&server).await;
    for _ in 0..2 {
        connection.send(&list(&server)).await;
        assert_eq!(connection.answer().await.status, "200");
    }
    connection
        .send(&format!("{}{}", list(&server).replace("orders HTTP", "nothing HTTP"), list(&server)))
        .await;
    assert_eq!(connection.answer().await.status, "404");
    assert_eq!(connection.answer().await.status, "200");
}

#[tokio::test]
async fn a_client_that_asks_before_it_sends_is_answered_first() {
    let server = start(patient()).await;
    let body = r#"{"order":12345}"#;
    let mut connection = Connection::open(&server).await;
    let expect = "Expect: 100-continue\r\n";
    connection.send(&update_head(server.key("aurora").unwrap(), body.len(), expect)).await;
    assert_eq!(connection.answer().await.status, "100");
    connection.send(body).await;
    assert_eq!(connection.answer().await.status, "200");

    for (key, length, status) in
        [("wrong", body.len(), "401"), (server.key("aurora").unwrap(), (1 << 20) + 1, "413")]
    {
        let mut refused = Connection::open(&server).await;
        refused.send(&update_head(key, length, expect)).await;
        assert_eq!(refused.answer().await.status, status, "without having to send the body");
    }
}

#[tokio::test]
async fn the_refusal_of_a_large_upload_can_be_read() {
    let server = start(patient()).await;
    let size = 8 << 20;
    for (key, status) in [("wrong", "401"), (server.key("aurora").unwrap(), "413")] {
        let mut connection = Connection::open(&server).await;
        connection.send(&update_head(key, size, "")).await;
        connection.send(&"x".repeat(size)).await;
        assert_eq!(connection.answer().await.status, status);
        // And the connection is as good as before.
        connection.send(&list(&server)).await;
        assert_eq!(connection.answer().await.status, "200");
    }
}

#[tokio::test]
async fn stopping_lets_a_request_under_way_finish() {
    let server = start(patient()).await;
    let (url, list) = (server.url().to_owned(), list(&server));
    let body = r#"{"order":12345,"status":"processing"}"#;
    let mut idle = Connection::open(&server).await;
    idle.send(&list).await;
    assert_eq!(idle.answer().await.status, "200");
    let mut busy = Connection::open(&server).await;
    // That the server asks for the body shows that the request is under way.
    busy.send(&update_head(server.key("aurora").unwrap(), body.len(), "Expect: 100-continue\r\n")).await;
    assert_eq!(busy.answer().await.status, "100");
    busy.send(&body[..10]).await;

    let stopping = tokio::spawn(server.stop());
    // An idle connection closes at once: the server has heard of its end.
    idle.end().await;
    assert!(!stopping.is_finished());
    busy.send(&body[10..]).await;
    let answer = busy.answer().await;
    assert!(answer.status == "200" && answer.body.contains(r#""status":"processing""#), "{answer:?}");
    stopping.await.unwrap();
    let address = url.strip_prefix("http://").unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_server_that_is_dropped_closes_its_connections() {
    let server = start(patient()).await;
    let mut connection = Connection::open(&server).await;
    connection.send(&list(&server)).await;
    assert_eq!(connection.answer().await.status, "200");
    drop(server);
    assert_eq!(connection.end().await, "");
}

/// A connection that speaks HTTP/2 from its first byte; the task ends with it.
pub(crate) async fn http2(
    server: &SandboxServer,
) -> (SendRequest<Full<Bytes>>, tokio::task::JoinHandle<hyper::Result<()>>) {
    let address = server.url().strip_prefix("http://").unwrap();
    let stream = TokioIo::new(tokio::net::TcpStream::connect(address).await.unwrap());
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    (sender, tokio::spawn(connection))
}

#[tokio::test]
async fn a_client_may_speak_http_2_until_the_server_stops() {
    let server = start(patient()).await;
    let (sender, connection) = http2(&server).await;
    let call = async |method: &str, path: &str, key: &str, body: Vec<u8>| {
        let request = Request::builder().method(method).uri(format!("{}{path}", server.url()));
        let request = request.header("X-Api-Key", key).header("Content-Type", "application/json");
        let request = request.body(Full::from(body)).unwrap();
        let answer = sender.clone().send_request(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice::<serde_json::Value>(&body).unwrap()["error"].clone())
    };
    let key = server.key("aurora").unwrap();
    let large = || vec![b'x'; 8 << 20];
    let answers = futures::join!(
        call("GET", ORDERS, key, Vec::new()),
        call("POST", UPDATE, key, br#"{"order":12345}"#.to_vec()),
        call("POST", UPDATE, "wrong", large()),
        call("POST", UPDATE, key, large()),
        call("GET", "/nowhere", key, Vec::new()),
    );
    assert_eq!((answers.0.0, answers.1.0), (200, 200));
    assert_eq!(answers.2, (401, "INVALID_API_KEY".into()));
    assert_eq!(answers.3, (413, "PAYLOAD_TOO_LARGE".into()));
    assert_eq!(answers.4, (404, "NOT_FOUND".into()));

    server.stop().await;
    connection.await.unwrap().unwrap();
    assert!(sender.is_closed());
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let sandbox = Sandbox::minimal().await;
    let mut ids = std::collections::BTreeSet::new();
    for path in ["/nowhere", "/docs", "/api/admin/v2/orders"] {
        for method in ["GET", "PUT"] {
            let answer = sandbox.send(sandbox.request(method, path)).await;
            assert!(ids.insert(answer.header("sandbox-request-id").unwrap().to_owned()), "{method} {path}");
        }
    }
}

//! Clients that do not read what they are answered, or do not send what they announce.

use std::time::Duration;

use supplier_sandbox::{Limits, SandboxServer};

use crate::frames::{get, preface, window_update};
use crate::raw::Connection;
use crate::sandbox::{ORDERS, UPDATE};

/// Long enough never to be reached in a test.
const LONG: Duration = Duration::from_hours(1);
/// Short enough to be waited for.
const SHORT: Duration = Duration::from_millis(200);
/// Large, and the same for all: it costs no memory to send it.
const SCRIPT: &str = "/docs/reference.js";

fn patient() -> Limits {
    let stall_timeout = LONG;
    Limits {
        idle_timeout: LONG,
        request_timeout: LONG,
        shutdown_grace: LONG,
        stall_timeout,
        ..Limits::default()
    }
}

async fn start(limits: Limits) -> SandboxServer {
    SandboxServer::builder().scenario("default").window_minutes(0).limits(limits).start().await.unwrap()
}

fn request(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n")
}

/// Whether a call on a connection of its own is answered as it should be.
async fn is_served(server: &SandboxServer) -> bool {
    let mut connection = Connection::open(server).await;
    let key = format!("X-Api-Key: {}\r\n", server.key("aurora").unwrap());
    connection.send(&request(ORDERS, &key)).await;
    connection.answer().await.status == "200"
}

#[tokio::test]
async fn a_client_that_sends_ahead_and_never_reads_gives_its_connection_up() {
    let server = start(Limits { stall_timeout: SHORT, connections: 1, ..patient() }).await;
    let mut deaf = Connection::open(&server).await;
    // More than sockets buffer.
    deaf.send(&request(SCRIPT, "").repeat(50)).await;
    assert!(!is_served(&server).await, "there is room for one connection");
    while !is_served(&server).await {}
}

#[tokio::test]
async fn a_stream_that_may_not_be_sent_ends_its_connection_whatever_the_others_do() {
    let server = start(Limits { stall_timeout: SHORT, ..patient() }).await;
    let mut deaf = Connection::open(&server).await;
    deaf.send_bytes(&preface(0)).await;
    deaf.send_bytes(&get(1, SCRIPT, &[])).await;
    let mut stream = 3;
    loop {
        deaf.send_bytes(&get(stream, "/_sandbox/health", &[])).await;
        for room_in in [0, stream] {
            deaf.send_bytes(&window_update(room_in, 1_000)).await;
        }
        stream += 2;
        if !deaf.read_some().await {
            break;
        }
    }
    assert!(stream > 5, "the others were answered meanwhile");
    assert!(is_served(&server).await);
}

#[tokio::test]
async fn a_client_that_reads_slowly_is_sent_all_of_it() {
    let server = start(Limits { stall_timeout: SHORT, ..patient() }).await;
    let mut slow = Connection::open(&server).await;
    slow.send(&request(SCRIPT, "")).await;
    let answer = slow.answer().await;
    assert!(answer.status == "200" && answer.body.len() > 1 << 20);
}

/// Whoever holds most for longest gives way, and whoever reads is not disturbed.
#[tokio::test]
async fn answers_that_nobody_reads_are_held_up_to_a_bound() {
    let server = start(Limits { held_bytes: 256 << 10, ..patient() }).await;
    let key = server.key("aurora").unwrap();
    let path = format!("{ORDERS}?productType=manual,auto,inventory&limit=500");
    let mut deaf = Vec::new();
    for _ in 0..32 {
        let mut one = Connection::open(&server).await;
        one.send_bytes(&preface(0)).await;
        one.send_bytes(&get(1, &path, &[("x-api-key", key)])).await;
        deaf.push(one);
    }
    deaf.remove(0).end().await;
    assert!(is_served(&server).await);
}

#[tokio::test]
async fn what_all_share_is_held_at_no_cost() {
    let server = start(Limits { held_bytes: 256 << 10, ..patient() }).await;
    let mut deaf = Connection::open(&server).await;
    deaf.send_bytes(&preface(0)).await;
    for stream in (1..32).step_by(2) {
        deaf.send_bytes(&get(stream, SCRIPT, &[("accept-encoding", "gzip")])).await;
    }
    // The last of them is begun once its head is there: HEADERS, END_HEADERS, on stream 31.
    while !deaf.has_read(&[1, 4, 0, 0, 0, 31]) {
        assert!(deaf.read_some().await, "it is not closed");
    }
    deaf.send_bytes(&get(33, "/_sandbox/health", &[])).await;
    deaf.send_bytes(&window_update(33, 1_000)).await;
    while !deaf.has_read(br#""status":"ok""#) {
        assert!(deaf.read_some().await, "it is not closed");
    }
}

#[tokio::test]
async fn bodies_that_do_not_end_are_held_up_to_a_bound() {
    let server = start(Limits { held_bytes: 256 << 10, ..patient() }).await;
    let key = server.key("aurora").unwrap();
    let head = format!(
        "POST {UPDATE} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nContent-Type: application/json\r\n\
         Content-Length: 1000000\r\n\r\n"
    );
    let mut slow = Connection::open(&server).await;
    slow.send(&head).await;
    slow.send(&" ".repeat(300 << 10)).await;
    assert_eq!(slow.end().await, "");
    assert!(is_served(&server).await);
}

#[tokio::test]
async fn a_client_may_not_open_more_streams_than_it_was_told() {
    let server = start(Limits { streams: 2, ..patient() }).await;
    let mut greedy = Connection::open(&server).await;
    greedy.send_bytes(&preface(0)).await;
    for stream in [1, 3, 5] {
        greedy.send_bytes(&get(stream, SCRIPT, &[])).await;
    }
    // RST_STREAM on the third: REFUSED_STREAM.
    let refused = [&[0, 0, 4, 3, 0, 0, 0, 0, 5][..], &7_u32.to_be_bytes()].concat();
    while !greedy.has_read(&refused) {
        assert!(greedy.read_some().await, "it is not closed");
    }
}

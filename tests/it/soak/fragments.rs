//! Bytes that are no HTTP, or only the beginning of it.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the server may keep a connection whose client has nothing more to say.
const PATIENCE: Duration = Duration::from_mins(1);

/// Fragments of every kind.
pub(super) fn fragments() -> impl Strategy<Value = Vec<u8>> {
    const HEADS: &[&str] = &[
        "",
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /docs\r\n\r\n",
        "GET /docs HTTP/9.9\r\n\r\n",
        "GET /docs HTTP/1.1\r\nHost",
        "GET /docs HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET  /docs HTTP/1.1\r\n\r\n",
        "POST /api/admin/v2/orders-update HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /api/admin/v2/orders-update HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "POST /api/admin/v2/orders-update HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"order\"",
        "POST /api/admin/v2/orders-update HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /api/admin/v2/orders-update HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    let noise = || prop::collection::vec(any::<u8>(), 0..400);
    prop_oneof![
        noise(),
        (select(HEADS), noise()).prop_map(|(head, noise)| [head.as_bytes(), &noise].concat()),
        select(HEADS).prop_map(|head| head.as_bytes().to_vec()),
        // Longer than any head may be.
        (1..300_000_usize).prop_map(|length| [&b"GET /"[..], &b"a".repeat(length)].concat()),
        (1..2_000_usize)
            .prop_map(|lines| format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(lines)).into_bytes()),
    ]
}

/// Sends a fragment on a connection of its own, and nothing after it. Returns the status of what came back, or how the
/// connection ended.
///
/// # Panics
/// If the server keeps the connection.
pub(super) async fn send(address: &str, fragment: &[u8]) -> String {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server may close before it has read everything: it has seen enough.
        let _ = stream.write_all(fragment).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    };
    let Ok(answer) = timeout(PATIENCE, exchange).await else {
        panic!("the server kept a connection after {}", fragment.escape_ascii())
    };
    let answer = String::from_utf8_lossy(&answer);
    let head = answer.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5));
    head.unwrap_or(if answer.is_empty() { "closed" } else { "HTTP/2 frames" }).to_owned()
}

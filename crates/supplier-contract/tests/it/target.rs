//! Targets that a test makes up.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

/// A target that gives every request the same answer, and its URL. It lives as long as the test.
pub(crate) fn answering(status: &str, kind: &str, body: &str) -> String {
    heard(status, kind, body).0
}

/// The same, and what it is sent.
pub(crate) fn heard(status: &str, kind: &str, body: &str) -> (String, mpsc::Receiver<String>) {
    silent_after(usize::MAX, status, kind, body)
}

/// The same, which after so many answers gives no more.
pub(crate) fn silent_after(
    answers: usize,
    status: &str,
    kind: &str,
    body: &str,
) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut open = Vec::new();
        for (place, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 8192];
            let length = stream.read(&mut buffer).unwrap_or_default();
            // Nobody may listen any more.
            let _ = tell.send(String::from_utf8_lossy(&buffer[..length]).into_owned());
            if place < answers {
                let _ = stream.write_all(answer.as_bytes());
            } else {
                open.push(stream);
            }
        }
    });
    (url, told)
}

/// A URL where nothing listens: a port that only the system may take, and that no service of today has.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:1";

/// The refusal of a call without a valid key.
pub(crate) const REFUSAL: &str = r#"{"error": "INVALID_API_KEY", "message": "Invalid API key"}"#;

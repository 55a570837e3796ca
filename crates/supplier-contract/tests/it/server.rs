//! A small HTTP server whose answers a test makes up, and one that stands before another server.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Lower-case names, and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// An answer, and what becomes of the connection behind it.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The connection is closed, without a word of that in the answer.
    pub(crate) closes: bool,
}

impl Response {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.to_string().into_bytes(), closes: false }
    }

    pub(crate) fn json_body(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What makes an answer; without one the request is never answered.
type Handler = dyn Fn(&Request) -> Option<Response> + Send + Sync;

/// A server, which lives as long as the test, and what it was asked.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn start(handler: impl Fn(&Request) -> Option<Response> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (asked, handler): (_, Arc<Handler>) = (Arc::clone(&requests), Arc::new(handler));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (asked, handler) = (Arc::clone(&asked), Arc::clone(&handler));
                thread::spawn(move || serve(stream.unwrap(), &asked, &*handler));
            }
        });
        Self { url, requests }
    }

    /// One that passes every request on to another server, and its answers through `change`.
    pub(crate) fn before(
        other: &str,
        change: impl Fn(&Request, Response) -> Response + Send + Sync + 'static,
    ) -> Self {
        let url = other.to_owned();
        Self::start(move |request| Some(change(request, forwarded(&url, request))))
    }

    /// What it was asked since the last time.
    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

fn serve(stream: TcpStream, asked: &Mutex<Vec<Request>>, handler: &Handler) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    while let Some((first, headers, body)) = message(&mut reader) {
        let mut words = first.split(' ').map(str::to_owned);
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let request = Request { method, target, headers, body };
        asked.lock().unwrap().push(request.clone());
        let Some(response) = handler(&request) else {
            // Until the client goes.
            let _ = reader.read(&mut [0]);
            return;
        };
        let is_head = request.method == "HEAD";
        if reader.get_mut().write_all(&written(&response, is_head)).is_err()
            || response.closes
            || request.header("connection") == Some("close")
        {
            return;
        }
    }
}

fn written(response: &Response, is_head: bool) -> Vec<u8> {
    let headers: String = lines(&response.headers);
    let length = response.body.len();
    let text = format!("HTTP/1.1 {} Some\r\n{headers}content-length: {length}\r\n\r\n", response.status);
    let mut bytes = text.into_bytes();
    if !is_head {
        bytes.extend(&response.body);
    }
    bytes
}

/// Headers as they are written.
fn lines(headers: &[(String, String)]) -> String {
    let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    lines.concat()
}

type Message = (String, Vec<(String, String)>, Vec<u8>);

/// The first line, the headers and the body of a message; none where the connection ends.
fn message(reader: &mut BufReader<TcpStream>) -> Option<Message> {
    let mut line = || {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).ok().filter(|length| *length > 0)?;
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some((first, headers, body))
}

/// What the server under that URL answers.
pub(crate) fn forwarded(url: &str, request: &Request) -> Response {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let kept: Vec<_> = request.headers.iter().filter(|(name, _)| name != "connection").cloned().collect();
    let (method, target, headers) = (&request.method, &request.target, lines(&kept));
    let text = format!("{method} {target} HTTP/1.1\r\n{headers}connection: close\r\n\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend(&request.body);
    stream.write_all(&bytes).unwrap();
    let mut reader = BufReader::new(stream);
    let is_head = request.method == "HEAD";
    let mut head = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let status = head().split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = Vec::new();
    loop {
        let line = head();
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut body = Vec::new();
    if !is_head {
        reader.read_to_end(&mut body).unwrap();
    }
    headers.retain(|(name, _)| !matches!(name.as_str(), "content-length" | "connection"));
    Response { status, headers, body, closes: false }
}

/// Asks a hook on a thread that may wait.
pub(crate) fn hooked(url: &str, asked: &Value) -> Response {
    let address = url.strip_prefix("http://").unwrap().trim_end_matches("/hook");
    let mut stream = TcpStream::connect(address).unwrap();
    let body = asked.to_string();
    let length = body.len();
    let head = format!(
        "POST /hook HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Response::json(status, &serde_json::from_str(body).unwrap())
}

/// Asks the hook of a server that runs on this thread.
pub(crate) async fn hook(url: &str, asked: Value) -> Value {
    let url = url.split('?').next().unwrap().to_owned();
    tokio::task::spawn_blocking(move || hooked(&url, &asked).json_body()).await.unwrap()
}

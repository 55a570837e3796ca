//! A server of canned answers, for what a real one answers only in part.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A status, the headers and the body.
type Answer = (u16, String, String);

/// It serves until the test's process ends, a connection for each request.
pub(crate) struct FakeTarget {
    pub(crate) url: String,
    /// The heads of the requests that came, in lower case.
    heads: Arc<Mutex<Vec<String>>>,
}

impl FakeTarget {
    /// Answers what `answer` makes of a request's head, which is in lower case.
    pub(crate) fn start(answer: impl Fn(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let head = head(&stream);
                let (status, headers, body) = answer(&head);
                noted.lock().unwrap().push(head);
                let length = body.len();
                // A client that has heard enough may be gone.
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
                );
            }
        });
        Self { url, heads }
    }

    /// Answers every request the same.
    pub(crate) fn always(status: u16, kind: &str, body: &str) -> Self {
        let (headers, body) = (format!("Content-Type: {kind}\r\n"), body.to_owned());
        Self::start(move |_| (status, headers.clone(), body.clone()))
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn head(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    lines.map(|line| line.to_lowercase() + "\n").collect()
}

//! A connection byte by byte, for what an HTTP client would not do.

use std::io::{self, ErrorKind};

use supplier_sandbox::SandboxServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A TCP connection to a server.
pub(crate) struct Connection {
    stream: TcpStream,
    /// What was read and belongs to the next answer.
    ahead: Vec<u8>,
}

/// An HTTP/1.1 answer.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: String,
    /// All header lines, in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Connection {
    pub(crate) async fn open(server: &SandboxServer) -> Self {
        Self::to(server.url()).await
    }

    pub(crate) async fn to(url: &str) -> Self {
        let stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
        Self { stream, ahead: Vec::new() }
    }

    /// Sends what the server may not want to read: it may have closed already.
    pub(crate) async fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes()).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Whether those bytes were read.
    pub(crate) fn has_read(&self, bytes: &[u8]) -> bool {
        self.ahead.windows(bytes.len()).any(|window| window == bytes)
    }

    /// Reads more; false at the end.
    pub(crate) async fn read_some(&mut self) -> bool {
        self.try_read_some().await.unwrap_or(false)
    }

    /// The same; that the connection was reset is not its end.
    async fn try_read_some(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        let length = self.stream.read(&mut buffer).await?;
        self.ahead.extend_from_slice(&buffer[..length]);
        Ok(length > 0)
    }

    /// Waits for the next answer.
    pub(crate) async fn answer(&mut self) -> RawAnswer {
        let end = loop {
            if let Some(end) = self.ahead.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            assert!(self.read_some().await, "closed after {}", self.ahead.escape_ascii());
        };
        let head: Vec<u8> = self.ahead.drain(..end).collect();
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(0, |length| length.parse().unwrap());
        while self.ahead.len() < length {
            assert!(self.read_some().await, "closed in the body after {head}");
        }
        let body = String::from_utf8(self.ahead.drain(..length).collect()).unwrap();
        let status = head.get(9..12).unwrap().to_owned();
        RawAnswer { status, head, body }
    }

    /// Waits until the server closes, and returns what it said before.
    pub(crate) async fn end(mut self) -> String {
        while self.read_some().await {}
        String::from_utf8_lossy(&self.ahead).into_owned()
    }

    /// Waits until the server closes. Returns what it said before, and by what error the connection ended, if not in order.
    pub(crate) async fn ending(mut self) -> (String, Option<ErrorKind>) {
        let error = loop {
            match self.try_read_some().await {
                Ok(true) => {}
                Ok(false) => break None,
                Err(error) => break Some(error.kind()),
            }
        };
        (String::from_utf8_lossy(&self.ahead).into_owned(), error)
    }
}

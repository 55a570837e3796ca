//! A relay in front of a server, which counts the requests of each connection.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What every request's first line ends with.
const VERSION: &[u8] = b" HTTP/1.1\r\n";

/// The connections that were opened, each with the number of its requests.
type Connections = Arc<Mutex<Vec<Arc<AtomicUsize>>>>;

/// It passes everything on until the test's process ends.
pub(super) struct Relay {
    pub(super) url: String,
    connections: Connections,
}

impl Relay {
    /// A relay in front of the server at `address`.
    pub(super) fn before(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Connections::default();
        let (address, opened) = (address.to_owned(), Arc::clone(&connections));
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, address) = (client.unwrap(), address.clone());
                let requests = Arc::<AtomicUsize>::default();
                opened.lock().unwrap().push(Arc::clone(&requests));
                // A client that has gone is no failure: the test counts what came until then.
                thread::spawn(move || -> io::Result<()> {
                    pass_on(&client, &TcpStream::connect(address)?, requests)
                });
            }
        });
        Self { url, connections }
    }

    /// The largest number of requests on one connection, of those opened since the last time that this was asked.
    pub(super) fn most_requests_on_one_connection(&self) -> usize {
        let opened = std::mem::take(&mut *self.connections.lock().unwrap());
        opened.iter().map(|requests| requests.load(Ordering::Relaxed)).max().unwrap_or(0)
    }
}

/// Passes bytes on in both directions, and closes the client's connection when the server closes its own.
fn pass_on(client: &TcpStream, server: &TcpStream, requests: Arc<AtomicUsize>) -> io::Result<()> {
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || -> io::Result<()> {
        let (mut sent, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let length = from_client.read(&mut buffer)?;
            let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else {
                return to_server.shutdown(Shutdown::Write);
            };
            sent.extend_from_slice(bytes);
            let count = sent.windows(VERSION.len()).filter(|window| *window == VERSION).count();
            // Before the server has the bytes, so that whoever sees the answer sees the count.
            requests.store(count, Ordering::Relaxed);
            to_server.write_all(bytes)?;
        }
    });
    let (mut from_server, mut to_client) = (server, client);
    io::copy(&mut from_server, &mut to_client)?;
    client.shutdown(Shutdown::Both)?;
    server.shutdown(Shutdown::Both)
}

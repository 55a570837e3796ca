//! Many sandboxes at once, each with a client of its own that looks at what it gets.

use serde_json::{Value, json};
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::Failure;
use crate::load::{Connection, to_f64};
use crate::process::Server;
use crate::requests::{LIST, POLL, UPDATE, post};
use crate::table::{Rounds, Row, Target};

const SANDBOXES: u64 = 500;
/// How often each client polls, updates, lets the window pass and polls again.
const TURNS: u64 = 5;
const CALLS_A_TURN: u64 = 6;
const ROUNDS: usize = 3;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let mut per_second = Vec::new();
    for _ in 0..ROUNDS {
        let server = Server::sandbox(directory.path(), "default", 30)?;
        let mut clients = Vec::new();
        for number in 0..SANDBOXES {
            clients.push(Client::new(&server, number).await?);
        }
        let began = Instant::now();
        let local = LocalSet::new();
        let tasks: Vec<_> = clients.into_iter().map(|client| local.spawn_local(client.work())).collect();
        local
            .run_until(async {
                for task in tasks {
                    task.await??;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        per_second.push(to_f64(SANDBOXES * TURNS * CALLS_A_TURN) / began.elapsed().as_secs_f64());
    }
    let what = "500 sandboxes at once: poll, update, poll, advance, poll";
    Ok(vec![Row::new(what, &Rounds::new(per_second), 0, " requests/s", Target::Told)])
}

struct Client {
    connection: Connection,
    address: String,
    sandbox: String,
    key: String,
    /// Its own number: what it writes, and must find again.
    number: u64,
}

impl Client {
    async fn new(server: &Server, number: u64) -> Result<Self, Failure> {
        let mut connection = Connection::open(server).await?;
        let created = connection.call(&post(server, "/_sandbox/sandboxes", &json!({}))).await?;
        let created: Value = serde_json::from_slice(created)?;
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("no text where one should be");
        let (sandbox, key) = (text(&created["id"])?, text(&created["suppliers"][0]["key"])?);
        let mut client = Self { connection, address: server.address.clone(), sandbox, key, number };
        client.control("PUT", "clock", &json!({ "mode": "frozen" })).await?;
        Ok(client)
    }

    async fn work(mut self) -> Result<(), Failure> {
        for turn in 0..TURNS {
            let before = self.poll("&limit=3").await?;
            let first = before["orders"][0]["id"].as_u64().ok_or("an empty page")?;
            let id = format!("SUP-{}-{turn}", self.number);
            let updated = self.update(&json!({ "order": first, "supplierOrderId": id })).await?;
            if updated["supplierOrderId"] != id {
                return Err(format!("sandbox {} gave order {first} as {updated}", self.number).into());
            }
            let meanwhile = self.poll("&limit=3").await?;
            let numbers = |page: &Value| {
                let orders = page["orders"].as_array().cloned().unwrap_or_default();
                orders.iter().filter_map(|order| order["id"].as_u64()).collect::<Vec<_>>()
            };
            if numbers(&meanwhile).iter().any(|order| numbers(&before).contains(order)) {
                return Err(format!("sandbox {} handed an order out twice", self.number).into());
            }
            self.control("POST", "clock/advance", &json!({ "seconds": 1_800 })).await?;
            let after = self.poll("&limit=3").await?;
            if numbers(&after) != numbers(&before) || after["orders"][0]["supplierOrderId"] != id {
                return Err(format!("sandbox {} lists {after}, where {before} was", self.number).into());
            }
            self.control("POST", "clock/advance", &json!({ "seconds": 1_800 })).await?;
        }
        Ok(())
    }

    async fn poll(&mut self, more: &str) -> Result<Value, Failure> {
        let Self { address, key, .. } = self;
        let request =
            format!("GET {LIST}?{POLL}{more} HTTP/1.1\r\nHost: {address}\r\nX-Api-Key: {key}\r\n\r\n");
        Ok(serde_json::from_slice(self.connection.call(request.as_bytes()).await?)?)
    }

    async fn update(&mut self, body: &Value) -> Result<Value, Failure> {
        let (Self { address, key, .. }, body) = (&*self, body.to_string());
        let request = format!(
            "POST {UPDATE} HTTP/1.1\r\nHost: {address}\r\nX-Api-Key: {key}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Ok(serde_json::from_slice(self.connection.call(request.as_bytes()).await?)?)
    }

    async fn control(&mut self, method: &str, path: &str, body: &Value) -> Result<(), Failure> {
        let (Self { address, sandbox, .. }, body) = (&*self, body.to_string());
        let request = format!(
            "{method} /_sandbox/sandboxes/{sandbox}/{path} HTTP/1.1\r\nHost: {address}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.connection.call(request.as_bytes()).await?;
        Ok(())
    }
}

//! A sandbox inside of a test: a worker polls and delivers, and the sandbox says whether it handled each order once.
//!
//! Run it with `cargo run -p supplier-sandbox --example embedded_server`.

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::error::Error;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use supplier_sandbox::{CreateSandbox, NewOrders, Origin, SandboxHandle, SandboxServer};

/// The worker under test. Yours stands here: it needs the URL and the key.
struct Worker {
    client: Client,
    url: String,
    key: String,
}

impl Worker {
    /// Polls once, and delivers what it was handed. Returns how many orders it delivered.
    async fn work_once(&self) -> Result<usize, Box<dyn Error>> {
        // Always with `offset=0`: an order that you polled is withheld, so the next page moves up.
        let list = format!("{}/api/admin/v2/orders?productType=manual&status=pending&limit=50", self.url);
        let page: Value = self.client.get(list).header("X-Api-Key", &self.key).send().await?.json().await?;
        let orders = page["orders"].as_array().cloned().unwrap_or_default();
        for order in &orders {
            let number = &order["id"];
            let account = format!("buyer{number}@example.com:correct-horse");
            let update = json!({ "order": number, "status": "completed", "accounts": [account] });
            let url = format!("{}/api/admin/v2/orders-update", self.url);
            let answer = self.client.post(url).header("X-Api-Key", &self.key).json(&update).send().await?;
            answer.error_for_status()?;
        }
        Ok(orders.len())
    }
}

/// A sandbox of the test's own, without orders.
async fn empty_sandbox(server: &SandboxServer) -> Result<SandboxHandle, Box<dyn Error>> {
    let origin = Origin::Seeded { scenario: Some("empty".to_owned()), seed: None };
    Ok(server.create_sandbox(CreateSandbox { origin, ..CreateSandbox::default() }).await?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = SandboxServer::builder().seed(7).start().await?;
    let sandbox = empty_sandbox(&server).await?;
    let orders = sandbox.create_orders(NewOrders::of("aurora".parse()?)).await?;

    let key = sandbox.key("aurora").ok_or("the scenario has no supplier aurora")?.to_owned();
    let worker = Worker { client: client()?, url: sandbox.url().to_owned(), key };
    assert_eq!(worker.work_once().await?, orders.len(), "the worker sees each order that was placed");

    // Half an hour later, an order that was not answered would come back.
    sandbox.advance(Duration::from_mins(30)).await?;
    assert_eq!(worker.work_once().await?, 0, "nothing is left to do");
    assert!(sandbox.audit().await?.findings.is_empty(), "each order was handled once");
    println!("{} order delivered, and handled once", orders.len());
    server.stop().await;
    Ok(())
}

/// A client without TLS, which a sandbox on this machine does not speak.
fn client() -> Result<Client, Box<dyn Error>> {
    // reqwest wants to know a cryptography provider nevertheless; another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder().tls_certs_only([]).no_proxy().build()?)
}

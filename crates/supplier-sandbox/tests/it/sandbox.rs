//! A server of a test's own, and how a test speaks to it.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use supplier_sandbox::{Builder, SandboxServer};
use supplier_seed::Scenario;

use crate::answer::Answer;

pub(crate) const ORDERS: &str = "/api/admin/v2/orders";
pub(crate) const UPDATE: &str = "/api/admin/v2/orders-update";

/// A running server, its clock frozen, and a client.
pub(crate) struct Sandbox {
    pub(crate) server: SandboxServer,
    http: Client,
}

impl Sandbox {
    /// The scenario `minimal`: a dozen orders with known numbers.
    pub(crate) async fn minimal() -> Self {
        Self::start(SandboxServer::builder().scenario("minimal")).await
    }

    /// The scenario `default`.
    pub(crate) async fn default() -> Self {
        Self::start(SandboxServer::builder()).await
    }

    /// Two suppliers, a few products, and the orders that `toml` writes out.
    pub(crate) async fn with_orders(toml: &str) -> Self {
        let scenario = Scenario::parse("test.toml", &format!("{HEAD}\n{toml}"))
            .unwrap_or_else(|errors| panic!("{errors}"));
        Self::start(SandboxServer::builder().scenario_from(scenario)).await
    }

    pub(crate) async fn start(builder: Builder) -> Self {
        let server = builder.start().await.unwrap();
        server.freeze_clock().await.unwrap();
        Self { server, http: client() }
    }

    pub(crate) fn key(&self, supplier: &str) -> &str {
        self.server.key(supplier).unwrap()
    }

    /// A request without a key.
    pub(crate) fn request(&self, method: &str, path_and_query: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("{}{path_and_query}", self.server.url()))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let method = request.method().to_string();
        Answer::read(&method, self.http.execute(request).await.unwrap()).await
    }

    /// A list call by `aurora`; `query` is what stands behind the question mark.
    pub(crate) async fn list(&self, query: &str) -> Answer {
        self.list_as("aurora", query).await
    }

    pub(crate) async fn list_as(&self, supplier: &str, query: &str) -> Answer {
        let request = self.request("GET", &format!("{ORDERS}?{query}"));
        self.send(request.header("X-Api-Key", self.key(supplier))).await
    }

    /// An update by `aurora`.
    pub(crate) async fn update(&self, body: Value) -> Answer {
        self.update_as("aurora", body).await
    }

    pub(crate) async fn update_as(&self, supplier: &str, body: Value) -> Answer {
        let request = self.request("POST", UPDATE).header("X-Api-Key", self.key(supplier)).json(&body);
        self.send(request).await
    }

    /// An update by `aurora` whose body is sent as it stands.
    pub(crate) async fn update_text(&self, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request("POST", UPDATE).header("X-Api-Key", self.key("aurora"));
        self.send(request.header("Content-Type", "application/json").body(body)).await
    }

    /// Lets so many milliseconds pass.
    pub(crate) async fn pass(&self, millis: u64) {
        self.server.advance(Duration::from_millis(millis)).await.unwrap();
    }

    /// What `aurora` sees of an order now, once every window has ended.
    pub(crate) async fn look_up(&self, number: u64) -> Value {
        self.pass(WINDOW).await;
        let all = "productType=auto,manual,inventory&limit=500";
        let page = self.list(all).await.good();
        page["orders"].as_array().unwrap().iter().find(|order| order["id"] == number).unwrap().clone()
    }
}

/// The window's length, in milliseconds.
pub(crate) const WINDOW: u64 = 30 * 60 * 1000;

/// A client that goes straight to the server.
pub(crate) fn client() -> Client {
    // Without TLS, but a client is built with what TLS needs. Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().tls_certs_only([]).no_proxy().build().unwrap()
}

/// An order for [`Sandbox::with_orders`].
pub(crate) fn order(number: u64, status: &str, items: &[(&str, u32)]) -> String {
    let items: Vec<_> = items
        .iter()
        .map(|(product, quantity)| format!("{{ product = \"{product}\", quantity = {quantity} }}"))
        .collect();
    format!(
        "[[fixed]]\nnumber = {number}\nabout = \"A test.\"\nstatus = \"{status}\"\n\
         created_at = \"2024-01-01T10:00:00.000Z\"\n\
         user = {{ id = \"507f1f77bcf86cd799439011\", email = \"customer@example.com\", name = \"John Doe\" }}\n\
         items = [{}]\n",
        items.join(", ")
    )
}

const HEAD: &str = r#"
title = "A test"
description = "Orders of a test."
epoch = "2026-01-05T00:00:00.000Z"

[[suppliers]]
id = "aurora"
name = "Aurora"
email = "aurora@example.com"

[[suppliers]]
id = "birch"
name = "Birch"
email = "birch@example.com"

[[products]]
id = "mail"
supplier = "aurora"
name = "Aged mail account"
product_type = "manual"
entity_type = "product"
sub_category = "Mail accounts"
unit_price = "0.1"

[[products]]
id = "views"
supplier = "aurora"
name = "Video views"
product_type = "manual"
entity_type = "smm_service"
sub_category = "Vidéo & more"
unit_price = "0.0012"

[[products]]
id = "instant"
supplier = "aurora"
name = "Instant account"
product_type = "auto"
entity_type = "product"
sub_category = "Mail accounts"
unit_price = "1.1"

[[products]]
id = "stock"
supplier = "aurora"
name = "Account from stock"
product_type = "inventory"
entity_type = "product"
sub_category = "Mail accounts"
unit_price = "3"

[[products]]
id = "birch-mail"
supplier = "birch"
name = "Fresh mail account"
product_type = "manual"
entity_type = "product"
sub_category = "Mail accounts"
unit_price = "0.6"
"#;

/// A server with that built-in scenario, to be set up further.
pub(crate) fn builder(scenario: &str) -> Builder {
    SandboxServer::builder().scenario(scenario)
}

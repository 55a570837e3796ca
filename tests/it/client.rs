//! The least of a client: it says what came back, and judges nothing.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;

use crate::program::Program;

/// How long a call may take before the server is taken to hang.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_mins(1);

/// Connections of its own, and no proxy on the way.
pub(crate) fn connections() -> Client {
    // Without TLS, but a client is built with what TLS needs. Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().tls_certs_only([]).no_proxy().timeout(CALL_TIMEOUT).build().unwrap()
}

/// A supplier that calls.
#[derive(Debug, Clone)]
pub(crate) struct Supplier {
    client: Client,
    base: String,
    key: String,
}

impl Supplier {
    pub(crate) fn of(program: &Program, id: &str) -> Self {
        let (client, base) = (connections(), format!("{}/api/admin/v2", program.url()));
        Self { client, base, key: program.key(id).to_owned() }
    }

    /// The same supplier with connections of its own.
    pub(crate) fn elsewhere(&self) -> Self {
        Self { client: connections(), ..self.clone() }
    }

    /// Asks for open manual orders.
    pub(crate) async fn poll(&self, limit: u32) -> Value {
        let query = [("status", "pending,processing"), ("productType", "manual"), ("offset", "0")];
        let request = self.client.get(format!("{}/orders", self.base)).query(&query);
        let (status, page) = self.answer(request.query(&[("limit", limit)])).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        page
    }

    async fn answer(&self, request: RequestBuilder) -> (StatusCode, Value) {
        let response = request.header("X-Api-Key", &self.key).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }
}

/// The numbers of a page's orders.
pub(crate) fn numbers(page: &Value) -> Vec<u64> {
    page["orders"].as_array().unwrap().iter().map(|order| order["id"].as_u64().unwrap()).collect()
}

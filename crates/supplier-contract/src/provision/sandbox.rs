//! The control API of the project's own sandbox, known by its document and not by its types.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Client, Method, redirect};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{OrderState, ProvisionError, World, told};
use crate::http::{Unread, body_of};
use crate::script::{NewOrders, Who};

/// A private sandbox is gone after so many seconds if the suite could not delete it.
const TTL_SECONDS: u32 = 3600;
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether the target says that it is a sandbox: its version.
pub(crate) fn identify(answer: &crate::http::Answer) -> Option<&str> {
    answer.header("sandbox-version")
}

/// What prepares private sandboxes.
pub(crate) struct SandboxControl {
    base: String,
    token: Option<String>,
    client: Client,
    /// What every case's sandbox is a fork of: an empty one whose clock stands still.
    origin: Mutex<OnceCell<String>>,
}

impl SandboxControl {
    /// By the control API under that URL, with the admin token that it may ask for.
    pub(crate) fn new(base: &str, token: Option<String>) -> Result<Self, ProvisionError> {
        let client =
            Client::builder().redirect(redirect::Policy::none()).no_proxy().timeout(PATIENCE).build();
        let client = client.map_err(|error| ProvisionError::Failed(error.to_string()))?;
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { base, token, client, origin: Mutex::new(OnceCell::new()) })
    }

    /// A private sandbox with two suppliers, no order, and a clock that stands still.
    pub(crate) async fn fork(&self) -> Result<World, ProvisionError> {
        let origin = self.origin().await?;
        let made =
            self.call(Method::POST, "", Some(json!({ "from": origin, "ttlSeconds": TTL_SECONDS }))).await?;
        let suppliers = made["suppliers"].as_array().map(Vec::as_slice).unwrap_or_default();
        let key =
            |who: Who| suppliers.iter().find(|supplier| supplier["id"] == supplier_id(who))?["key"].as_str();
        let keys: BTreeMap<_, _> = [Who::First, Who::Second]
            .into_iter()
            .filter_map(|who| Some((who.as_str().to_owned(), key(who)?.to_owned())))
            .collect();
        let id = made["id"].as_str().map(str::to_owned);
        if id.is_none() || keys.len() < 2 {
            return Err(ProvisionError::Failed(
                "a private sandbox came without its id or its suppliers' keys".to_owned(),
            ));
        }
        Ok(World { keys, exclusive: true, frozen: true, id })
    }

    /// Deletes a sandbox. One that is left would go by itself.
    pub(crate) async fn delete(&self, id: &str) {
        let _ = self.call(Method::DELETE, &format!("/{id}"), None).await;
    }

    /// Deletes what all forks came from, at the end of a run.
    pub(crate) async fn finish(&self) {
        if let Some(origin) = self.origin.lock().await.take() {
            self.delete(&origin).await;
        }
    }

    async fn origin(&self) -> Result<String, ProvisionError> {
        // Held while it is made, so that it is made once.
        let origin = self.origin.lock().await;
        if let Some(id) = origin.get() {
            return Ok(id.clone());
        }
        let made = self
            .call(Method::POST, "", Some(json!({ "scenario": "empty", "ttlSeconds": TTL_SECONDS })))
            .await?;
        let id = made["id"].as_str().unwrap_or_default().to_owned();
        self.call(Method::PUT, &format!("/{id}/clock"), Some(json!({ "mode": "frozen" }))).await?;
        Ok(origin.get_or_init(|| id).clone())
    }

    pub(super) async fn create_orders(
        &self,
        id: &str,
        orders: &NewOrders,
    ) -> Result<Vec<u64>, ProvisionError> {
        let mut body = orders.params();
        body["supplier"] = json!(supplier_id(orders.supplier));
        if let Some(other) = orders.shared_with {
            body["sharedWith"] = json!([supplier_id(other)]);
        }
        let placed = self.call(Method::POST, &format!("/{id}/orders"), Some(body)).await?;
        let placed = placed["orders"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(placed.iter().filter_map(|order| order["id"].as_u64()).collect())
    }

    pub(super) async fn advance(&self, id: &str, millis: u64) -> Result<(), ProvisionError> {
        let seconds = Duration::from_millis(millis).as_secs_f64();
        self.call(Method::POST, &format!("/{id}/clock/advance"), Some(json!({ "seconds": seconds })))
            .await
            .map(drop)
    }

    pub(super) async fn new_key(&self, id: &str, supplier: Who) -> Result<String, ProvisionError> {
        let path = format!("/{id}/suppliers/{}/keys", supplier_id(supplier));
        let made = self.call(Method::POST, &path, Some(json!({}))).await?;
        made["key"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| ProvisionError::Failed("a key came without itself".to_owned()))
    }

    /// Revokes the one key of the supplier that begins as this one does.
    pub(super) async fn revoke_key(&self, id: &str, supplier: Who, key: &str) -> Result<(), ProvisionError> {
        let path = format!("/{id}/suppliers/{}/keys", supplier_id(supplier));
        let keys = self.call(Method::GET, &path, None).await?;
        let keys = keys["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of = |listed: &&Value| listed["prefix"].as_str().is_some_and(|prefix| key.starts_with(prefix));
        let found = keys.iter().find(of).and_then(|listed| listed["id"].as_str());
        let found = found.ok_or_else(|| {
            ProvisionError::Failed("the key to revoke is not in the list of keys".to_owned())
        })?;
        self.call(Method::DELETE, &format!("{path}/{found}"), None).await.map(drop)
    }

    pub(super) async fn order_state(&self, id: &str, order: u64) -> Result<OrderState, ProvisionError> {
        let state = self.call(Method::GET, &format!("/{id}/orders/{order}"), None).await?;
        Ok(OrderState {
            status: state["status"].as_str().unwrap_or_default().to_owned(),
            accounts: state["accountsDelivered"].as_u64().unwrap_or(0),
            supplier_order_id: state["supplierOrderId"].as_str().map(str::to_owned),
        })
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, ProvisionError> {
        let mut request = self.client.request(method, format!("{}/_sandbox/sandboxes{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let failed =
            |error: &reqwest::Error| ProvisionError::Failed(format!("the sandbox's control API: {error}"));
        let response = request.send().await.map_err(|error| failed(&error.without_url()))?;
        let status = response.status();
        let bytes = body_of(response).await.map_err(|unread| match unread {
            Unread::Failed(error) => failed(&error.without_url()),
            too_large @ Unread::TooLarge => {
                ProvisionError::Failed(format!("the sandbox's control API: {too_large}"))
            }
        })?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let detail = answer["detail"].as_str().or(answer["title"].as_str()).unwrap_or_default();
        let remedy = if status.as_u16() == 401 {
            " (--admin-token-file or SUPPLIER_CONTRACT_ADMIN_TOKEN)"
        } else {
            ""
        };
        Err(ProvisionError::Failed(format!(
            "the sandbox's control API answered {status}: {}{remedy}",
            told(detail)
        )))
    }
}

/// What the sandbox's `empty` scenario calls the suite's suppliers.
pub(crate) fn supplier_id(who: Who) -> &'static str {
    match who {
        Who::First => "aurora",
        Who::Second => "birch",
    }
}

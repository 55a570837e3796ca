//! The control API of the project's own sandbox, known by its document and not by its types.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::{Client, Method, redirect};
use serde_json::{Value, json};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinSet;

use super::{OrderState, ProvisionError, Seat, World, cause, told};
use crate::http::{Tls, Unread, body_of};
use crate::script::{NewOrders, Who};

/// A private sandbox is gone after so many seconds if the suite could not delete it.
const TTL_SECONDS: u32 = 3600;
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether the target says that it is a sandbox: its version.
pub(crate) fn identify(answer: &crate::http::Answer) -> Option<&str> {
    answer.header("sandbox-version")
}

/// What prepares private sandboxes. It knows each that it made until that is deleted, whatever becomes of the case that
/// asked for it.
pub(crate) struct SandboxControl {
    control: Control,
    /// What every case's sandbox is a fork of: an empty one whose clock stands still.
    origin: Mutex<OnceCell<String>>,
    /// The sandboxes that are there.
    live: Live,
    /// Sandboxes being made. A case may be dropped meanwhile, and its sandbox would be nobody's.
    making: RefCell<JoinSet<()>>,
}

type Live = Arc<std::sync::Mutex<BTreeSet<String>>>;

/// The control API under a URL, with the admin token that it may ask for.
#[derive(Clone)]
struct Control {
    base: String,
    token: Option<String>,
    client: Client,
}

impl SandboxControl {
    /// By the control API under that URL, with the admin token that it may ask for.
    pub(crate) fn new(base: &str, token: Option<String>, tls: &Tls) -> Result<Self, ProvisionError> {
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().timeout(PATIENCE);
        let client = tls.of(client).build().map_err(|error| ProvisionError::Failed(error.to_string()))?;
        let control = Control { base: base.trim_end_matches('/').to_owned(), token, client };
        Ok(Self { control, origin: Mutex::default(), live: Live::default(), making: RefCell::default() })
    }

    /// A private sandbox with two suppliers, no order, and a clock that stands still.
    pub(crate) async fn fork(&self, seat: Seat) -> Result<World, ProvisionError> {
        let origin = self.origin().await?;
        let made = self.make(json!({ "from": origin, "ttlSeconds": TTL_SECONDS })).await?;
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
        Ok(World { keys, exclusive: true, frozen: true, id, seat })
    }

    /// Makes a sandbox. Whoever asked may be dropped meanwhile: the sandbox is noted all the same.
    async fn make(&self, body: Value) -> Result<Value, ProvisionError> {
        let (control, live) = (self.control.clone(), Arc::clone(&self.live));
        let (tell, told) = oneshot::channel();
        {
            let mut making = self.making.borrow_mut();
            while making.try_join_next().is_some() {}
            making.spawn(async move {
                let made = control.call(Method::POST, "", Some(body)).await;
                if let Some(id) = made.as_ref().ok().and_then(|made| made["id"].as_str()) {
                    known(&live).insert(id.to_owned());
                }
                // Nobody may wait for it any more.
                let _ = tell.send(made);
            });
        }
        let ended = || ProvisionError::Failed("the sandbox's control API: the call was given up".to_owned());
        told.await.map_err(|_| ended())?
    }

    /// Deletes a sandbox. One that is left would go by itself.
    pub(crate) async fn delete(&self, id: &str) {
        if self.control.call(Method::DELETE, &format!("/{id}"), None).await.is_ok() {
            known(&self.live).remove(id);
        }
    }

    /// Deletes all sandboxes that are there, at the end of a run: those of cases that were given up, and what all came from.
    pub(crate) async fn finish(&self) {
        self.origin.lock().await.take();
        let mut making = self.making.take();
        while making.join_next().await.is_some() {}
        let left: Vec<_> = known(&self.live).iter().cloned().collect();
        futures::future::join_all(left.iter().map(|id| self.delete(id))).await;
    }

    async fn origin(&self) -> Result<String, ProvisionError> {
        // Held while it is made, so that it is made once.
        let origin = self.origin.lock().await;
        if let Some(id) = origin.get() {
            return Ok(id.clone());
        }
        let made = self.make(json!({ "scenario": "empty", "ttlSeconds": TTL_SECONDS })).await?;
        let id = made["id"].as_str().unwrap_or_default().to_owned();
        self.control.call(Method::PUT, &format!("/{id}/clock"), Some(json!({ "mode": "frozen" }))).await?;
        Ok(origin.get_or_init(|| id).clone())
    }

    pub(super) async fn create_orders(&self, id: &str, orders: &NewOrders) -> Result<Value, ProvisionError> {
        let body = sandbox_params(orders);
        let placed = self.control.call(Method::POST, &format!("/{id}/orders"), Some(body)).await?;
        let placed = placed["orders"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(json!({ "orders": placed.iter().map(|order| order["id"].clone()).collect::<Vec<_>>() }))
    }

    pub(super) async fn advance(&self, id: &str, millis: u64) -> Result<(), ProvisionError> {
        let seconds = Duration::from_millis(millis).as_secs_f64();
        self.control
            .call(Method::POST, &format!("/{id}/clock/advance"), Some(json!({ "seconds": seconds })))
            .await
            .map(drop)
    }

    pub(super) async fn clock(&self, id: &str) -> Result<Value, ProvisionError> {
        self.control.call(Method::GET, &format!("/{id}/clock"), None).await
    }

    pub(super) async fn new_key(&self, id: &str, supplier: Who) -> Result<String, ProvisionError> {
        let path = format!("/{id}/suppliers/{}/keys", supplier_id(supplier));
        let made = self.control.call(Method::POST, &path, Some(json!({}))).await?;
        made["key"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| ProvisionError::Failed("a key came without itself".to_owned()))
    }

    /// Revokes the one key of the supplier that begins as this one does.
    pub(super) async fn revoke_key(&self, id: &str, supplier: Who, key: &str) -> Result<(), ProvisionError> {
        let path = format!("/{id}/suppliers/{}/keys", supplier_id(supplier));
        let keys = self.control.call(Method::GET, &path, None).await?;
        let keys = keys["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of = |listed: &&Value| listed["prefix"].as_str().is_some_and(|prefix| key.starts_with(prefix));
        let found = keys.iter().find(of).and_then(|listed| listed["id"].as_str());
        let found = found.ok_or_else(|| {
            ProvisionError::Failed("the key to revoke is not in the list of keys".to_owned())
        })?;
        self.control.call(Method::DELETE, &format!("{path}/{found}"), None).await.map(drop)
    }

    pub(super) async fn order_state(&self, id: &str, order: u64) -> Result<OrderState, ProvisionError> {
        let state = self.control.call(Method::GET, &format!("/{id}/orders/{order}"), None).await?;
        Ok(OrderState {
            status: state["status"].as_str().unwrap_or_default().to_owned(),
            accounts: state["accountsDelivered"].as_u64().unwrap_or(0),
            supplier_order_id: state["supplierOrderId"].as_str().map(str::to_owned),
            digest: None,
        })
    }
}

impl Control {
    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, ProvisionError> {
        let mut request = self.client.request(method, format!("{}/_sandbox/sandboxes{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let failed = |error: &reqwest::Error| {
            ProvisionError::Failed(format!("the sandbox's control API: {}", cause(error)))
        };
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

/// The ids that are known. Nothing that panics holds them.
fn known(live: &Live) -> MutexGuard<'_, BTreeSet<String>> {
    live.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Orders as the control API takes them: items in place of the fields that they replace, suppliers by their ids.
pub(crate) fn sandbox_params(orders: &NewOrders) -> Value {
    let mut body = orders.params();
    body["supplier"] = json!(supplier_id(orders.supplier));
    if let Some(other) = orders.shared_with {
        body["sharedWith"] = json!([supplier_id(other)]);
    }
    let Some(fields) = body.as_object_mut().filter(|_| !orders.items.is_empty()) else { return body };
    let shared: Vec<_> = ["quantity", "unitPrice", "productType", "entityType", "subCategory"]
        .iter()
        .filter_map(|name| Some((*name, fields.shift_remove(*name)?)))
        .collect();
    for (item, new) in fields["items"].as_array_mut().into_iter().flatten().zip(&orders.items) {
        for (name, value) in &shared {
            if item.get(*name).is_none() {
                item[*name] = value.clone();
            }
        }
        if let Some(who) = new.supplier {
            item["supplier"] = json!(supplier_id(who));
        }
    }
    body
}

/// What the sandbox's `empty` scenario calls the suite's suppliers.
pub(crate) fn supplier_id(who: Who) -> &'static str {
    match who {
        Who::First => "aurora",
        Who::Second => "birch",
    }
}

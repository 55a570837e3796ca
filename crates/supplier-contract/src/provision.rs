//! What prepares a target for a case: a clean state, orders, keys, a clock.

mod command;
mod http_hook;
mod offers;
mod sandbox;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::counted::counted;
use crate::http::Answer;
use crate::script::{NewOrders, Who};

pub(crate) use command::CommandHook;
pub(crate) use http_hook::HttpHook;
pub(crate) use offers::{Need, Offers};
pub(crate) use sandbox::supplier_id;
pub(crate) use sandbox::{SandboxControl, identify};

/// Where a case runs.
pub(crate) struct World {
    /// Keys by their names.
    pub keys: BTreeMap<String, String>,
    /// Whether there is no order in it but the case's own.
    pub exclusive: bool,
    /// Whether its clock stands still unless it is moved.
    pub frozen: bool,
    /// The sandbox, where it is one.
    id: Option<String>,
}

/// Why something could not be prepared.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProvisionError {
    /// It cannot be had here: what needs it is not tested.
    #[error("{0}")]
    Unsupported(String),
    /// It should have worked: an error, which is not the target's.
    #[error("{0}")]
    Failed(String),
}

/// An order as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderState {
    /// Its status.
    pub status: String,
    /// How many accounts it holds.
    pub accounts: u64,
    /// The supplier's id of it.
    #[serde(default)]
    pub supplier_order_id: Option<String>,
}

impl OrderState {
    /// It in the form of an answer, so that it is judged like one.
    pub(crate) fn as_answer(&self) -> Answer {
        let json = json!({
            "status": self.status,
            "accounts": self.accounts,
            "supplierOrderId": self.supplier_order_id,
        });
        let now = tokio::time::Instant::now();
        let body = json.to_string().into_bytes();
        Answer { status: 200, headers: Vec::new(), body, json: Some(json), sent: now, received: now }
    }
}

/// How the target is prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provision {
    /// By the control API of the project's own sandbox.
    Sandbox,
    /// By a hook over HTTP.
    Http,
    /// By a hook that is a program.
    Command,
    /// By orders that the configuration lists.
    Static,
    /// Not at all.
    None,
}

impl Provision {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Sandbox, Self::Http, Self::Command, Self::Static, Self::None];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Http => "http",
            Self::Command => "command",
            Self::Static => "static",
            Self::None => "none",
        }
    }
}

/// A way to prepare a target.
pub(crate) enum Provisioner {
    /// The control API of the project's own sandbox: a private sandbox for every case.
    Sandbox(SandboxControl),
    /// The user's hook over HTTP.
    Http(HttpHook),
    /// The user's hook as a program.
    Command(CommandHook),
    /// What a file lists.
    Static,
    /// Nothing but a URL and a key.
    None,
}

/// Orders that a file lists, for a target that cannot make any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listed {
    /// Orders of the first supplier that may be changed.
    pub own: Vec<u64>,
    /// Orders that the first supplier has nothing in.
    pub foreign: Vec<u64>,
    /// Orders of the first supplier that are not paid.
    pub unpaid: Vec<u64>,
}

impl Provisioner {
    /// How it prepares the target.
    pub(crate) const fn kind(&self) -> Provision {
        match self {
            Self::Sandbox(_) => Provision::Sandbox,
            Self::Http(_) => Provision::Http,
            Self::Command(_) => Provision::Command,
            Self::Static => Provision::Static,
            Self::None => Provision::None,
        }
    }

    /// A place for a case; a clean one where `fresh` can be had. `keys` are those that the user gave.
    pub(crate) async fn world(
        &self,
        keys: &BTreeMap<String, String>,
        fresh: bool,
    ) -> Result<World, ProvisionError> {
        match self {
            Self::Sandbox(control) => control.fork().await,
            Self::Http(_) | Self::Command(_) => {
                if fresh {
                    self.ask("reset", json!({})).await?;
                }
                let mut keys = keys.clone();
                for who in [Who::First, Who::Second] {
                    if !keys.contains_key(who.as_str()) {
                        match self.new_key(None, who).await {
                            Ok(key) => drop(keys.insert(who.as_str().to_owned(), key)),
                            // A target without a second supplier is tested without one.
                            Err(ProvisionError::Unsupported(_)) => {}
                            Err(failed) => return Err(failed),
                        }
                    }
                }
                Ok(World { keys, exclusive: fresh, frozen: false, id: None })
            }
            Self::Static | Self::None => {
                Ok(World { keys: keys.clone(), exclusive: false, frozen: false, id: None })
            }
        }
    }

    /// The place that a hook's clean state is, which nothing has been done to since: these are its keys.
    pub(crate) const fn same_again(keys: BTreeMap<String, String>) -> World {
        World { keys, exclusive: true, frozen: false, id: None }
    }

    /// Gives a place back.
    pub(crate) async fn close(&self, world: &World) {
        if let (Self::Sandbox(control), Some(id)) = (self, &world.id) {
            control.delete(id).await;
        }
    }

    /// Makes orders, and says their numbers.
    pub(crate) async fn create_orders(
        &self,
        world: &World,
        orders: &NewOrders,
    ) -> Result<Vec<u64>, ProvisionError> {
        let numbers = if let Self::Sandbox(control) = self {
            control.create_orders(in_sandbox(world)?, orders).await?
        } else {
            let answer = self.ask("create_orders", orders.params()).await?;
            let numbers = answer["orders"].as_array().map(|numbers| numbers.iter().filter_map(Value::as_u64));
            numbers.map(Iterator::collect).unwrap_or_default()
        };
        if numbers.len() == orders.count as usize {
            return Ok(numbers);
        }
        let made = numbers.len();
        Err(ProvisionError::Failed(format!(
            "`create_orders` was asked for {} and named {made}",
            counted(orders.count, "order")
        )))
    }

    /// Moves the clock by so many milliseconds.
    pub(crate) async fn advance(&self, world: &World, millis: u64) -> Result<(), ProvisionError> {
        match self {
            Self::Sandbox(control) => control.advance(in_sandbox(world)?, millis).await,
            _ => self.ask("advance_clock", json!({ "seconds": millis.div_ceil(1000) })).await.map(drop),
        }
    }

    /// Makes a further key.
    pub(crate) async fn new_key(
        &self,
        world: Option<&World>,
        supplier: Who,
    ) -> Result<String, ProvisionError> {
        if let (Self::Sandbox(control), Some(world)) = (self, world) {
            return control.new_key(in_sandbox(world)?, supplier).await;
        }
        let answer = self.ask("new_key", json!({ "supplier": supplier })).await?;
        let key = answer["key"].as_str().filter(|key| !key.is_empty());
        key.map(str::to_owned)
            .ok_or_else(|| ProvisionError::Failed("`new_key` answered without a `key`".to_owned()))
    }

    /// Revokes a key.
    pub(crate) async fn revoke_key(
        &self,
        world: &World,
        supplier: Who,
        key: &str,
    ) -> Result<(), ProvisionError> {
        match self {
            Self::Sandbox(control) => control.revoke_key(in_sandbox(world)?, supplier, key).await,
            _ => self.ask("revoke_key", json!({ "key": key })).await.map(drop),
        }
    }

    /// An order as its owner sees it.
    pub(crate) async fn order_state(&self, world: &World, order: u64) -> Result<OrderState, ProvisionError> {
        if let Self::Sandbox(control) = self {
            return control.order_state(in_sandbox(world)?, order).await;
        }
        let answer = self.ask("order_state", json!({ "order": order })).await?;
        serde_json::from_value(answer).map_err(|error| {
            ProvisionError::Failed(format!("`order_state` answered something else: {error}"))
        })
    }

    /// Asks a hook to do something.
    async fn ask(&self, action: &str, params: Value) -> Result<Value, ProvisionError> {
        let request = json!({ "action": action, "params": params });
        let answer = match self {
            Self::Http(hook) => hook.ask(&request).await,
            Self::Command(hook) => hook.ask(&request).await,
            _ => Err(ProvisionError::Unsupported(format!("`{action}`: there is no hook (--hook)"))),
        }?;
        match answer.get("error").and_then(Value::as_str) {
            None => Ok(answer),
            Some("unsupported") => {
                Err(ProvisionError::Unsupported(format!("the hook does not support `{action}`, or not so")))
            }
            Some(error) => {
                Err(ProvisionError::Failed(format!("the hook failed at `{action}`: {}", told(error))))
            }
        }
    }

    /// What can be had from a hook.
    pub(crate) async fn hook_actions(&self) -> Result<Vec<String>, ProvisionError> {
        match self.ask("capabilities", json!({})).await {
            Ok(answer) => serde_json::from_value(answer["actions"].clone()).map_err(|_| {
                ProvisionError::Failed("`capabilities` answered without a list of `actions`".to_owned())
            }),
            Err(error) => Err(ProvisionError::Failed(error.to_string())),
        }
    }
}

fn in_sandbox(world: &World) -> Result<&str, ProvisionError> {
    world.id.as_deref().ok_or_else(|| ProvisionError::Failed("the case has no sandbox".to_owned()))
}

/// What somebody else's program said, for a terminal.
fn told(text: &str) -> String {
    crate::http::printable(text, 300)
}

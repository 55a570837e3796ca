//! What prepares a target for a case: a clean state, orders, keys, a clock.

mod answers;
mod command;
mod http_hook;
mod offers;
mod sandbox;

use std::cell::Cell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use tokio::time::{Duration, sleep};

use crate::http::Answer;
use crate::script::{NewOrders, Who};

pub(crate) use command::CommandHook;
pub(crate) use http_hook::HttpHook;
pub(crate) use offers::{Need, Offers};
pub(crate) use sandbox::{SandboxControl, identify};
pub(crate) use sandbox::{sandbox_params, supplier_id};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderState {
    /// Its status.
    pub status: String,
    /// How many accounts it holds.
    pub accounts: u64,
    /// The supplier's id of it.
    pub supplier_order_id: Option<String>,
    /// What [`digest`] makes of its accounts, if the hook tells.
    pub digest: Option<String>,
}

/// The digest of an order's accounts: SHA-256, in lower-case hexadecimal digits, of the accounts sorted by their bytes, each
/// with a line feed behind it.
pub(crate) fn digest<'a>(accounts: impl IntoIterator<Item = &'a str>) -> String {
    let mut accounts: Vec<&str> = accounts.into_iter().collect();
    accounts.sort_unstable();
    let mut hash = Sha256::new();
    for account in accounts {
        hash.update(account);
        hash.update("\n");
    }
    hex::encode(hash.finalize())
}

impl OrderState {
    /// It in the form of an answer, so that it is judged like one.
    pub(crate) fn as_answer(&self) -> Answer {
        let mut json = json!({
            "status": self.status,
            "accounts": self.accounts,
            "supplierOrderId": self.supplier_order_id,
        });
        if let Some(digest) = &self.digest {
            json["digest"] = json!(digest);
        }
        let now = tokio::time::Instant::now();
        let body = json.to_string().into_bytes();
        Answer {
            status: 200,
            headers: Vec::new(),
            body,
            json: Some(json),
            coding: None,
            resent: false,
            sent: now,
            received: now,
        }
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
    /// The user's hook.
    Hook(Hook),
    /// What a file lists.
    Static,
    /// Nothing but a URL and a key.
    None,
}

/// The user's hook.
pub(crate) struct Hook {
    pub(crate) way: Way,
    /// Whether the hook is asked for nothing that touches orders or the clock.
    pub(crate) is_read_only: bool,
    /// Whether the hook moves the clock by milliseconds, as its capabilities say.
    takes_milliseconds: Cell<bool>,
}

impl Hook {
    /// The hook that is reached in this `way`.
    pub(crate) fn new(way: Way, is_read_only: bool) -> Self {
        Self { way, is_read_only, takes_milliseconds: Cell::new(false) }
    }
}

/// How a hook is reached.
pub(crate) enum Way {
    /// Over HTTP.
    Http(HttpHook),
    /// As a program.
    Command(CommandHook),
}

/// What a read-only run asks a hook for: nothing of it touches an order, and nothing hides or shows one.
const READ_ONLY: [&str; 4] = ["capabilities", "new_key", "revoke_key", "order_state"];

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
            Self::Hook(Hook { way: Way::Http(_), .. }) => Provision::Http,
            Self::Hook(Hook { way: Way::Command(_), .. }) => Provision::Command,
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
            Self::Hook(_) => {
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
        let answer = match self {
            Self::Sandbox(control) => control.create_orders(in_sandbox(world)?, orders).await?,
            _ => self.ask("create_orders", orders.params()).await?,
        };
        answers::numbers(&answer, orders).map_err(ProvisionError::Failed)
    }

    /// Moves the clock by so many milliseconds. What a hook that takes whole seconds cannot move is waited for.
    pub(crate) async fn advance(&self, world: &World, millis: u64) -> Result<(), ProvisionError> {
        if let Self::Sandbox(control) = self {
            return control.advance(in_sandbox(world)?, millis).await;
        }
        let (seconds, rest) = (millis / 1000, millis % 1000);
        if rest > 0 && self.takes_milliseconds() {
            let params = json!({ "seconds": seconds, "milliseconds": rest });
            return self.ask("advance_clock", params).await.map(drop);
        }
        self.ask("advance_clock", json!({ "seconds": seconds })).await?;
        sleep(Duration::from_millis(rest)).await;
        Ok(())
    }

    /// What the target's clock shows, if the control API or the hook tells.
    pub(crate) async fn now(&self, world: &World) -> Result<Option<Timestamp>, ProvisionError> {
        let told = match self {
            Self::Sandbox(control) => control.clock(in_sandbox(world)?).await?,
            Self::Static | Self::None => return Ok(None),
            Self::Hook(_) => self.ask("advance_clock", json!({ "seconds": 0 })).await?,
        };
        Ok(told["now"].as_str().and_then(|now| now.parse().ok()))
    }

    /// Whether the clock can be moved, or waited for, to the millisecond without losing time.
    pub(crate) fn takes_milliseconds(&self) -> bool {
        match self {
            Self::Sandbox(_) => true,
            Self::Hook(hook) => hook.takes_milliseconds.get(),
            Self::Static | Self::None => false,
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
        answers::key(&answer).map_err(ProvisionError::Failed)
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
        answers::state(&answer).map_err(ProvisionError::Failed)
    }

    /// Asks a hook to do something.
    async fn ask(&self, action: &str, params: Value) -> Result<Value, ProvisionError> {
        let request = json!({ "action": action, "params": params });
        let answer = match self {
            Self::Hook(hook) if hook.is_read_only && !READ_ONLY.contains(&action) => {
                Err(ProvisionError::Unsupported(format!("--read-only does not ask the hook for `{action}`")))
            }
            Self::Hook(Hook { way: Way::Http(hook), .. }) => hook.ask(&request).await,
            Self::Hook(Hook { way: Way::Command(hook), .. }) => hook.ask(&request).await,
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
        let answer = self.ask("capabilities", json!({})).await;
        let answer = answer.map_err(|error| ProvisionError::Failed(error.to_string()))?;
        let actions: Vec<String> = serde_json::from_value(answer["actions"].clone()).map_err(|_| {
            ProvisionError::Failed("`capabilities` answered without a list of `actions`".to_owned())
        })?;
        let takes_milliseconds = actions.iter().any(|action| action == "advance_clock_milliseconds");
        if let Self::Hook(hook) = self {
            hook.takes_milliseconds.set(takes_milliseconds);
        }
        Ok(actions)
    }
}

fn in_sandbox(world: &World) -> Result<&str, ProvisionError> {
    world.id.as_deref().ok_or_else(|| ProvisionError::Failed("the case has no sandbox".to_owned()))
}

/// The innermost cause of a failed exchange, which says most.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    crate::http::in_words(&cause.to_string())
}

/// What somebody else's program said, for a terminal.
fn told(text: &str) -> String {
    crate::http::printable(text, 300)
}

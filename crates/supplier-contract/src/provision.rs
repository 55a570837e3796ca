//! What prepares a target for a case: a clean state, orders, keys, a clock.

mod answers;
mod command;
mod hook;
mod http_hook;
mod offers;
mod sandbox;
mod seat;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use tokio::time::{Duration, sleep};

use crate::http::Answer;
use crate::script::{NewOrders, Who};

pub(crate) use command::CommandHook;
pub(crate) use hook::{Hook, Way};
pub(crate) use http_hook::HttpHook;
pub(crate) use offers::{Need, Offers};
pub(crate) use sandbox::{SandboxControl, identify};
pub(crate) use sandbox::{sandbox_params, supplier_id};
pub(crate) use seat::{Keys, Place, Seat, Seats};

/// Where a case runs.
pub(crate) struct World {
    /// Keys by their names.
    pub keys: Keys,
    /// Whether there is no order in it but the case's own.
    pub exclusive: bool,
    /// Whether its clock stands still unless it is moved.
    pub frozen: bool,
    /// The sandbox, where it is one.
    id: Option<String>,
    /// The case's seat.
    pub seat: Seat,
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
            Self::Hook(hook) => match hook.way() {
                Way::Http(_) => Provision::Http,
                Way::Command(_) => Provision::Command,
            },
            Self::Static => Provision::Static,
            Self::None => Provision::None,
        }
    }

    /// A world for the case that has that seat; a clean one where `fresh` can be had. `keys` are those that the user gave. A
    /// hook may be asked for it with the next request only.
    pub(crate) async fn world(&self, seat: Seat, keys: &Keys, fresh: bool) -> Result<World, ProvisionError> {
        let hook = match self {
            Self::Sandbox(control) => return control.fork(seat).await,
            Self::Hook(hook) => hook,
            Self::Static | Self::None => {
                return Ok(World { keys: keys.clone(), exclusive: false, frozen: false, id: None, seat });
            }
        };
        let clean = if fresh { seat.place.clean.borrow().clone() } else { None };
        if let Some(keys) = clean {
            return Ok(World { keys, exclusive: true, frozen: false, id: None, seat });
        }
        if fresh {
            hook.tell(&seat.place, "reset", json!({})).await?;
        }
        let keys = seat.place.keys.as_ref().unwrap_or(keys).clone();
        let mut world = World { keys, exclusive: fresh, frozen: false, id: None, seat };
        for who in [Who::First, Who::Second] {
            if world.seat.place.keys.is_none() && !world.keys.contains_key(who.as_str()) {
                match self.new_key(&world, who).await {
                    Ok(key) => drop(world.keys.insert(who.as_str().to_owned(), key)),
                    // A target without a second supplier is tested without one.
                    Err(ProvisionError::Unsupported(_)) => {}
                    Err(failed) => return Err(failed),
                }
            }
        }
        if fresh {
            world.seat.place.clean.replace(Some(world.keys.clone()));
        }
        Ok(world)
    }

    /// Does all that a hook was asked for and that may wait for the next request.
    pub(crate) async fn settle(&self, world: &World) -> Result<(), ProvisionError> {
        match self {
            Self::Hook(hook) => hook.settle(&world.seat.place).await,
            _ => Ok(()),
        }
    }

    /// Gives a place back.
    pub(crate) async fn close(&self, world: &World) {
        if let (Self::Sandbox(control), Some(id)) = (self, &world.id) {
            control.delete(id).await;
        }
    }

    /// Makes orders of each kind, and says their numbers.
    pub(crate) async fn create_orders(
        &self,
        world: &World,
        kinds: &[NewOrders],
    ) -> Result<Vec<Vec<u64>>, ProvisionError> {
        let made = match self {
            Self::Sandbox(control) => {
                let mut made = Vec::new();
                for orders in kinds {
                    made.push(control.create_orders(in_sandbox(world)?, orders).await?);
                }
                made
            }
            _ => self.ask(world, "create_orders", kinds.iter().map(NewOrders::params).collect()).await?,
        };
        let numbers = made.iter().zip(kinds).map(|(answer, orders)| answers::numbers(answer, orders));
        numbers.collect::<Result<_, _>>().map_err(ProvisionError::Failed)
    }

    /// Moves the clock by so many milliseconds, before the next call. What a hook that takes whole seconds cannot move is waited
    /// for.
    pub(crate) async fn advance(&self, world: &World, millis: u64) -> Result<(), ProvisionError> {
        let hook = match self {
            Self::Sandbox(control) => return control.advance(in_sandbox(world)?, millis).await,
            Self::Hook(hook) => hook,
            Self::Static | Self::None => return Err(no_hook("advance_clock")),
        };
        let (seconds, rest) = (millis / 1000, millis % 1000);
        let place = &world.seat.place;
        if rest > 0 && self.takes_milliseconds() {
            let params = json!({ "seconds": seconds, "milliseconds": rest });
            return hook.tell(place, "advance_clock", params).await;
        }
        hook.tell(place, "advance_clock", json!({ "seconds": seconds })).await?;
        sleep(Duration::from_millis(rest)).await;
        Ok(())
    }

    /// What the target's clock shows, if the control API or the hook tells.
    pub(crate) async fn now(&self, world: &World) -> Result<Option<Timestamp>, ProvisionError> {
        let told = match self {
            Self::Sandbox(control) => control.clock(in_sandbox(world)?).await?,
            Self::Static | Self::None => return Ok(None),
            Self::Hook(_) => self.ask_once(world, "advance_clock", json!({ "seconds": 0 })).await?,
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
    pub(crate) async fn new_key(&self, world: &World, supplier: Who) -> Result<String, ProvisionError> {
        if let Self::Sandbox(control) = self {
            return control.new_key(in_sandbox(world)?, supplier).await;
        }
        let answer = self.ask_once(world, "new_key", json!({ "supplier": supplier })).await?;
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
            _ => self.ask_once(world, "revoke_key", json!({ "key": key })).await.map(drop),
        }
    }

    /// An order as its owner sees it.
    pub(crate) async fn order_state(&self, world: &World, order: u64) -> Result<OrderState, ProvisionError> {
        if let Self::Sandbox(control) = self {
            return control.order_state(in_sandbox(world)?, order).await;
        }
        let answer = self.ask_once(world, "order_state", json!({ "order": order })).await?;
        answers::state(&answer).map_err(ProvisionError::Failed)
    }

    /// Asks a hook to do something.
    async fn ask_once(&self, world: &World, action: &str, params: Value) -> Result<Value, ProvisionError> {
        Ok(self.ask(world, action, vec![params]).await?.pop().unwrap_or_default())
    }

    /// Asks a hook to do something as often as there are parameters.
    async fn ask(
        &self,
        world: &World,
        action: &str,
        params: Vec<Value>,
    ) -> Result<Vec<Value>, ProvisionError> {
        match self {
            Self::Hook(hook) => hook.ask(&world.seat.place, action, params).await,
            _ => Err(no_hook(action)),
        }
    }
}

fn no_hook(action: &str) -> ProvisionError {
    ProvisionError::Unsupported(format!("`{action}`: there is no hook (--hook)"))
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

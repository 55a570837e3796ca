//! The user's hook: requests of its protocol, one at a time or several at once.

use std::cell::{Cell, RefCell};

use serde::Deserialize;
use serde_json::{Value, json};

use super::seat::{Keys, Place};
use super::{CommandHook, HttpHook, ProvisionError, told};

/// The user's hook.
pub(crate) struct Hook {
    way: Way,
    /// Whether the hook is asked for nothing that touches orders or the clock.
    is_read_only: bool,
    /// Whether the hook moves the clock by milliseconds, as its capabilities say.
    pub(super) takes_milliseconds: Cell<bool>,
    /// Whether the hook takes several requests at once, as its capabilities say.
    takes_batches: Cell<bool>,
    /// The keys of its further worlds.
    worlds: RefCell<Vec<Keys>>,
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

/// What a hook says that it can do.
#[derive(Deserialize)]
struct Capabilities {
    actions: Vec<String>,
    #[serde(default)]
    worlds: Vec<World>,
}

/// The keys of a further world.
#[derive(Deserialize)]
struct World {
    first: String,
    second: Option<String>,
}

impl Hook {
    /// The hook that is reached in this `way`.
    pub(crate) fn new(way: Way, is_read_only: bool) -> Self {
        Self {
            way,
            is_read_only,
            takes_milliseconds: Cell::new(false),
            takes_batches: Cell::new(false),
            worlds: RefCell::default(),
        }
    }

    /// How it is reached.
    pub(crate) const fn way(&self) -> &Way {
        &self.way
    }

    /// The actions that it supports. Notes what else it can do.
    pub(crate) async fn actions(&self) -> Result<Vec<String>, ProvisionError> {
        let request = json!({ "action": "capabilities", "params": {} });
        let answer = self.exchange(&request).await.and_then(|answer| judged(&request, answer));
        let answer = answer.map_err(|error| ProvisionError::Failed(error.to_string()))?;
        let wrong = |what: &str| ProvisionError::Failed(format!("`capabilities` answered {what}"));
        if !answer["actions"].is_array() {
            return Err(wrong("without a list of `actions`"));
        }
        let known: Capabilities = serde_json::from_value(answer).map_err(|_| {
            wrong(
                "`actions` or `worlds` in another shape; answer the names of actions, and for each further world {\"first\": KEY, \"second\": KEY}",
            )
        })?;
        let has = |name: &str| known.actions.iter().any(|action| action == name);
        self.takes_milliseconds.set(has("advance_clock_milliseconds"));
        self.takes_batches.set(has("batch"));
        let keys = |world: World| {
            let named = [("first", Some(world.first)), ("second", world.second)];
            named.into_iter().filter_map(|(name, key)| Some((name.to_owned(), key?))).collect()
        };
        self.worlds.replace(known.worlds.into_iter().map(keys).collect());
        Ok(known.actions)
    }

    /// The further worlds that the hook has.
    pub(crate) fn worlds(&self) -> Vec<Place> {
        let worlds = self.worlds.borrow();
        worlds.iter().enumerate().map(|(place, keys)| Place::new(place + 1, keys.clone())).collect()
    }

    /// Whether several requests go at once.
    pub(crate) fn takes_batches(&self) -> bool {
        self.takes_batches.get()
    }

    /// Sends each request by itself from now on.
    pub(crate) fn without_batches(&self) {
        self.takes_batches.set(false);
    }

    /// Asks for something whose answer nobody needs: with the next request, if the hook takes several at once.
    pub(super) async fn tell(
        &self,
        place: &Place,
        action: &str,
        params: Value,
    ) -> Result<(), ProvisionError> {
        if !self.takes_batches.get() {
            return self.ask(place, action, vec![params]).await.map(drop);
        }
        self.may_ask(action)?;
        place.pending.borrow_mut().push(request(place, action, params));
        Ok(())
    }

    /// Asks for an action as often as there are parameters, in their order, after all that waits to be sent.
    pub(super) async fn ask(
        &self,
        place: &Place,
        action: &str,
        params: Vec<Value>,
    ) -> Result<Vec<Value>, ProvisionError> {
        self.may_ask(action)?;
        let wanted = params.len();
        let mut requests = place.pending.take();
        requests.extend(params.into_iter().map(|params| request(place, action, params)));
        // Whatever becomes of it, a request that was cut off may have changed the world.
        let clean = place.clean.take();
        let mut answers = if requests.len() > 1 && self.takes_batches.get() {
            self.batch(place, requests).await?
        } else {
            let mut answers = Vec::new();
            for request in requests {
                answers.push(self.exchange(&request).await.and_then(|answer| judged(&request, answer))?);
            }
            answers
        };
        place.clean.replace(clean);
        Ok(answers.split_off(answers.len() - wanted))
    }

    /// Sends what waits to be sent.
    pub(super) async fn settle(&self, place: &Place) -> Result<(), ProvisionError> {
        if place.pending.borrow().is_empty() {
            Ok(())
        } else {
            self.ask(place, "batch", Vec::new()).await.map(drop)
        }
    }

    async fn batch(&self, place: &Place, requests: Vec<Value>) -> Result<Vec<Value>, ProvisionError> {
        let batch = request(place, "batch", json!({ "requests": requests }));
        let answer = self.exchange(&batch).await.and_then(|answer| judged(&batch, answer))?;
        let answers = answer["answers"].as_array().map(Vec::as_slice).unwrap_or_default();
        let answers: Vec<_> = requests
            .iter()
            .zip(answers)
            .map(|(request, answer)| judged(request, answer.clone()))
            .collect::<Result<_, _>>()?;
        if answers.len() < requests.len() || answers.iter().any(|answer| !answer.is_object()) {
            return Err(ProvisionError::Failed(format!(
                "`batch` answered {} of {} requests; answer {{\"answers\": [OBJECTS]}}, one for each request in order",
                answers.len(),
                requests.len()
            )));
        }
        Ok(answers)
    }

    fn may_ask(&self, action: &str) -> Result<(), ProvisionError> {
        if self.is_read_only && !READ_ONLY.contains(&action) {
            return Err(ProvisionError::Unsupported(format!(
                "--read-only does not ask the hook for `{action}`"
            )));
        }
        Ok(())
    }

    async fn exchange(&self, request: &Value) -> Result<Value, ProvisionError> {
        match &self.way {
            Way::Http(hook) => hook.ask(request).await,
            Way::Command(hook) => hook.ask(request).await,
        }
    }
}

/// A request about a world. One without a number is about the world 0, as for a hook that knows no other.
fn request(place: &Place, action: &str, params: Value) -> Value {
    let mut request = json!({ "action": action });
    request["params"] = params;
    if place.number > 0 {
        request["world"] = json!(place.number);
    }
    request
}

/// The answer to a request, unless it says that it is none.
fn judged(request: &Value, answer: Value) -> Result<Value, ProvisionError> {
    let action = request["action"].as_str().unwrap_or_default();
    match answer.get("error").and_then(Value::as_str) {
        None => Ok(answer),
        Some("unsupported") => {
            Err(ProvisionError::Unsupported(format!("the hook does not support `{action}`, or not so")))
        }
        Some(error) => Err(ProvisionError::Failed(format!("the hook failed at `{action}`: {}", told(error)))),
    }
}

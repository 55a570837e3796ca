//! A look at the target, its keys and its hook before anything is tested: what cannot be used is named with its remedy, and no
//! check is offered it.
//!
//! A server may be broken, too, and that is for the checks to say. So the doctor speaks only where the hook, a key or another
//! client explains what it saw and no single bug of the server does: it compares two sources, such as a page and
//! `order_state`.

mod clock;
mod orders;
mod page;
mod suppliers;
mod worlds;

use std::collections::BTreeMap;

use tokio::time::Duration;

use crate::diagnosis::{Diagnosis, Remark};
use crate::http::{Call, Transport};
use crate::provision::{Need, ProvisionError, Provisioner, World};
use crate::target::{Problem, Target};
use crate::template::Bindings;
use page::Page;

/// What an examination found, before it is told to the target.
#[derive(Default)]
struct Found {
    remarks: Vec<Remark>,
    unusable: Vec<(Need, String)>,
    unheeded: BTreeMap<&'static str, String>,
    withheld: u32,
    /// Whether only the first of the hook's worlds can be used.
    has_one_world: bool,
}

impl Found {
    fn fine(&mut self, about: &'static str, text: impl Into<String>) {
        self.remarks.push(Remark { about, is_fine: true, text: text.into() });
    }

    /// Something that cannot be used, and what checks therefore do without.
    fn problem(&mut self, about: &'static str, needs: &[Need], text: String) {
        self.unusable.extend(needs.iter().map(|need| (*need, text.clone())));
        self.remarks.push(Remark { about, is_fine: false, text });
    }

    /// A parameter of `create_orders` that the hook passes over.
    fn unheeded(&mut self, parameter: &'static str, text: String) {
        self.unheeded.insert(parameter, text.clone());
        self.remarks.push(Remark { about: "orders", is_fine: false, text });
    }
}

/// An examination of a target that has a hook.
struct Exam<'t> {
    target: &'t Target,
    world: World,
    bindings: Bindings,
    /// The subcategory of the orders that are made, where others have orders too.
    tag: String,
    /// How many orders were made.
    made: u32,
    found: Found,
    /// How long orders wait for another client to poll them.
    watch: Duration,
}

/// Examines a target, and takes away from what it offers what cannot be used. `watch` is how long the examination waits for
/// other clients.
pub(crate) async fn examine(target: &mut Target, watch: Duration) -> Result<(), Problem> {
    let mut found = Found::default();
    found.fine("url", format!("{} answers as the API does", target.transport.base()));
    match &target.provisioner {
        Provisioner::Sandbox(_) => found.fine("sandbox", "the control API makes private sandboxes"),
        Provisioner::Hook(_) => found = hook(target, found, watch).await?,
        Provisioner::Static | Provisioner::None if target.config.keys.is_empty() => {
            found.fine("keys", "none was given: calls without a key are tested");
        }
        Provisioner::Static | Provisioner::None => found.fine("keys", "the target takes each"),
    }
    let Found { remarks, unusable, unheeded, withheld, has_one_world } = found;
    if has_one_world {
        target.seats = target.seats.only_first();
    }
    for (need, why) in &unusable {
        target.offers.spoil(*need, why);
    }
    target.unheeded = unheeded;
    target.diagnosis = Diagnosis::new(remarks, withheld);
    Ok(())
}

async fn hook(target: &Target, mut found: Found, watch: Duration) -> Result<Found, Problem> {
    let is_fresh = target.is_fresh();
    let world = match settled(target, 0, is_fresh).await {
        Err(ProvisionError::Failed(why)) if is_fresh && why.contains("reset") => {
            let why = target.redact(&why);
            let text = format!("{why}; mend the hook's `reset`, or answer `unsupported` to it");
            found.problem("reset", &[Need::Fresh], text);
            settled(target, 0, false).await
        }
        other => other,
    };
    let world = world.map_err(|error| Problem::Unreachable(error.to_string()))?;
    world.seat.mark_dirty();
    let names = |name: &str| {
        if name == "first" {
            "that `new_key` made for the first supplier"
        } else {
            "that `new_key` made for the second supplier"
        }
    };
    let made: BTreeMap<_, _> = world
        .keys
        .iter()
        .filter(|(name, _)| !target.config.keys.contains_key(*name))
        .map(|(name, key)| (name.clone(), key.clone()))
        .collect();
    takes_the_keys(&target.transport, &made, names).await?;
    let bindings = Bindings { keys: world.keys.clone(), ..Bindings::default() };
    let tag = target.tag();
    let mut exam = Exam { target, world, bindings, tag, made: 0, found, watch };
    if target.config.read_only {
        exam.found.fine("hook", "--read-only asks it for keys only: it makes no order and resets nothing");
        return Ok(exam.found);
    }
    exam.batches().await;
    exam.orders().await?;
    exam.worlds().await;
    Ok(exam.found)
}

/// The hook's world of that number, which is there and not only asked for.
async fn settled(target: &Target, number: usize, fresh: bool) -> Result<World, ProvisionError> {
    let seat = target.seats.shared(number);
    seat.mark_dirty();
    let world = target.provisioner.world(seat, &target.config.keys, fresh).await?;
    target.provisioner.settle(&world).await?;
    for key in world.keys.values() {
        target.keep_secret(key);
    }
    Ok(world)
}

/// Whether the target takes these keys: an order that cannot be is not found, whoever asks. `names` says which key it is.
pub(crate) async fn takes_the_keys(
    transport: &Transport,
    keys: &BTreeMap<String, String>,
    names: impl Fn(&str) -> &'static str,
) -> Result<(), Problem> {
    let bindings = Bindings { keys: keys.clone(), ..Bindings::default() };
    for name in keys.keys() {
        let answer = transport.send(&Call::update(name.as_str(), r#"{"order": 0}"#), &bindings).await?;
        if answer.status == 401 || answer.code() == Some("INVALID_API_KEY") {
            return Err(Problem::Usage(format!(
                "the target does not take the key ({}): it answers {}; give a key that is active",
                names(name),
                answer.status
            )));
        }
    }
    Ok(())
}

impl Exam<'_> {
    /// Whether there is no order but the examination's own.
    fn is_fresh(&self) -> bool {
        self.world.exclusive
    }

    /// What the hook or the target said, without secrets.
    fn said(&self, why: &str) -> String {
        self.target.redact(why)
    }

    /// Moves the clock, at once.
    async fn advance(&self, millis: u64) -> Result<(), ProvisionError> {
        self.target.advance(&self.world, millis).await?;
        self.target.provisioner.settle(&self.world).await
    }

    fn offers(&self, need: Need) -> bool {
        self.target.offers.has(need)
    }

    /// A page of what a supplier may see by that query; none where the target does not answer with one, which is for the
    /// checks to say.
    async fn page(&mut self, key: &str, query: &str) -> Option<Page> {
        let shared = if self.is_fresh() {
            "&limit=500".to_owned()
        } else {
            let limit = self.made.max(1);
            // Checks need most of what a run may hide.
            if self.found.withheld + limit > self.target.config.max_orders / 2 {
                return None;
            }
            format!("&subCategory={}&limit={limit}", self.tag)
        };
        let call = Call::list(key, format!("{query}{shared}"));
        let answer = self.target.transport.send(&call, &self.bindings).await.ok()?;
        if !self.is_fresh() {
            self.found.withheld += u32::try_from(answer.orders().len()).unwrap_or(u32::MAX);
        }
        let is_page =
            answer.status == 200 && answer.json.as_ref().is_some_and(|json| json["orders"].is_array());
        is_page.then_some(Page(answer))
    }

    /// Whether the target lets that supplier update the order, which changes nothing; none where that cannot be told.
    async fn may_update(&self, key: &str, order: u64) -> Option<bool> {
        if !self.offers(Need::Writes) {
            return None;
        }
        let call = Call::update(key, format!(r#"{{"order": {order}}}"#));
        let answer = self.target.transport.send(&call, &self.bindings).await.ok()?;
        match answer.status {
            200..300 => Some(true),
            400..500 => Some(false),
            _ => None,
        }
    }
}

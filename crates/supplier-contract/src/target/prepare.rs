//! What the target is, and what can be had of it.

mod reach;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tokio::time::Duration;

use super::Target;
use crate::config::Config;
use crate::diagnosis::Diagnosis;
use crate::doctor;
use crate::http::{Answer, Call, LIST, Means, Tls, Transport, TransportError};
use crate::provision::{
    CommandHook, Hook, HttpHook, Need, Offers, Place, Provision, ProvisionError, Provisioner, SandboxControl,
    Seats, Way, identify,
};
use crate::schema::Schema;
use crate::template::Bindings;

/// How many private sandboxes there are at a time, unless the user says otherwise.
const SANDBOXES_AT_ONCE: usize = 8;

/// Why a run cannot begin.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Something that was asked for makes no sense; it says what would.
    #[error("{0}")]
    Usage(String),
    /// The target or its hook cannot be reached, or is something else.
    #[error("{0}")]
    Unreachable(String),
    /// The suite itself failed.
    #[error("{0}")]
    Failed(String),
}

impl From<TransportError> for Problem {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Unsendable(why) => {
                Self::Usage(format!("the target's URL cannot be called: {why}"))
            }
            other => Self::Unreachable(other.to_string()),
        }
    }
}

pub(super) async fn prepare(config: Config, watch: Duration) -> Result<Target, Problem> {
    let problem = || Problem::Usage(format!("`{}` is no URL: --target http://host:port", config.target));
    if !config.target.starts_with("http://") && !config.target.starts_with("https://") {
        return Err(problem());
    }
    let tls = Tls::new(&config.authorities)
        .map_err(|why| Problem::Usage(format!("the certificates of authorities: {why}")))?;
    let means =
        Means { call_options: config.call_options.clone(), tls: tls.clone(), read_only: config.read_only };
    let transport = Transport::new(&config.target, means)?;
    // Without a key it is refused: nothing is handed out.
    let answer = transport.send(&Call::new("GET", LIST), &Bindings::default()).await;
    let answer = answer.map_err(|error| match Problem::from(error) {
        Problem::Unreachable(why) => Problem::Unreachable(format!("{}: {why}", transport.base())),
        other => other,
    })?;
    is_the_api(&answer, transport.base())?;
    reach::reaches_the_api(&transport, &config, &answer).await?;
    let sandbox = identify(&answer).map(str::to_owned);
    let provision = config.provision.unwrap_or_else(|| match (&sandbox, config.hook.first()) {
        (_, Some(hook)) if hook.starts_with("http://") || hook.starts_with("https://") => Provision::Http,
        (_, Some(_)) => Provision::Command,
        (Some(_), None) => Provision::Sandbox,
        (None, None) if config.listed == crate::provision::Listed::default() => Provision::None,
        (None, None) => Provision::Static,
    });
    let provisioner = provisioner(&config, provision, &tls)?;
    let mut offers = offers(&config, &provisioner, sandbox.is_some()).await?;
    if config.keys.contains_key("first") && !matches!(provisioner, Provisioner::Sandbox(_)) {
        doctor::takes_the_keys(&transport, &config.keys, |name| {
            if name == "first" { "--key" } else { "--second-key" }
        })
        .await?;
    }
    if config.read_only {
        restrict(&mut offers, &provisioner);
    }
    let schema = Schema::new().map_err(Problem::Usage)?;
    let password = password();
    let seats = seats(&config, &provisioner);
    let secrets: BTreeSet<String> = config.keys.values().cloned().chain(config.admin_token.clone()).collect();
    let mut target = Target {
        config,
        transport,
        provisioner,
        offers,
        seats,
        schema,
        password,
        sandbox,
        secrets: RefCell::new(secrets),
        reported: RefCell::default(),
        tags: Cell::new(0),
        own: Cell::new(0),
        diagnosis: Diagnosis::default(),
        unheeded: BTreeMap::new(),
    };
    match Box::pin(doctor::examine(&mut target, watch)).await {
        Ok(()) => Ok(target),
        Err(problem) => {
            target.close().await;
            Err(problem)
        }
    }
}

/// Seats for as many cases as there are worlds for, and as may run at a time.
fn seats(config: &Config, provisioner: &Provisioner) -> Rc<Seats> {
    let most = config.jobs.map(|jobs| jobs as usize);
    let others = |count: usize| most.unwrap_or(count).max(1) - 1;
    match provisioner {
        Provisioner::Sandbox(_) => {
            let places = (0..others(SANDBOXES_AT_ONCE)).map(|_| Place::default());
            Seats::new(Place::default(), places)
        }
        Provisioner::Hook(hook) => {
            let worlds = hook.worlds();
            let others = others(worlds.len() + 1);
            Seats::new(Place::default(), worlds.into_iter().take(others))
        }
        Provisioner::Static | Provisioner::None => Seats::new(Place::default(), []),
    }
}

/// Takes away what a read-only run does not do: of the target, and of a hook.
fn restrict(offers: &mut Offers, provisioner: &Provisioner) {
    for need in [Need::Lists, Need::Writes, Need::Stock, Need::OwnOrder] {
        offers.remove(need);
    }
    if let Provisioner::Hook(_) = provisioner {
        for need in [Need::Orders, Need::UnpaidOrder, Need::ForeignOrder, Need::Time, Need::Fresh] {
            offers.remove(need);
        }
        offers.waits = false;
    }
}

/// A secret that is no other run's.
fn password() -> String {
    let now = jiff::Timestamp::now().as_nanosecond();
    format!("pw{:x}n", now.unsigned_abs() & 0xffff_ffff_ffff)
}

/// Whether what answered can be the API at all.
fn is_the_api(answer: &Answer, base: &str) -> Result<(), Problem> {
    let unreachable = |why: String| Err(Problem::Unreachable(format!("{base}{LIST} {why}")));
    if (300..400).contains(&answer.status) {
        let to = crate::http::printable(answer.header("location").unwrap_or("nowhere"), 200);
        return unreachable(format!(
            "redirects to {to}: redirects are not followed, for the key would travel; give the final URL"
        ));
    }
    let html = answer.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    if html && answer.json.is_none() {
        return unreachable(format!(
            "answers {} with a page of HTML: {}",
            answer.status,
            reach::remedy(base)
        ));
    }
    if (answer.status == 404 || answer.status == 405) && answer.code() != Some("INVALID_API_KEY") {
        return unreachable(format!("is not there ({}): {}", answer.status, reach::remedy(base)));
    }
    Ok(())
}

fn provisioner(config: &Config, provision: Provision, tls: &Tls) -> Result<Provisioner, Problem> {
    let usage = |why: &str| Err(Problem::Usage(why.to_owned()));
    let failed = |error: ProvisionError| Problem::Usage(error.to_string());
    let hook = |way| Provisioner::Hook(Hook::new(way, config.read_only));
    Ok(match provision {
        Provision::Sandbox => Provisioner::Sandbox(
            SandboxControl::new(&config.target, config.admin_token.clone(), tls).map_err(failed)?,
        ),
        Provision::Http => match config.hook.as_slice() {
            [url] => hook(Way::Http(HttpHook::new(url, config.hook_timeout, tls).map_err(failed)?)),
            _ => return usage("--provision http needs the hook's URL: --hook http://host:port/path"),
        },
        Provision::Command => match config.hook.split_first() {
            Some((program, arguments)) => {
                hook(Way::Command(CommandHook::new(program, arguments, config.hook_timeout)))
            }
            None => return usage("--provision command needs the hook: --hook ./program --hook argument"),
        },
        Provision::Static => Provisioner::Static,
        Provision::None => Provisioner::None,
    })
}

async fn offers(config: &Config, provisioner: &Provisioner, is_sandbox: bool) -> Result<Offers, Problem> {
    let mut offers = Offers::default();
    let has_key = config.keys.contains_key("first");
    let writes = is_sandbox || config.allow_writes;
    match provisioner {
        Provisioner::Sandbox(control) => {
            // Whether there is a control API is found out at once.
            let seat = Seats::new(Place::default(), []).shared(0);
            let world = match control.fork(seat).await {
                Ok(world) => world,
                Err(error) => {
                    control.finish().await;
                    return Err(Problem::Unreachable(error.to_string()));
                }
            };
            provisioner.close(&world).await;
            return Ok(Offers::new(Need::ALL));
        }
        Provisioner::Hook(hook) => {
            let actions = hook.actions().await.map_err(|error| Problem::Unreachable(error.to_string()))?;
            let has = |action: &str| actions.iter().any(|known| known == action);
            let key = has_key || has("new_key");
            let orders = has("create_orders") && key;
            let second = config.keys.contains_key("second") || has("new_key");
            offers.add(Need::Key, key);
            offers.add(Need::Lists, key);
            offers.add(Need::Stock, key);
            offers.add(Need::Writes, key && writes);
            for need in [Need::Orders, Need::OwnOrder, Need::UnpaidOrder] {
                offers.add(need, orders);
            }
            offers.add(Need::ForeignOrder, orders && second);
            offers.add(Need::Second, second);
            offers.add(Need::NewKey, has("new_key"));
            offers.add(Need::RevokeKey, has("new_key") && has("revoke_key"));
            offers.add(Need::Time, has("advance_clock"));
            offers.add(Need::State, has("order_state"));
            offers.add(Need::Fresh, has("reset") && (!config.wait || has("advance_clock")));
        }
        Provisioner::Static | Provisioner::None => {
            for need in [Need::Key, Need::Lists, Need::Stock] {
                offers.add(need, has_key);
            }
            offers.add(Need::Writes, has_key && writes);
            offers.add(Need::Second, config.keys.contains_key("second"));
            let found = matches!(provisioner, Provisioner::None);
            offers.add(Need::OwnOrder, has_key && (found || !config.listed.own.is_empty()));
            offers.add(Need::ForeignOrder, has_key && !config.listed.foreign.is_empty());
            offers.add(Need::UnpaidOrder, has_key && !config.listed.unpaid.is_empty());
        }
    }
    if config.wait && !offers.has(Need::Time) {
        offers.add(Need::Time, offers.has(Need::Key));
        offers.waits = true;
    }
    Ok(offers)
}

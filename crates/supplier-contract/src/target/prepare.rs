//! What the target is, and what can be had of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::Target;
use crate::config::Config;
use crate::http::{Answer, Call, LIST, Transport, TransportError};
use crate::provision::Provision;
use crate::provision::{
    CommandHook, HttpHook, Need, Offers, ProvisionError, Provisioner, SandboxControl, identify,
};
use crate::schema::Schema;
use crate::template::Bindings;

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

pub(super) async fn prepare(config: Config) -> Result<Target, Problem> {
    let problem = || Problem::Usage(format!("`{}` is no URL: --target http://host:port", config.target));
    if !config.target.starts_with("http://") && !config.target.starts_with("https://") {
        return Err(problem());
    }
    let transport = Transport::new(&config.target, config.call_options.clone())?;
    // Without a key it is refused: nothing is handed out.
    let answer = transport.send(&Call::new("GET", LIST), &Bindings::default()).await;
    let answer = answer.map_err(|error| match Problem::from(error) {
        Problem::Unreachable(why) => Problem::Unreachable(format!("{}: {why}", transport.base())),
        other => other,
    })?;
    is_the_api(&answer, transport.base())?;
    let sandbox = identify(&answer).map(str::to_owned);
    let provision = config.provision.unwrap_or_else(|| match (&sandbox, config.hook.first()) {
        (_, Some(hook)) if hook.starts_with("http://") || hook.starts_with("https://") => Provision::Http,
        (_, Some(_)) => Provision::Command,
        (Some(_), None) => Provision::Sandbox,
        (None, None) if config.listed == crate::provision::Listed::default() => Provision::None,
        (None, None) => Provision::Static,
    });
    let provisioner = provisioner(&config, provision)?;
    let mut offers = offers(&config, &provisioner, sandbox.is_some()).await?;
    if config.keys.contains_key("first") && !matches!(provisioner, Provisioner::Sandbox(_)) {
        takes_the_key(&transport, &config).await?;
    }
    if config.read_only {
        for need in [Need::Lists, Need::Writes, Need::Stock, Need::OwnOrder] {
            offers.remove(need);
        }
    }
    let schema = Schema::new().map_err(Problem::Usage)?;
    let password = password();
    let secrets: BTreeSet<String> = config.keys.values().cloned().chain(config.admin_token.clone()).collect();
    Ok(Target {
        config,
        transport,
        provisioner,
        offers,
        schema,
        password,
        sandbox,
        secrets: RefCell::new(secrets),
        reported: RefCell::default(),
        clean: RefCell::new(None),
        tags: Cell::new(0),
        own: Cell::new(0),
    })
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
            "answers {} with a page of HTML: is it the API's URL, without a path?",
            answer.status
        ));
    }
    if (answer.status == 404 || answer.status == 405) && answer.code() != Some("INVALID_API_KEY") {
        return unreachable(format!(
            "is not there ({}): is it the API's URL, without a path?",
            answer.status
        ));
    }
    Ok(())
}

fn provisioner(config: &Config, provision: Provision) -> Result<Provisioner, Problem> {
    let usage = |why: &str| Err(Problem::Usage(why.to_owned()));
    let failed = |error: ProvisionError| Problem::Usage(error.to_string());
    Ok(match provision {
        Provision::Sandbox => Provisioner::Sandbox(
            SandboxControl::new(&config.target, config.admin_token.clone()).map_err(failed)?,
        ),
        Provision::Http => match config.hook.as_slice() {
            [url] => Provisioner::Http(HttpHook::new(url, config.hook_timeout).map_err(failed)?),
            _ => return usage("--provision http needs the hook's URL: --hook http://host:port/path"),
        },
        Provision::Command => match config.hook.split_first() {
            Some((program, arguments)) => {
                Provisioner::Command(CommandHook::new(program, arguments, config.hook_timeout))
            }
            None => return usage("--provision command needs the hook: --hook ./program --hook argument"),
        },
        Provision::Static => Provisioner::Static,
        Provision::None => Provisioner::None,
    })
}

/// Whether the target takes the key that was given: an order that cannot be is not found, whoever asks.
async fn takes_the_key(transport: &Transport, config: &Config) -> Result<(), Problem> {
    let bindings = Bindings { keys: config.keys.clone(), ..Bindings::default() };
    for (name, option) in [("first", "--key"), ("second", "--second-key")] {
        if !config.keys.contains_key(name) {
            continue;
        }
        let answer = transport.send(&Call::update(name, r#"{"order": 0}"#), &bindings).await?;
        if answer.status == 401 || answer.code() == Some("INVALID_API_KEY") {
            return Err(Problem::Usage(format!(
                "the target does not take the key ({option}): it answers {}",
                answer.status
            )));
        }
    }
    Ok(())
}

async fn offers(config: &Config, provisioner: &Provisioner, is_sandbox: bool) -> Result<Offers, Problem> {
    let mut offers = Offers::default();
    let has_key = config.keys.contains_key("first");
    let writes = is_sandbox || config.allow_writes;
    match provisioner {
        Provisioner::Sandbox(control) => {
            // Whether there is a control API is found out at once.
            let world = control.fork().await.map_err(|error| Problem::Unreachable(error.to_string()))?;
            provisioner.close(&world).await;
            return Ok(Offers::new(Need::ALL));
        }
        Provisioner::Http(_) | Provisioner::Command(_) => {
            let actions =
                provisioner.hook_actions().await.map_err(|error| Problem::Unreachable(error.to_string()))?;
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

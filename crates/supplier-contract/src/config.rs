//! Configuration of a run.

mod baseline;
#[cfg(feature = "cli")]
mod settings;
mod toml_error;

use std::collections::BTreeMap;

use tokio::time::Duration;

use crate::http::CallOptions;
use crate::profile::Profile;
use crate::provision::{Listed, Provision};

pub use baseline::{Accepted, Baseline};
#[cfg(feature = "cli")]
pub(crate) use settings::{FILE_NAME, Require, variable};
#[cfg(feature = "cli")]
pub use settings::{Settings, read};
pub(crate) use toml_error::explain;

/// What is wrong with a configuration, and what would be right. It tells no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// A run's configuration.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Config {
    /// The target's URL: what comes before `/api/admin/v2`.
    pub target: String,
    /// Keys by the names `first` and `second`.
    pub keys: BTreeMap<String, String>,
    /// The sandbox's admin token, where it asks for one.
    pub admin_token: Option<String>,
    /// Certificates in PEM form of authorities that are trusted beside the machine's own; empty if there are none.
    pub authorities: Vec<u8>,
    /// How the target is prepared; left out, `Sandbox` where the target says that it is one, else `None`.
    pub provision: Option<Provision>,
    /// The hook: a URL, or a program and its arguments.
    pub hook: Vec<String>,
    /// How long a hook may take for an answer.
    pub hook_timeout: Duration,
    /// Orders that are there.
    pub listed: Listed,
    /// Whether orders may be changed on a target that does not say that it is a sandbox.
    pub allow_writes: bool,
    /// Whether nothing but refusals is looked at.
    pub read_only: bool,
    /// How many of the target's orders may be withheld or changed, in all.
    pub max_orders: u32,
    /// How calls are sent.
    pub call_options: CallOptions,
    /// How many cases run at a time, at most; left out, 8 with private sandboxes, and as many as a hook has worlds.
    pub jobs: Option<u32>,
    /// When the run ends at the latest.
    pub max_time: Option<Duration>,
    /// Whether the run ends with the first check that finds a broken rule.
    pub fail_fast: bool,
    /// Whether windows are waited for where no clock can be moved.
    pub wait: bool,
    /// Whether what was chosen by the project binds too.
    pub strict: bool,
    /// The seed of all that is random.
    pub seed: u64,
    /// How many cases a property runs; left out, as many as the way of preparing the target has time for: 128, or 8 by a
    /// hook that is a program.
    pub cases: Option<u32>,
    /// The target's choices.
    pub profile: Profile,
    /// Failures that are known.
    pub baseline: Baseline,
    /// Rules, groups of rules or checks to run; all if none.
    pub only: Vec<String>,
}

impl Config {
    /// The usual for a target.
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            keys: BTreeMap::new(),
            admin_token: None,
            authorities: Vec::new(),
            provision: None,
            hook: Vec::new(),
            hook_timeout: Duration::from_secs(10),
            listed: Listed::default(),
            allow_writes: false,
            read_only: false,
            max_orders: 500,
            call_options: CallOptions { timeout: Duration::from_secs(10), rate: None },
            jobs: None,
            max_time: None,
            fail_fast: false,
            wait: false,
            strict: false,
            seed: 1,
            cases: None,
            profile: Profile::default(),
            baseline: Baseline::default(),
            only: Vec::new(),
        }
    }

    /// With the first supplier's key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.keys.insert("first".to_owned(), key.into());
        self
    }

    /// With a second supplier's key.
    #[must_use]
    pub fn second_key(mut self, key: impl Into<String>) -> Self {
        self.keys.insert("second".to_owned(), key.into());
        self
    }
}

//! Settings of a run. Each is declared once, for the command line, the environment and `contract.toml`.

mod file;
mod resolve;
mod values;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ArgAction;
use clap::parser::ValueSource;
use serde::Deserialize;

use super::{Accepted, Baseline, ConfigError};
use crate::profile::Profile;
use crate::provision::Listed;
use values::{Cases, Jobs, MaxOrders, Only, Preparation, ProfileSource, Rate, Seed, Time};

pub(crate) use file::FILE_NAME;
pub use file::read;
pub(crate) use values::Require;

/// Settings of a run, from one source or several; a setting that was not given is `None`.
///
/// The comment of a field is the help of its option. Its environment variable is `SUPPLIER_CONTRACT_` and its name.
#[derive(Clone, Default, clap::Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// The schema of the file, for editors
    #[arg(skip)]
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// Base URL of the target: the part before /api/admin/v2
    #[arg(long, value_name = "URL")]
    pub target: Option<String>,
    /// Configuration file [default: contract.toml, if it exists]. The command line overrides the environment, which
    /// overrides the file
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// API key of the first supplier, visible in the process list: prefer --key-file or the environment
    #[arg(long, value_name = "KEY", allow_hyphen_values = true, help_heading = "Keys")]
    #[serde(skip)]
    pub key: Option<String>,
    /// File with the API key of the first supplier
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub key_file: Option<PathBuf>,
    /// Variable with the API key of the first supplier
    #[arg(skip)]
    pub key_env: Option<String>,
    /// API key of a second supplier, to test that suppliers cannot see each other's orders; visible as --key is
    #[arg(long, value_name = "KEY", allow_hyphen_values = true, help_heading = "Keys")]
    #[serde(skip)]
    pub second_key: Option<String>,
    /// File with the API key of a second supplier
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub second_key_file: Option<PathBuf>,
    /// Variable with the API key of a second supplier
    #[arg(skip)]
    pub second_key_env: Option<String>,
    /// Admin token, which only the environment can hold
    #[arg(skip)]
    #[serde(skip)]
    pub admin_token: Option<String>,
    /// File with the admin token, if the sandbox requires one; or set `SUPPLIER_CONTRACT_ADMIN_TOKEN`
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub admin_token_file: Option<PathBuf>,
    /// Variable with the admin token
    #[arg(skip)]
    pub admin_token_env: Option<String>,
    /// File with the certificate (PEM) of an authority to trust, in addition to this machine's: for a target or hook whose
    /// certificate a private authority signed
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// How to prepare the target: sandbox, http, command, static (orders listed in contract.toml) or none [default:
    /// detected]
    #[arg(long, value_name = "HOW", help_heading = "Preparation")]
    pub provision: Option<Preparation>,
    /// Hook that prepares the target: a URL that receives POST requests, or a program, started without a shell
    #[arg(long, value_name = "URL|PROGRAM", action = ArgAction::Set, help_heading = "Preparation")]
    #[serde(deserialize_with = "values::words")]
    pub hook: Option<Vec<String>>,
    /// Argument for the hook program; repeat the option for more. In the environment, one per line
    #[arg(long, value_name = "ARG", allow_hyphen_values = true, help_heading = "Preparation")]
    #[serde(skip)]
    pub hook_arg: Option<Vec<String>>,
    /// Timeout for the hook, in seconds [default: 10]
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true, help_heading = "Preparation")]
    pub hook_timeout: Option<Time>,
    /// Orders that are there, for a target that cannot make any
    #[arg(skip)]
    pub orders: Option<Listed>,
    /// Test only requests that the target refuses: no order is hidden or changed
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          help_heading = "Limits")]
    pub read_only: Option<bool>,
    /// Change orders even if the target is not known to be a sandbox
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          help_heading = "Limits")]
    pub allow_writes: Option<bool>,
    /// Maximum rate of calls, such as 20/s [default: no limit]
    #[arg(long, value_name = "N/s", allow_hyphen_values = true, help_heading = "Limits")]
    pub rate: Option<Rate>,
    /// Timeout for a call, in seconds [default: 10]
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true, help_heading = "Limits")]
    pub timeout: Option<Time>,
    /// Wait in real time, half an hour and more, if the target's clock cannot be moved
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          help_heading = "Limits")]
    pub wait: Option<bool>,
    /// Maximum number of orders to hide, and of orders to change, if the target is not a sandbox [default: 500]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Limits")]
    pub max_orders: Option<MaxOrders>,
    /// Maximum number of cases at a time [default: 8 in private sandboxes; one in each world of a hook]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Limits")]
    pub jobs: Option<Jobs>,
    /// Maximum time of a run: seconds, or a text such as 10m
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Limits")]
    pub max_time: Option<Time>,
    /// End the run with the first check that finds a broken rule
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          help_heading = "Limits")]
    pub fail_fast: Option<bool>,
    /// Random seed; of two the last counts [default: random; reports show it]
    #[arg(long, value_name = "N", allow_hyphen_values = true, overrides_with = "seed")]
    pub seed: Option<Seed>,
    /// Number of random cases for each property [default: 128; 8 with a hook program]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub cases: Option<Cases>,
    /// Require the project's choices where the guide is silent, too: WARN becomes FAIL
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          help_heading = "Verdicts")]
    pub strict: Option<bool>,
    /// Profile with the target's choices where the guide is silent (TOML, written by `observe`)
    #[arg(long, value_name = "FILE", help_heading = "Verdicts")]
    pub profile: Option<ProfileSource>,
    /// Known failures, each accepted until a date (TOML: `[[accept]]` with rule, until and reason)
    #[arg(long, value_name = "FILE", help_heading = "Verdicts")]
    pub baseline: Option<PathBuf>,
    /// Known failures in addition to the baseline
    #[arg(skip)]
    pub accept: Option<Vec<Accepted>>,
    /// Run only this rule, group of rules or check; repeat the option, or separate several by commas
    #[arg(long, value_name = "RULE|GROUP|CHECK", value_delimiter = ',')]
    pub only: Option<Vec<Only>>,
    /// Exit with code 4 if a rule of this level was not tested: stated, implied (includes stated) or chosen (all)
    #[arg(long, value_name = "LEVEL", help_heading = "Verdicts")]
    pub require: Option<Require>,
    /// Report to write: human, json=FILE, junit=FILE, markdown=FILE or html=FILE; repeat the option for several
    /// (separated by commas in the environment) [default: human]
    #[arg(long, value_name = "FORMAT[=FILE]", help_heading = "Verdicts")]
    pub report: Option<Vec<String>>,
    /// Sources of the settings by their ids; settings of the file are left out
    #[arg(skip)]
    #[serde(skip)]
    pub(crate) sources: BTreeMap<String, ValueSource>,
    /// The profile, once `load` has read it
    #[arg(skip)]
    #[serde(skip)]
    read_profile: Option<Profile>,
    /// The known failures, once `load` has read the baseline
    #[arg(skip)]
    #[serde(skip)]
    read_baseline: Option<Baseline>,
}

/// The environment variable of a setting: `SUPPLIER_CONTRACT_…`.
pub(crate) fn variable(id: &str) -> String {
    format!("SUPPLIER_CONTRACT_{}", id.to_uppercase())
}

impl Settings {
    /// The name of a setting in its source: an option, a variable or a field of the file.
    fn name(&self, id: &str) -> String {
        let option = id.replace('_', "-");
        match self.sources.get(id) {
            None => format!("`{option}`"),
            Some(ValueSource::CommandLine) => format!("--{option}"),
            Some(_) => variable(id),
        }
    }

    /// Of settings that exclude each other, the one of the strongest source, with its name.
    fn strongest<T>(
        &self,
        given: impl IntoIterator<Item = (String, Option<T>)>,
    ) -> Result<Option<(String, T)>, ConfigError> {
        let given =
            given.into_iter().filter_map(|(id, value)| Some((self.sources.get(&id), self.name(&id), value?)));
        let mut given: Vec<_> = given.collect();
        given.sort_by_key(|(source, ..)| Reverse(*source));
        match &*given {
            [(one, name, _), (other, other_name, _), ..] if one == other => {
                Err(ConfigError(format!("{name} and {other_name} contradict each other: keep one of them")))
            }
            _ => Ok(given.into_iter().next().map(|(_, name, value)| (name, value))),
        }
    }
}

//! Command-line options that configure a run.

use std::env;
use std::path::{Path, PathBuf};

use crate::config::{self, Config, FILE_NAME, Secret, Settings, Writes, values};
use crate::masking::mask;
use crate::provision::Provision;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args};
use jiff::civil::Date;
use tokio::time::Duration;

use super::exit::Failure;

/// Where the target is, and how it is prepared.
#[derive(Args)]
pub(super) struct Connection {
    /// Base URL of the target: the part before /api/admin/v2
    #[arg(long, value_name = "URL", env = "SUPPLIER_CONTRACT_TARGET", hide_env_values = true)]
    target: Option<String>,
    /// Configuration file [default: contract.toml, if it exists]. The command line overrides the environment, which
    /// overrides the file
    #[arg(long, value_name = "FILE", env = "SUPPLIER_CONTRACT_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
    /// API key of the first supplier, visible in the process list: prefer --key-file or the environment
    #[arg(
        long,
        value_name = "KEY",
        allow_hyphen_values = true,
        env = "SUPPLIER_CONTRACT_KEY",
        hide_env_values = true,
        help_heading = "Keys"
    )]
    key: Option<String>,
    /// File with the API key of the first supplier
    #[arg(
        long,
        value_name = "FILE",
        env = "SUPPLIER_CONTRACT_KEY_FILE",
        hide_env_values = true,
        help_heading = "Keys"
    )]
    key_file: Option<PathBuf>,
    /// API key of a second supplier, to test that suppliers cannot see each other's orders; visible as --key is
    #[arg(
        long,
        value_name = "KEY",
        allow_hyphen_values = true,
        env = "SUPPLIER_CONTRACT_SECOND_KEY",
        hide_env_values = true,
        help_heading = "Keys"
    )]
    second_key: Option<String>,
    /// File with the API key of a second supplier
    #[arg(
        long,
        value_name = "FILE",
        env = "SUPPLIER_CONTRACT_SECOND_KEY_FILE",
        hide_env_values = true,
        help_heading = "Keys"
    )]
    second_key_file: Option<PathBuf>,
    /// File with the admin token, if the sandbox requires one; or set `SUPPLIER_CONTRACT_ADMIN_TOKEN`
    #[arg(
        long,
        value_name = "FILE",
        env = "SUPPLIER_CONTRACT_ADMIN_TOKEN_FILE",
        hide_env_values = true,
        help_heading = "Keys"
    )]
    admin_token_file: Option<PathBuf>,
    /// How to prepare the target: sandbox, http, command, static (orders listed in contract.toml) or none [default:
    /// detected]
    #[arg(long, value_name = "HOW", env = "SUPPLIER_CONTRACT_PROVISION", hide_env_values = true,
          value_parser = values::provision, help_heading = "Preparation")]
    provision: Option<Provision>,
    /// Hook that prepares the target: a URL that receives POST requests, or a program, started without a shell
    #[arg(
        long,
        value_name = "URL|PROGRAM",
        env = "SUPPLIER_CONTRACT_HOOK",
        hide_env_values = true,
        help_heading = "Preparation"
    )]
    hook: Option<String>,
    /// Argument for the hook program; repeat the option for more. In the environment, one per line
    #[arg(
        long,
        value_name = "ARG",
        allow_hyphen_values = true,
        value_delimiter = None,
        env = "SUPPLIER_CONTRACT_HOOK_ARG",
        hide_env_values = true,
        help_heading = "Preparation"
    )]
    hook_arg: Vec<String>,
    /// Timeout for the hook, in seconds [default: 10]
    #[arg(long, value_name = "SECONDS", env = "SUPPLIER_CONTRACT_HOOK_TIMEOUT", hide_env_values = true,
          allow_hyphen_values = true, value_parser = values::duration, help_heading = "Preparation")]
    hook_timeout: Option<Duration>,
    /// Test only requests that the target refuses: no order is hidden or changed
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          env = "SUPPLIER_CONTRACT_READ_ONLY", hide_env_values = true, help_heading = "Limits")]
    read_only: Option<bool>,
    /// Change orders even if the target is not known to be a sandbox
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          env = "SUPPLIER_CONTRACT_ALLOW_WRITES", hide_env_values = true, help_heading = "Limits")]
    allow_writes: Option<bool>,
    /// Maximum rate of calls, such as 20/s [default: no limit]
    #[arg(long, value_name = "N/s", env = "SUPPLIER_CONTRACT_RATE", hide_env_values = true,
          allow_hyphen_values = true, value_parser = values::rate, help_heading = "Limits")]
    rate: Option<u32>,
    /// Timeout for a call, in seconds [default: 10]
    #[arg(long, value_name = "SECONDS", env = "SUPPLIER_CONTRACT_TIMEOUT", hide_env_values = true,
          allow_hyphen_values = true, value_parser = values::duration, help_heading = "Limits")]
    timeout: Option<Duration>,
    /// Wait in real time, half an hour and more, if the target's clock cannot be moved
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          env = "SUPPLIER_CONTRACT_WAIT", hide_env_values = true, help_heading = "Limits")]
    wait: Option<bool>,
}

/// How much is done.
#[derive(Args)]
pub(super) struct Effort {
    /// Maximum number of orders to hide, and of orders to change, if the target is not a sandbox [default: 500]
    #[arg(long, value_name = "N", env = "SUPPLIER_CONTRACT_MAX_ORDERS", hide_env_values = true,
          allow_hyphen_values = true, value_parser = values::max_orders, help_heading = "Limits")]
    max_orders: Option<u32>,
    /// Maximum time of a run: seconds, or a text such as 10m
    #[arg(long, value_name = "TIME", env = "SUPPLIER_CONTRACT_MAX_TIME", hide_env_values = true,
          allow_hyphen_values = true, value_parser = values::duration, help_heading = "Limits")]
    max_time: Option<Duration>,
    /// Random seed [default: random; reports show it]
    #[arg(long, value_name = "N", env = "SUPPLIER_CONTRACT_SEED", hide_env_values = true,
          allow_hyphen_values = true, value_parser = values::seed)]
    seed: Option<u64>,
    /// Number of random cases for each property [default: 128; 8 with a hook program]
    #[arg(long, value_name = "N", env = "SUPPLIER_CONTRACT_CASES", hide_env_values = true,
          allow_hyphen_values = true, value_parser = values::cases)]
    cases: Option<u32>,
}

/// What was given on the command line of a subcommand, and what by the environment.
pub(super) struct Given<'a>(pub(super) &'a ArgMatches);

impl Given<'_> {
    /// How strong an option's source is: 0 where it was not given.
    fn strength(&self, id: &str) -> u8 {
        match self.0.value_source(id) {
            Some(ValueSource::CommandLine) => 2,
            Some(ValueSource::EnvVariable) => 1,
            _ => 0,
        }
    }

    /// What an option is called where it was given.
    fn name(&self, id: &str) -> String {
        if self.strength(id) == 1 {
            format!("SUPPLIER_CONTRACT_{}", id.to_uppercase())
        } else {
            format!("--{}", id.replace('_', "-"))
        }
    }

    /// The stronger of two options that contradict each other.
    fn stronger<T>(&self, one: (&str, Option<T>), other: (&str, Option<T>)) -> Result<Option<T>, Failure> {
        match (one, other) {
            ((_, None), (_, value)) | ((_, value), (_, None)) => Ok(value),
            ((one, value), (other, another)) => match self.strength(one).cmp(&self.strength(other)) {
                std::cmp::Ordering::Greater => Ok(value),
                std::cmp::Ordering::Less => Ok(another),
                std::cmp::Ordering::Equal => Err(Failure::usage(format!(
                    "{} and {} contradict each other: give one of them",
                    self.name(one),
                    self.name(other)
                ))),
            },
        }
    }

    fn secret(
        &self,
        id: &str,
        text: Option<&String>,
        file: Option<&PathBuf>,
    ) -> Result<Option<Secret>, Failure> {
        let file_id = format!("{id}_file");
        let text = text.map(|text| Secret::Text(self.name(id), text.clone()));
        let file = file.map(|file| Secret::File(self.name(&file_id), file.clone()));
        self.stronger((id, text), (&file_id, file))
    }

    /// The admin token's file on the command line, or the token in the environment, or its file there.
    fn admin_token(&self, file: Option<&PathBuf>) -> Result<Option<Secret>, Failure> {
        const VARIABLE: &str = "SUPPLIER_CONTRACT_ADMIN_TOKEN";
        let id = "admin_token_file";
        let file = file.map(|file| Secret::File(self.name(id), file.clone()));
        if env::var_os(VARIABLE).is_none() || self.strength(id) == 2 {
            return Ok(file);
        }
        if file.is_some() {
            return Err(Failure::usage(format!(
                "{VARIABLE} and {} contradict each other: give one of them",
                self.name(id)
            )));
        }
        Ok(Some(Secret::Variable("the environment:".to_owned(), VARIABLE.to_owned())))
    }

    fn writes(&self, read_only: Option<bool>, allow_writes: Option<bool>) -> Result<Option<Writes>, Failure> {
        let read_only = read_only.map(|on| if on { Writes::ReadOnly } else { Writes::InSandboxes });
        let allow_writes = allow_writes.map(|on| if on { Writes::Allowed } else { Writes::InSandboxes });
        match (read_only, allow_writes) {
            // What one of them turns off contradicts nothing.
            (Some(Writes::InSandboxes), Some(other)) | (Some(other), Some(Writes::InSandboxes)) => {
                Ok(Some(other))
            }
            _ => self.stronger(("read_only", read_only), ("allow_writes", allow_writes)),
        }
    }

    /// What an option that can be given several times was given.
    pub(super) fn many(&self, id: &str, values: &[String], separator: char) -> Option<Vec<String>> {
        match self.strength(id) {
            0 => None,
            1 => {
                let parts = values.iter().flat_map(|value| value.split(separator));
                Some(parts.filter(|part| !part.is_empty()).map(str::to_owned).collect())
            }
            _ => Some(values.to_owned()),
        }
    }
}

impl Connection {
    /// What they set, beside `others` that the command has, over what the file sets.
    pub(super) fn settings(
        &self,
        given: &Given<'_>,
        others: Settings,
        today: Date,
    ) -> Result<Settings, Failure> {
        let set = Settings {
            target: self.target.clone(),
            key: given.secret("key", self.key.as_ref(), self.key_file.as_ref())?,
            second_key: given.secret(
                "second_key",
                self.second_key.as_ref(),
                self.second_key_file.as_ref(),
            )?,
            admin_token: given.admin_token(self.admin_token_file.as_ref())?,
            provision: self.provision,
            hook: self.hook.clone(),
            hook_arguments: given.many("hook_arg", &self.hook_arg, '\n'),
            hook_timeout: self.hook_timeout,
            writes: given.writes(self.read_only, self.allow_writes)?,
            rate: self.rate,
            timeout: self.timeout,
            wait: self.wait,
            ..others
        };
        let file = match &self.config {
            Some(path) => config::read(path, today)?,
            None if Path::new(FILE_NAME).exists() => config::read(Path::new(FILE_NAME), today)?,
            None => Settings::default(),
        };
        Ok(set.over(file))
    }
}

impl Effort {
    /// What they set.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            max_orders: self.max_orders,
            max_time: self.max_time,
            seed: self.seed,
            cases: self.cases,
            ..Settings::default()
        }
    }
}

/// What time it is, for all that follows from that.
#[derive(Clone, Copy)]
pub(super) struct Now(jiff::Timestamp);

impl Now {
    pub(super) fn here() -> Self {
        Self(jiff::Timestamp::now())
    }

    /// The day by which known failures are judged.
    pub(super) fn today(self) -> Date {
        jiff::tz::TimeZone::UTC.to_datetime(self.0).date()
    }

    /// A seed that was not there before, short enough to be typed.
    pub(super) fn seed(self) -> u64 {
        let nanoseconds = self.0.as_nanosecond().unsigned_abs();
        // Of what changes the most, as much as can be typed.
        u64::try_from(nanoseconds % 10_000_000_000).unwrap_or_default()
    }
}

/// The text without the configuration's secrets.
pub(super) fn without_secrets(config: &Config, text: String) -> String {
    let secrets = config.keys.values().chain(&config.admin_token);
    secrets.fold(text, |text, secret| mask(&text, secret.as_str(), "[key]"))
}

//! `contract.toml`: the same settings as the command line's, and tables for what a command line has no room for.
//!
//! `schemas/contract.schema.json` describes it to editors; a test holds both together.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;
use tokio::time::Duration;

use super::settings::text_of;
use super::{Accepted, Baseline, ConfigError, Secret, Settings, Writes, explain, values};
use crate::profile::Profile;
use crate::provision::Listed;

/// The file that is read where it is in the current directory.
pub(crate) const FILE_NAME: &str = "contract.toml";
/// The largest configuration, profile or baseline, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// The file, as it is written.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[allow(clippy::struct_field_names, reason = "the names are those of the options")]
struct File {
    /// For editors.
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    target: Option<String>,
    key_file: Option<PathBuf>,
    key_env: Option<String>,
    second_key_file: Option<PathBuf>,
    second_key_env: Option<String>,
    admin_token_file: Option<PathBuf>,
    admin_token_env: Option<String>,
    provision: Option<String>,
    hook: Option<Words>,
    hook_timeout: Option<Time>,
    read_only: Option<bool>,
    allow_writes: Option<bool>,
    max_orders: Option<u32>,
    rate: Option<String>,
    timeout: Option<Time>,
    max_time: Option<Time>,
    wait: Option<bool>,
    strict: Option<bool>,
    seed: Option<u64>,
    cases: Option<u32>,
    profile: Option<toml::Value>,
    baseline: Option<PathBuf>,
    only: Option<Vec<String>>,
    require: Option<String>,
    report: Option<Vec<String>>,
    orders: Option<Listed>,
    accept: Option<Vec<Accepted>>,
}

/// A text, or a list of them.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text, or a list of texts")]
enum Words {
    One(String),
    Many(Vec<String>),
}

/// Seconds, or a time such as `"10m"`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected seconds, or a time such as \"10m\"")]
enum Time {
    Whole(i64),
    Parts(f64),
    Text(String),
}

/// Reads a configuration. Relative paths in it are relative to it; known failures are judged by the day that is told.
pub fn read(path: &Path, today: Date) -> Result<Settings, ConfigError> {
    let told = |why: String| ConfigError(format!("{}: {why}", path.display()));
    let text = text_of(path, MOST_BYTES).map_err(told)?;
    let directory = path.parent().unwrap_or(Path::new(""));
    parse(&text, directory, today).map_err(told)
}

/// Reads a profile.
pub(crate) fn read_profile(path: &Path) -> Result<Profile, ConfigError> {
    let told = |why: String| ConfigError(format!("{}: {why}", path.display()));
    let text = text_of(path, MOST_BYTES).map_err(told)?;
    Profile::parse(&text).map_err(|error| told(error.to_string()))
}

/// Reads a baseline.
pub(crate) fn read_baseline(path: &Path, today: Date) -> Result<Baseline, ConfigError> {
    let told = |why: String| ConfigError(format!("{}: {why}", path.display()));
    let text = text_of(path, MOST_BYTES).map_err(told)?;
    Baseline::parse(&text, today).map_err(told)
}

fn parse(text: &str, directory: &Path, today: Date) -> Result<Settings, String> {
    let file: File = toml::from_str(text).map_err(|error| explain(text, &error))?;
    file.settings(directory, today)
}

impl File {
    fn settings(self, directory: &Path, today: Date) -> Result<Settings, String> {
        let path = |path: PathBuf| directory.join(path);
        let writes = writes(self.read_only, self.allow_writes)?;
        let (hook, hook_arguments) = hook(self.hook, directory)?;
        let profile = match self.profile {
            None => None,
            Some(toml::Value::String(name)) => {
                Some(read_profile(&path(name.into())).map_err(|error| format!("`profile`: {error}"))?)
            }
            Some(toml::Value::Table(table)) => Some(choices(&table)?),
            Some(_) => {
                return Err(
                    "`profile`: must be a table of rules and choices, or the path of a file".to_owned()
                );
            }
        };
        let only = self.only.map(|only| {
            let known = |name: String| values::only(&name).map_err(|why| format!("`only`: {name:?} {why}"));
            only.into_iter().map(known).collect::<Result<Vec<_>, _>>()
        });
        Ok(Settings {
            target: self.target,
            key: secret("key", self.key_file.map(path), self.key_env)?,
            second_key: secret("second-key", self.second_key_file.map(path), self.second_key_env)?,
            admin_token: secret("admin-token", self.admin_token_file.map(path), self.admin_token_env)?,
            provision: named("provision", self.provision, values::provision)?,
            hook,
            hook_arguments,
            hook_timeout: time("hook-timeout", self.hook_timeout)?,
            listed: self.orders,
            writes,
            max_orders: self.max_orders,
            rate: named("rate", self.rate, values::rate)?,
            timeout: time("timeout", self.timeout)?,
            max_time: time("max-time", self.max_time)?,
            wait: self.wait,
            strict: self.strict,
            seed: self.seed,
            cases: named("cases", self.cases.map(|cases| cases.to_string()), values::cases)?,
            profile,
            baseline: known(self.baseline.map(path), self.accept, today)?,
            only: only.transpose()?,
            require: named("require", self.require, values::require)?,
            report: self
                .report
                .map(|reports| reports.iter().map(|report| in_directory(report, directory)).collect()),
        })
    }
}

fn named<T>(
    name: &str,
    text: Option<String>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    text.map(|text| read(&text).map_err(|why| format!("`{name}` = {text:?}: {why}"))).transpose()
}

fn time(name: &str, time: Option<Time>) -> Result<Option<Duration>, String> {
    let text = time.map(|time| match time {
        Time::Whole(seconds) => seconds.to_string(),
        Time::Parts(seconds) => seconds.to_string(),
        Time::Text(text) => text,
    });
    named(name, text, values::duration)
}

fn secret(name: &str, file: Option<PathBuf>, variable: Option<String>) -> Result<Option<Secret>, String> {
    match (file, variable) {
        (None, None) => Ok(None),
        (Some(file), None) => Ok(Some(Secret::File(format!("`{name}-file`"), file))),
        (None, Some(variable)) => Ok(Some(Secret::Variable(format!("`{name}-env`"), variable))),
        (Some(_), Some(_)) => {
            Err(format!("`{name}-file` and `{name}-env` contradict each other: keep one of them"))
        }
    }
}

fn writes(read_only: Option<bool>, allow_writes: Option<bool>) -> Result<Option<Writes>, String> {
    match (read_only, allow_writes) {
        (Some(true), Some(true)) => {
            Err("`read-only` and `allow-writes` contradict each other: keep one of them".to_owned())
        }
        (Some(true), _) => Ok(Some(Writes::ReadOnly)),
        (_, Some(true)) => Ok(Some(Writes::Allowed)),
        (None, None) => Ok(None),
        _ => Ok(Some(Writes::InSandboxes)),
    }
}

/// The hook's program, which is relative to the file if it is a path, and its arguments.
fn hook(hook: Option<Words>, directory: &Path) -> Result<(Option<String>, Option<Vec<String>>), String> {
    let words = match hook {
        None => return Ok((None, None)),
        Some(Words::One(hook)) => vec![hook],
        Some(Words::Many(words)) => words,
    };
    let mut words = words.into_iter();
    let Some(first) = words.next() else {
        return Err("`hook`: must be a URL, or a program and its arguments; it is an empty list".to_owned());
    };
    let is_path = first.contains('/') && !first.starts_with("http://") && !first.starts_with("https://");
    let first = if is_path { directory.join(first).to_string_lossy().into_owned() } else { first };
    Ok((Some(first), Some(words.collect())))
}

fn choices(table: &toml::Table) -> Result<Profile, String> {
    let text = toml::to_string(table).map_err(|error| format!("[profile]: {error}"))?;
    Profile::parse(&text).map_err(|error| format!("[profile]: {error}"))
}

/// Known failures: those of the file that is named, and those that stand here.
fn known(
    file: Option<PathBuf>,
    accept: Option<Vec<Accepted>>,
    today: Date,
) -> Result<Option<Baseline>, String> {
    if file.is_none() && accept.is_none() {
        return Ok(None);
    }
    let mut accepted = accept.unwrap_or_default();
    if let Some(file) = file {
        accepted
            .extend(read_baseline(&file, today).map_err(|error| format!("`baseline`: {error}"))?.accepted);
    }
    Baseline::of(accepted, today).map(Some)
}

/// A report whose file is relative to the configuration.
fn in_directory(report: &str, directory: &Path) -> String {
    match report.split_once('=') {
        Some((format, file)) if !file.is_empty() => format!("{format}={}", directory.join(file).display()),
        _ => report.to_owned(),
    }
}

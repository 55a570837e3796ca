//! Settings of a command: the command line overrides the environment, which overrides the file.

use std::env;
use std::path::{Path, PathBuf};

use crate::config::{self, Config, FILE_NAME, Settings, variable};
use crate::masking::mask;
use clap::parser::ValueSource;
use clap::{ArgGroup, ArgMatches, Args as _, Command, FromArgMatches as _};
use jiff::Timestamp;
use jiff::civil::Date;

use super::exit::Failure;

/// Adds the settings of a run to a command, except those with an id in `left_out`.
pub(super) fn with_settings(command: Command, left_out: &[&str]) -> Command {
    let (left_out, taken): (Vec<_>, Vec<_>) = Settings::augment_args(Command::new("settings"))
        .get_arguments()
        .map(|setting| setting.clone().env(variable(setting.get_id().as_str())))
        .partition(|setting| left_out.contains(&setting.get_id().as_str()));
    // The derived parser of `Settings` asks for every id: an empty group makes an id known that no option has.
    command.args(taken).groups(left_out.iter().map(|setting| ArgGroup::new(setting.get_id().clone())))
}

/// The settings of a command, from all sources.
pub(super) fn settings(given: &ArgMatches, now: Timestamp) -> Result<Settings, Failure> {
    let file = given.get_one::<PathBuf>("config").map(PathBuf::as_path);
    let file = file.or_else(|| Some(Path::new(FILE_NAME)).filter(|path| path.exists()));
    let mut settings = file.map_or_else(|| Ok(Settings::default()), |file| config::read(file, today(now)))?;
    let sources = given.ids().filter_map(|id| Some((id.to_string(), given.value_source(id.as_str())?)));
    settings.sources = sources.collect();
    if ["read_only", "allow_writes"].iter().any(|id| settings.sources.contains_key(*id)) {
        // Either replaces both of the file, even with `false`.
        (settings.read_only, settings.allow_writes) = (None, None);
    }
    settings.update_from_arg_matches(given).map_err(Failure::usage)?;
    // One variable holds several values.
    for (id, values, separator) in
        [("hook_arg", &mut settings.hook_arg, '\n'), ("report", &mut settings.report, ',')]
    {
        let is_variable = settings.sources.get(id) == Some(&ValueSource::EnvVariable);
        if let Some(values) = values.as_mut().filter(|_| is_variable) {
            let parts = values.iter().flat_map(|value| value.split(separator));
            *values = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
        }
    }
    let name = variable("admin_token");
    if let Some(token) = env::var_os(&name) {
        let token = token.into_string();
        settings.admin_token =
            Some(token.map_err(|_| Failure::usage(format!("{name}: it is not UTF-8 text")))?);
        settings.sources.insert("admin_token".to_owned(), ValueSource::EnvVariable);
    }
    settings.load(today(now))?;
    Ok(settings)
}

/// The day by which known failures expire.
fn today(now: Timestamp) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(now).date()
}

/// A new random seed, short enough to be typed.
pub(super) fn new_seed(now: Timestamp) -> u64 {
    let nanoseconds = now.as_nanosecond().unsigned_abs();
    // The digits that change the most.
    u64::try_from(nanoseconds % 10_000_000_000).unwrap_or_default()
}

/// The text without the configuration's secrets.
pub(super) fn without_secrets(config: &Config, text: String) -> String {
    let secrets = config.keys.values().chain(&config.admin_token);
    secrets.fold(text, |text, secret| mask(&text, secret.as_str(), "[key]"))
}

//! `contract.toml`: settings, and tables that a command line has no room for.
//!
//! `schemas/contract.schema.json` describes it to editors; a test holds both together.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use jiff::civil::Date;

use super::Settings;
use super::values::{ProfileSource, is_url};
use crate::config::{Baseline, ConfigError, explain};
use crate::profile::Profile;

/// The file that is read where it is in the current directory.
pub(crate) const FILE_NAME: &str = "contract.toml";
/// The largest configuration, profile or baseline, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a configuration file. Relative paths in the file are relative to its directory. Known failures expire by `today`.
pub fn read(path: &Path, today: Date) -> Result<Settings, ConfigError> {
    let told = |why: String| ConfigError(format!("{}: {why}", path.display()));
    let text = text_of(path, MOST_BYTES).map_err(told)?;
    let mut settings: Settings = toml::from_str(&text).map_err(|error| told(explain(&text, &error)))?;
    settings.place_in(path.parent().unwrap_or(Path::new("")));
    settings
        .check_contradictions()
        .and_then(|()| settings.load(today))
        .map_err(|ConfigError(why)| told(why))?;
    Ok(settings)
}

impl Settings {
    /// Makes relative paths relative to a directory.
    fn place_in(&mut self, directory: &Path) {
        let profile = self.profile.as_mut().and_then(|profile| match profile {
            ProfileSource::File(path) => Some(path),
            ProfileSource::Table(_) => None,
        });
        let files = [
            &mut self.key_file,
            &mut self.second_key_file,
            &mut self.admin_token_file,
            &mut self.baseline,
            &mut self.ca_file,
        ];
        for path in files.into_iter().flatten().chain(profile) {
            *path = directory.join(&path);
        }
        let hook = self.hook.iter_mut().flatten().next();
        if let Some(hook) = hook.filter(|hook| hook.contains('/') && !is_url(hook)) {
            *hook = directory.join(&hook).to_string_lossy().into_owned();
        }
        for report in self.report.iter_mut().flatten() {
            if let Some((format, file)) = report.split_once('=').filter(|(_, file)| !file.is_empty()) {
                *report = format!("{format}={}", directory.join(file).display());
            }
        }
    }

    /// Reads the profile and the baseline.
    pub(crate) fn load(&mut self, today: Date) -> Result<(), ConfigError> {
        let parse = |text: &str| Profile::parse(text).map_err(|error| error.to_string());
        self.read_profile = match self.profile.take() {
            Some(ProfileSource::File(path)) => Some(self.parsed("profile", &path, parse)?),
            Some(ProfileSource::Table(table)) => {
                let profile = parse(&table.to_string());
                Some(profile.map_err(|why| ConfigError(format!("[profile]: {why}")))?)
            }
            None => self.read_profile.take(),
        };
        if self.baseline.is_some() || self.accept.is_some() {
            let mut accepted = self.accept.take().unwrap_or_default();
            if let Some(path) = self.baseline.take() {
                let baseline = self.parsed("baseline", &path, |text| Baseline::parse(text, today))?;
                accepted.extend(baseline.accepted);
            }
            self.read_baseline = Some(Baseline::of(accepted, today).map_err(ConfigError)?);
        }
        Ok(())
    }

    fn parsed<T>(
        &self,
        id: &str,
        path: &Path,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        let parsed = text_of(path, MOST_BYTES).and_then(|text| parse(&text));
        parsed.map_err(|why| ConfigError(format!("{} {}: {why}", self.name(id), path.display())))
    }
}

/// The text of a file of so many bytes at most.
pub(super) fn text_of(path: &Path, most: u64) -> Result<String, String> {
    let failed = |error: io::Error| format!("it cannot be read: {error}");
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(format!("it is larger than {} KiB: is it the right file?", most >> 10));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("it begins with a byte order mark: save it as UTF-8 without one".to_owned());
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0) {
        return Err("it is UTF-16 or no text: save it as UTF-8, if it is the right file".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text: is it the right file?".to_owned())
}

//! Where secrets come from: a file or the environment, for options show in process lists.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use super::Failure;

/// A secret that the program may be given.
pub(super) struct Secret {
    /// What it is called.
    name: &'static str,
    /// The option that names its file.
    option: &'static str,
    /// The variable that holds it where no file is named.
    variable: &'static str,
    /// What is shorter could be guessed.
    min_chars: usize,
    /// What has fewer different characters was not drawn at random.
    min_different: usize,
}

/// What the control API asks for. Wrong ones do not slow the next one down, for then a stranger could hold programs back that
/// have the right one: it has to be too long to guess.
pub(super) const ADMIN_TOKEN: Secret = Secret {
    name: "admin token",
    option: "--admin-token-file",
    variable: "SUPPLIER_SANDBOX_ADMIN_TOKEN",
    min_chars: 16,
    min_different: 6,
};

/// What the dashboard asks suppliers for. Wrong ones slow the next one down, so that a shorter one will do.
pub(super) const DASHBOARD_PASSWORD: Secret = Secret {
    name: "dashboard's password",
    option: "--dashboard-password-file",
    variable: "SUPPLIER_SANDBOX_DASHBOARD_PASSWORD",
    min_chars: 8,
    min_different: 1,
};

impl Secret {
    /// The secret, if it was given. The file goes before the environment.
    pub(super) fn read(&self, file: Option<&Path>) -> Result<Option<String>, Failure> {
        let (text, place) = match file {
            Some(path) => {
                let place = format!("{} {}", self.option, path.display());
                let text = fs::read_to_string(path)
                    .map_err(|error| Failure::Unusable(format!("error: {place}: cannot be read: {error}")))?;
                (text, place)
            }
            None => match env::var(self.variable) {
                Ok(text) => (text, self.variable.to_owned()),
                Err(env::VarError::NotPresent) => return Ok(None),
                Err(env::VarError::NotUnicode(_)) => {
                    return Err(Failure::Unusable(format!("error: {}: must be text", self.variable)));
                }
            },
        };
        let text = text.trim();
        let is_fit = text.len() >= self.min_chars && text.bytes().all(|b| b.is_ascii_graphic());
        let is_varied = text.bytes().collect::<BTreeSet<_>>().len() >= self.min_different;
        if is_fit && is_varied {
            return Ok(Some(text.to_owned()));
        }
        if is_fit {
            return Err(Failure::Unusable(format!(
                "error: {place}: the {} has fewer than {} different characters and could be guessed; \
                 `openssl rand -hex 32` makes a good one",
                self.name, self.min_different
            )));
        }
        // What was given is not repeated: it may be a secret all the same.
        Err(Failure::Unusable(format!(
            "error: {place}: the {} must be at least {} visible ASCII characters without a space; \
             `openssl rand -hex 32` makes a good one",
            self.name, self.min_chars
        )))
    }
}

//! Secrets of the command line, read from a file or the environment: process lists show options.

use std::collections::BTreeSet;
use std::env;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::Failure;

/// Secret that an option or a variable gives.
pub(super) struct Secret {
    /// Its name in messages.
    name: &'static str,
    /// Option that names its file.
    option: &'static str,
    /// Variable that holds it, if no file is named.
    variable: &'static str,
    /// Minimum length: a shorter secret could be guessed.
    min_chars: usize,
    /// Minimum number of different characters: a secret with fewer is not random.
    min_different: usize,
}

/// Admin token. Wrong tokens delay nobody, because a stranger could otherwise block programs with the right one. So the
/// token must be too long to guess.
pub(super) const ADMIN_TOKEN: Secret = Secret {
    name: "admin token",
    option: "--admin-token-file",
    variable: "SUPPLIER_SANDBOX_ADMIN_TOKEN",
    min_chars: 16,
    min_different: 6,
};

/// Dashboard password. Wrong passwords delay the next try, so a shorter one is enough.
pub(super) const DASHBOARD_PASSWORD: Secret = Secret {
    name: "dashboard's password",
    option: "--dashboard-password-file",
    variable: "SUPPLIER_SANDBOX_DASHBOARD_PASSWORD",
    min_chars: 8,
    min_different: 1,
};

/// Maximum size of a file with a secret, in bytes.
const MAX_FILE: u64 = 4_096;

impl Secret {
    /// The secret, if given. The file has priority over the environment.
    pub(super) fn read(&self, file: Option<&Path>) -> Result<Option<String>, Failure> {
        let (text, place) = match file {
            Some(path) => {
                let place = format!("{} {}", self.option, path.display());
                (read(path).map_err(|cause| Failure::Unusable(format!("error: {place}: {cause}")))?, place)
            }
            None => match env::var(self.variable) {
                Ok(text) => (text, self.variable.to_owned()),
                Err(env::VarError::NotPresent) => return Ok(None),
                Err(env::VarError::NotUnicode(_)) => {
                    return Err(Failure::Unusable(format!("error: {}: must be UTF-8 text", self.variable)));
                }
            },
        };
        let text = text.trim();
        let is_varied = text.bytes().collect::<BTreeSet<_>>().len() >= self.min_different;
        let found = match text.lines().count() {
            0 => "there is none in it",
            1 if text.len() < self.min_chars => "this one is shorter",
            1 if !text.bytes().all(|b| b.is_ascii_graphic()) => "this one has others, or a space",
            1 if is_varied => return Ok(Some(text.to_owned())),
            1 => {
                return Err(Failure::Unusable(format!(
                    "error: {place}: the {} has fewer than {} different characters and could be guessed; \
                     `openssl rand -hex 32` makes a good one",
                    self.name, self.min_different
                )));
            }
            _ => "this is more than one line",
        };
        // The message does not repeat the value, which may still be a secret.
        Err(Failure::Unusable(format!(
            "error: {place}: the {} must be at least {} visible ASCII characters without a space, and {found}; \
             `openssl rand -hex 32` makes a good one",
            self.name, self.min_chars
        )))
    }
}

/// Text of a file, or the problem.
fn read(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot be read: {error}; name a file that this user may read"))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("is larger than {MAX_FILE} bytes; name a file that holds nothing else"));
    }
    let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0);
    if is_utf16 {
        return Err("is UTF-16 or no text; save it as UTF-8".to_owned());
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("begins with a byte order mark; save it as UTF-8 without one".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text; save it as UTF-8".to_owned())
}

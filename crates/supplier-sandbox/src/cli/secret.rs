//! Where secrets come from: a file or the environment, for options show in process lists.

use std::collections::BTreeSet;
use std::env;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

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

/// A file with a secret in it has no more bytes than this.
const MAX_FILE: u64 = 4_096;

impl Secret {
    /// The secret, if it was given. The file goes before the environment.
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
                    return Err(Failure::Unusable(format!("error: {}: must be text", self.variable)));
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
        // What was given is not repeated: it may be a secret all the same.
        Err(Failure::Unusable(format!(
            "error: {place}: the {} must be at least {} visible ASCII characters without a space, and {found}; \
             `openssl rand -hex 32` makes a good one",
            self.name, self.min_chars
        )))
    }
}

/// The text of a file, or why there is none to be had.
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

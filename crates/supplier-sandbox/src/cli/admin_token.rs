//! Where the admin token comes from: a file or the environment, for options show in process lists.

use std::path::Path;
use std::{env, fs};

use super::Failure;

const VARIABLE: &str = "SUPPLIER_SANDBOX_ADMIN_TOKEN";
/// What is shorter could be guessed.
const MIN_CHARS: usize = 16;

/// The token, if one was given. The file goes before the environment.
pub(super) fn read(file: Option<&Path>) -> Result<Option<String>, Failure> {
    let (token, place) = match file {
        Some(path) => {
            let place = format!("--admin-token-file {}", path.display());
            let text = fs::read_to_string(path)
                .map_err(|error| Failure::Unusable(format!("error: {place}: cannot be read: {error}")))?;
            (text, place)
        }
        None => match env::var(VARIABLE) {
            Ok(token) => (token, VARIABLE.to_owned()),
            Err(env::VarError::NotPresent) => return Ok(None),
            Err(env::VarError::NotUnicode(_)) => {
                return Err(Failure::Unusable(format!("error: {VARIABLE}: must be text")));
            }
        },
    };
    let token = token.trim();
    let is_fit = token.len() >= MIN_CHARS && token.bytes().all(|b| b.is_ascii_graphic());
    if is_fit {
        return Ok(Some(token.to_owned()));
    }
    // What was given is not repeated: it may be a secret all the same.
    Err(Failure::Unusable(format!(
        "error: {place}: the admin token must be at least {MIN_CHARS} visible ASCII characters without a space; \
         `openssl rand -hex 32` makes a good one"
    )))
}

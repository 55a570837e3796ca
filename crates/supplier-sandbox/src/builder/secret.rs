//! Secrets that a server is given, or makes up.

use std::fmt;
use std::sync::Arc;

use supplier_control::ControlError;

use super::{StartError, random};

/// What must not be shown.
#[derive(Clone)]
pub(super) struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// Every supplier's password on the dashboard, where only this machine reaches it and none is given.
const DEMO_PASSWORD: &str = "sandbox";

/// The password for the dashboard, and whether it is a secret: what was given, or what nobody can guess, unless only this
/// machine reaches the server.
pub(super) fn password(given: Option<Secret>, is_local: bool) -> Result<(Arc<str>, bool), StartError> {
    if let Some(given) = given {
        return Ok((given.0.into(), true));
    }
    if is_local {
        return Ok((DEMO_PASSWORD.into(), false));
    }
    let mut bytes = [0; 8];
    random(&mut bytes).map_err(ControlError::from)?;
    Ok((hex::encode(bytes).into(), true))
}

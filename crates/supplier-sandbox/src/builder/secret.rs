//! Secrets of a server, given or generated.

use std::fmt;
use std::sync::Arc;

use supplier_control::ControlError;

use super::{StartError, random};

/// Text that `Debug` must not show.
#[derive(Clone)]
pub(super) struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// Default dashboard password, if only this machine can reach the server.
const DEMO_PASSWORD: &str = "sandbox";

/// The dashboard password, and whether it is a secret: the given one, or the default if only this machine can reach the
/// server, or else a random one.
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

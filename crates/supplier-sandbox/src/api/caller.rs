//! Who calls.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use supplier_domain::Refusal;
use supplier_store::KeyHash;

use super::{ApiError, Notes, forced};
use crate::app::App;

/// The header that carries the key (`auth.header`).
pub(crate) const API_KEY_HEADER: &str = "x-api-key";

/// The supplier whose key the request carries; anything but one known key is refused (`auth.invalid-key`,
/// `auth.header-only`). As the first argument of a handler it is judged before all others (`auth.first`).
pub(crate) struct Authenticated {
    pub(crate) known: supplier_store::Authenticated,
    key: KeyHash,
}

impl FromRequestParts<App> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let key = key_of(parts)?;
        let known = app.store.authenticate(&key, app.time.now()).await?.ok_or(Refusal::InvalidApiKey)?;
        if let Some(notes) = parts.extensions.get::<Notes>() {
            notes.caller(&known.caller);
        }
        forced::forced_by(&parts.headers)?;
        Ok(Self { known, key })
    }
}

impl Authenticated {
    /// Judges the key again, of a call that has waited: for its body, or because a fault delays it.
    ///
    /// # Errors
    /// The key was revoked meanwhile, or the sandbox deleted (`auth.invalid-key`) or reset.
    pub(crate) async fn check_again(&self, app: &App) -> Result<(), ApiError> {
        let now = app.store.authenticate(&self.key, app.time.now()).await?.ok_or(Refusal::InvalidApiKey)?;
        if now.caller == self.known.caller { Ok(()) } else { Err(ApiError::Reset) }
    }
}

/// The hash of the one key that a request carries.
fn key_of(parts: &Parts) -> Result<KeyHash, ApiError> {
    let mut keys = parts.headers.get_all(API_KEY_HEADER).iter();
    let (Some(key), None) = (keys.next(), keys.next()) else { return Err(Refusal::InvalidApiKey.into()) };
    Ok(KeyHash::of(key.as_bytes()))
}

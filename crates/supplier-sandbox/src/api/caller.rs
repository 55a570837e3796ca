//! Who calls.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use supplier_domain::Refusal;
use supplier_store::KeyHash;

use super::{ApiError, Notes, struck};
use crate::app::App;

/// The header that carries the key (`auth.header`).
pub(crate) const API_KEY_HEADER: &str = "x-api-key";

/// The supplier whose key the request carries; anything but one known key is refused (`auth.invalid-key`,
/// `auth.header-only`). As the first argument of a handler it is judged before all others (`auth.first`).
pub(crate) struct Authenticated(pub(crate) supplier_store::Authenticated);

impl FromRequestParts<App> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let known = identify(parts, app).await?;
        if let Some(notes) = parts.extensions.get::<Notes>() {
            notes.caller(&known.caller);
        }
        struck::forced_by(&parts.headers)?;
        Ok(Self(known))
    }
}

async fn identify(parts: &Parts, app: &App) -> Result<supplier_store::Authenticated, ApiError> {
    let mut keys = parts.headers.get_all(API_KEY_HEADER).iter();
    let (Some(key), None) = (keys.next(), keys.next()) else { return Err(Refusal::InvalidApiKey.into()) };
    let known = app.store.authenticate(&KeyHash::of(key.as_bytes()), app.time.now()).await?;
    known.ok_or_else(|| Refusal::InvalidApiKey.into())
}

//! Request body: read whole, within bounds.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::request::Parts;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::held::{Charge, Holder};

/// Error of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// The body exceeds the limit.
    TooLarge,
    /// The body broke off, or violates HTTP. Its part that came is not used, and is not an empty body.
    Broken,
}

impl BodyError {
    /// Message for a broken body.
    pub(crate) const BROKEN: &str = "did not arrive whole, or not as HTTP says; send it again";
}

/// Bytes that count as held until they are dropped.
struct Counted {
    bytes: Vec<u8>,
    _charge: Option<Charge>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads the body of the request with the head `parts`, of at most `limit` bytes.
///
/// # Errors
/// [`BodyError::TooLarge`], at once if the head says so; [`BodyError::Broken`].
pub(crate) async fn read(parts: &Parts, body: Body, limit: usize) -> Result<Bytes, BodyError> {
    if body.size_hint().lower() > limit as u64 {
        return Err(BodyError::TooLarge);
    }
    let mut charge = parts.extensions.get::<Arc<Holder>>().map(Holder::charge_body);
    let mut body = Limited::new(body, limit);
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                let Ok(data) = frame.into_data() else { continue };
                if let Some(charge) = &mut charge {
                    charge.add(data.len());
                }
                bytes.extend_from_slice(&data);
            }
            Err(error) if error.is::<LengthLimitError>() => return Err(BodyError::TooLarge),
            Err(_) => return Err(BodyError::Broken),
        }
    }
    if let Some(charge) = &mut charge {
        charge.arrived();
    }
    Ok(Bytes::from_owner(Counted { bytes, _charge: charge }))
}

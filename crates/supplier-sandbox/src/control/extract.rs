//! Extractors of the control API.

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use supplier_control::ControlError;
use supplier_domain::fault::FaultId;
use supplier_domain::{OrderId, Problem, RequestId, SupplierId};
use supplier_store::{KeyId, SandboxId};

use super::ControlProblem;
use crate::app::App;
use crate::http::{BodyError, body};
use crate::wire::declared::{check_identity, check_json};
use crate::wire::fields::read_object;

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 256 << 10;

/// A body of the documented form; none at all stands for an empty object.
pub(crate) struct Body<T>(pub(crate) T);

/// The same, where a body may hold a snapshot.
pub(crate) struct LargeBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ControlProblem;

    async fn from_request(request: Request, _: &App) -> Result<Self, ControlProblem> {
        read_body(request, MAX_BODY).await.map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<App> for LargeBody<T> {
    type Rejection = ControlProblem;

    async fn from_request(request: Request, app: &App) -> Result<Self, ControlProblem> {
        read_body(request, app.control.caps().snapshot_bytes + MAX_BODY).await.map(Self)
    }
}

/// Reads a body of at most `limit` bytes.
async fn read_body<T: DeserializeOwned>(request: Request, limit: usize) -> Result<T, ControlProblem> {
    let (parts, body) = request.into_parts();
    let body = body::read(&parts, body, limit).await;
    if body == Err(BodyError::TooLarge) {
        return Err(ControlProblem::TooLarge(limit));
    }
    let is_declared = parts.headers.contains_key(header::CONTENT_TYPE);
    // One that broke off is not empty.
    if is_declared || body.as_ref().is_ok_and(|body| !body.is_empty()) {
        check_json(&parts.headers)?;
    } else {
        check_identity(&parts.headers)?;
    }
    let body = body.map_err(|_| vec![Problem::new("body", BodyError::BROKEN)])?;
    let body: &[u8] = if body.is_empty() && !is_declared { b"{}" } else { &body };
    Ok(read_object(body).map_err(|problem| vec![Problem::new("body", problem)])?)
}

/// The sandbox that a path names. A name that none can have is one that none has.
pub(crate) struct InSandbox(pub(crate) SandboxId);

/// A sandbox, and the number of an order, that a path names.
pub(crate) struct OfOrder(pub(crate) SandboxId, pub(crate) OrderId);

/// A sandbox, and a fault of it, that a path names.
pub(crate) struct OfFault(pub(crate) SandboxId, pub(crate) FaultId);

/// A sandbox, and a supplier of it, that a path names.
pub(crate) struct OfSupplier(pub(crate) SandboxId, pub(crate) SupplierId);

/// A sandbox, a supplier and a key that a path names.
pub(crate) struct OfKey(pub(crate) SandboxId, pub(crate) SupplierId, pub(crate) KeyId);

/// A sandbox, and a call of its journal, that a path names.
pub(crate) struct OfCall(pub(crate) SandboxId, pub(crate) RequestId);

async fn names<T: DeserializeOwned + Send>(parts: &mut Parts, app: &App) -> Result<T, ControlProblem> {
    let names = Path::<T>::from_request_parts(parts, app).await;
    names.map(|Path(names)| names).map_err(|_| ControlProblem::NotFound)
}

fn sandbox(name: &str) -> Result<SandboxId, ControlProblem> {
    name.parse().map_err(|_| ControlProblem::NoSuchName)
}

impl FromRequestParts<App> for InSandbox {
    type Rejection = ControlProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ControlProblem> {
        let (id,): (String,) = names(parts, app).await?;
        Ok(Self(sandbox(&id)?))
    }
}

impl FromRequestParts<App> for OfOrder {
    type Rejection = ControlProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ControlProblem> {
        let (id, order): (String, String) = names(parts, app).await?;
        let order = order.parse().ok().and_then(OrderId::new).ok_or(ControlProblem::NoSuchNumber)?;
        Ok(Self(sandbox(&id)?, order))
    }
}

impl FromRequestParts<App> for OfFault {
    type Rejection = ControlProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ControlProblem> {
        let (id, fault): (String, String) = names(parts, app).await?;
        let fault = fault.parse().map(FaultId).map_err(|_| ControlError::NoFault)?;
        Ok(Self(sandbox(&id)?, fault))
    }
}

impl FromRequestParts<App> for OfCall {
    type Rejection = ControlProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ControlProblem> {
        let (id, call): (String, String) = names(parts, app).await?;
        let call = call.parse().map_err(|_| ControlProblem::NoSuchRequest)?;
        Ok(Self(sandbox(&id)?, call))
    }
}

impl FromRequestParts<App> for OfSupplier {
    type Rejection = ControlProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ControlProblem> {
        let (id, supplier): (String, String) = names(parts, app).await?;
        let supplier = supplier.parse().map_err(|_| ControlProblem::NoSuchName)?;
        Ok(Self(sandbox(&id)?, supplier))
    }
}

impl FromRequestParts<App> for OfKey {
    type Rejection = ControlProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ControlProblem> {
        let (id, supplier, key): (String, String, String) = names(parts, app).await?;
        let id = sandbox(&id)?;
        let supplier: SupplierId = supplier.parse().map_err(|_| ControlProblem::NoSuchName)?;
        Ok(Self(id, supplier, KeyId(key.into())))
    }
}

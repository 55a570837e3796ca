//! `/_sandbox/health` and `/_sandbox/ready`: open to every monitor.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::ControlProblem;
use crate::app::App;

/// How long the store may take to answer: whoever watches the server asks again soon.
pub(super) const READY_TIMEOUT: Duration = Duration::from_secs(2);

/// How the server is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`
    #[schema(value_type = String)]
    status: &'static str,
    /// The server's version.
    #[schema(value_type = String)]
    version: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Ask whether the server runs
///
/// Open to whoever watches it: it needs no token.
#[utoipa::path(get, path = "/_sandbox/health", operation_id = "getHealth", tag = "Server", security(()),
    responses((status = 200, description = "It runs.", body = Health)))]
pub(crate) async fn get_health() -> Json<Health> {
    Json(OK)
}

/// Ask whether the server can answer suppliers
///
/// Open to whoever watches it: it needs no token. If the store has not answered within 2 seconds, the answer is 503 and says
/// why.
#[utoipa::path(get, path = "/_sandbox/ready", operation_id = "getReady", tag = "Server", security(()),
    responses((status = 200, description = "It can.", body = Health)))]
pub(crate) async fn get_ready(State(app): State<App>) -> Result<Json<Health>, ControlProblem> {
    match tokio::time::timeout(READY_TIMEOUT, app.control.count(app.time.now())).await {
        Ok(counted) => counted.map(|_| Json(OK)).map_err(Into::into),
        Err(_) => Err(ControlProblem::NotReady),
    }
}

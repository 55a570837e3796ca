//! `/_sandbox/sandboxes/{id}/snapshot`: a sandbox as a document.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::InSandbox;
use crate::app::App;
use crate::http::Holder;
use crate::wire::fields::{FieldValue, kind};

/// All of a sandbox but its keys, to be handed back as it is: scenario, seed, settings, clock, suppliers, orders with their
/// histories, faults, journal and scorecards. What stands in it may change between versions of the server; `version` says
/// of which form it is.
#[derive(ToSchema)]
#[schema(as = Snapshot)]
#[expect(dead_code, reason = "it only describes what the store writes")]
pub(crate) struct SnapshotBody {
    /// Of which form it is.
    #[schema(example = 1)]
    version: u32,
    /// The rest.
    #[serde(flatten)]
    #[schema(additional_properties)]
    rest: std::collections::BTreeMap<String, serde_json::Value>,
}

/// A snapshot as it came: to read it takes long.
pub(super) struct SnapshotText(pub(super) String);

impl FieldValue for SnapshotText {
    fn read(json: &str) -> Result<Self, String> {
        if !json.starts_with('{') {
            return Err(format!("must be a snapshot, which is an object, not {}", kind(json)));
        }
        Ok(Self(json.to_owned()))
    }
}

/// Export a sandbox
///
/// All of it but its keys, as one document; `POST /_sandbox/sandboxes` makes a sandbox of it that stands as this one stands
/// now. No password is in it. The key by which its accounts are fingerprinted is, so that they can be compared again.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/snapshot", operation_id = "exportSandbox", tag = "Sandboxes",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 200, description = "The snapshot.", body = SnapshotBody)))]
pub(crate) async fn export_sandbox(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    connection: Option<Extension<Arc<Holder>>>,
) -> Result<Response, ControlProblem> {
    // Without a connection, in a test of the router, nothing is counted.
    let permit = match connection {
        Some(Extension(holder)) => Some(Extension(holder.large_answer(&id).await)),
        None => None,
    };
    let snapshot = app.control.export(&id, app.time.now()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.snapshot.json\"")),
    ];
    Ok((headers, permit, snapshot).into_response())
}

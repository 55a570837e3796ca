//! `/_sandbox/sandboxes`: private sandboxes.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use supplier_control::{Control, ControlError, CreateSandbox, Origin};
use supplier_domain::{AccountDedup, Problem, Supplier};
use supplier_store::{SandboxId, SandboxInfo};
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::{InSandbox, LargeBody};
use super::snapshot::{SnapshotBody, SnapshotText};
use super::values::{JsonU64, Minutes, Seconds};
use crate::app::App;
use crate::wire::fields::{Field, take};

/// A sandbox to be made. What is left out is as the server was started.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewSandbox {
    /// The name of a built-in scenario, or `custom` for the one that the server was started with.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "minimal")]
    scenario: Field<String>,
    /// What orders follow from: the same seed makes the same orders.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    seed: Field<JsonU64>,
    /// For how many minutes an order that was handed out is withheld; 0 turns that off.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    window_minutes: Field<Minutes>,
    /// Which deliveries an account must be new to: those of its `order`, of its `submission` alone, or all of its
    /// `supplier`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "order")]
    account_dedup: Field<AccountDedup>,
    /// After how many seconds it goes.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    ttl_seconds: Field<Seconds>,
    /// The sandbox to copy as it stands, in place of a scenario and a seed.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    from: Field<String>,
    /// What `GET /_sandbox/sandboxes/{id}/snapshot` answered, in place of a scenario and a seed.
    #[serde(default)]
    #[schema(value_type = Option<SnapshotBody>)]
    snapshot: Field<SnapshotText>,
}

impl NewSandbox {
    async fn check(self, control: &Control) -> Result<CreateSandbox, ControlError> {
        let mut problems = Vec::new();
        let scenario = take("scenario", self.scenario, &mut problems);
        let seed = take("seed", self.seed, &mut problems).map(|seed| seed.0);
        let window_minutes = take("windowMinutes", self.window_minutes, &mut problems);
        let account_dedup = take("accountDedup", self.account_dedup, &mut problems);
        let ttl = take("ttlSeconds", self.ttl_seconds, &mut problems).map(|ttl| ttl.0);
        let from = take("from", self.from, &mut problems);
        let from: Option<SandboxId> = from.and_then(|from| {
            let named = from.parse();
            if named.is_err() {
                problems.push(Problem::new("from", "must be the id of a sandbox"));
            }
            named.ok()
        });
        let snapshot = take("snapshot", self.snapshot, &mut problems);
        if snapshot.is_some() && (scenario.is_some() || seed.is_some() || from.is_some()) {
            problems.push(Problem::new(
                "snapshot",
                "stands in place of scenario, seed and from; leave those out",
            ));
        }
        if from.is_some() && (scenario.is_some() || seed.is_some()) {
            problems.push(Problem::new("from", "stands in place of scenario and seed; leave those out"));
        }
        if !problems.is_empty() {
            return Err(problems.into());
        }
        let origin = match (snapshot, from) {
            (Some(SnapshotText(json)), _) => Origin::Snapshot(control.read_snapshot(json).await?),
            (None, Some(from)) => Origin::Fork(from),
            (None, None) => Origin::Seeded { scenario, seed },
        };
        Ok(CreateSandbox { origin, window_minutes: window_minutes.map(|it| it.0), account_dedup, ttl })
    }
}

/// A supplier of a sandbox.
#[derive(Serialize, ToSchema)]
#[schema(as = Supplier)]
pub(crate) struct SupplierBody {
    id: String,
    name: String,
    email: String,
    /// Its API key, in clear: shown once, when the sandbox is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    key: Option<String>,
}

impl SupplierBody {
    pub(super) fn of(supplier: &Supplier, key: Option<String>) -> Self {
        Self {
            id: supplier.id.to_string(),
            name: supplier.name.to_string(),
            email: supplier.email.to_string(),
            key,
        }
    }
}

/// A sandbox.
#[derive(Serialize, ToSchema)]
#[schema(as = Sandbox)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SandboxBody {
    id: String,
    /// The scenario that it, or what it was copied from, was seeded from.
    scenario: String,
    seed: u64,
    window_minutes: u64,
    #[schema(value_type = String, example = "order")]
    account_dedup: &'static str,
    suppliers: Vec<SupplierBody>,
    /// By the server's time.
    #[schema(format = DateTime)]
    created_at: String,
    /// By the server's time; null for never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Opens the dashboard of this sandbox, for whoever may use the control API.
    dashboard_url: String,
}

impl SandboxBody {
    fn of(server_url: &str, info: &SandboxInfo, mut key: impl FnMut(&Supplier) -> Option<String>) -> Self {
        Self {
            id: info.id.to_string(),
            scenario: info.scenario.to_string(),
            seed: info.seed,
            window_minutes: info.settings.window.minutes(),
            account_dedup: info.settings.account_dedup.as_str(),
            suppliers: info
                .suppliers
                .iter()
                .map(|supplier| SupplierBody::of(supplier, key(supplier)))
                .collect(),
            created_at: info.created_at.to_string(),
            expires_at: info.expires_at.map(|at| at.to_string()),
            dashboard_url: format!("{server_url}/open/{}", info.id),
        }
    }
}

/// All sandboxes.
#[derive(Serialize, ToSchema)]
pub(crate) struct SandboxList {
    sandboxes: Vec<SandboxBody>,
}

type Created<T> = (StatusCode, [(HeaderName, String); 1], Json<T>);

/// Make a sandbox
///
/// Its suppliers get keys of their own, shown this once; a client needs nothing but its key to work in it. It begins
/// freshly seeded, or as a copy of another, at a cost that does not depend on its size; or as a snapshot has it.
#[utoipa::path(post, path = "/_sandbox/sandboxes", operation_id = "createSandbox", tag = "Sandboxes",
    request_body(content = NewSandbox, description = "What it is like; may be left out."),
    responses((status = 201, description = "The sandbox, with its keys.", body = SandboxBody,
        headers(("Location" = String, description = "Where it is.")))))]
pub(crate) async fn create_sandbox(
    State(app): State<App>,
    LargeBody(new): LargeBody<NewSandbox>,
) -> Result<Created<SandboxBody>, ControlProblem> {
    let created = app.control.create_sandbox(new.check(&app.control).await?, app.time.now()).await?;
    let key = |supplier: &Supplier| {
        created.keys.iter().find(|key| key.supplier == supplier.id).map(|key| key.key.clone())
    };
    let body = SandboxBody::of(&app.url, &created.info, key);
    let location = format!("/_sandbox/sandboxes/{}", created.info.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(body)))
}

/// List sandboxes
///
/// Without their keys: those were shown when they were made.
#[utoipa::path(get, path = "/_sandbox/sandboxes", operation_id = "listSandboxes", tag = "Sandboxes",
    responses((status = 200, description = "All sandboxes, the oldest first.", body = SandboxList)))]
pub(crate) async fn list_sandboxes(State(app): State<App>) -> Result<Json<SandboxList>, ControlProblem> {
    let sandboxes = app.control.sandboxes(app.time.now()).await?;
    let sandboxes = sandboxes.iter().map(|info| SandboxBody::of(&app.url, info, |_| None)).collect();
    Ok(Json(SandboxList { sandboxes }))
}

/// Look at a sandbox
///
/// How it was made, who its suppliers are, and when it goes.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}", operation_id = "getSandbox", tag = "Sandboxes",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 200, description = "The sandbox, without keys.", body = SandboxBody)))]
pub(crate) async fn get_sandbox(
    State(app): State<App>,
    InSandbox(id): InSandbox,
) -> Result<Json<SandboxBody>, ControlProblem> {
    let info = app.control.sandbox(&id, app.time.now()).await?;
    Ok(Json(SandboxBody::of(&app.url, &info, |_| None)))
}

/// Delete a sandbox
///
/// Its keys open nothing from then on. The sandbox `default` cannot be deleted.
#[utoipa::path(delete, path = "/_sandbox/sandboxes/{id}", operation_id = "deleteSandbox", tag = "Sandboxes",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 204, description = "It is gone.")))]
pub(crate) async fn delete_sandbox(
    State(app): State<App>,
    InSandbox(id): InSandbox,
) -> Result<StatusCode, ControlProblem> {
    app.control.delete_sandbox(&id, app.time.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reset a sandbox
///
/// Puts it back to how it began, its clock too. Keys that were made or revoked since stay so.
#[utoipa::path(post, path = "/_sandbox/sandboxes/{id}/reset", operation_id = "resetSandbox", tag = "Sandboxes",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 204, description = "It is as it began.")))]
pub(crate) async fn reset_sandbox(
    State(app): State<App>,
    InSandbox(id): InSandbox,
) -> Result<StatusCode, ControlProblem> {
    app.control.reset_sandbox(&id, app.time.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

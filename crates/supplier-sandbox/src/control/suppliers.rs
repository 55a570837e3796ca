//! `/_sandbox/sandboxes/{id}/suppliers`: suppliers and their keys.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use supplier_domain::{Problem, Supplier, SupplierId};
use supplier_store::KeyInfo;
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::{Body, InSandbox, OfKey, OfSupplier};
use super::sandboxes::SupplierBody;
use crate::app::App;
use crate::wire::fields::{Field, take};

/// The most characters of a supplier's name and e-mail address.
const MAX_CHARS: usize = 120;

/// A supplier to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSupplier {
    /// Its short name: 1 to 40 of `a-z`, `0-9` and `-`.
    #[serde(default)]
    #[schema(value_type = String, required, example = "dune")]
    id: Field<SupplierId>,
    /// Its name for people; left out: its id.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 120)]
    name: Field<String>,
    /// Its e-mail address; left out: one at example.com.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 120, example = "dune@example.com")]
    email: Field<String>,
}

impl NewSupplier {
    fn check(self) -> Result<Supplier, Vec<Problem>> {
        let mut problems = Vec::new();
        let id = take("id", self.id, &mut problems);
        let name = take("name", self.name, &mut problems);
        let email = take("email", self.email, &mut problems);
        if id.is_none() && !problems.iter().any(|problem| problem.field == "id") {
            problems.push(Problem::new("id", "is required: a short name for the supplier"));
        }
        for (field, value) in [("name", &name), ("email", &email)] {
            let length = value.as_ref().map_or(1, |value| value.trim().chars().count());
            if length == 0 || length > MAX_CHARS {
                problems.push(Problem::new(field, format!("must be 1 to {MAX_CHARS} characters")));
            }
        }
        if email.as_ref().is_some_and(|email| !email.contains('@')) {
            problems.push(Problem::new("email", "must be an e-mail address, such as dune@example.com"));
        }
        let Some(id) = id.filter(|_| problems.is_empty()) else { return Err(problems) };
        let name = name.unwrap_or_else(|| id.to_string()).into();
        let email = email.unwrap_or_else(|| format!("{id}@example.com")).into();
        Ok(Supplier { id, name, email })
    }
}

/// The suppliers of a sandbox.
#[derive(Serialize, ToSchema)]
pub(crate) struct SupplierList {
    suppliers: Vec<SupplierBody>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedKey)]
pub(crate) struct CreatedKeyBody {
    /// Its name: it opens nothing.
    id: String,
    /// The key itself: shown this once.
    key: String,
    /// Its first characters.
    prefix: String,
}

/// A key, as far as it may be shown.
#[derive(Serialize, ToSchema)]
#[schema(as = Key)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyBody {
    /// Its name: it opens nothing.
    id: String,
    /// Its first characters.
    prefix: String,
    /// By the server's time.
    #[schema(format = DateTime)]
    created_at: String,
    /// By the server's time; null if it was never used.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

impl From<KeyInfo> for KeyBody {
    fn from(key: KeyInfo) -> Self {
        Self {
            id: key.id.0.to_string(),
            prefix: key.prefix.to_string(),
            created_at: key.created_at.to_string(),
            last_used_at: key.last_used_at.map(|at| at.to_string()),
        }
    }
}

/// The keys of a supplier.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyList {
    keys: Vec<KeyBody>,
}

/// List suppliers
///
/// Those of its scenario in its order, then those that were added.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/suppliers", operation_id = "listSuppliers", tag = "Suppliers",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 200, description = "Its suppliers, without keys.", body = SupplierList)))]
pub(crate) async fn list_suppliers(
    State(app): State<App>,
    InSandbox(id): InSandbox,
) -> Result<Json<SupplierList>, ControlProblem> {
    let suppliers = app.control.suppliers(&id, app.time.now()).await?;
    let suppliers = suppliers.iter().map(|supplier| SupplierBody::of(supplier, None)).collect();
    Ok(Json(SupplierList { suppliers }))
}

/// Add a supplier
///
/// It has no orders and no key at first.
#[utoipa::path(post, path = "/_sandbox/sandboxes/{id}/suppliers", operation_id = "addSupplier", tag = "Suppliers",
    params(("id" = String, Path, description = "The sandbox's id.")),
    request_body(content = NewSupplier, description = "Who it is."),
    responses((status = 201, description = "The supplier.", body = SupplierBody)))]
pub(crate) async fn add_supplier(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    Body(new): Body<NewSupplier>,
) -> Result<(StatusCode, Json<SupplierBody>), ControlProblem> {
    let supplier = new.check()?;
    app.control.add_supplier(&id, supplier.clone(), app.time.now()).await?;
    Ok((StatusCode::CREATED, Json(SupplierBody::of(&supplier, None))))
}

/// Make a key
///
/// Beside those that the supplier has. It is shown this once.
#[utoipa::path(post, path = "/_sandbox/sandboxes/{id}/suppliers/{supplier}/keys", operation_id = "createKey",
    tag = "Suppliers",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("supplier" = String, Path, description = "The supplier's id.")),
    responses((status = 201, description = "The key.", body = CreatedKeyBody)))]
pub(crate) async fn create_key(
    State(app): State<App>,
    OfSupplier(id, supplier): OfSupplier,
) -> Result<(StatusCode, Json<CreatedKeyBody>), ControlProblem> {
    let created = app.control.create_key(&id, &supplier, app.time.now()).await?;
    let body = CreatedKeyBody { id: created.id.0.to_string(), key: created.key, prefix: created.prefix };
    Ok((StatusCode::CREATED, Json(body)))
}

/// List keys
///
/// By what may be shown of them: when each was made and last used, and its first characters.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/suppliers/{supplier}/keys", operation_id = "listKeys",
    tag = "Suppliers",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("supplier" = String, Path, description = "The supplier's id.")),
    responses((status = 200, description = "The supplier's keys by their first characters, the oldest first.",
        body = KeyList)))]
pub(crate) async fn list_keys(
    State(app): State<App>,
    OfSupplier(id, supplier): OfSupplier,
) -> Result<Json<KeyList>, ControlProblem> {
    let keys = app.control.keys(&id, &supplier, app.time.now()).await?;
    Ok(Json(KeyList { keys: keys.into_iter().map(KeyBody::from).collect() }))
}

/// Revoke a key
///
/// Every call by it is refused from then on.
#[utoipa::path(delete, path = "/_sandbox/sandboxes/{id}/suppliers/{supplier}/keys/{key}", operation_id = "revokeKey",
    tag = "Suppliers",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("supplier" = String, Path, description = "The supplier's id."),
        ("key" = String, Path, description = "The key's id.")),
    responses((status = 204, description = "It opens nothing any more.")))]
pub(crate) async fn revoke_key(
    State(app): State<App>,
    OfKey(id, supplier, key): OfKey,
) -> Result<StatusCode, ControlProblem> {
    app.control.revoke_key(&id, &supplier, &key, app.time.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

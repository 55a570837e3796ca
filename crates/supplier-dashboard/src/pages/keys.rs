//! API settings page: keys created, shown once, revoked.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use supplier_control::{KeyId, KeyInfo, Session};

use super::{Frame, html};
use crate::Dashboard;
use crate::access::Visitor;
use crate::failure::Failure;
use crate::words::moment;

#[derive(Template)]
#[template(path = "keys.html")]
struct Page<'a> {
    frame: Frame,
    url: &'a str,
    keys: Vec<Row>,
    /// The new key, shown only now.
    created: Option<String>,
}

/// A key as its owner sees it.
struct Row {
    id: String,
    prefix: String,
    created: String,
    used: String,
}

impl From<KeyInfo> for Row {
    fn from(key: KeyInfo) -> Self {
        Self {
            id: key.id.0.to_string(),
            prefix: key.prefix.to_string(),
            created: moment(key.created_at),
            used: key.last_used_at.map_or_else(|| "never".to_owned(), moment),
        }
    }
}

#[derive(Template)]
#[template(path = "revoke.html")]
struct Confirm {
    frame: Frame,
    key: KeyInfo,
}

pub(crate) async fn show(State(dashboard): State<Dashboard>, visitor: Visitor) -> Result<Response, Failure> {
    page(&dashboard, &visitor, None).await
}

async fn page(
    dashboard: &Dashboard,
    visitor: &Visitor,
    created: Option<String>,
) -> Result<Response, Failure> {
    let frame = Frame::of(dashboard, visitor, "keys").await?;
    let session = &visitor.session;
    let keys = dashboard.control().keys(&session.sandbox, &session.supplier, dashboard.now()).await?;
    let keys = keys.into_iter().rev().map(Row::from).collect();
    html(&Page { frame, url: &dashboard.setup.url, keys, created })
}

/// Creates a key. Only this answer shows it.
pub(crate) async fn create(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
) -> Result<Response, Failure> {
    let session = &visitor.session;
    let created =
        dashboard.control().create_key(&session.sandbox, &session.supplier, dashboard.now()).await?;
    page(&dashboard, &visitor, Some(created.key)).await
}

async fn own(dashboard: &Dashboard, visitor: &Visitor, key: &str) -> Result<KeyInfo, Failure> {
    let session = &visitor.session;
    let keys = dashboard.control().keys(&session.sandbox, &session.supplier, dashboard.now()).await?;
    let found = keys.into_iter().find(|known| *known.id.0 == *key);
    found.ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "You have no such key, or it is revoked."))
}

pub(crate) async fn confirm(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> Result<Response, Failure> {
    let frame = Frame::of(&dashboard, &visitor, "keys").await?;
    html(&Confirm { frame, key: own(&dashboard, &visitor, &key).await? })
}

pub(crate) async fn revoke(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> Result<Response, Failure> {
    let key = own(&dashboard, &visitor, &key).await?;
    let session = &visitor.session;
    let (id, now): (&KeyId, _) = (&key.id, dashboard.now());
    dashboard.control().revoke_key(&session.sandbox, &session.supplier, id, now).await?;
    let told = format!("The key {}… is revoked: every further call with it is refused.", key.prefix);
    dashboard
        .control()
        .change_session(&visitor.id, Session { notice: Some(told), ..session.clone() })
        .await?;
    Ok(Redirect::to("/api-settings").into_response())
}

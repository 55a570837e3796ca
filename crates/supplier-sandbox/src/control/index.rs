//! `/_sandbox`: index of the control API.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::web_page;

/// Where the parts of the control API are.
#[derive(Serialize, ToSchema)]
#[schema(as = Index)]
pub(crate) struct IndexBody {
    /// The server's version.
    #[schema(value_type = String)]
    version: &'static str,
    links: LinksBody,
}

/// URLs of this server.
#[derive(Serialize, ToSchema)]
#[schema(as = Links)]
#[serde(rename_all = "camelCase")]
struct LinksBody {
    /// All sandboxes. It takes the admin token, if the server asks for one.
    sandboxes: String,
    /// The sandbox that is always there. It takes the admin token, if the server asks for one.
    default_sandbox: String,
    /// Figures for Prometheus. It takes the admin token, if the server asks for one.
    metrics: String,
    /// Whether the server runs.
    health: String,
    /// Whether the server can answer suppliers.
    ready: String,
    /// The OpenAPI document of the control API.
    openapi: String,
    /// The documentation.
    docs: String,
    /// The dashboard.
    dashboard: String,
}

impl LinksBody {
    fn of(url: &str) -> Self {
        let to = |path: &str| format!("{url}{path}");
        Self {
            sandboxes: to("/_sandbox/sandboxes"),
            default_sandbox: to("/_sandbox/sandboxes/default"),
            metrics: to("/_sandbox/metrics"),
            health: to("/_sandbox/health"),
            ready: to("/_sandbox/ready"),
            openapi: to("/_sandbox/openapi.json"),
            docs: to("/docs"),
            dashboard: to("/"),
        }
    }
}

#[derive(Template)]
#[template(path = "control.html")]
struct Page;

/// Look around
///
/// Where the parts of the control API are: as JSON, or as a page for browsers. Open to all: it needs no token.
#[utoipa::path(get, path = "/_sandbox", operation_id = "getIndex", tag = "Server", security(()),
    responses((status = 200, description = "The links.", content(
        (IndexBody = "application/json"), (String = "text/html")))))]
pub(crate) async fn get_index(State(app): State<App>, headers: HeaderMap) -> Response {
    let mut answer = if web_page::prefers_html(&headers) {
        web_page::html(&Page)
    } else {
        let body = IndexBody { version: env!("CARGO_PKG_VERSION"), links: LinksBody::of(&app.url) };
        Json(body).into_response()
    };
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    answer
}

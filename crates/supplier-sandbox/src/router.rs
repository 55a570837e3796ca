//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, any, get};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use crate::api::{self, ApiError};
use crate::app::App;
use crate::control::{self, Admission, ControlProblem, guard};
use crate::http::Asset;
use crate::{docs, openapi, web_page};

/// The Supplier API's operations, with their documentation.
pub(crate) fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(api::list_orders).map(|methods| only(methods, "GET")))
        .routes(routes!(api::update_order).map(|methods| only(methods, "POST")))
}

/// Router of the server. The Supplier API is open to everybody with a key; `admission` guards the rest.
pub(crate) fn router(app: App, admission: Admission, dashboard: supplier_dashboard::Setup) -> Router {
    let admission = Arc::new(admission);
    let pages = Router::new()
        .route("/docs", get(docs::show))
        .route("/docs/style.css", document(docs::style))
        .route("/docs/page.js", document(docs::script))
        .route("/docs/reference.js", document(docs::reference))
        .route("/openapi.json", document(|| openapi::SUPPLIER_API.json_asset()))
        .route("/openapi.yaml", document(|| openapi::SUPPLIER_API.yaml_asset()))
        .route("/_sandbox/openapi.json", document(|| openapi::SANDBOX_CONTROL.json_asset()))
        .route("/_sandbox/openapi.yaml", document(|| openapi::SANDBOX_CONTROL.yaml_asset()))
        .route("/_sandbox/", control::index_page())
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .merge(control::routes(control::open()))
        .merge(supplier_dashboard::router(dashboard))
        .layer(from_fn_with_state(Arc::clone(&admission), guard::page));
    let control = control::routes(control::guarded())
        .route("/_sandbox/{*rest}", any(|| async { ControlProblem::NotFound }))
        .layer(from_fn_with_state(admission, guard::control));
    Router::from(operations())
        .merge(pages)
        .merge(control)
        .fallback(|| async { ApiError::NotFound })
        .with_state(app)
        .layer(from_fn(web_page::for_browsers))
}

/// `methods`, and an enveloped 405 for all others (`error.transport`). HEAD is one of those: axum would answer it by
/// running the GET, which hands orders out.
fn only(methods: MethodRouter<App>, allow: &'static str) -> MethodRouter<App> {
    let refuse = move || async move { ([(header::ALLOW, allow)], ApiError::MethodNotAllowed) };
    methods.head(refuse).fallback(refuse)
}

/// A document that is the same on every server.
fn document(asset: fn() -> &'static Asset) -> MethodRouter<App> {
    get(move |headers: HeaderMap| async move { asset().answer(&headers).await })
}

//! Routes of the control API.

use std::sync::Arc;

use axum::Router;
use axum::extract::MatchedPath;
use axum::routing::{MethodRouter, get};
use utoipa::openapi::PathItem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{
    ControlProblem, arrivals, audit, call_why, calls, clock, events, faults, health, index, metrics,
    new_orders, orders, sandboxes, scorecard, search, snapshot, suppliers,
};
use crate::app::App;

/// What is open to whoever watches the server.
pub(crate) fn open() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(index::get_index))
        .routes(routes!(health::get_health))
        .routes(routes!(health::get_ready))
}

/// The index under a path that is no operation's: with a slash at the end.
pub(crate) fn index_page() -> MethodRouter<App> {
    get(index::get_index)
}

/// What asks who calls.
pub(crate) fn guarded() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(metrics::get_metrics))
        .routes(routes!(sandboxes::list_sandboxes, sandboxes::create_sandbox))
        .routes(routes!(sandboxes::get_sandbox, sandboxes::delete_sandbox))
        .routes(routes!(snapshot::export_sandbox))
        .routes(routes!(sandboxes::reset_sandbox))
        .routes(routes!(clock::get_clock, clock::set_clock))
        .routes(routes!(clock::advance_clock))
        .routes(routes!(search::find_orders, new_orders::place_orders))
        .routes(routes!(search::fingerprint_accounts))
        .routes(routes!(calls::list_requests, calls::clear_requests))
        .routes(routes!(calls::get_request))
        .routes(routes!(call_why::why_request))
        .routes(routes!(events::follow_requests))
        .routes(routes!(scorecard::get_scorecard))
        .routes(routes!(audit::get_audit))
        .routes(routes!(orders::get_order, new_orders::amend_order))
        .routes(routes!(orders::why_order))
        .routes(routes!(arrivals::get_arrivals, arrivals::set_arrivals, arrivals::stop_arrivals))
        .routes(routes!(faults::list_faults, faults::arm_fault, faults::clear_faults))
        .routes(routes!(faults::disarm_fault))
        .routes(routes!(suppliers::list_suppliers, suppliers::add_supplier))
        .routes(routes!(suppliers::list_keys, suppliers::create_key))
        .routes(routes!(suppliers::revoke_key))
}

/// The routes of `operations`; a method that a path does not take is refused by a problem that names those it takes.
pub(crate) fn routes(operations: OpenApiRouter<App>) -> Router<App> {
    let (routes, document) = operations.split_for_parts();
    let documented = Arc::new(document.paths);
    routes.method_not_allowed_fallback(move |path: MatchedPath| async move {
        ControlProblem::MethodNotAllowed(documented.paths.get(path.as_str()).map(methods).unwrap_or_default())
    })
}

/// The methods of a path, as `Allow` names them.
fn methods(path: &PathItem) -> String {
    let methods = [
        ("GET, HEAD", &path.get),
        ("POST", &path.post),
        ("PUT", &path.put),
        ("PATCH", &path.patch),
        ("DELETE", &path.delete),
    ];
    let taken = methods.into_iter().filter_map(|(method, operation)| operation.as_ref().map(|_| method));
    taken.collect::<Vec<_>>().join(", ")
}

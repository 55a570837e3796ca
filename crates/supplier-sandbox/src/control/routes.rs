//! Which path of the control API leads where.

use axum::routing::MethodRouter;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use super::ControlProblem;
use super::arrivals::{
    __path_get_arrivals, __path_set_arrivals, __path_stop_arrivals, get_arrivals, set_arrivals, stop_arrivals,
};
use super::audit::{__path_get_audit, get_audit};
use super::call_why::{__path_why_request, why_request};
use super::calls::{
    __path_clear_requests, __path_get_request, __path_list_requests, clear_requests, get_request,
    list_requests,
};
use super::clock::{
    __path_advance_clock, __path_get_clock, __path_set_clock, advance_clock, get_clock, set_clock,
};
use super::events::{__path_follow_requests, follow_requests};
use super::faults::{
    __path_arm_fault, __path_clear_faults, __path_disarm_fault, __path_list_faults, arm_fault, clear_faults,
    disarm_fault, list_faults,
};
use super::health::{__path_get_health, __path_get_ready, get_health, get_ready};
use super::metrics::{__path_get_metrics, get_metrics};
use super::new_orders::{__path_amend_order, __path_place_orders, amend_order, place_orders};
use super::orders::{__path_get_order, __path_why_order, get_order, why_order};
use super::sandboxes::{
    __path_create_sandbox, __path_delete_sandbox, __path_get_sandbox, __path_list_sandboxes,
    __path_reset_sandbox, create_sandbox, delete_sandbox, get_sandbox, list_sandboxes, reset_sandbox,
};
use super::scorecard::{__path_get_scorecard, get_scorecard};
use super::search::{__path_find_orders, __path_fingerprint_accounts, find_orders, fingerprint_accounts};
use super::snapshot::{__path_export_sandbox, export_sandbox};
use super::suppliers::{
    __path_add_supplier, __path_create_key, __path_list_keys, __path_list_suppliers, __path_revoke_key,
    add_supplier, create_key, list_keys, list_suppliers, revoke_key,
};
use crate::app::App;

/// What is open to whoever watches the server.
pub(crate) fn open() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(get_health).map(|methods| allow(methods, "GET, HEAD")))
        .routes(routes!(get_ready).map(|methods| allow(methods, "GET, HEAD")))
}

/// What asks who calls.
pub(crate) fn guarded() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(get_metrics).map(|methods| allow(methods, "GET, HEAD")))
        .routes(routes!(list_sandboxes, create_sandbox).map(|methods| allow(methods, "GET, HEAD, POST")))
        .routes(routes!(get_sandbox, delete_sandbox).map(|methods| allow(methods, "GET, HEAD, DELETE")))
        .routes(routes!(export_sandbox).map(|methods| allow(methods, "GET, HEAD")))
        .routes(routes!(reset_sandbox).map(|methods| allow(methods, "POST")))
        .routes(routes!(get_clock, set_clock).map(|methods| allow(methods, "GET, HEAD, PUT")))
        .routes(routes!(advance_clock).map(|methods| allow(methods, "POST")))
        .routes(routes!(find_orders, place_orders).map(|methods| allow(methods, "GET, HEAD, POST")))
        .routes(routes!(fingerprint_accounts).map(|methods| allow(methods, "POST")))
        .routes(routes!(list_requests, clear_requests).map(|methods| allow(methods, "GET, HEAD, DELETE")))
        .routes(routes!(get_request).map(|methods| allow(methods, "GET, HEAD")))
        .routes(routes!(why_request).map(|methods| allow(methods, "GET, HEAD")))
        .routes(routes!(follow_requests).map(|methods| allow(methods, "GET, HEAD")))
        .routes(routes!(get_scorecard).map(|methods| allow(methods, "GET, HEAD")))
        .routes(routes!(get_audit).map(|methods| allow(methods, "GET, HEAD")))
        .routes(routes!(get_order, amend_order).map(|methods| allow(methods, "GET, HEAD, PATCH")))
        .routes(routes!(why_order).map(|methods| allow(methods, "GET, HEAD")))
        .routes(
            routes!(get_arrivals, set_arrivals, stop_arrivals)
                .map(|methods| allow(methods, "GET, HEAD, PUT, DELETE")),
        )
        .routes(
            routes!(list_faults, arm_fault, clear_faults)
                .map(|methods| allow(methods, "GET, HEAD, POST, DELETE")),
        )
        .routes(routes!(disarm_fault).map(|methods| allow(methods, "DELETE")))
        .routes(routes!(list_suppliers, add_supplier).map(|methods| allow(methods, "GET, HEAD, POST")))
        .routes(routes!(list_keys, create_key).map(|methods| allow(methods, "GET, HEAD, POST")))
        .routes(routes!(revoke_key).map(|methods| allow(methods, "DELETE")))
}

/// `methods`, and a problem for all others.
fn allow(methods: MethodRouter<App>, allowed: &'static str) -> MethodRouter<App> {
    methods.fallback(move || async move { ControlProblem::MethodNotAllowed(allowed) })
}

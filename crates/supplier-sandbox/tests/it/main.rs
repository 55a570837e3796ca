//! The server over HTTP, as a client sees it. One module a subject; `sandbox.rs` is what they speak through.
//!
//! Every answer of the two operations is held against the OpenAPI document, whichever test asked for it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what went wrong by failing where it saw it"
)]

mod answer;
mod auth;
mod connections;
mod control;
mod control_arrivals;
mod control_audit;
mod control_coverage;
mod control_explained;
mod control_fault_effects;
mod control_faults;
mod control_orders;
mod control_requests;
mod control_sandboxes;
mod control_scorecard;
mod control_snapshots;
mod control_waiting;
mod dashboard;
mod dashboard_login;
mod embedding;
mod errors;
mod events;
mod frames;
mod list_filters;
mod list_pages;
mod list_refusals;
mod list_shape;
mod list_window;
mod metrics;
mod openapi;
mod pages;
mod raw;
mod rehearsal;
mod sandbox;
mod schema;
mod transport;
mod unread;
mod update_accounts;
mod update_effect;
mod update_form;

//! The Supplier API's operations: extract, one call into the store, answer.

mod by_fault;
mod caller;
mod error;
mod forced;
mod ignored;
mod list_orders;
mod notes;
mod record;
mod recorder;
mod rules;
mod struck;
mod tracked;
mod update_order;

pub(crate) use error::ApiError;
pub(crate) use list_orders::{__path_list_orders, list_orders};
pub(crate) use notes::Notes;
pub(crate) use recorder::Recorder;
pub(crate) use struck::{BrokenOff, Unsent};
pub(crate) use update_order::{__path_update_order, update_order};

/// Where orders are listed.
pub(crate) const LIST_PATH: &str = "/api/admin/v2/orders";
/// Where they are updated.
pub(crate) const UPDATE_PATH: &str = "/api/admin/v2/orders-update";

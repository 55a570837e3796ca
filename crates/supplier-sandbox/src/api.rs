//! The Supplier API's operations: extract, one call into the store, answer.

mod caller;
mod error;
mod list_orders;
mod struck;
mod update_order;

pub(crate) use error::{ApiError, ErrorCode};
pub(crate) use list_orders::{__path_list_orders, list_orders};
pub(crate) use struck::Unsent;
pub(crate) use update_order::{__path_update_order, update_order};

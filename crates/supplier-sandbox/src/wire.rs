//! The Supplier API's JSON: what is read, what is written, and the schemas that document it.

pub(crate) mod declared;
mod error;
pub(crate) mod fields;
mod order;
mod page;
pub(crate) mod sets;
mod text;
mod update;

pub(crate) use error::{ErrorBody, FieldProblem};
pub(crate) use order::{UpdatedOrder, render};
pub(crate) use page::{ListOrdersParams, OrderPage};
pub(crate) use update::UpdateOrderRequest;

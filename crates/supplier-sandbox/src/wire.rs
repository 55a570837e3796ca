//! The Supplier API's JSON: what is read, what is written, and the schemas that document it.

mod error;
pub(crate) mod fields;
mod order;
mod page;
pub(crate) mod sets;
mod update;

pub(crate) use error::{ErrorBody, ErrorCode, FieldProblem};
pub(crate) use fields::is_json_type;
pub(crate) use order::{UpdatedOrder, render};
pub(crate) use page::{ListOrdersParams, OrderPage};
pub(crate) use update::UpdateOrderRequest;

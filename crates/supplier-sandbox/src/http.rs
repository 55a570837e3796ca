//! What every request meets before and after the router, and the loop that accepts connections.

mod accept;
mod activity;
mod asset;
pub(crate) mod body;
mod drain;
mod edge;
mod held;
mod limits;
mod sending;

pub(crate) use accept::serve;
pub(crate) use asset::Asset;
pub(crate) use body::BodyError;
pub(crate) use edge::{Edge, around};
pub(crate) use held::Holder;
pub use limits::Limits;
pub(crate) use sending::SharedBody;

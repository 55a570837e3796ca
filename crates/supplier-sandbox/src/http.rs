//! What every request meets before and after the router, and the loop that accepts connections.

mod accept;
mod activity;
mod asset;
mod drain;
mod edge;
mod limits;

pub(crate) use accept::serve;
pub(crate) use asset::Asset;
pub(crate) use edge::{Edge, around};
pub use limits::Limits;

//! HTTP around the router: the accept loop, and what every request passes before and after its handler.

mod accept;
mod activity;
mod asset;
pub(crate) mod body;
mod drain;
mod edge;
mod eviction;
mod held;
mod limits;
mod negotiation;
mod sending;
mod socket;
mod steps;

pub(crate) use accept::serve;
pub(crate) use asset::{Asset, PAGE_POLICY};
pub(crate) use body::BodyError;
pub(crate) use edge::{Edge, around};
pub(crate) use held::Holder;
pub use limits::Limits;
pub(crate) use negotiation::preferred;
pub(crate) use sending::SharedBody;

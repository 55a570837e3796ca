//! The control API: `/_sandbox/…`, the face of `supplier-control` over HTTP.

mod arrivals;
mod arriving_order;
mod clock;
mod extract;
mod faults;
pub(crate) mod guard;
mod health;
mod new_orders;
mod orders;
mod problem;
mod routes;
mod sandboxes;
mod suppliers;
mod values;

pub(crate) use guard::Admission;
pub(crate) use problem::{ControlProblem, ProblemDetails};
pub(crate) use routes::{guarded, open};

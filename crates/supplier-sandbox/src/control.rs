//! Control API: `/_sandbox/…`, the use cases of `supplier-control` over HTTP.

mod arrivals;
mod arriving_order;
mod audit;
mod call_why;
mod calls;
mod clock;
mod events;
mod extract;
mod faults;
pub(crate) mod guard;
mod health;
mod history;
mod host;
mod index;
mod metrics;
mod new_orders;
mod orders;
mod problem;
mod query;
mod routes;
mod sandboxes;
mod scorecard;
mod search;
mod snapshot;
mod suppliers;
mod values;

pub(crate) use guard::Admission;
pub(crate) use problem::{ControlProblem, ProblemDetails};
pub(crate) use routes::{guarded, index_page, open, routes};

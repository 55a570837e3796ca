//! What goes wrong on purpose, as a plan: [`Faults`] says how.

mod armed;
mod call;
mod chance;
mod effect;
mod plan;
mod rate_limit;
mod request;
mod serial;
mod strike;
#[cfg(test)]
mod tests;

pub use armed::{Fault, FaultId, NewFault, Occasions};
pub use call::{Call, Filter, Operation};
pub use chance::Chance;
pub use effect::{Delay, Effect, EffectKind, ErrorStatus};
pub use plan::{Faults, MAX_FAULTS, TooManyFaults};
pub use rate_limit::RateLimit;
pub use request::{EffectRequest, FaultRequest};
pub use strike::{Afterwards, Course, Instead, Strike};

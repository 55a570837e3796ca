//! Fault plan: the faults of a sandbox, and how they strike calls.

mod armed;
mod call;
mod chance;
mod delay;
mod effect;
mod effect_request;
mod parameters;
mod plan;
mod rate_limit;
mod request;
mod strike;
#[cfg(test)]
mod tests;

pub use armed::{Fault, FaultId, NewFault, Occasions};
pub use call::{Call, Filter, Operation};
pub use chance::Chance;
pub(crate) use chance::jitter;
pub use delay::Delay;
pub use effect::{Effect, EffectKind, ErrorStatus};
pub use effect_request::EffectRequest;
pub use parameters::{Close, Framing, When};
pub use plan::{Faults, MAX_FAULTS, TooManyFaults};
pub use rate_limit::RateLimit;
pub use request::FaultRequest;
pub use strike::{Afterwards, Course, FaultAction, FiredFault, Instead, Replacement, Strike};

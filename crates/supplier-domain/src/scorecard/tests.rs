//! Scorecard tests with good and bad clients.

mod bounds;
mod clients;
mod delivering;
mod errors;
mod polling;
mod properties;
mod resend;
mod sent;
mod server;
mod shared;

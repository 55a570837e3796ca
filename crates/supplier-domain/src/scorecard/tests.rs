//! Clients, good and bad, and what is said of them.

mod bounds;
mod clients;
mod delivering;
mod errors;
mod polling;
mod properties;
mod sent;
mod server;
mod shared;

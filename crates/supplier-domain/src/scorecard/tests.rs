//! Clients, good and bad, and what is said of them.

mod clients;
mod delivering;
mod errors;
mod polling;
mod properties;
mod server;

//! The real programs, driven by real clients.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "all of it is tests: what they share fails where it notices, and says what they did"
)]

mod balancer;
mod cli;
mod client;
mod clients;
mod cluster;
mod contract;
mod control;
mod documents;
mod durability;
mod failure_modes;
mod fake_target;
mod pages;
mod process;
mod program;
mod real_clients;
mod rehearsal;
mod secrets;
mod soak;
mod tools;
mod two_servers;
mod workspace;

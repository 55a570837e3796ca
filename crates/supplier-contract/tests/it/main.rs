//! The program, as it is started.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "all of it is tests: what they share fails where it notices, and says what it did"
)]

mod budget;
mod configuration;
mod interrupt;
mod offline;
mod program;
mod replay;
mod selftest;
mod shrinking;
mod target;
mod usage;

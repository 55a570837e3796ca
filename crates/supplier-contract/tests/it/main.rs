//! The program, as it is started.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "all of it is tests: what they share fails where it notices, and says what it did"
)]

mod budget;
mod causes;
mod choices;
mod clocks;
mod configuration;
mod doctor;
mod interrupt;
mod offline;
mod program;
mod replay;
mod safety;
mod selftest;
mod server;
mod shrinking;
mod target;
mod usage;
mod verdicts;
mod worlds;

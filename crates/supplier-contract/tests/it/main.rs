//! The program, as it is started.

mod configuration;
mod offline;
mod program;
mod replay;
mod target;
mod usage;

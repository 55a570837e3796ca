//! What a user of the command line sees.

mod help;
mod openapi;
mod refusals;
mod scenario;
mod serving;
mod stopping;

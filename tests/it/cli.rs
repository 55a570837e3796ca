//! What a user of the command line sees.

mod help;
mod openapi;
mod refusals;
mod scenario;
mod scorecard;
mod serving;
mod stopping;

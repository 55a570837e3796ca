//! The contract suite: is this implementation the Supplier API?
//!
//! A black box in, verdicts out. The suite knows the API through HTTP, the OpenAPI document, the rulebook, and a table of
//! what the guide shows; never through a server's types.

pub mod bench;
pub mod case;
pub mod check;
pub mod checks;
pub mod config;
pub mod elapsed;
mod embed;
pub mod guide_table;
pub mod http;
pub mod masking;
pub mod names;
pub mod outcome;
pub mod output;
pub mod profile;
pub mod provision;
pub mod query;
pub mod replay;
pub mod report;
pub mod run;
pub mod schema;
pub mod script;
pub mod selftest;
pub mod template;

pub use embed::{run, run_with};

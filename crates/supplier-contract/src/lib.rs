//! Contract tests for the Supplier API: tests whether a server implements it, rule by rule.
//!
//! The suite calls the target by its URL only. What it knows of the API stands in the rulebook, in the OpenAPI document and in a table
//! of what the guide shows; it never uses a server's types. [`run()`] tests a target and returns a [`Report`]:
//!
//! ```no_run
//! # async fn test() -> Result<(), supplier_contract::Problem> {
//! use supplier_contract::{Config, run};
//!
//! let report = run(Config::new("http://127.0.0.1:4010")).await?;
//! assert!(report.conforms(), "{:?}", report.findings().collect::<Vec<_>>());
//! # Ok(())
//! # }
//! ```
//!
//! The program `supplier-contract` is the feature `cli`, which is on by default.

#![cfg_attr(not(feature = "cli"), expect(dead_code, unreachable_pub, reason = "the program uses it"))]

mod bench;
mod case;
mod check;
mod checks;
mod claim;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod config;
mod counted;
mod diagnosis;
mod doctor;
mod elapsed;
mod embed;
mod guide_table;
mod http;
mod ledger;
mod masking;
#[cfg(feature = "cli")]
mod names;
mod outcome;
#[cfg(feature = "cli")]
mod output;
mod profile;
mod provision;
mod query;
mod replay;
#[cfg(feature = "cli")]
mod report;
mod run;
mod schema;
mod script;
#[cfg(feature = "cli")]
mod selftest;
mod target;
mod template;

pub use claim::Claim;
pub use config::{Accepted, Baseline, Config};
pub use embed::{run, run_with};
pub use http::CallOptions;
pub use outcome::{Event, Finding, Report, Verdict};
pub use profile::Profile;
pub use provision::{Listed, Provision};
pub use target::Problem;

/// What this crate's own tests use. It is no part of the interface, and changes without notice.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod internal {
    pub use crate::checks::{registry, untestable};
    pub use crate::cli::observed;
    pub use crate::config::{Settings, read as read_settings};
    pub use crate::names::of_rules_and_checks;
    pub use crate::profile::{options, parts};
    pub use crate::run::Run;
    pub use crate::selftest::target::{Choices, DEFECTS, Defect, FakeTarget};
    pub use crate::selftest::{Options, selftest};
}

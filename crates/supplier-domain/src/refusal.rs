//! Refusals, and the violations that they name.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use supplier_rulebook::RuleId;

/// One thing that is wrong with a request. It never repeats a value that was sent: that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field or parameter, by its name in the API.
    pub field: Cow<'static, str>,
    /// What is wrong with its value, and what would be right.
    pub problem: String,
}

impl Problem {
    /// `problem` with `field`.
    pub fn new(field: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.problem)
    }
}

/// A problem with a request of the Supplier API, and the rule that the request breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule that is broken.
    pub rule: RuleId,
    /// The field, and what is wrong with it.
    pub problem: Problem,
}

impl Violation {
    /// A request breaks `rule` by `problem` with `field`.
    pub fn new(rule: RuleId, field: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Self {
        Self { rule, problem: Problem::new(field, problem) }
    }
}

/// A rule of the Supplier API refused a request; nothing has changed (`update.atomic`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The key is missing, unknown, malformed or revoked (`auth.invalid-key`).
    InvalidApiKey,
    /// The request is not of the documented form: all that is wrong (`error.details`).
    InvalidRequest(Vec<Violation>),
    /// There is no such order, or it is not paid (`update.not-found`, `update.unpaid`).
    OrderNotFound,
    /// Nothing of the order is the supplier's (`update.access-denied`).
    AccessDenied,
    /// Accounts were given and none is left (`update.invalid-accounts`).
    InvalidAccounts,
    /// More accounts were given than are kept: what is wrong with them (`update.accounts-cap`).
    TooManyAccounts(Violation),
}

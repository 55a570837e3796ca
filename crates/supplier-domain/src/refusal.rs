//! Refusals of a call, and the violations that they name.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use supplier_rulebook::RuleId;

/// Problem with a field of a request. It never repeats the value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field or parameter, by its name in the API.
    pub field: Cow<'static, str>,
    /// What is wrong with the value, and what to send.
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

/// Problem with a request of the Supplier API, and the rule that the request breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule that is broken.
    pub rule: RuleId,
    /// The field and its problem.
    pub problem: Problem,
}

impl Violation {
    /// A request breaks `rule` by `problem` with `field`.
    pub fn new(rule: RuleId, field: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Self {
        Self { rule, problem: Problem::new(field, problem) }
    }
}

/// Refusal of a request by a rule of the Supplier API. Nothing has changed (`update.atomic`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The key is missing, unknown, malformed or revoked (`auth.invalid-key`).
    InvalidApiKey,
    /// The request is invalid: all problems (`error.details`).
    InvalidRequest(Vec<Violation>),
    /// The order does not exist, or is not paid (`update.not-found`, `update.unpaid`).
    OrderNotFound,
    /// The order has no item of the supplier (`update.access-denied`).
    AccessDenied,
    /// Accounts were given and none is left (`update.invalid-accounts`): what those look like that are of another form.
    InvalidAccounts(Vec<Violation>),
    /// The accounts exceed a maximum (`update.accounts-cap`).
    TooManyAccounts(Violation),
}

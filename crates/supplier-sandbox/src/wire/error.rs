//! The envelope of every error.

use serde::Serialize;
use supplier_domain::{ErrorCode, Problem};
use utoipa::ToSchema;

use super::sets;

/// An error (`error.envelope`).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    #[schema(value_type = sets::ErrorCode)]
    pub(crate) error: ErrorCode,
    /// What went wrong, for people. The documented errors' messages never change (`error.messages`).
    #[schema(value_type = String)]
    pub(crate) message: &'static str,
    /// With `INVALID_REQUEST`: all that is wrong, at once. With `INVALID_ACCOUNTS`: accounts of another form, if there are any
    /// (`error.details`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) details: Option<Vec<FieldProblem>>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// The parameter or field; `body` for the body as a whole.
    field: String,
    /// What is wrong with its value, and what would be right.
    problem: String,
}

impl From<Problem> for FieldProblem {
    fn from(problem: Problem) -> Self {
        Self { field: problem.field.into_owned(), problem: problem.problem }
    }
}

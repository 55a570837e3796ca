//! Error page.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use supplier_control::{ControlError, ErrorClass};

/// Error page: status and reason.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    why: String,
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    title: &'a str,
    why: &'a str,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        let status = match error.class() {
            ErrorClass::Invalid => StatusCode::BAD_REQUEST,
            ErrorClass::Missing => StatusCode::NOT_FOUND,
            ErrorClass::Conflict => StatusCode::CONFLICT,
            ErrorClass::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorClass::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let why = match &error {
            ControlError::NoOrder(order) => format!("You have no order {order}."),
            ControlError::NoCall(_) => "This request is no longer kept.".to_owned(),
            ControlError::NoSandbox(_) => "This sandbox has ended. Log out, and open another one.".to_owned(),
            other => other.to_string(),
        };
        Self::new(status, why)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("It did not work");
        let page = FailurePage { title, why: &self.why };
        // Fall back to text if the page cannot be rendered.
        let text = page.render().unwrap_or_else(|_| self.why.clone());
        (self.status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
    }
}

//! Error pages for browsers, outside of the dashboard and the documentation.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use mediatype::MediaType;
use mediatype::names::{APPLICATION, HTML, JSON, TEXT};

use crate::api::ApiError;
use crate::http::{PAGE_POLICY, preferred};

/// Media types in the order of preference.
const TYPES: [MediaType<'static>; 2] = [MediaType::new(APPLICATION, JSON), MediaType::new(TEXT, HTML)];

/// Paths below which every answer is JSON (`error.transport`).
const APIS: [&str; 2] = ["/api", "/_sandbox"];

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing {
    title: &'static str,
    why: &'static str,
}

/// Renders the errors 404 and 405 as a page for browsers. Programs get them as JSON.
pub(crate) async fn for_browsers(request: Request, next: Next) -> Response {
    if is_api(request.uri().path()) {
        return next.run(request).await;
    }
    let wants_page = prefers_html(request.headers());
    let answer = next.run(request).await;
    let missing = match answer.extensions().get::<ApiError>() {
        Some(ApiError::NotFound) => {
            Missing { title: "Page not found", why: "There is no page at this address." }
        }
        Some(ApiError::MethodNotAllowed) => Missing {
            title: "Method not allowed",
            why: "This address takes other methods. Go back, and use the page's own links and buttons.",
        },
        _ => return answer,
    };
    let (mut parts, mut body) = answer.into_parts();
    if wants_page {
        let (page, text) = html(&missing).into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.extend(page.headers);
        body = text;
    }
    parts.headers.insert(header::VARY, HeaderValue::from_static("accept"));
    Response::from_parts(parts, body)
}

/// A page as an answer.
pub(crate) fn html(page: &impl Template) -> Response {
    // Writing to memory cannot fail.
    let text = page.render().unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, text).into_response()
}

/// Whether the request prefers a page to JSON.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    preferred(headers, &TYPES).is_some_and(|kind| kind.subty == HTML)
}

fn is_api(path: &str) -> bool {
    let below =
        |api: &str| path.strip_prefix(api).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    APIS.into_iter().any(below)
}

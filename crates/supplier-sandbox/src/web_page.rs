//! Pages of the server's own, beside the dashboard and the documentation: for browsers that ask for what is not there.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use mediatype::MediaType;
use mediatype::names::{APPLICATION, HTML, JSON, TEXT};

use crate::api::ApiError;
use crate::http::{PAGE_POLICY, preferred};

/// In the order in which they are preferred.
const TYPES: [MediaType<'static>; 2] = [MediaType::new(APPLICATION, JSON), MediaType::new(TEXT, HTML)];

/// Below these, everybody is answered in JSON: a program that looks for a page there is none (`error.transport`).
const APIS: [&str; 2] = ["/api", "/_sandbox"];

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing {
    title: &'static str,
    why: &'static str,
}

/// Tells browsers in a page what programs are told in JSON: that there is no such page, or that it takes another method.
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

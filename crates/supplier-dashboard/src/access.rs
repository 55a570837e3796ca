//! Access: which visitor may see and change what.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Form, FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde::de::DeserializeOwned;
use supplier_control::Session;

use crate::Dashboard;
use crate::failure::Failure;
use crate::known_browser::cookie;
use crate::onward::onward;

/// Name of the cookie with the session id.
pub(crate) const COOKIE: &str = "supplier_session";

/// Content security policy of every page: content of this server only, and no inline script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Refuses requests from pages of other sites, and sets the content security policy.
pub(crate) async fn own_pages_only(request: Request, next: Next) -> Response {
    if request.method() != Method::GET && is_foreign(request.headers()) {
        return Failure::new(
            StatusCode::FORBIDDEN,
            "A page of another site sent this request. Open the dashboard, and repeat it there.",
        )
        .into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether the browser says that a page of another site sent the request.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let by_fetch = text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    let own = text("host");
    let by_origin = text("origin").is_some_and(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        host.is_none() || host != own
    });
    by_fetch || by_origin
}

/// Query of a page. An invalid one gets an error page.
pub(crate) struct PageQuery<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for PageQuery<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let read = Query::try_from_uri(&parts.uri).map(|Query(asked)| Self(asked));
        read.map_err(|problem| {
            Failure::new(StatusCode::BAD_REQUEST, format!("The address is invalid: {}.", problem.body_text()))
        })
    }
}

/// Fields of a form. An invalid form gets an error page.
pub(crate) struct PageForm<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for PageForm<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let read = Form::from_request(request, state).await.map(|Form(given)| Self(given));
        read.map_err(|problem| {
            Failure::new(problem.status(), format!("The form is invalid: {}.", problem.body_text()))
        })
    }
}

/// Address of a request's client; `None` behind a proxy, or if it is unknown.
pub(crate) struct Client(pub(crate) Option<IpAddr>);

impl FromRequestParts<Dashboard> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        Ok(Self(peer.filter(|_| !dashboard.setup.is_behind_proxy)))
    }
}

/// Logged-in visitor, with the id of the session.
pub(crate) struct Visitor {
    pub(crate) id: String,
    pub(crate) session: Session,
}

impl FromRequestParts<Dashboard> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Response> {
        let found = visitor(&parts.headers, dashboard).await.map_err(IntoResponse::into_response)?;
        found.ok_or_else(|| {
            // After a login the browser sends a GET, which can lead on to a page but cannot repeat a form.
            let path = parts.uri.path_and_query().filter(|_| parts.method == Method::GET);
            let next = onward(path.map_or("/", |path| path.as_str()));
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            Redirect::to(&format!("/login?next={next}")).into_response()
        })
    }
}

/// Visitor, if one is logged in.
pub(crate) struct OptionalVisitor(pub(crate) Option<Visitor>);

impl FromRequestParts<Dashboard> for OptionalVisitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Failure> {
        Ok(Self(visitor(&parts.headers, dashboard).await?))
    }
}

/// Visitor who may change the sandbox.
pub(crate) struct AdminVisitor(pub(crate) Visitor);

impl FromRequestParts<Dashboard> for AdminVisitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, dashboard).await?;
        if visitor.session.is_admin {
            return Ok(Self(visitor));
        }
        let why = "This changes the sandbox for all of its suppliers: log in with the admin token.";
        Err(Failure::new(StatusCode::FORBIDDEN, why).into_response())
    }
}

async fn visitor(headers: &HeaderMap, dashboard: &Dashboard) -> Result<Option<Visitor>, Failure> {
    let Some(id) = cookie(headers, COOKIE) else { return Ok(None) };
    let session = dashboard.control().session(id, dashboard.now()).await?;
    Ok(session.map(|session| Visitor { id: id.to_owned(), session }))
}

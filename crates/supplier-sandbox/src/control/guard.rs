//! Guard of everything but the Supplier API: admits programs on this machine, or callers with the admin token.

use std::fmt;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use supplier_store::KeyHash;

use super::ControlProblem;
use super::host::Host;

/// Where the page that sends a request stands to this server, in a browser's words (Fetch Metadata).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who is let in.
#[derive(Clone)]
pub(crate) enum Admission {
    /// Programs on this machine, and this server's own pages. Requests under another host's name are refused, for a name
    /// may be made to lead here (DNS rebinding), and so are those that a page of another origin sends.
    Loopback,
    /// Whoever sends the token with this hash.
    Token(KeyHash),
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "Loopback",
            Self::Token(_) => "Token([redacted])",
        })
    }
}

/// Lets a request for a page or a document pass.
pub(crate) async fn page(State(admission): State<Arc<Admission>>, request: Request, next: Next) -> Response {
    match admission.admits_host(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Lets a request to the control API pass.
pub(crate) async fn control(
    State(admission): State<Arc<Admission>>,
    request: Request,
    next: Next,
) -> Response {
    match admission.admits(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

impl Admission {
    /// Of a server that only this machine reaches, or of one that asks for a token; none without it.
    pub(crate) fn of(is_local: bool, token: Option<KeyHash>) -> Option<Self> {
        if is_local { Some(Self::Loopback) } else { token.map(Self::Token) }
    }

    fn admits_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), ControlProblem> {
        let is_local = || Host::of(uri, headers).is_some_and(|host| host.is_loopback());
        if matches!(self, Self::Token(_)) || is_local() { Ok(()) } else { Err(ControlProblem::ForeignHost) }
    }

    fn admits(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), ControlProblem> {
        self.admits_host(uri, headers)?;
        match self {
            Self::Loopback if is_foreign(uri, headers) => Err(ControlProblem::ForeignOrigin),
            Self::Token(expected) if bearer(headers).is_none_or(|token| KeyHash::of(token) != *expected) => {
                Err(ControlProblem::NoToken)
            }
            Self::Loopback | Self::Token(_) => Ok(()),
        }
    }
}

/// Whether a server's URL names this machine.
pub(crate) fn is_loopback_url(url: &str) -> bool {
    let authority = url.parse::<Uri>().ok().and_then(|uri| uri.into_parts().authority);
    authority.and_then(|authority| Host::read(authority.as_str())).is_some_and(|host| host.is_loopback())
}

/// Whether a page of another origin sent the request. One that says nothing of it was sent by no page.
fn is_foreign(uri: &Uri, headers: &HeaderMap) -> bool {
    let own = Host::of(uri, headers);
    let is_own = |origin: &HeaderValue| {
        let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
        origin.and_then(Host::read).is_some_and(|origin| Some(origin) == own)
    };
    // What a browser says for itself where it sends no origin, as with an image.
    let is_here = |site: &HeaderValue| matches!(site.as_bytes(), b"same-origin" | b"none");
    !headers.get_all(header::ORIGIN).iter().all(is_own)
        || !headers.get_all(SEC_FETCH_SITE).iter().all(is_here)
}

/// The token of the one `Authorization: Bearer` header, if there is one.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.as_bytes().split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let header =
            |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in pairs.iter().map(header) {
            headers.append(name, value);
        }
        headers
    }

    fn admitted(admission: &Admission, pairs: &[(&str, &str)]) -> bool {
        admission.admits(&Uri::from_static("/_sandbox/sandboxes"), &headers(pairs)).is_ok()
    }

    #[test]
    fn on_loopback_only_this_machine_s_names_and_pages_are_let_in() {
        for host in ["127.0.0.1:4010", "localhost:4010", "LOCALHOST", "[::1]:4010", "127.9.9.9"] {
            assert!(admitted(&Admission::Loopback, &[("host", host)]), "{host}");
            let origin = format!("http://{host}");
            assert!(admitted(&Admission::Loopback, &[("host", host), ("origin", &origin)]), "{host}");
        }
        for host in [
            "rebound.example.com",
            "localhost.example.com",
            "10.0.0.1",
            "0.0.0.0:4010",
            "",
            "127.0.0.1.example.com",
        ] {
            assert!(!admitted(&Admission::Loopback, &[("host", host)]), "{host}");
        }
        assert!(!admitted(&Admission::Loopback, &[]), "no host at all");
        assert!(
            !admitted(&Admission::Loopback, &[("host", "localhost"), ("host", "localhost")]),
            "two hosts"
        );
        for origin in [
            "http://example.com",
            "null",
            "http://localhost:4011",
            "https://localhost:4010",
            "http://127.0.0.1:4010",
        ] {
            let pairs = [("host", "localhost:4010"), ("origin", origin)];
            assert!(!admitted(&Admission::Loopback, &pairs), "{origin}");
        }
    }

    #[test]
    fn a_page_of_another_site_is_refused_though_it_sends_no_origin() {
        let from = |site| [("host", "localhost:4010"), ("sec-fetch-site", site)];
        for site in ["none", "same-origin"] {
            assert!(admitted(&Admission::Loopback, &from(site)), "{site}");
        }
        for site in ["cross-site", "same-site", "", "Same-Origin", "unheard-of"] {
            assert!(!admitted(&Admission::Loopback, &from(site)), "{site}");
        }
    }

    #[test]
    fn the_target_and_the_header_have_to_agree_on_the_host() {
        let admits = |target: &str, host: &str| {
            let uri: Uri = target.parse().unwrap();
            Admission::Loopback.admits(&uri, &headers(&[("host", host)])).is_ok()
        };
        assert!(admits("http://localhost:4010/_sandbox/sandboxes", "localhost:4010"));
        assert!(!admits("http://localhost:4010/_sandbox/sandboxes", "evil.example.com"));
        assert!(!admits("http://evil.example.com/_sandbox/sandboxes", "localhost:4010"));
        assert!(!admits("http://evil@localhost:4010/_sandbox/sandboxes", "localhost:4010"));
    }

    #[test]
    fn elsewhere_the_token_lets_in_and_nothing_else_does() {
        let admission = Admission::Token(KeyHash::of(b"s3cret-token"));
        for value in ["Bearer s3cret-token", "bearer  s3cret-token"] {
            assert!(
                admitted(&admission, &[("host", "sandbox.example.com"), ("authorization", value)]),
                "{value}"
            );
        }
        for value in
            ["Bearer s3cret-toke", "Bearer s3cret-tokens", "s3cret-token", "Basic s3cret-token", "Bearer", ""]
        {
            assert!(!admitted(&admission, &[("host", "localhost"), ("authorization", value)]), "{value}");
        }
        assert!(!admitted(&admission, &[("host", "localhost")]));
        let twice = [("authorization", "Bearer s3cret-token"), ("authorization", "Bearer s3cret-token")];
        assert!(!admitted(&admission, &twice));
        assert!(!format!("{admission:?}").contains("s3cret"));
    }
}

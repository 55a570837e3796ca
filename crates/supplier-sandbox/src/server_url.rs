//! The address of a server.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;

use crate::control::guard;

/// URL of a server: `http://HOST` or `https://HOST`, optionally with a port, and without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl(String);

/// Error: the text is no URL of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write http://HOST or https://HOST, with a port if it has one")]
pub struct InvalidServerUrl;

impl ServerUrl {
    /// The URL, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        guard::is_loopback_url(&self.0)
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ServerUrl {
    type Err = InvalidServerUrl;

    fn from_str(text: &str) -> Result<Self, InvalidServerUrl> {
        let trimmed = text.strip_suffix('/').unwrap_or(text);
        let uri: Uri = trimmed.parse().map_err(|_| InvalidServerUrl)?;
        // What stands before an `@` may be a password, which belongs into no address; `#` is lost when a URI is parsed.
        let is_server = matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.path() == "/"
            && uri.query().is_none()
            && !trimmed.ends_with('/')
            && !trimmed.contains(['@', '#']);
        if is_server { Ok(Self(trimmed.to_owned())) } else { Err(InvalidServerUrl) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_and_a_host_are_an_address_and_nothing_else_is() {
        for (text, expected) in [
            ("http://127.0.0.1:4010", "http://127.0.0.1:4010"),
            ("http://[::1]:4010/", "http://[::1]:4010"),
            ("https://sandbox.example.com/", "https://sandbox.example.com"),
        ] {
            assert_eq!(text.parse::<ServerUrl>().map(|url| url.to_string()), Ok(expected.to_owned()));
        }
        for wrong in [
            "",
            "sandbox.example.com",
            "127.0.0.1:4010",
            "ftp://sandbox.example.com",
            "file:///etc/passwd",
            "http://",
            "https://sandbox.example.com/path",
            "https://sandbox.example.com//",
            "https://sandbox.example.com?query",
            "https://sandbox.example.com#part",
            "https://user:password@sandbox.example.com",
            "https://sandbox example.com",
        ] {
            assert_eq!(wrong.parse::<ServerUrl>(), Err(InvalidServerUrl), "{wrong}");
        }
    }

    #[test]
    fn this_machine_s_addresses_are_told_from_others() {
        let is_loopback = |text: &str| text.parse::<ServerUrl>().unwrap().is_loopback();
        assert!(
            ["http://localhost", "https://127.0.0.1:1", "http://[::1]:4010"].into_iter().all(is_loopback)
        );
        assert!(!["http://localhost.example.com", "http://10.0.0.1:4010"].into_iter().any(is_loopback));
    }
}

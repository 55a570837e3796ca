//! Host name of a request (RFC 9110, 7.2), parsed strictly: the guard admits loopback requests by this name.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::uri::Uri;
use axum::http::{HeaderMap, header};

/// The port of `http` where none is written.
const HTTP: u16 = 80;

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    name: Name,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    /// In lower case.
    Word(String),
}

impl Host {
    /// Reads `HOST` or `HOST:PORT`, and nothing beside them: no user, no path, no space.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (name, port) = if let Some(rest) = text.strip_prefix('[') {
            let (address, port) = rest.split_once(']')?;
            (Name::V6(address.parse().ok()?), port)
        } else {
            let end = text.find(':').unwrap_or(text.len());
            (word(text.get(..end)?)?, text.get(end..)?)
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => HTTP,
            Some("") => HTTP,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
            _ => return None,
        };
        Some(Self { name, port })
    }

    /// Whether it is this machine, under a name that leads nowhere else.
    pub(super) fn is_loopback(&self) -> bool {
        match &self.name {
            Name::V4(address) => address.is_loopback(),
            Name::V6(address) => address.is_loopback(),
            Name::Word(word) => word == "localhost",
        }
    }

    /// Under which name a request came: HTTP/2 says it in the URI, HTTP/1.1 in a header, some clients in both; then they
    /// have to agree.
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let mut named = headers.get_all(header::HOST).iter();
        let in_header = match (named.next(), named.next()) {
            (Some(only), None) => Some(Self::read(only.to_str().ok()?)?),
            (None, _) => None,
            _ => return None,
        };
        let in_uri = match uri.authority() {
            Some(authority) => Some(Self::read(authority.as_str())?),
            None => None,
        };
        match (in_header, in_uri) {
            (Some(one), Some(other)) => (one == other).then_some(one),
            (one, other) => one.or(other),
        }
    }
}

/// An address, or a name of letters, digits and what joins them.
fn word(text: &str) -> Option<Name> {
    if let Ok(address) = text.parse() {
        return Some(Name::V4(address));
    }
    let is_name = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    is_name.then(|| Name::Word(text.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_this_machine_and_nothing_else_is_loopback() {
        for text in [
            "127.0.0.1",
            "127.9.9.9:1",
            "localhost",
            "LocalHost:4010",
            "[::1]",
            "[0:0:0:0:0:0:0:1]:80",
            "localhost:",
        ] {
            assert!(Host::read(text).is_some_and(|host| host.is_loopback()), "{text}");
        }
        for text in [
            "evil.com@127.0.0.1",
            "127.0.0.1@evil.com",
            "user:password@localhost",
            "127.0.0.1.",
            "localhost.",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "0.0.0.0",
            "[::ffff:127.0.0.1]",
            "[::1",
            "::1",
            "[::1]x",
            "[::1%25lo]",
            "localhost:80:80",
            "localhost:+80",
            "localhost:65536",
            "localhost/x",
            "localhost?x",
            "localhost#x",
            "localhost, evil.com",
            " localhost",
            "localhost\\",
            "127.0.0.1.example.com",
            "localhost.example.com",
            "",
            ":80",
        ] {
            assert!(!Host::read(text).is_some_and(|host| host.is_loopback()), "{text}");
        }
    }
}

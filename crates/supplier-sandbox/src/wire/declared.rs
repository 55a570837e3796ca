//! What the head of a request says of its body.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Why a body is not taken, by what its head says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// It is not declared to be JSON, or twice.
    NotJson,
    /// It is declared to be in another charset than UTF-8.
    Charset,
    /// It is encoded, in this way.
    Encoded(Coding),
}

macro_rules! codings {
    ($($variant:ident = $($name:literal)|+,)+) => {
        /// A content coding other than `identity`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Coding {
            $(#[doc = concat!($("`", $name, "` "),+)] $variant,)+
            /// One that is not known.
            Unknown,
        }

        impl Coding {
            fn of(name: &str) -> Self {
                match name.to_ascii_lowercase().as_str() {
                    $($($name)|+ => Self::$variant,)+
                    _ => Self::Unknown,
                }
            }

            fn message(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!(
                        "The body is sent with Content-Encoding: ", codings!(@first $($name),+),
                        ", which is not taken; send it as it is, without that header"
                    ),)+
                    Self::Unknown => "The body is sent with a Content-Encoding that is not known; send it as it is, \
                                      without that header",
                }
            }
        }
    };
    (@first $name:literal $(, $other:literal)*) => { $name };
}

codings! {
    Gzip = "gzip" | "x-gzip",
    Deflate = "deflate",
    Brotli = "br",
    Zstd = "zstd",
    Compress = "compress" | "x-compress",
}

impl NotTaken {
    /// What is wrong, and what to do about it.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::NotJson => "Send the body as JSON, with Content-Type: application/json",
            Self::Charset => {
                "JSON is sent as UTF-8; leave charset out of Content-Type, or write charset=utf-8"
            }
            Self::Encoded(coding) => coding.message(),
        }
    }

    /// What the answer adds, by which a client may know what is taken (RFC 9110, 12.5.3).
    pub(crate) fn header(self) -> Option<(HeaderName, HeaderValue)> {
        let is_encoded = matches!(self, Self::Encoded(_));
        is_encoded.then_some((header::ACCEPT_ENCODING, HeaderValue::from_static("identity")))
    }
}

/// Checks that a body is declared to be JSON, once, in UTF-8, and as it is.
///
/// # Errors
/// The first of these that it is not.
pub(crate) fn check_json(headers: &HeaderMap) -> Result<(), NotTaken> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return Err(NotTaken::NotJson) };
    let mut parts = only.to_str().unwrap_or_default().split(';').map(str::trim);
    if !parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
        return Err(NotTaken::NotJson);
    }
    let named = parts.filter_map(|parameter| parameter.split_once('='));
    let mut charsets = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let is_utf8 = |charset: &str| {
        let charset = charset.trim().trim_matches('"');
        ["utf-8", "utf8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known))
    };
    if !charsets.all(|(_, charset)| is_utf8(charset)) {
        return Err(NotTaken::Charset);
    }
    check_identity(headers)
}

/// Checks that a body is not encoded.
///
/// # Errors
/// It is, whatever else it is.
pub(crate) fn check_identity(headers: &HeaderMap) -> Result<(), NotTaken> {
    let values = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut codings = values.flat_map(|value| value.to_str().unwrap_or("?").split(',')).map(str::trim);
    let other = codings.find(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"));
    other.map_or(Ok(()), |coding| Err(NotTaken::Encoded(Coding::of(coding))))
}

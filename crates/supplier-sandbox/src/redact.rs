//! What may be kept of a call.

use supplier_domain::Excerpt;

pub(crate) struct Redacted {
    pub(crate) excerpt: Excerpt,
    pub(crate) had_key: bool,
}

pub(crate) fn target(path: &str, query: Option<&str>, _key: Option<&str>) -> Redacted {
    let text = query.map_or_else(|| path.to_owned(), |_| format!("{path}?"));
    Redacted { excerpt: Excerpt { text: text.into(), is_cut: false }, had_key: false }
}

pub(crate) fn body(_bytes: &[u8], _key: Option<&str>) -> Redacted {
    Redacted { excerpt: Excerpt::default(), had_key: false }
}

pub(crate) fn excerpt(bytes: &[u8]) -> Excerpt {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    Excerpt { text: (&*text).into(), is_cut: bytes.len() > 4096 }
}

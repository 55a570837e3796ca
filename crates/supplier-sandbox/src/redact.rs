//! What may be kept of a call: no key and no password is left in it (`update.secret`).

mod body;
mod curl;
mod keys;
mod target;
#[cfg(test)]
mod tests;

use supplier_domain::Excerpt;

pub(crate) use body::body;
pub(crate) use curl::curl;
pub(crate) use target::target;

/// The most that is kept of a text, in bytes.
const MAX_KEPT: usize = 4_096;
/// What stands in the place of a key.
const KEY: &str = "$API_KEY";
/// What stands in the place of a password.
const MASK: &str = "***";

/// A text without secrets.
pub(crate) struct Redacted {
    /// The text, or its beginning.
    pub(crate) excerpt: Excerpt,
    /// Whether something that looks like a key stood in it (`practice.secret`).
    pub(crate) had_key: bool,
}

/// The beginning of a text that holds no secret.
pub(crate) fn excerpt(bytes: &[u8]) -> Excerpt {
    // A character that is cut in two does not become another one: it is left out below.
    let kept = &bytes[..bytes.len().min(MAX_KEPT + 4)];
    cut(&String::from_utf8_lossy(kept), bytes.len() > MAX_KEPT)
}

/// At most [`MAX_KEPT`] bytes of `text`; `is_cut` says whether it was longer to begin with.
fn cut(text: &str, is_cut: bool) -> Excerpt {
    let end = text.floor_char_boundary(MAX_KEPT);
    Excerpt { text: text[..end].into(), is_cut: is_cut || end < text.len() }
}

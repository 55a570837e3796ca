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

use keys::Keys;

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

/// What was put together of redacted parts. Parts that are no key can make one where they meet: it is looked for once more.
fn finish(text: &str, keys: Keys<'_>, had_key: bool, is_cut: bool) -> Redacted {
    match keys.replaced(text) {
        Some(text) => Redacted { excerpt: cut(&text, is_cut), had_key: true },
        None => Redacted { excerpt: cut(text, is_cut), had_key },
    }
}

/// Adds a text that a terminal can show: what would control it is written out.
fn push_printable(out: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_control() && !matches!(c, '\n' | '\r' | '\t') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
}

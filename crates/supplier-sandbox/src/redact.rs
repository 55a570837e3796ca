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
/// The most that is kept of an answer, in bytes: whole errors and orders, and the beginning of a page.
const MAX_ANSWER: usize = 1_024;
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

/// The beginning of an answer, which holds no secret.
pub(crate) fn answer(bytes: &[u8]) -> Excerpt {
    let mut end = bytes.len().min(MAX_ANSWER);
    // Not in the middle of a character.
    while end < bytes.len() && end > 0 && bytes[end] & 0b1100_0000 == 0b1000_0000 {
        end -= 1;
    }
    let text = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
    Excerpt { text: text.into(), is_cut: end < bytes.len() }
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
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        if c.is_control() && !matches!(c, '\n' | '\r' | '\t') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
}

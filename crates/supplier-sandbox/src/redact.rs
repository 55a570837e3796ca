//! What may be kept of a call: no key and no password is left in it (`update.secret`).
//!
//! First the secrets that the call carried are collected ([`Secrets`]): its keys, the accounts that it submitted, and what
//! stands under a name such as `password`. Then each text is read for what it is (path, query, JSON, form), and what is secret
//! there is masked: by its value, by its name, or because it looks like a secret.

mod body;
mod collect;
mod leaf;
mod names;
mod secrets;
mod target;
#[cfg(test)]
mod tests;
mod token;
mod views;

use axum::http::Method;
use supplier_domain::{Excerpt, MASK, MASKED_KEY, MAX_SUPPLIER_ORDER_ID_CHARS};

pub(crate) use body::{answer, body};
pub(crate) use collect::{Carried, secret_headers};
pub(crate) use secrets::Secrets;
pub(crate) use target::target;

/// The most that is kept of a text, in bytes.
const MAX_KEPT: usize = 4_096;
/// The most that is kept of an answer, in bytes: whole errors and orders, and the beginning of a page.
const MAX_ANSWER: usize = 1_024;

/// A text without secrets.
pub(crate) struct Redacted {
    /// The text, or its beginning.
    pub(crate) excerpt: Excerpt,
    /// Whether something that looks like a key stood in it (`practice.secret`).
    pub(crate) had_key: bool,
}

/// What stands in the place of a text that a secret was in.
struct Masked {
    text: String,
    had_key: bool,
}

impl Masked {
    fn key() -> Self {
        Self { text: MASKED_KEY.to_owned(), had_key: true }
    }
}

/// A supplier's own id of an order, as it may be stored: `id` is taken from a call that carried `secrets`.
pub(crate) fn own_id(id: String, secrets: &Secrets) -> String {
    // A mask may be longer than a password.
    let fit = |text: String| text.chars().take(MAX_SUPPLIER_ORDER_ID_CHARS).collect();
    secrets.plain(&id).map_or(id, |masked| fit(masked.text))
}

/// A name that a client made up for a parameter or a field, as it may be kept: a call that carried `secrets` has it. One that
/// `is_near` to a known name is shown, unless it is one of the secrets.
pub(crate) fn name(name: &str, is_near: bool, secrets: &Secrets) -> String {
    let masked = if is_near { secrets.replaced(name) } else { secrets.name(name, 0) };
    let mut shown = String::new();
    push_printable(&mut shown, masked.as_ref().map_or(name, |masked| &masked.text));
    // Two parts that are no key can make one.
    secrets.keys_replaced(&shown).unwrap_or(shown)
}

/// A method's name, if it is one that HTTP knows: any other word may be a secret.
pub(crate) fn method(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::POST,
        Method::HEAD,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    if known.contains(method) { method.as_str() } else { "OTHER" }
}

/// At most `most` bytes of `text`; `is_cut` says whether it was longer to begin with.
fn cut(text: &str, most: usize, is_cut: bool) -> Excerpt {
    let end = text.floor_char_boundary(most);
    Excerpt { text: text[..end].into(), is_cut: is_cut || end < text.len() }
}

/// What was put together of redacted parts. Parts that are no key can make one where they meet: it is looked for once more.
fn finish(text: &str, secrets: &Secrets, had_key: bool, (most, is_cut): (usize, bool)) -> Redacted {
    match secrets.keys_replaced(text) {
        Some(text) => Redacted { excerpt: cut(&text, most, is_cut), had_key: true },
        None => Redacted { excerpt: cut(text, most, is_cut), had_key },
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

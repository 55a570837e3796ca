//! The path and the query of a call, and bodies that are forms.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::names::named;
use super::secrets::Secrets;
use super::{MASK, MAX_KEPT, Masked, Redacted, cut, finish, push_printable};
use crate::api::{LIST_PATH, UPDATE_PATH};

/// The path and the query of a call that carried `secrets`, without them.
pub(crate) fn target(path: &str, query: Option<&str>, secrets: &Secrets) -> Redacted {
    if is_plain(path, query) && query.is_none_or(|query| secrets.replaced(query).is_none()) {
        let text = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
        return Redacted { excerpt: cut(&text, MAX_KEPT, false), had_key: false };
    }
    let masked = redacted(path, query, secrets, 0);
    // A secret may have been cut in parts by what divides a path and a query.
    let text = match secrets.replaced(&masked.text) {
        Some(again) if !is_plain(path, query) => again.text,
        _ => masked.text,
    };
    finish(&text, secrets, masked.had_key, (MAX_KEPT, false))
}

/// Whether a target is what nearly all are, with nothing in it that could be anything else.
pub(super) fn is_plain(path: &str, query: Option<&str>) -> bool {
    let is_known = |pair: &str| {
        let Some((name, value)) = pair.split_once('=') else { return false };
        match name {
            "limit" | "offset" => value.len() <= 6 && value.bytes().all(|byte| byte.is_ascii_digit()),
            "status" | "productType" | "entityType" => value.split(',').all(super::names::is_word),
            _ => false,
        }
    };
    [LIST_PATH, UPDATE_PATH].contains(&path) && query.is_none_or(|query| query.split('&').all(is_known))
}

/// Whether a body is a form, and nothing but that.
pub(super) fn is_form(text: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '%' | '+');
    let is_value = |c: char| !c.is_control() && !matches!(c, '<' | '>' | '"' | '{' | '}' | ' ');
    split_pairs(text).all(|(pair, _)| {
        pair.split_once('=').is_some_and(|(name, value)| {
            !name.is_empty() && name.chars().all(is_name) && value.chars().all(is_value)
        })
    })
}

/// The pairs of a query, each with what stands before it.
pub(super) fn split_pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut before = "";
    text.split_inclusive(['&', ';']).map(move |piece| {
        let pair = piece.trim_end_matches(['&', ';']);
        (pair, std::mem::replace(&mut before, &piece[pair.len()..]))
    })
}

/// A body that is a form: its sender took the wrong type.
pub(super) fn form(body: &str, secrets: &Secrets) -> Redacted {
    let masked = pairs(body, secrets, 0);
    finish(&masked.text, secrets, masked.had_key, (MAX_KEPT, false))
}

/// A query without secrets.
pub(super) fn pairs(text: &str, secrets: &Secrets, depth: u8) -> Masked {
    let mut pairs = Pairs { secrets, depth, text: String::new(), had_key: false };
    pairs.push_all(text);
    Masked { text: pairs.text, had_key: pairs.had_key }
}

/// A path and a query without secrets.
pub(super) fn redacted(path: &str, query: Option<&str>, secrets: &Secrets, depth: u8) -> Masked {
    let mut pairs = Pairs { secrets, depth, text: String::new(), had_key: false };
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            pairs.text.push('/');
        }
        pairs.push(segment, |meaning| secrets.leaf(meaning, named(""), false, depth));
    }
    if let Some(query) = query {
        pairs.text.push('?');
        pairs.push_all(query);
    }
    Masked { text: pairs.text, had_key: pairs.had_key }
}

struct Pairs<'a> {
    secrets: &'a Secrets,
    depth: u8,
    text: String,
    had_key: bool,
}

impl Pairs<'_> {
    fn push_all(&mut self, pairs: &str) {
        for (pair, before) in split_pairs(pairs) {
            // What is cut off is not looked at.
            if self.text.len() > MAX_KEPT {
                self.had_key |= self.secrets.keys_replaced(pair).is_some();
                continue;
            }
            self.text.push_str(before);
            let (secrets, depth) = (self.secrets, self.depth);
            match pair.split_once('=') {
                None => self.push(pair, |meaning| secrets.name(meaning, depth)),
                Some((name, value)) => {
                    self.push(name, |meaning| secrets.name(meaning, depth));
                    self.text.push('=');
                    let name = named(&decoded(name));
                    self.push(value, |meaning| secrets.leaf(meaning, name, false, depth));
                }
            }
        }
    }

    /// Adds a part of a URL as it was sent, unless `mask` finds a secret in what it stands for.
    fn push(&mut self, part: &str, mask: impl Fn(&str) -> Option<Masked>) {
        let meaning = decoded(part);
        match mask(&meaning) {
            Some(masked) => {
                self.had_key |= masked.had_key;
                push_printable(&mut self.text, &masked.text);
            }
            // What is no text may be one to somebody else.
            None if meaning.contains('\u{fffd}') && part.is_ascii() => self.text.push_str(MASK),
            None => push_printable(&mut self.text, part),
        }
    }
}

/// What a part of a URL stands for. A plus is left as it is: no secret is told by a space.
fn decoded(part: &str) -> Cow<'_, str> {
    percent_decode_str(part).decode_utf8_lossy()
}

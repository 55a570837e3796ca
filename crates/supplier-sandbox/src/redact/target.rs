//! The path and the query of a call, and bodies that are forms.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use supplier_domain::ListQuery;

use super::keys::{Keys, Named, is_email_account, masked_account, named};
use super::{KEY, Redacted, cut, finish, push_printable};
use crate::api::{LIST_PATH, UPDATE_PATH};

/// The path and the query of a call, without secrets; `key` is the one that its header carried.
pub(crate) fn target(path: &str, query: Option<&str>, key: Option<&str>) -> Redacted {
    let keys = Keys::new(key);
    if is_plain(path, query) && !query.is_some_and(|query| keys.any_in(query)) {
        let text = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
        return Redacted { excerpt: cut(&text, false), had_key: false };
    }
    let mut pairs = Pairs::new(keys, false);
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            pairs.text.push('/');
        }
        pairs.push(segment);
    }
    if let Some(query) = query {
        pairs.text.push('?');
        pairs.push_all(query);
    }
    pairs.finish()
}

/// Whether a target is what nearly all are, with nothing in it that could be anything else.
fn is_plain(path: &str, query: Option<&str>) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b',' | b'_' | b'-');
    let is_known = |pair: &str| {
        let pair = pair.split_once('=');
        pair.is_some_and(|(name, value)| ListQuery::PARAMETERS.contains(&name) && value.bytes().all(is_plain))
    };
    [LIST_PATH, UPDATE_PATH].contains(&path) && query.is_none_or(|query| query.split('&').all(is_known))
}

/// A body that is a form: its sender took the wrong type.
pub(super) fn form(body: &str, keys: Keys<'_>) -> Redacted {
    let mut pairs = Pairs::new(keys, true);
    pairs.push_all(body);
    pairs.finish()
}

struct Pairs<'a> {
    keys: Keys<'a>,
    /// Whether what holds a colon is taken for an account. A moment in a query holds some, too.
    masks_colons: bool,
    text: String,
    had_key: bool,
}

impl<'a> Pairs<'a> {
    fn new(keys: Keys<'a>, masks_colons: bool) -> Self {
        Self { keys, masks_colons, text: String::new(), had_key: false }
    }

    fn push_all(&mut self, pairs: &str) {
        for (index, pair) in pairs.split('&').enumerate() {
            if index > 0 {
                self.text.push('&');
            }
            let Some((name, value)) = pair.split_once('=') else {
                self.push(pair);
                continue;
            };
            self.push(name);
            self.text.push('=');
            match named(&decoded(name)) {
                Named::Key if !value.is_empty() => {
                    self.had_key = true;
                    self.text.push_str(KEY);
                }
                Named::Password | Named::Accounts if !value.is_empty() => {
                    push_printable(&mut self.text, &masked_account(&decoded(value)));
                }
                _ => self.push(value),
            }
        }
    }

    /// Adds a part of a URL as it was sent, unless what it stands for holds a secret.
    fn push(&mut self, part: &str) {
        let meaning = decoded(part);
        if let Some(text) = self.keys.replaced(&meaning) {
            self.had_key = true;
            push_printable(&mut self.text, &text);
        } else if is_email_account(&meaning) || self.masks_colons && meaning.contains(':') {
            push_printable(&mut self.text, &masked_account(&meaning));
        } else {
            push_printable(&mut self.text, part);
        }
    }

    fn finish(self) -> Redacted {
        finish(&self.text, self.keys, self.had_key, false)
    }
}

/// What a part of a URL stands for. A plus is left as it is: no secret is told by a space.
fn decoded(part: &str) -> Cow<'_, str> {
    percent_decode_str(part).decode_utf8_lossy()
}

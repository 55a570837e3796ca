//! The path and the query of a call.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::keys::{Keys, Named, is_email_account, masked_account, named};
use super::{KEY, Redacted, cut};

/// The path and the query of a call, without secrets; `key` is the one that its header carried.
pub(crate) fn target(path: &str, query: Option<&str>, key: Option<&str>) -> Redacted {
    let keys = Keys::new(key);
    let mut had_key = false;
    let mut text = String::with_capacity(path.len() + query.map_or(0, |query| query.len() + 1));
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            text.push('/');
        }
        text.push_str(&redacted(segment, &decoded(segment), keys, &mut had_key));
    }
    for (index, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        let Some((name, value)) = pair.split_once('=') else {
            text.push_str(&redacted(pair, &decoded(pair), keys, &mut had_key));
            continue;
        };
        text.push_str(&redacted(name, &decoded(name), keys, &mut had_key));
        text.push('=');
        match named(&decoded(name)) {
            Named::Key if !value.is_empty() => {
                had_key = true;
                text.push_str(KEY);
            }
            Named::Password | Named::Accounts if !value.is_empty() => {
                text.push_str(&masked_account(&decoded(value)));
            }
            _ => text.push_str(&redacted(value, &decoded(value), keys, &mut had_key)),
        }
    }
    Redacted { excerpt: cut(&text, false), had_key }
}

/// A part of a URL, as it was sent, unless what it stands for holds a secret.
fn redacted<'a>(part: &'a str, meaning: &str, keys: Keys<'_>, had_key: &mut bool) -> Cow<'a, str> {
    if let Some(text) = keys.replaced(meaning) {
        *had_key = true;
        text.into()
    } else if is_email_account(meaning) {
        masked_account(meaning).into_owned().into()
    } else {
        part.into()
    }
}

/// What a part of a URL stands for. A plus is left as it is: no secret is told by a space.
fn decoded(part: &str) -> Cow<'_, str> {
    percent_decode_str(part).decode_utf8_lossy()
}

//! The body of a call: JSON as a rule, but what is not JSON is what its sender wants to look at.
//!
//! One scanner reads both. It knows strings, brackets and what lies between; of JSON that is all there is to know, and of
//! anything else it errs on the side of masking.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use supplier_domain::Excerpt;

use super::keys::{Keys, Named, is_email_account, masked_account, named};
use super::target::form;
use super::{KEY, MASK, MAX_KEPT, Redacted, cut, finish, push_printable};

/// A body without secrets; `key` is the one that the call's header carried.
pub(crate) fn body(bytes: &[u8], key: Option<&str>) -> Redacted {
    if bytes.is_empty() {
        return Redacted { excerpt: Excerpt::default(), had_key: false };
    }
    let text = String::from_utf8_lossy(bytes);
    let keys = Keys::new(key);
    let is_json = serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    if !is_json && text.contains('=') && !text.contains(['{', '[', '"']) {
        return form(&text, keys);
    }
    // Without an escape no key can hide: what is not in the text as a whole is in no part of it.
    let may_hold_keys = text.contains('\\') || keys.any_in(&text);
    let mut scanner = Scanner {
        rest: &text,
        out: String::new(),
        keys: may_hold_keys.then_some(keys),
        is_json,
        had_key: false,
        inside: Vec::new(),
        name: Named::Other,
    };
    // What is cut off was not looked at, but a key in it was sent all the same.
    while scanner.out.len() <= MAX_KEPT && scanner.step() {}
    let had_key = scanner.had_key || may_hold_keys && keys.any_in(scanner.rest);
    let is_cut = !scanner.rest.is_empty();
    if may_hold_keys {
        finish(&scanner.out, keys, had_key, is_cut)
    } else {
        Redacted { excerpt: cut(&scanner.out, is_cut), had_key }
    }
}

struct Scanner<'a> {
    rest: &'a str,
    out: String,
    /// `None` if there is none in all of the text.
    keys: Option<Keys<'a>>,
    is_json: bool,
    had_key: bool,
    /// For each bracket that is open: what is inside.
    inside: Vec<Named>,
    /// What the value to come is, by its name.
    name: Named,
}

impl<'a> Scanner<'a> {
    /// Goes on by one token; false at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        match first {
            '"' => self.string(),
            '{' | '[' => {
                self.inside.push(self.value());
                self.name = Named::Other;
                self.copy(1);
            }
            '}' | ']' => {
                self.inside.pop();
                self.copy(1);
            }
            ',' => {
                self.name = Named::Other;
                self.copy(1);
            }
            ':' => self.copy(1),
            _ if first.is_whitespace() => self.copy(first.len_utf8()),
            _ => self.run(),
        }
        true
    }

    /// What the value here is: by its name, or by what it is inside of.
    fn value(&self) -> Named {
        if self.name == Named::Other {
            self.inside.last().copied().unwrap_or(Named::Other)
        } else {
            self.name
        }
    }

    fn replaced(&self, text: &str) -> Option<String> {
        self.keys.and_then(|keys| keys.replaced(text))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        token
    }

    fn copy(&mut self, length: usize) {
        let token = self.take(length);
        push_printable(&mut self.out, token);
    }

    fn string(&mut self) {
        let mut is_escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let is_end = *c == '"' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            is_end
        });
        let length = end.map_or(self.rest.len(), |(index, _)| index + 1);
        let token = self.take(length);
        let is_name = end.is_some() && self.rest.trim_start().starts_with(':');
        let raw = token.trim_start_matches('"').strip_suffix('"').unwrap_or(token.trim_start_matches('"'));
        // What cannot be read may hold a secret in any writing.
        let unread = |_| Cow::from(format!(":{raw}"));
        let meaning = if raw.contains('\\') {
            serde_json::from_str::<String>(token).map_or_else(unread, Cow::from)
        } else {
            raw.into()
        };
        let value = match self.inside.last() {
            // A name is secret only if it is an account itself.
            Some(Named::Accounts) if is_name && meaning.contains(':') => Named::Accounts,
            _ if is_name => Named::Other,
            _ => self.value(),
        };
        if is_name {
            self.name = named(&meaning);
        }
        match self.redacted(&meaning, value) {
            Some(text) => {
                // A string is always JSON.
                self.out.push_str(&serde_json::to_string(&text).unwrap_or_default());
            }
            // An escape may hide a key from who reads the string, and not from who reads its text.
            None => match self.replaced(token) {
                Some(text) => {
                    self.had_key = true;
                    push_printable(&mut self.out, &text);
                }
                None => push_printable(&mut self.out, token),
            },
        }
    }

    /// What stands in the place of a string; `None` if it can stay.
    fn redacted(&mut self, meaning: &str, value: Named) -> Option<String> {
        if value == Named::Key && !meaning.is_empty() {
            self.had_key = true;
            return Some(KEY.to_owned());
        }
        let without_keys = self.replaced(meaning);
        self.had_key |= without_keys.is_some();
        let text = without_keys.as_deref().unwrap_or(meaning);
        match value {
            Named::Password if !text.is_empty() => Some(MASK.to_owned()),
            Named::Accounts => Some(masked_account(text).into_owned()),
            Named::Plain if !is_email_account(text) => without_keys,
            // An account under a name that was misspelt, or under none.
            _ if text.contains(':') => Some(masked_account(text).into_owned()),
            _ => without_keys,
        }
    }

    /// What is neither string nor bracket: a number or a word in JSON.
    fn run(&mut self) {
        let is_end = |c: char| {
            c.is_whitespace() || matches!(c, '"' | ',' | '[' | ']' | '{' | '}') || (self.is_json && c == ':')
        };
        let length = self.rest.find(is_end).unwrap_or(self.rest.len());
        let token = self.take(length);
        let value = self.value();
        if matches!(token, "null" | "true" | "false") {
            self.out.push_str(token);
        } else if value == Named::Key {
            self.had_key = true;
            self.out.push_str(KEY);
        } else if value != Named::Other {
            self.out.push_str(MASK);
        } else {
            let text = self.replaced(token);
            self.had_key |= text.is_some();
            let text = text.as_deref().unwrap_or(token);
            // A name without quotes may give its value away.
            match text.split_once(':').filter(|(before, _)| !before.is_empty()) {
                Some((before, after)) => {
                    self.name = named(before);
                    push_printable(&mut self.out, before);
                    self.out.push(':');
                    self.out.push_str(if after.is_empty() { "" } else { MASK });
                }
                None => push_printable(&mut self.out, text),
            }
        }
    }
}

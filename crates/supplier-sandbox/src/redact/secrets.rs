//! The secrets that a call carried, by their values: they are masked wherever they stand.

use std::borrow::Cow;

use axum::http::HeaderValue;
use supplier_domain::{MASKED_KEY, mask_keys};

use super::names::is_word;
use super::{MASK, Masked};

/// A shorter key is no key, but a word that a client sent as one: it may stand anywhere by chance.
const MIN_KEY: usize = 8;
/// A shorter value is masked where it stands, and looked for nowhere else.
const MIN_VALUE: usize = 3;
/// A shorter value is looked for as a whole word only.
const MIN_PART: usize = 6;
/// The most values that are looked for: those that a call has beyond are masked where they stand.
const MAX_VALUES: usize = 1_024;
/// What may stand between a login and a password.
pub(super) const SEPARATORS: [char; 6] = [':', '|', ';', ',', '\t', ' '];

/// What a call carried that must not be kept.
#[derive(Default)]
pub(crate) struct Secrets {
    keys: Vec<String>,
    values: Vec<Value>,
}

struct Value {
    text: String,
    /// What stands in its place.
    instead: String,
    /// Whether it has to stand apart from letters and digits.
    is_whole: bool,
}

impl Secrets {
    /// A header's value that holds a key or another secret, such as `Bearer KEY`.
    pub(super) fn add_header(&mut self, value: &HeaderValue) {
        let text = String::from_utf8_lossy(value.as_bytes());
        self.add_key(text.trim());
        for part in text.split([' ', ',', ';']) {
            // A cookie's name is no secret.
            self.add_key(part.split_once('=').map_or(part, |(_, value)| value));
            for view in super::views::views(part) {
                self.add_account(&view);
            }
        }
    }

    pub(super) fn add_key(&mut self, key: &str) {
        if key.len() < MIN_KEY {
            self.add_value(key);
        } else if !self.keys.iter().any(|known| known == key) && self.keys.len() < MAX_VALUES && !is_word(key)
        {
            self.keys.push(key.to_owned());
        }
    }

    /// An entry that was submitted as an account, or several, each on a line.
    pub(super) fn add_account(&mut self, entry: &str) {
        for line in entry.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let Some((login, password)) = line.split_once(SEPARATORS) else {
                self.add_value(line);
                continue;
            };
            // A label is no account.
            if password.trim().is_empty() {
                continue;
            }
            self.add(line, format!("{login}:{MASK}"));
            self.add_value(password);
            // There may be more than one behind each other.
            for part in password.split(SEPARATORS).filter(|part| part.len() >= MIN_PART && *part != password)
            {
                self.add_value(part);
            }
        }
    }

    /// A password, or another secret.
    pub(super) fn add_value(&mut self, value: &str) {
        self.add(value.trim(), MASK.to_owned());
    }

    fn add(&mut self, text: &str, instead: String) {
        let says_nothing = text.len() < MIN_VALUE || is_word(text) || text == MASK || text == MASKED_KEY;
        let is_known = || self.values.iter().any(|value| value.text == text);
        if says_nothing || self.values.len() >= MAX_VALUES || is_known() {
            return;
        }
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let value = Value { text: text.to_owned(), instead, is_whole: is_number || text.len() < MIN_PART };
        self.values.push(value);
    }

    /// Once all are known: the longest are looked for first, so that none leaves a part of another.
    pub(super) fn finish(mut self) -> Self {
        self.keys.sort_by_key(|key| std::cmp::Reverse(key.len()));
        self.values.sort_by_key(|value| std::cmp::Reverse(value.text.len()));
        self
    }

    /// `text` with every secret in it masked that is known by its value, and all that looks like a key of the sandbox's; `None`
    /// if there is none.
    pub(super) fn replaced(&self, text: &str) -> Option<Masked> {
        let keys = self.keys_replaced(text);
        let had_key = keys.is_some();
        let mut masked = keys.map_or(Cow::from(text), Cow::from);
        for value in &self.values {
            if let Some(other) = replace(&masked, &value.text, &value.instead, value.is_whole) {
                masked = other.into();
            }
        }
        match masked {
            Cow::Owned(text) => Some(Masked { text, had_key }),
            Cow::Borrowed(_) => None,
        }
    }

    /// The same, with nothing masked but keys.
    pub(super) fn keys_replaced(&self, text: &str) -> Option<String> {
        let mut masked = mask_keys(text).map_or(Cow::from(text), Cow::from);
        for key in &self.keys {
            if let Some(other) = replace_in_any_case(&masked, key) {
                masked = other.into();
            }
        }
        match masked {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        }
    }
}

/// `text` with `instead` for each `value`; `None` if there is none.
fn replace(text: &str, value: &str, instead: &str, is_whole: bool) -> Option<String> {
    let part_of_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let stands_apart = |at: usize| {
        !part_of_word(text[..at].chars().next_back())
            && !part_of_word(text[at + value.len()..].chars().next())
    };
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in text.match_indices(value).filter(|(at, _)| !is_whole || stands_apart(*at)) {
        out.push_str(&text[from..at]);
        out.push_str(instead);
        from = at + value.len();
    }
    (from > 0).then(|| out + &text[from..])
}

/// `text` with every `key` masked, in upper or lower case: what a client made of its key may lead back to it.
fn replace_in_any_case(text: &str, key: &str) -> Option<String> {
    let (lower, key) = (text.to_ascii_lowercase(), key.to_ascii_lowercase());
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(&key) {
        out.push_str(&text[from..at]);
        out.push_str(MASKED_KEY);
        from = at + key.len();
    }
    (from > 0).then(|| out + &text[from..])
}

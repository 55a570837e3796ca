//! The secrets that a call carried, by their values: they are masked wherever they stand.

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
    keys: Vec<Value>,
    values: Vec<Value>,
}

struct Value {
    /// In lower case.
    lower: String,
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
        } else {
            add(&mut self.keys, key, MASKED_KEY.to_owned());
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
            add(&mut self.values, line, format!("{login}:{MASK}"));
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
        add(&mut self.values, value.trim(), MASK.to_owned());
    }

    /// Once all are known: the longest are looked for first, so that none leaves a part of another.
    pub(super) fn finish(mut self) -> Self {
        for values in [&mut self.keys, &mut self.values] {
            values.sort_by_key(|value| std::cmp::Reverse(value.lower.len()));
        }
        self
    }

    /// `text` with every secret in it masked that is known by its value, and all that looks like a key of the sandbox's; `None`
    /// if there is none.
    pub(super) fn replaced(&self, text: &str) -> Option<Masked> {
        let keys = self.keys_replaced(text);
        let had_key = keys.is_some();
        let masked = replaced_by(keys.as_deref().unwrap_or(text), &self.values).or(keys);
        masked.map(|text| Masked { text, had_key })
    }

    /// The same, with nothing masked but keys.
    pub(super) fn keys_replaced(&self, text: &str) -> Option<String> {
        let masked = mask_keys(text);
        replaced_by(masked.as_deref().unwrap_or(text), &self.keys).or(masked)
    }
}

fn add(values: &mut Vec<Value>, text: &str, instead: String) {
    let is_full = values.len() >= MAX_VALUES;
    if is_full || text.len() < MIN_VALUE || is_word(text) || text == MASK || text == MASKED_KEY {
        return;
    }
    let lower = text.to_ascii_lowercase();
    if values.iter().any(|value| value.lower == lower) {
        return;
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    values.push(Value { lower, instead, is_whole: is_number || text.len() < MIN_PART });
}

/// `text` with each of the values masked, in upper or lower case: what a client made of its key may lead back to it. `None`
/// if there is none.
fn replaced_by(text: &str, values: &[Value]) -> Option<String> {
    let mut lower = text.to_ascii_lowercase();
    let mut masked = None;
    for value in values {
        if let Some(other) = replace(masked.as_deref().unwrap_or(text), &lower, value) {
            lower = other.to_ascii_lowercase();
            masked = Some(other);
        }
    }
    masked
}

/// `text` with `value` masked, which is looked for in `lower`; `None` if there is none.
fn replace(text: &str, lower: &str, value: &Value) -> Option<String> {
    let part_of_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let stands_apart = |at: usize| {
        !part_of_word(text[..at].chars().next_back())
            && !part_of_word(text[at + value.lower.len()..].chars().next())
    };
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(&value.lower).filter(|(at, _)| !value.is_whole || stands_apart(*at)) {
        out.push_str(&text[from..at]);
        out.push_str(&value.instead);
        from = at + value.lower.len();
    }
    (from > 0).then(|| out + &text[from..])
}

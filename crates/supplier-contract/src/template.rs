//! Texts with names in them, so that a call can be told without telling a secret, and made again with other orders.
//!
//! `{{first}}` is a supplier's key, `{{order:0}}` the number of the first order of a case, `{{password}}` the secret part
//! of every account that the suite delivers, `{{case}}` what only this case's accounts have. They are filled in when a call is sent, and nowhere else.

use std::collections::BTreeMap;

/// What the names in a text stand for.
#[derive(Clone, Default)]
pub struct Bindings {
    /// API keys by name.
    pub keys: BTreeMap<String, String>,
    /// Numbers of the case's orders, in the order in which they came to it.
    pub orders: Vec<u64>,
    /// The secret part of accounts.
    pub password: String,
    /// What no other case has: accounts that are new to an order, whatever cases used it before.
    pub case: String,
}

/// Names for what is like a key, and is none: no secrets.
pub const BAD_KEYS: [(&str, &str); 2] =
    [("unknown", "test_00000000000000000000000000000000"), ("malformed", "not a key at all")];

/// What can be done to a key so that it is none: `{{first~half}}` is half of the first supplier's.
pub const ALTERATIONS: [&str; 5] = ["shortened", "lengthened", "changed", "flipped", "half"];

/// A key that is like another, and is not it; the same where it cannot be altered so.
pub fn alter(key: &str, how: &str) -> String {
    let mut chars: Vec<char> = key.chars().collect();
    match how {
        "shortened" => drop(chars.pop()),
        "lengthened" => chars.push('0'),
        "half" => chars.truncate(chars.len() / 2),
        "changed" => {
            if let Some(last) = chars.last_mut() {
                *last = if *last == '0' { '1' } else { '0' };
            }
        }
        _ => {
            let flip = |c: &char| {
                if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
            };
            chars = chars.iter().map(flip).collect();
        }
    }
    chars.into_iter().collect()
}

/// A name that stands for nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{{{{{0}}}}}` stands for nothing here")]
pub struct Unbound(pub String);

/// The name in a text that stands for an order's number.
pub fn order(index: usize) -> String {
    format!("{{{{order:{index}}}}}")
}

/// The name in a text that stands for a key.
pub fn key(name: &str) -> String {
    format!("{{{{{name}}}}}")
}

/// A text's parts: as it is, or a name.
pub(crate) enum Part<'a> {
    Plain(&'a str),
    Name(&'a str),
}

/// The parts of a text, in order. What opens and does not close is plain.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        found.push(Part::Plain(before));
        found.push(Part::Name(name));
        rest = behind;
    }
    found.push(Part::Plain(rest));
    found
}

impl Bindings {
    /// The text with every name filled in.
    pub fn fill(&self, text: &str) -> Result<String, Unbound> {
        let mut filled = String::with_capacity(text.len());
        for part in parts(text) {
            match part {
                Part::Plain(plain) => filled.push_str(plain),
                Part::Name(name) => filled.push_str(&self.value(name)?),
            }
        }
        Ok(filled)
    }

    /// The text without secrets: each key and password in it is replaced by its name.
    pub fn redact(&self, text: &str) -> String {
        let mut redacted = text.to_owned();
        for (name, value) in &self.keys {
            redacted = redacted.replace(value.as_str(), &format!("[key {name}]"));
        }
        if !self.password.is_empty() {
            redacted = redacted.replace(&self.password, "[password]");
        }
        redacted
    }

    fn value(&self, name: &str) -> Result<String, Unbound> {
        let unbound = || Unbound(name.to_owned());
        if let Some(index) = name.strip_prefix("order:") {
            let index: usize = index.parse().map_err(|_| unbound())?;
            return self.orders.get(index).map(u64::to_string).ok_or_else(unbound);
        }
        if name == "case" {
            return Ok(self.case.clone());
        }
        if name == "password" {
            return Ok(self.password.clone());
        }
        if let Some((_, bad)) = BAD_KEYS.iter().find(|(known, _)| *known == name) {
            return Ok((*bad).to_owned());
        }
        if let Some((key, how)) = name.split_once('~') {
            return Ok(alter(self.keys.get(key).ok_or_else(unbound)?, how));
        }
        self.keys.get(name).cloned().ok_or_else(unbound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bindings() -> Bindings {
        Bindings {
            keys: BTreeMap::from([("first".to_owned(), "test_abc".to_owned())]),
            orders: vec![7001, 7002],
            password: "s3cret".to_owned(),
            case: "c7".to_owned(),
        }
    }

    #[test]
    fn names_are_filled_in_and_all_else_stays() {
        let text = r#"{"order": {{order:1}}, "accounts": ["a:{{password}}"], "x": {"y": {}}} {{first}} {{"#;
        let filled = r#"{"order": 7002, "accounts": ["a:s3cret"], "x": {"y": {}}} test_abc {{"#;
        assert_eq!(bindings().fill(text).unwrap(), filled);
    }

    #[test]
    fn a_name_that_stands_for_nothing_is_named() {
        assert_eq!(bindings().fill("{{third}}"), Err(Unbound("third".to_owned())));
        assert_eq!(bindings().fill("{{order:2}}"), Err(Unbound("order:2".to_owned())));
    }

    #[test]
    fn secrets_are_taken_out() {
        assert_eq!(bindings().redact("bad key test_abc, a:s3cret"), "bad key [key first], a:[password]");
    }
}

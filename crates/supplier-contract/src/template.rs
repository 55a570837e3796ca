//! Texts with holes, so that a call can be told without telling a secret, and made again with other orders.
//!
//! A template is text and holes, side by side. Text is data: nothing in it is searched for names, whatever it holds. A
//! hole stands for a key, an order's number or a part of an account; it is filled in when a call is sent, and nowhere
//! else.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::masking::mask;

/// Text with holes in it.
///
/// In a file it is a text where it has no hole, and a list of its parts where it has: `["order-", {"hole": {"order":
/// 0}}]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Template {
    /// No two texts stand side by side, and none is empty: equal templates are equal part by part.
    parts: Vec<Part>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Part {
    /// Text, as it is.
    Text(String),
    /// What is filled in.
    Hole {
        /// It.
        hole: Hole,
    },
}

/// What is filled in when a call is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hole {
    /// The API key of that name.
    Key(String),
    /// The API key of that name, altered so that it is none.
    AlteredKey(String, Alteration),
    /// A key that nobody has.
    UnknownKey,
    /// What is no key at all.
    MalformedKey,
    /// The number of an order, by its place in the case.
    Order(usize),
    /// The secret part of every account that the suite delivers.
    Password,
    /// What only this case's accounts have.
    Case,
}

/// What can be done to a key so that it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Alteration {
    /// Without its last character.
    Shortened,
    /// With one character more.
    Lengthened,
    /// With another last character.
    Changed,
    /// With upper and lower case exchanged.
    Flipped,
    /// Its first half.
    Half,
}

/// A template as a file has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Parts(Vec<Part>),
}

/// What the holes of a case stand for.
#[derive(Clone, Default)]
pub(crate) struct Bindings {
    /// API keys by name.
    pub keys: BTreeMap<String, String>,
    /// Numbers of the case's orders, in the order in which they came to it.
    pub orders: Vec<u64>,
    /// The secret part of accounts.
    pub password: String,
    /// What no other case has: accounts that are new to an order, whatever cases used it before.
    pub case: String,
}

/// A hole that nothing fills.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("nothing here fills {0}")]
pub struct Unbound(pub Hole);

/// A template of texts and holes, one after the other.
macro_rules! template {
    ($($part:expr),* $(,)?) => {{
        let mut template = $crate::template::Template::default();
        $(template.push($part);)*
        template
    }};
}
pub(crate) use template;

impl Template {
    /// Its parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Its holes, in order.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole { hole } => Some(hole),
            Part::Text(_) => None,
        })
    }

    /// Whether it is the key of that name and nothing else.
    pub fn is_key(&self, name: &str) -> bool {
        matches!(self.parts.as_slice(), [Part::Hole { hole: Hole::Key(key) }] if key == name)
    }

    /// Whether it is an empty text.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// How many bytes its texts have, without what fills the holes.
    pub fn text_len(&self) -> usize {
        let length = |part: &Part| if let Part::Text(text) = part { text.len() } else { 0 };
        self.parts.iter().map(length).sum()
    }

    /// Puts another behind it.
    pub fn push(&mut self, other: impl Into<Self>) {
        for part in other.into().parts {
            match (self.parts.last_mut(), part) {
                (_, Part::Text(text)) if text.is_empty() => {}
                (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
                (_, part) => self.parts.push(part),
            }
        }
    }

    /// They, one after the other, with a text in between.
    pub fn join(templates: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let mut joined = Self::default();
        for (place, template) in templates.into_iter().enumerate() {
            if place > 0 {
                joined.push(between);
            }
            joined.push(template);
        }
        joined
    }
}

impl From<&str> for Template {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Template {
    fn from(text: String) -> Self {
        Self { parts: if text.is_empty() { Vec::new() } else { vec![Part::Text(text)] } }
    }
}

impl From<Hole> for Template {
    fn from(hole: Hole) -> Self {
        Self { parts: vec![Part::Hole { hole }] }
    }
}

impl From<&Self> for Template {
    fn from(template: &Self) -> Self {
        template.clone()
    }
}

impl From<Written> for Template {
    fn from(written: Written) -> Self {
        let mut template = Self::default();
        match written {
            Written::Text(text) => template.push(text),
            Written::Parts(parts) => {
                for part in parts {
                    template.push(Self { parts: vec![part] });
                }
            }
        }
        template
    }
}

impl From<Template> for Written {
    fn from(mut template: Template) -> Self {
        match template.parts.pop() {
            None => Self::Text(String::new()),
            Some(Part::Text(text)) if template.parts.is_empty() => Self::Text(text),
            Some(last) => {
                template.parts.push(last);
                Self::Parts(template.parts)
            }
        }
    }
}

/// As it is told to a reader: a hole is a name in double braces. It is never read back.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Hole { hole } => write!(f, "{{{{{hole}}}}}"),
        })
    }
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(name) => f.write_str(name),
            Self::AlteredKey(name, how) => write!(f, "{name}, {}", how.as_str()),
            Self::UnknownKey => f.write_str("unknown"),
            Self::MalformedKey => f.write_str("malformed"),
            Self::Order(order) => write!(f, "order:{order}"),
            Self::Password => f.write_str("password"),
            Self::Case => f.write_str("case"),
        }
    }
}

/// The key of that name.
impl From<&str> for Hole {
    fn from(name: &str) -> Self {
        Self::Key(name.to_owned())
    }
}

impl Hole {
    /// The name of the key that it is or is made of, if it is a target's.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Key(name) | Self::AlteredKey(name, _) => Some(name),
            _ => None,
        }
    }

    /// What fills it in every case, if that is the same and no secret.
    pub(crate) const fn constant(&self) -> Option<&'static str> {
        match self {
            Self::UnknownKey => Some("test_00000000000000000000000000000000"),
            Self::MalformedKey => Some("not a key at all"),
            _ => None,
        }
    }
}

impl Alteration {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Shortened, Self::Lengthened, Self::Changed, Self::Flipped, Self::Half];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shortened => "shortened",
            Self::Lengthened => "lengthened",
            Self::Changed => "changed",
            Self::Flipped => "flipped",
            Self::Half => "half",
        }
    }

    /// A key that is like another, and is not it; the same where it cannot be altered so.
    pub fn of(self, key: &str) -> String {
        let mut chars: Vec<char> = key.chars().collect();
        match self {
            Self::Shortened => drop(chars.pop()),
            Self::Lengthened => chars.push('0'),
            Self::Half => chars.truncate(chars.len() / 2),
            Self::Changed => {
                if let Some(last) = chars.last_mut() {
                    *last = if *last == '0' { '1' } else { '0' };
                }
            }
            Self::Flipped => {
                let flip = |c: &char| {
                    if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
                };
                chars = chars.iter().map(flip).collect();
            }
        }
        chars.into_iter().collect()
    }
}

impl Bindings {
    /// The text with every hole filled.
    pub(crate) fn fill(&self, template: &Template) -> Result<String, Unbound> {
        self.fill_with(template, |value| value)
    }

    /// The text with every hole filled by what is made of its value; the text itself stays as it is.
    pub(crate) fn fill_with(
        &self,
        template: &Template,
        made: impl Fn(String) -> String,
    ) -> Result<String, Unbound> {
        let mut filled = String::with_capacity(template.text_len());
        for part in &template.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Hole { hole } => filled.push_str(&made(self.value(hole)?)),
            }
        }
        Ok(filled)
    }

    /// The text without secrets: each key and password in it is replaced by its name.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut redacted = text.to_owned();
        for (name, value) in &self.keys {
            redacted = mask(&redacted, value, &format!("[key {name}]"));
        }
        if !self.password.is_empty() {
            redacted = mask(&redacted, &self.password, "[password]");
        }
        redacted
    }

    fn value(&self, hole: &Hole) -> Result<String, Unbound> {
        let unbound = || Unbound(hole.clone());
        let key = |name: &String| self.keys.get(name).ok_or_else(unbound);
        Ok(match hole {
            Hole::Key(name) => key(name)?.clone(),
            Hole::AlteredKey(name, how) => how.of(key(name)?),
            Hole::UnknownKey | Hole::MalformedKey => hole.constant().unwrap_or_default().to_owned(),
            Hole::Order(order) => self.orders.get(*order).ok_or_else(unbound)?.to_string(),
            Hole::Password => self.password.clone(),
            Hole::Case => self.case.clone(),
        })
    }
}

#[cfg(test)]
mod tests;

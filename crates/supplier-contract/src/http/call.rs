//! A call, told in a way that can be read, sent and made a script of.

use serde::{Deserialize, Serialize};

use crate::counted::counted;
use crate::template::{Hole, Template};

/// The path of the list.
pub(crate) const LIST: &str = "/api/admin/v2/orders";
/// The path of updates.
pub(crate) const UPDATE: &str = "/api/admin/v2/orders-update";
/// The header that carries a key.
pub(crate) const KEY_HEADER: &str = "X-Api-Key";
/// The content type of a body.
pub(crate) const JSON: &str = "application/json";

/// A request. What it sends may have holes (see [`Template`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The method, as it is sent.
    pub method: String,
    /// The path, percent-encoded.
    pub path: String,
    /// What follows the `?`: its text percent-encoded, what fills its holes not yet; none when empty.
    #[serde(default, skip_serializing_if = "Template::is_empty")]
    pub query: Template,
    /// Names and values, in the order in which they are sent.
    #[serde(default)]
    pub headers: Vec<(String, Template)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Body::is_none")]
    pub body: Body,
}

/// A request's body.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// None.
    #[default]
    None,
    /// Text.
    Text(Template),
    /// Texts, each so many times, one after the other: what is too long to be told in full. They have no holes.
    Parts(Vec<(String, usize)>),
    /// What is no text.
    Bytes(Vec<u8>),
}

impl Body {
    fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// How many bytes it has, without what fills its holes; none if that is more than can be counted.
    pub(crate) fn len(&self) -> Option<usize> {
        match self {
            Self::None => Some(0),
            Self::Text(text) => Some(text.text_len()),
            Self::Parts(parts) => parts
                .iter()
                .try_fold(0_usize, |sum, (text, times)| sum.checked_add(text.len().checked_mul(*times)?)),
            Self::Bytes(bytes) => Some(bytes.len()),
        }
    }
}

impl Call {
    /// A list, by that key.
    pub fn list(key: impl Into<Hole>, query: impl Into<Template>) -> Self {
        Self::new("GET", LIST).query(query).key(key)
    }

    /// An update with that JSON, by that key.
    pub fn update(key: impl Into<Hole>, json: impl Into<Template>) -> Self {
        Self::new("POST", UPDATE).key(key).json(json)
    }

    /// A call without query, headers and body.
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: Template::default(),
            headers: Vec::new(),
            body: Body::None,
        }
    }

    /// It with that query.
    #[must_use]
    pub fn query(mut self, query: impl Into<Template>) -> Self {
        self.query = query.into();
        self
    }

    /// It with that key.
    #[must_use]
    pub fn key(self, key: impl Into<Hole>) -> Self {
        self.header(KEY_HEADER, key.into())
    }

    /// It with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Template>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// It with that text as JSON.
    #[must_use]
    pub fn json(self, text: impl Into<Template>) -> Self {
        self.header("Content-Type", JSON).body(Body::Text(text.into()))
    }

    /// It with that body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Whether it carries a key that the target may take.
    pub fn has_key(&self) -> bool {
        let has = |value: &Template| value.holes().any(|hole| hole.key().is_some());
        self.headers.iter().any(|(_, value)| has(value)) || has(&self.query)
    }

    /// Whether it is a list that may hand orders out.
    pub fn may_hand_out(&self) -> bool {
        self.path == LIST && (self.method == "GET" || self.method == "HEAD")
    }

    /// It in a line, with the names of keys, orders and passwords.
    pub fn words(&self) -> String {
        let (keys, others): (Vec<_>, Vec<_>) =
            self.headers.iter().partition(|(name, _)| name.eq_ignore_ascii_case(KEY_HEADER));
        let told = |(name, value): &(String, Template)| format!("{name}: {value}");
        // Whose key it is, or that there is none, is what many findings are about.
        let by = match keys.as_slice() {
            [] => "no key".to_owned(),
            [(name, value)] if name == KEY_HEADER && value.is_key("first") => {
                "key of the first supplier".to_owned()
            }
            [(name, value)] if name == KEY_HEADER && value.is_key("second") => {
                "key of the second supplier".to_owned()
            }
            [one] => told(one),
            several => {
                let several: Vec<_> = several.iter().map(|key| told(key)).collect();
                format!("{} keys: {}", several.len(), several.join(", "))
            }
        };
        let is_usual =
            |(name, value): &&&(String, Template)| name == "Content-Type" && *value == Template::from(JSON);
        let others = others.iter().filter(|header| !is_usual(header)).map(|header| told(header));
        let headers = format!(" ({})", [by].into_iter().chain(others).collect::<Vec<_>>().join("; "));
        let body = match &self.body {
            Body::None => String::new(),
            Body::Text(text) => format!(" {text}"),
            Body::Parts(_) => " with a long body".to_owned(),
            Body::Bytes(bytes) => format!(" with {}", counted(bytes.len(), "byte")),
        };
        format!("{} {}{headers}{body}", self.method, self.target())
    }

    /// Path and query.
    pub fn target(&self) -> Template {
        let mut target = Template::from(self.path.as_str());
        if !self.query.is_empty() {
            target.push("?");
            target.push(&self.query);
        }
        target
    }
}

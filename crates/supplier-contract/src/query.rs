//! A list's query.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::template::Template;

/// All but what RFC 3986 leaves as it is.
pub(crate) const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',');

/// An offset past the end of any target's orders.
const FAR: u32 = 1_000_000;

/// A subcategory that no target has.
const NOTHING: &str = "contract-nothing";

/// Parameters of a list, in the order in which they are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// It with one more parameter.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts are written as they come")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.0.push((name.to_owned(), value.to_string()));
        self
    }

    /// It with that parameter in place of those of that name.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.0.retain(|(other, _)| other != name);
        self.with(name, value)
    }

    /// Its parameters the other way round.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.0.reverse();
        self
    }

    /// It without the parameters of that name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self
    }

    /// What `status` keeps.
    #[must_use]
    pub fn status(self, statuses: &str) -> Self {
        self.with("status", statuses)
    }

    /// How many orders at most.
    #[must_use]
    pub fn limit(self, limit: impl ToString) -> Self {
        self.set("limit", limit)
    }

    /// How many orders are skipped.
    #[must_use]
    pub fn offset(self, offset: impl ToString) -> Self {
        self.set("offset", offset)
    }

    /// A query that finds nothing: of a subcategory that there is not, and far past the end. A target would have to
    /// ignore both to hand an order out.
    pub fn of_nothing() -> Self {
        Self::new().with("productType", "manual").with("subCategory", NOTHING).limit(1).offset(FAR)
    }

    /// Whether a list by that text finds nothing, whichever of two values of a parameter counts.
    pub fn finds_nothing(text: &str) -> bool {
        let values = |name: &str| {
            let of = move |pair: &str| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                (percent_encoding::percent_decode_str(key).decode_utf8_lossy() == name)
                    .then(|| value.to_owned())
            };
            text.split('&').filter_map(of).collect::<Vec<_>>()
        };
        let (offsets, names) = (values("offset"), values("subCategory"));
        let is_far = !offsets.is_empty() && offsets.iter().all(|offset| *offset == FAR.to_string());
        is_far || !names.is_empty() && names.iter().all(|name| name == NOTHING)
    }

    /// How many orders a list by that text may hand out at most.
    pub fn may_hand_out(text: &str) -> u32 {
        let value = |name: &str| text.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        if text.contains(&format!("offset={FAR}")) {
            return 0;
        }
        value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(50).clamp(1, 500)
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// It as it stands in a URL.
    pub fn encoded(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.0 {
            let separator = if text.is_empty() { "" } else { "&" };
            // Writing to a text cannot fail.
            let _ = write!(text, "{separator}{name}={}", utf8_percent_encode(value, ENCODED));
        }
        text
    }
}

impl From<Query> for Template {
    fn from(query: Query) -> Self {
        query.encoded().into()
    }
}

//! Answers.

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

/// An answer to a call.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers: lower-case names, values as text.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// Its body as JSON, if it is that.
    pub json: Option<Value>,
    /// The `Content-Encoding` that the body came with although the call asked for none, and why the suite cannot read it, if
    /// it cannot.
    pub coding: Option<(String, Option<String>)>,
    /// Whether the call was sent twice, since a kept connection closed without an answer: the server may have carried out
    /// both.
    pub resent: bool,
    /// When the call was sent.
    pub sent: Instant,
    /// When all of the answer was there.
    pub received: Instant,
}

impl Answer {
    /// The first header of that lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The target's own time, to the second.
    pub fn date(&self) -> Option<Timestamp> {
        jiff::fmt::rfc2822::parse(self.header("date")?).ok().map(|date| date.timestamp())
    }

    /// Whether it says that it went well.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether its content type is JSON.
    pub fn says_json(&self) -> bool {
        let essence =
            self.header("content-type").and_then(|value| value.split(';').next()).unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
    }

    /// The error's code, in an envelope.
    pub fn code(&self) -> Option<&str> {
        self.json.as_ref()?.get("error")?.as_str()
    }

    /// The numbers of the page's orders: those that are numbers.
    pub fn numbers(&self) -> Vec<u64> {
        self.orders().iter().filter_map(number).collect()
    }

    /// The page's orders; none if it has no such list.
    pub fn orders(&self) -> &[Value] {
        let orders = self.json.as_ref().and_then(|json| json.get("orders")).and_then(Value::as_array);
        orders.map(Vec::as_slice).unwrap_or_default()
    }

    /// It in a line: the status and the beginning of the body, with nothing that a terminal would obey.
    pub fn summary(&self) -> String {
        if let Some((coding, Some(why))) = &self.coding {
            return format!("{} with `content-encoding: {coding}`: {why}", self.status);
        }
        let body = printable(&String::from_utf8_lossy(&self.body[..self.body.len().min(600)]), 240);
        if body.is_empty() {
            format!("{} without a body", self.status)
        } else {
            format!("{} {body}", self.status)
        }
    }
}

/// The number that an order goes by: its `id`, or its `order`.
pub(crate) fn number(order: &Value) -> Option<u64> {
    order.get("id").and_then(Value::as_u64).or_else(|| order.get("order").and_then(Value::as_u64))
}

/// The text in one line of at most so many characters, without control characters or what turns a line around.
pub(crate) fn printable(text: &str, most: usize) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean = |c: char| if c.is_control() || turns(c) { ' ' } else { c };
    let mut line: String = text.chars().map(clean).take(most + 1).collect();
    if line.chars().count() > most {
        line = line.chars().take(most).collect::<String>() + "…";
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

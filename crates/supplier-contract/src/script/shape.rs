//! What a value of an answer looks like.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a value looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "of")]
pub enum Shape {
    /// There at all.
    Present,
    /// Text.
    Text,
    /// An integer, written as one.
    Integer,
    /// A number of at most 4 decimals.
    Money,
    /// A list.
    List,
    /// An object.
    Object,
    /// 24 lower-case hexadecimal digits.
    ObjectId,
    /// A time as `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    Timestamp,
    /// One of these texts.
    OneOf(Vec<String>),
}

impl Shape {
    /// Whether a value, absent perhaps, looks like it.
    pub fn fits(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else { return false };
        match self {
            Self::Present => true,
            Self::Text => value.is_string(),
            Self::Integer => value.is_u64() || value.is_i64(),
            Self::Money => value.as_f64().is_some_and(four_decimals),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
            Self::ObjectId => value.as_str().is_some_and(is_object_id),
            Self::Timestamp => value.as_str().is_some_and(is_timestamp),
            Self::OneOf(texts) => value.as_str().is_some_and(|text| texts.iter().any(|one| one == text)),
        }
    }

    /// It in words.
    pub fn words(&self) -> String {
        match self {
            Self::Present => "a value".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Integer => "an integer".to_owned(),
            Self::Money => "a number of at most 4 decimals".to_owned(),
            Self::List => "a list".to_owned(),
            Self::Object => "an object".to_owned(),
            Self::ObjectId => "24 lower-case hexadecimal digits".to_owned(),
            Self::Timestamp => "a time as YYYY-MM-DDTHH:MM:SS.mmmZ".to_owned(),
            Self::OneOf(texts) => format!("one of {}", texts.join(", ")),
        }
    }
}

/// Whether the shortest way to write a number has at most 4 decimals.
fn four_decimals(number: f64) -> bool {
    let written = number.to_string();
    written.split_once('.').is_none_or(|(_, decimals)| decimals.len() <= 4)
}

fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_timestamp(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00.000Z";
    let fits = |(got, form): (u8, &u8)| if *form == b'0' { got.is_ascii_digit() } else { got == *form };
    // As local time: the calendar library knows no moment on the last days of the year 9999.
    let is_day =
        || text.strip_suffix('Z').is_some_and(|local| local.parse::<jiff::civil::DateTime>().is_ok());
    text.len() == form.len() && text.bytes().zip(form).all(fits) && is_day()
}

//! JSON objects, read field by field, so that all that is wrong is known at once.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::value::RawValue;
use supplier_domain::Problem;

use super::text::not_utf8;

/// A field's value, what is wrong with it, or nothing if it was left out.
pub(crate) struct Field<T>(pub(super) Result<Option<T>, String>);

/// A value that can be read from JSON, or said to be wrong. What is said never repeats the value.
pub(crate) trait FieldValue: Sized {
    fn read(json: &str) -> Result<Self, String>;
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(Ok(None))
    }
}

impl<'de, T: FieldValue> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        Ok(Self(if json == "null" { Ok(None) } else { T::read(json).map(Some) }))
    }
}

/// Reads a value of a closed set of words.
macro_rules! words {
    ($($set:ty),+) => {$(
        impl $crate::wire::fields::FieldValue for $set {
            fn read(json: &str) -> Result<Self, String> {
                let refused = || {
                    let kind = $crate::wire::fields::kind(json);
                    format!("must be one of {}, not {kind}", Self::WORDS.join(", "))
                };
                let word: String = serde_json::from_str(json).map_err(|_| refused())?;
                word.parse().map_err(|unknown: supplier_domain::UnknownValue| unknown.to_string())
            }
        }
    )+};
}

pub(crate) use words;

impl FieldValue for String {
    fn read(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|_| format!("must be a string, not {}", kind(json)))
    }
}

/// What kind of JSON value a text is, in words.
pub(crate) fn kind(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') if serde_json::from_str::<String>(json).is_err() => "a string with broken Unicode",
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ if json.contains(['.', 'e', 'E']) => "a number with a fraction or exponent",
        _ => "a number",
    }
}

/// The value of a field; what is wrong with it joins `problems`.
pub(crate) fn take<T>(name: &'static str, field: Field<T>, problems: &mut Vec<Problem>) -> Option<T> {
    field.0.unwrap_or_else(|problem| {
        problems.push(Problem::new(name, problem));
        None
    })
}

/// Reads an object of such fields.
///
/// # Errors
/// What is wrong with the body as a whole: it is not UTF-8, not JSON, or not an object.
pub(crate) fn read_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    if let Some(cause) = not_utf8(body) {
        return Err(cause);
    }
    // A struct would be read from an array too, by position.
    if body.trim_ascii_start().first().is_some_and(|first| *first != b'{') && is_json(body) {
        return Err("must be a JSON object".to_owned());
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data if error.to_string().starts_with("unknown field") => format!("has an {error}"),
        Category::Data => format!("must name each field once: {error}"),
        Category::Eof if body.is_empty() => "is empty; it must be a JSON object".to_owned(),
        _ => format!("is not JSON: it breaks at line {}, column {}", error.line(), error.column()),
    })
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(body).is_ok()
}

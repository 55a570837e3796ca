//! What a read-only run may send: no request that names an order that can exist, however a server reads the request.
//!
//! The judge looks at the finished request, not at what a check meant by it. It does not parse the body, since servers parse
//! differently: the first or the last of two keys, numbers that round or wrap, numbers in texts, names in any case, forms.
//! It looks for the word `order` wherever it stands, and for a digit in what follows. The only number that no reading turns
//! into an order's is zero.

use percent_encoding::percent_decode_str;

use super::{LIST, Query, UPDATE};

/// The word that names an order in a body or a query.
const NAME: &str = "order";
/// What an update changes.
const CHANGES: [&str; 3] = ["status", "accounts", "supplierorderid"];

/// A request as it is about to be sent.
pub(super) struct Outgoing<'a> {
    pub(super) method: &'a str,
    /// The path, as the call has it.
    pub(super) path: &'a str,
    /// The query, with its holes filled.
    pub(super) query: &'a str,
    /// The values of its headers.
    pub(super) headers: &'a [String],
    pub(super) body: &'a [u8],
}

/// Why a read-only run does not send that request, if it does not. `keys` are the keys that the target takes.
pub(super) fn refusal<'k>(
    request: &Outgoing<'_>,
    keys: impl IntoIterator<Item = &'k str>,
) -> Option<&'static str> {
    let query = percent_decode_str(request.query).decode_utf8_lossy();
    let has_key = keys
        .into_iter()
        .filter(|key| !key.is_empty())
        .any(|key| query.contains(key) || request.headers.iter().any(|value| value.contains(key)));
    if matches!(request.method, "GET" | "HEAD" | "OPTIONS" | "TRACE") {
        let may_hide = request.path.contains(LIST) && has_key && !Query::finds_nothing(request.query);
        return may_hide.then_some("a list call hides the orders that it returns");
    }
    let body = readings(request.body);
    let texts: Vec<String> = body.iter().map(String::as_str).chain([request.query]).map(plain).collect();
    let known = [UPDATE, LIST, "/api/admin/v2"];
    let path = known.iter().find_map(|known| request.path.strip_prefix(known)).unwrap_or(request.path);
    if texts.iter().any(|text| names_an_order(text)) || has_digit(&plain(path)) {
        return Some("the call names an order that can exist, in one reading at least");
    }
    let is_about_none = texts.iter().all(|text| !has_zero(text));
    let changes = |text: &String| {
        let text = text.to_lowercase();
        CHANGES.iter().any(|field| text.contains(field))
    };
    if is_about_none && texts.iter().any(changes) {
        return Some(
            "the call has something to change and no order, which a careless server applies to any order",
        );
    }
    None
}

/// The texts that a server may read a body as.
fn readings(body: &[u8]) -> Vec<String> {
    let mut readings = vec![String::from_utf8_lossy(body).into_owned()];
    if std::str::from_utf8(body).is_err() || body.contains(&0) {
        for order in [u16::from_le_bytes as fn([u8; 2]) -> u16, u16::from_be_bytes] {
            let units: Vec<u16> = body.as_chunks::<2>().0.iter().map(|pair| order(*pair)).collect();
            readings.push(String::from_utf16_lossy(&units));
        }
    }
    readings
}

/// The text with escaped letters and digits written out: `\u006frder` and `%6frder` are `order`. Other escapes stay, so that
/// quotation marks stay where they are.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let escape = match first {
            '\\' if rest[1..].starts_with(['u', 'U']) => Some((2, 4)),
            '\\' if rest[1..].starts_with(['x', 'X']) => Some((2, 2)),
            '%' => Some((1, 2)),
            _ => None,
        };
        let decoded = escape.and_then(|(from, length)| {
            let code = u32::from_str_radix(rest.get(from..from + length)?, 16).ok()?;
            let c = char::from_u32(code).filter(|c| c.is_alphanumeric())?;
            Some((c, from + length))
        });
        let (c, length) = decoded.unwrap_or((first, first.len_utf8()));
        plain.push(c);
        rest = &rest[length..];
    }
    plain
}

/// Whether what stands behind any `order` can be read as the number of one.
fn names_an_order(text: &str) -> bool {
    values(text).any(|value| {
        let lower = value.to_lowercase();
        // `true` is 1 to many languages, and the infinite is the largest number that fits.
        has_digit(value) || lower.contains("true") || lower.contains("inf")
    })
}

fn has_digit(text: &str) -> bool {
    text.chars().any(|c| c.is_numeric() && c != '0')
}

/// Whether an `order` is a number, which is zero where none is named.
fn has_zero(text: &str) -> bool {
    values(text).any(|value| value.contains('0'))
}

/// What stands behind each `order` but those of `supplierOrderId`, to the end of its value.
fn values(text: &str) -> impl Iterator<Item = &str> {
    let lower = text.to_ascii_lowercase();
    let places: Vec<usize> = lower.match_indices(NAME).map(|(place, _)| place).collect();
    places.into_iter().filter_map(move |place| {
        let end = place + NAME.len();
        let is_reference = lower[..place].ends_with("supplier") && lower[end..].starts_with("id");
        (!is_reference).then(|| value(&text[end..], is_quoted(&text[..place])))
    })
}

/// Whether a text ends within quotation marks.
fn is_quoted(text: &str) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    quoted
}

/// The beginning of a text as far as a name's value goes, or to its end where no value ends.
fn value(text: &str, is_quoted: bool) -> &str {
    let (mut quoted, mut escaped, mut depth) = (is_quoted, false, 0_usize);
    for (place, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' | '{' => depth += 1,
            ']' | '}' if depth > 0 => depth -= 1,
            ',' | '&' | ';' | ']' | '}' if depth == 0 => return &text[..place],
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::UPDATE;
    use proptest::prelude::*;
    use serde_json::Value;

    fn update(body: &[u8]) -> Option<&'static str> {
        let headers = ["the-key".to_owned()];
        refusal(&Outgoing { method: "POST", path: UPDATE, query: "", headers: &headers, body }, ["the-key"])
    }

    #[test]
    fn an_order_that_can_exist_is_never_named_in_any_reading() {
        for body in [
            r#"{"order": 1}"#,
            r#"{"order": 0, "order": 1}"#,
            r#"{"order": 1, "order": 0}"#,
            r#"{"order": 9007199254740991, "status": "completed"}"#,
            r#"{"order": 9007199254740993}"#,
            r#"{"order": 18446744073709551617}"#,
            r#"{"order": -1}"#,
            r#"{"order": 1.5}"#,
            r#"{"order": 0.1e1}"#,
            r#"{"order": 1e400}"#,
            r#"{"order": "1"}"#,
            r#"{"order": "١"}"#,
            r#"{"order": [1]}"#,
            r#"{"order": {"$gt": 0, "x": "a,1"}}"#,
            r#"{"order": true}"#,
            r#"{"order": Infinity}"#,
            r#"{"order": "a\",1"}"#,
            r#"{"\u006frder": 1}"#,
            r#"{"order": "\u0031"}"#,
            r#"{"Order": 1, "ORDER": 0}"#,
            r#"{"order": 0} {"order": 1}"#,
            r#"{"x": [{"order": 12}]}"#,
            r#"{"order" /* a number */ : 7"#,
            "order=1",
            "x=0&%6frder=1",
            "order[]=1",
            "\u{feff}{\"order\": 1}",
        ] {
            assert!(update(body.as_bytes()).is_some(), "{body}");
        }
        let wide: Vec<u8> = r#"{"order": 1}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(update(&wide).is_some());
        let big: Vec<u8> = r#"{"order": 1}"#.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(update(&big).is_some());
    }

    #[test]
    fn what_names_no_order_is_sent_unless_it_changes_something() {
        for body in [
            r#"{"order": 0}"#,
            r#"{"order": -0}"#,
            r#"{"order": 0, "status": "completed", "accounts": ["buyer1:x"], "supplierOrderId": "S-1"}"#,
            r#"{"order": "none"}"#,
            r#"{"order": []}"#,
            r#"{"order": NaN}"#,
            "{}",
            "{",
            "[]",
            "",
            "order=0",
        ] {
            assert_eq!(update(body.as_bytes()), None, "{body}");
        }
        for body in [r#"{"status": "processing"}"#, r#"{"order": null, "accounts": []}"#] {
            assert!(update(body.as_bytes()).is_some(), "{body}");
        }
    }

    #[test]
    fn a_list_by_a_key_is_sent_only_where_it_finds_nothing() {
        let list = |query: &str, header: &str| {
            let headers = [header.to_owned()];
            refusal(&Outgoing { method: "GET", path: LIST, query, headers: &headers, body: b"" }, ["the-key"])
        };
        assert!(list("limit=1", "the-key").is_some());
        assert!(list("limit=1&api_key=the-key", "").is_some());
        assert!(list("limit=1", "Bearer the-key").is_some());
        assert_eq!(list("limit=1", "no key"), None);
    }

    fn any_json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<bool>().prop_map(|value| value.to_string()),
            any::<String>().prop_map(|text| Value::String(text).to_string()),
            Just("0".to_owned()),
            Just("null".to_owned()),
        ];
        let name = prop_oneof![Just("order".to_owned()), "[a-z]{0,3}"];
        leaf.prop_recursive(3, 16, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4)
                    .prop_map(|items| format!("[{}]", items.join(","))),
                proptest::collection::vec((name.clone(), inner), 0..4).prop_map(|fields| {
                    let fields: Vec<_> =
                        fields.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
                    format!("{{{}}}", fields.join(","))
                }),
            ]
        })
    }

    /// Every value under the name `order` in a text that holds each name once or more, as a parser that keeps all sees them.
    fn orders(value: &Value, found: &mut Vec<Value>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| orders(item, found)),
            Value::Object(fields) => {
                found.extend(fields.get("order").cloned());
                fields.values().for_each(|value| orders(value, found));
            }
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_has_no_order_for_a_parser(text in any_json()) {
            if update(text.as_bytes()).is_none() {
                let mut found = Vec::new();
                orders(&serde_json::from_str(&text).unwrap(), &mut found);
                for value in found {
                    let written = value.to_string();
                    prop_assert!(value.as_i64().is_none_or(|number| number == 0), "{} in {}", written, text);
                    prop_assert!(value != Value::Bool(true), "{}", text);
                }
            }
        }

        #[test]
        fn no_bytes_are_too_odd_to_judge(body in proptest::collection::vec(any::<u8>(), 0..64), text in any::<String>()) {
            let _ = update(&body);
            let _ = update(text.as_bytes());
        }
    }
}

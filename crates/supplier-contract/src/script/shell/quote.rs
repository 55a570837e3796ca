//! Texts in a shell script: nothing in them is obeyed.

use std::fmt::Write as _;

use crate::template::{Part, parts};

/// The text in single quotes.
pub(super) fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A template in double quotes: names become variables, all else stays as it is. `$BASE_URL` at its beginning is one.
pub(super) fn double(template: &str) -> String {
    let (base, rest) = match template.strip_prefix("$BASE_URL") {
        Some(rest) => ("$BASE_URL", rest),
        None => ("", template),
    };
    let mut text = format!("\"{base}");
    for part in parts(rest) {
        match part {
            Part::Plain(plain) => {
                for c in plain.chars() {
                    if matches!(c, '"' | '\\' | '$' | '`') {
                        text.push('\\');
                    }
                    text.push(c);
                }
            }
            Part::Name(name) => text.push_str(&named(name)),
        }
    }
    text.push('"');
    text
}

/// What stands for a name.
fn named(name: &str) -> String {
    if let Some(order) = name.strip_prefix("order:") {
        return format!("$(order {order})");
    }
    if let Some((_, bad)) = crate::template::BAD_KEYS.iter().find(|(known, _)| *known == name) {
        return (*bad).to_owned();
    }
    if let Some((key, how)) = name.split_once('~') {
        return altered(&variable(key), how);
    }
    match name {
        "password" => "${PASSWORD}".to_owned(),
        "case" => "${CASE}".to_owned(),
        _ => format!("${{{}}}", variable(name)),
    }
}

/// The variable that holds the key of that name.
pub(super) fn variable(name: &str) -> String {
    match name {
        "first" => "API_KEY".to_owned(),
        "second" => "API_KEY_2".to_owned(),
        other => {
            format!("KEY_{}", other.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
        }
    }
}

fn altered(key: &str, how: &str) -> String {
    match how {
        "shortened" => format!("${{{key}%?}}"),
        "lengthened" => format!("${{{key}}}0"),
        "half" => format!("$(printf '%s' \"${key}\" | cut -c1-$((${{#{key}}} / 2)))"),
        "changed" => {
            format!("${{{key}%?}}$(printf '%s' \"${key}\" | tail -c 1 | sed 's/[^0]/x/; s/0/1/; s/x/0/')")
        }
        _ => format!("$(printf '%s' \"${key}\" | tr 'a-zA-Z' 'A-Za-z')"),
    }
}

/// Bytes as a format of `printf`.
pub(super) fn printf(bytes: &[u8]) -> String {
    let mut text = String::from("'");
    for byte in bytes {
        match byte {
            b'%' => text.push_str("%%"),
            b'\'' | b'\\' | 0..0x20 | 0x7f.. => {
                // Writing to a text cannot fail.
                let _ = write!(text, "\\{byte:03o}");
            }
            _ => text.push(char::from(*byte)),
        }
    }
    text.push('\'');
    text
}

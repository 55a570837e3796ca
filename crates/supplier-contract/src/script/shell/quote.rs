//! Texts in a shell script: nothing in them is obeyed.

use std::fmt::Write as _;

use crate::template::{Alteration, Hole, Part, Template};

/// The text in single quotes.
pub(super) fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A template in double quotes: holes become variables, all else stays as it is.
pub(super) fn double(template: &Template) -> String {
    format!("\"{}\"", within_double(template, hole))
}

/// A template behind `$BASE_URL`, in double quotes. What fills a hole of a URL is percent-encoded.
pub(super) fn url(target: &Template) -> String {
    let encoded = |it: &Hole| match it {
        Hole::Order(_) => hole(it),
        _ => format!("$(encoded \"{}\")", hole(it)),
    };
    format!("\"$BASE_URL{}\"", within_double(target, encoded))
}

fn within_double(template: &Template, hole: impl Fn(&Hole) -> String) -> String {
    let mut quoted = String::new();
    for part in template.parts() {
        match part {
            Part::Text(text) => {
                for c in text.chars() {
                    if matches!(c, '"' | '\\' | '$' | '`') {
                        quoted.push('\\');
                    }
                    quoted.push(c);
                }
            }
            Part::Hole { hole: it } => quoted.push_str(&hole(it)),
        }
    }
    quoted
}

/// Whether a shell can hold it: no text of a shell's has a NUL byte.
pub(super) fn can_hold(template: &Template) -> bool {
    template.parts().iter().all(|part| !matches!(part, Part::Text(text) if text.contains('\0')))
}

/// Commands that print a template, whatever is in it.
pub(super) fn print(template: &Template) -> String {
    let command = |part: &Part| match part {
        Part::Text(text) if text.contains('\0') => format!("printf {}", printf(text.as_bytes())),
        Part::Text(text) => format!("printf '%s' {}", single(text)),
        Part::Hole { hole: it } => format!("printf '%s' \"{}\"", hole(it)),
    };
    template.parts().iter().map(command).collect::<Vec<_>>().join("; ")
}

/// What stands for a hole within double quotes.
fn hole(hole: &Hole) -> String {
    match hole {
        Hole::Key(name) => format!("${{{}}}", variable(name)),
        Hole::AlteredKey(name, how) => altered(&variable(name), *how),
        Hole::UnknownKey | Hole::MalformedKey => hole.constant().unwrap_or_default().to_owned(),
        Hole::Order(order) => format!("$(order {order})"),
        Hole::Password => "${PASSWORD}".to_owned(),
        Hole::Case => "${CASE}".to_owned(),
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

fn altered(key: &str, how: Alteration) -> String {
    match how {
        Alteration::Shortened => format!("${{{key}%?}}"),
        Alteration::Lengthened => format!("${{{key}}}0"),
        Alteration::Half => format!("$(printf '%s' \"${key}\" | cut -c1-$((${{#{key}}} / 2)))"),
        Alteration::Changed => {
            format!("${{{key}%?}}$(printf '%s' \"${key}\" | tail -c 1 | sed 's/[^0]/x/; s/0/1/; s/x/0/')")
        }
        Alteration::Flipped => format!("$(printf '%s' \"${key}\" | tr 'a-zA-Z' 'A-Za-z')"),
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

//! Decoded forms of a text: a secret can be written in more than one way.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;

/// How often a text is taken for one that was percent-encoded.
const LAYERS: usize = 3;
/// A shorter run of letters and digits is not taken for base64 or hexadecimal digits.
const MIN_RUN: usize = 12;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// What `text` stands for if it is percent-encoded, the inside of a JSON string, escaped for HTML, or has base64 or
/// hexadecimal digits in it. `text` itself is none of them.
pub(super) fn views(text: &str) -> Vec<String> {
    let mut views = Vec::new();
    let mut current = Cow::from(text);
    for _ in 0..LAYERS {
        if !current.contains('%') {
            break;
        }
        let decoded = percent_decode_str(&current).decode_utf8_lossy().into_owned();
        if decoded == current {
            break;
        }
        current = decoded.into();
        views.push(current.clone().into_owned());
    }
    if current.contains('+') {
        views.push(current.replace('+', " "));
    }
    let mut inside = Some(current.clone().into_owned());
    for _ in 0..LAYERS {
        inside = inside.filter(|text| text.contains('\\')).and_then(|text| without_escapes(&text));
        views.extend(inside.clone());
    }
    if current.contains('&') {
        views.extend(Some(unescaped(&current)).filter(|view| *view != current));
    }
    views.extend(runs(&current));
    views
}

/// The text without the escapes of JSON strings, of which it may be the inside or hold several; `None` if one of them is no
/// character.
fn without_escapes(text: &str) -> Option<String> {
    let mut inside = String::with_capacity(text.len() + 2);
    inside.push('"');
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(escape @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) => {
                    inside.extend(['\\', escape]);
                }
                other => {
                    inside.push_str(r"\\");
                    inside.extend(other.filter(|c| *c != '"' && !c.is_control()));
                }
            },
            '"' => inside.push_str(r#"\""#),
            c if c.is_control() => inside.push(' '),
            c => inside.push(c),
        }
    }
    inside.push('"');
    serde_json::from_str(&inside).ok()
}

/// The text without the escapes of HTML and XML that punctuation and letters have.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let escape = after.split_once(';').and_then(|(name, behind)| Some((escaped(name)?, behind)));
        rest = if let Some((c, behind)) = escape {
            out.push(c);
            behind
        } else {
            out.push('&');
            after
        };
    }
    out + rest
}

fn escaped(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "colon" => Some(':'),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// What the runs of letters and digits in a text stand for, if they stand for text.
fn runs(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=');
    let runs = text.split(|c| !is_part(c)).filter(|run| run.len() >= MIN_RUN);
    let decoded =
        runs.flat_map(|run| [STANDARD.decode(run).ok(), URL_SAFE.decode(run).ok(), hex::decode(run).ok()]);
    let texts = decoded.flatten().filter_map(|bytes| String::from_utf8(bytes).ok());
    texts.filter(|text| !text.chars().any(|c| c.is_control() && !c.is_whitespace())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_in_each_way_it_may_have_been_written() {
        for written in [
            "user%3Apass-1",
            "user%253Apass-1",
            "%75%73%65%72%3a%70%61%73%73%2d%31",
            r"user\u003apass-1",
            "user&#58;pass-1",
            "user&#x3a;pass-1",
            "x dXNlcjpwYXNzLTE= y",
            "dXNlcjpwYXNzLTE",
            "757365723a706173732d31",
        ] {
            assert!(
                views(written).iter().any(|view| view == "user:pass-1"),
                "{written}: {:?}",
                views(written)
            );
        }
        assert_eq!(views("an ordinary text, 12345"), Vec::<String>::new());
    }
}

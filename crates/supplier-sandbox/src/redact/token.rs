//! One word of a text, and whether it can stay.

use std::net::{IpAddr, SocketAddr};

use supplier_domain::{MASKED_KEY, RequestId};

use super::MASK;
use super::names::is_word;

/// What may stand around a word.
const AROUND: [char; 16] = ['"', '\'', '(', ')', '[', ']', '{', '}', '<', '>', '.', ',', ';', '!', '?', '`'];
/// A shorter mixture of letters and digits says little.
const MIN_MIXED: usize = 6;

/// Whether a word gives nothing away: a word of the API's, a number, a moment, an address of a machine, a request's id. If
/// `strict`, a word of letters has to be one of the API's; if not, any is.
pub(super) fn is_harmless(token: &str, strict: bool) -> bool {
    if is_machine(token) {
        return true;
    }
    let token = token.trim_matches(AROUND);
    token.contains(MASK)
        || token.contains(MASKED_KEY)
        || !token.contains(char::is_alphanumeric)
        || is_moment(token)
        || token.parse::<RequestId>().is_ok()
        || is_compound(token, strict)
}

/// Words and numbers, joined by what joins words: `SUP-ORDER-12345`, `orders/12345`, `gmt+2`.
fn is_compound(token: &str, strict: bool) -> bool {
    let joins =
        |c: char| matches!(c, ',' | '-' | '_' | '/' | '.' | '+' | '#' | '%' | '&' | '*' | '=' | '$' | '€');
    let parts: Vec<_> = token.split(joins).filter(|part| !part.is_empty()).collect();
    let is_alone = parts.len() == 1;
    parts.iter().all(|part| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = part.len() - letters.len();
        if letters.is_empty() {
            return true;
        }
        if !part.chars().all(|c| c.is_alphanumeric() || matches!(c, '\'' | '[' | ']')) {
            return false;
        }
        let is_known = is_word(letters) || super::names::words(letters).all(|word| is_word(&word));
        if is_known && digits <= 3 {
            return true;
        }
        let is_letters = part.chars().all(|c| c.is_alphabetic() || c == '\'');
        is_alone && !strict && (is_letters || part.len() < MIN_MIXED)
    })
}

/// A time or a date with a time: `10:00:00`, `2024-01-01T10:00:00.000Z`.
fn is_moment(token: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let is_date = |text: &str| {
        let parts: Vec<_> = text.split('-').collect();
        matches!(parts[..], [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
    };
    let is_time = |text: &str| {
        let text = text.trim_end_matches('Z');
        let text = text.split_once(['+', '-']).map_or(text, |(time, _)| time);
        let parts: Vec<_> = text.split(':').collect();
        match parts[..] {
            [hour, minute] => digits(hour, 2) && digits(minute, 2),
            [hour, minute, second] => {
                let second = second.split_once('.').map_or(second, |(second, _)| second);
                digits(hour, 2) && digits(minute, 2) && digits(second, 2)
            }
            _ => false,
        }
    };
    match token.split_once(['T', ' ']) {
        Some((date, time)) => is_date(date) && is_time(time),
        None => is_time(token) || is_date(token),
    }
}

/// An IP address or `localhost`, with a port or without.
fn is_machine(token: &str) -> bool {
    let is_local = token.strip_prefix("localhost").is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
    });
    is_local || token.parse::<SocketAddr>().is_ok() || token.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_order_is_about_is_harmless_and_what_nobody_can_guess_is_not() {
        for token in [
            "pending",
            "12345",
            "19.99",
            "-1",
            "2024-01-01",
            "10:00:00",
            "10:00",
            "2024-01-01T10:00:00.000Z",
            "2024-01-01T10:00:00+02:00",
            "req-01ab23cd-7",
            "127.0.0.1:4010",
            "localhost:8080",
            "[::1]:80",
            "SUP-ORDER-12345",
            "orders-update",
            "v2",
            "/orders/12345",
            "accounts[0]",
            "ann@example:***",
            "$API_KEY",
            "→",
            "",
            "(done)",
        ] {
            assert!(is_harmless(token, true), "{token}");
        }
        for token in ["hello", "Straße", "it's", "4K"] {
            assert!(is_harmless(token, false) && !is_harmless(token, true), "{token}");
        }
        for token in [
            "hunter2x",
            "s3cr3t-word",
            "SECRET-0001",
            "ann:1",
            "12:34567",
            "10:00:00:00",
            "user|pw",
            "correct-horse",
            "0123456789abcdef",
            "localhost:secret",
            "x@y.z",
        ] {
            assert!(!is_harmless(token, false), "{token}");
        }
    }
}

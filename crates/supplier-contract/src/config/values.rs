//! The values of options, read from text: the command line, the environment and the file have the same.

use std::fmt::Write as _;

use reqwest::Url;
use supplier_rulebook::{self as rulebook, Level};
use tokio::time::Duration;

use super::{Provision, Require};
use crate::checks::registry;
use crate::names;

/// The longest time that anything may take: a year.
const LONGEST: Duration = Duration::from_hours(366 * 24);
/// The most calls a second that can be asked for.
const FASTEST: u32 = 1_000_000;
/// The most cases of a property.
const MOST_CASES: u32 = 1_000_000;
/// The longest key, in bytes.
const LONGEST_KEY: usize = 4096;

/// A length of time: seconds, or such as `500ms`, `10m`, `1h30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "must be seconds, or a time such as 500ms, 90s, 10m or 1h30m, above 0".to_owned();
    let text = text.trim();
    let mut total = 0.0;
    let mut rest = text;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        let unit = &rest[digits..];
        let letters = unit.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit.len());
        let of = match &unit[..letters] {
            "" | "s" => 1.0,
            "ms" => 0.001,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        total += number * of;
        rest = &unit[letters..];
    }
    match Duration::try_from_secs_f64(total) {
        Ok(time) if time.is_zero() => Err(wrong()),
        Ok(time) if time <= LONGEST => Ok(time),
        _ => Err("must be a year at most".to_owned()),
    }
}

/// So many calls a second: `20/s`, or `20`.
pub(crate) fn rate(text: &str) -> Result<u32, String> {
    let number = text.trim();
    let number = number.strip_suffix("/s").unwrap_or(number).trim();
    let rate = number.parse().ok().filter(|rate| (1..=FASTEST).contains(rate));
    rate.ok_or_else(|| {
        format!("must be calls a second from 1/s to {FASTEST}/s, such as 20/s; leave it out for no limit")
    })
}

/// How many orders may be touched.
pub(crate) fn max_orders(text: &str) -> Result<u32, String> {
    let most = u32::MAX;
    text.trim().parse().map_err(|_| format!("must be a whole number of orders from 0 to {most}"))
}

/// The seed of all that is random.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| format!("must be a whole number from 0 to {}", u64::MAX))
}

/// How many cases a property runs.
pub(crate) fn cases(text: &str) -> Result<u32, String> {
    let cases = text.trim().parse().ok().filter(|cases| (1..=MOST_CASES).contains(cases));
    cases.ok_or_else(|| format!("must be a whole number of cases from 1 to {MOST_CASES}"))
}

/// A way to prepare the target.
pub(crate) fn provision(text: &str) -> Result<Provision, String> {
    one_of(text, Provision::ALL, Provision::as_str)
}

/// The rules that have to be tested.
pub(crate) fn require(text: &str) -> Result<Require, String> {
    one_of(text, Require::ALL, Require::as_str)
}

fn one_of<T: Copy, const N: usize>(
    text: &str,
    all: [T; N],
    name: impl Fn(T) -> &'static str,
) -> Result<T, String> {
    let found = all.into_iter().find(|one| name(*one) == text);
    found.ok_or_else(|| {
        let mut names = String::new();
        for (place, one) in all.into_iter().enumerate() {
            // Writing to a text cannot fail.
            let _ = write!(names, "{}{}", if place == 0 { "" } else { ", " }, name(one));
        }
        format!("must be one of {names}")
    })
}

/// A rule, a group of rules or a check that can be run.
pub(crate) fn only(text: &str) -> Result<String, String> {
    let group = names::of_groups().find(|group| *group == text);
    let observed = rulebook::find(text).is_some_and(|rule| rule.level == Level::Observed)
        || rulebook::GROUPS.iter().any(|group| {
            group.prefix == text && group.rules.iter().all(|rule| rule.level == Level::Observed)
        });
    if observed {
        return Err("is a practice of good clients, which no target can be tested for; \
                    a sandbox's scorecard judges clients by it"
            .to_owned());
    }
    let known =
        group.is_some() || rulebook::find(text).is_some() || registry().any(|check| check.info.id == text);
    if known {
        return Ok(text.to_owned());
    }
    let all = names::of_rules_and_checks().chain(names::of_groups());
    Err(format!("is no rule, no group of rules and no check; {}", names::remedy(text, all)))
}

/// The target's URL. What is wrong with it is said without it where it may hold a password.
pub(crate) fn target(text: &str) -> Result<String, String> {
    url(text)
        .map_err(|why| format!("{why}; it is what comes before /api/admin/v2, such as http://127.0.0.1:4010"))
}

/// A URL of HTTP, without anything behind its path.
pub(super) fn url(text: &str) -> Result<String, String> {
    let wrong = |why: &str| {
        // What stands before an `@`, or in a query, may be a secret.
        let secret = text.contains(['@', '?', '#']);
        let given = if secret { "what was given".to_owned() } else { format!("{text:?}") };
        Err(format!("{given} {why}"))
    };
    let Ok(url) = Url::parse(text) else {
        return wrong("is no URL that begins with http:// or https://");
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return wrong("is no URL that begins with http:// or https://");
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return wrong(
            "has a user or a password in it, which does not belong there: a key goes into --key-file",
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("has a `?` or a `#` in it: a URL ends with its path here");
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A secret that goes into a header. What is wrong is said without it.
pub(super) fn secret(text: &str) -> Result<String, String> {
    if text.is_empty() {
        Err("must not be empty".to_owned())
    } else if text.len() > LONGEST_KEY {
        Err(format!("must have {LONGEST_KEY} bytes at most: is it the right file?"))
    } else if text.chars().any(char::is_control) {
        Err("must be one line without control characters: they cannot be sent in a header".to_owned())
    } else if text.trim() != text {
        Err("must not begin or end with a blank, which a header loses".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        for (text, millis) in
            [("10", 10_000), ("0.5", 500), ("500ms", 500), ("10m", 600_000), ("1h30m", 5_400_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for wrong in ["", "0", "-1", "0s", "ten", "1d", "1.2.3", "9999999999999", "1e3", "m", "inf", "nan"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!((rate("20/s"), rate("5")), (Ok(20), Ok(5)));
        for wrong in ["0/s", "-1/s", "20/m", "", "1.5/s", "4294967296/s", "2000000/s"] {
            assert!(rate(wrong).unwrap_err().contains("20/s"), "{wrong}");
        }
        assert!(max_orders("0").is_ok() && max_orders("-1").is_err());
        assert!(cases("1").is_ok() && cases("0").is_err());
        assert!(seed("18446744073709551615").is_ok() && seed("-1").is_err());
    }

    #[test]
    fn what_is_no_name_brings_those_that_are_like_it() {
        assert!(only("list").is_ok() && only("list.window").is_ok() && only("key-missing").is_ok());
        assert!(only("list.windwo").unwrap_err().contains("did you mean list.window"));
        assert!(only("practice").unwrap_err().contains("clients"));
        assert!(require("all").unwrap_err().contains("stated, implied, chosen"));
        assert!(provision("hook").unwrap_err().contains("sandbox, http, command, static, none"));
    }

    #[test]
    fn a_target_is_a_url_and_no_secret_is_told() {
        assert_eq!(target("http://127.0.0.1:4010/"), Ok("http://127.0.0.1:4010".to_owned()));
        assert_eq!(target("https://example.com/shop"), Ok("https://example.com/shop".to_owned()));
        for wrong in [
            "",
            "example.com",
            "ftp://example.com",
            "http://",
            "http://u:geheim@example.com",
            "http://e.com?key=geheim",
        ] {
            let problem = target(wrong).unwrap_err();
            assert!(!problem.contains("geheim") && problem.contains("http://127.0.0.1:4010"), "{problem}");
        }
    }

    #[test]
    fn a_secret_is_one_line_and_never_told() {
        for wrong in ["", "geheim\n2", " geheim", "geheim\u{7f}", &"geheim".repeat(1000)] {
            assert!(!secret(wrong).unwrap_err().contains("geheim"));
        }
        assert_eq!(secret("geheim"), Ok("geheim".to_owned()));
    }
}

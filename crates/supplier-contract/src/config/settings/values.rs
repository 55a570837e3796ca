//! Values of settings: one parser each, for the command line, the environment and the file.

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::path::PathBuf;
use std::str::FromStr;

use reqwest::Url;
use serde::{Deserialize, Deserializer, de};
use supplier_rulebook::{self as rulebook, Level};
use tokio::time::Duration;

use crate::names;
use crate::provision::Provision;

/// The longest time that anything may take: a year.
const LONGEST: Duration = Duration::from_hours(366 * 24);
/// The longest key, in bytes.
const LONGEST_KEY: usize = 4096;

/// Declares values that a function parses from text. In the file a value has the type after the colon.
macro_rules! values {
    ($($(#[$doc:meta])* $name:ident($inner:ty): $written:ty = $parse:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(pub $inner);

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                ($parse)(text).map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <$written>::deserialize(deserializer)?.to_string();
                text.parse().map_err(|why| de::Error::custom(format!("{text:?} {why}")))
            }
        }
    )*};
}

values! {
    /// A length of time above 0, at most a year.
    Time(Duration): Scalar = duration;
    /// Calls a second, from 1.
    Rate(u32): String = rate;
    /// Orders that may be hidden or changed.
    MaxOrders(u32): u32 = |text| whole(text, 0, u32::MAX);
    /// The random seed.
    Seed(u64): u64 = |text| whole(text, 0, u64::MAX);
    /// Random cases of a property, from 1.
    Cases(u32): u32 = |text| whole(text, 1, 1_000_000);
    /// Cases at a time, from 1.
    Jobs(u32): u32 = |text| whole(text, 1, 64);
    /// A rule, a group of rules or a check that can be run.
    Only(String): String = only;
    /// The level of rules that have to be tested, and with it the levels that bind more.
    Require(Level): String = |text| one_of([Level::Stated, Level::Implied, Level::Chosen], Level::as_str, text);
    /// A way to prepare the target.
    Preparation(Provision): String = |text| one_of(Provision::ALL, Provision::as_str, text);
}

/// A string of the file without its quotes, or any other value as TOML writes it.
#[derive(Deserialize)]
#[serde(transparent)]
struct Scalar(toml::Value);

impl Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            toml::Value::String(text) => text.fmt(f),
            other => other.fmt(f),
        }
    }
}

/// A hook in the file.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text, or a list of texts")]
enum Words {
    One(String),
    Many(Vec<String>),
}

/// Reads a hook: a URL, or a program and its arguments.
pub(super) fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    match Words::deserialize(deserializer)? {
        Words::One(word) => Ok(Some(vec![word])),
        Words::Many(words) if !words.is_empty() => Ok(Some(words)),
        Words::Many(_) => {
            Err(de::Error::custom("must be a URL, or a program and its arguments; it is an empty list"))
        }
    }
}

/// Whether a hook is one over HTTP.
pub(super) fn is_url(hook: &str) -> bool {
    hook.starts_with("http://") || hook.starts_with("https://")
}

/// A profile: a table of rules and choices, or the file that holds one.
#[derive(Clone, Deserialize)]
#[serde(untagged, expecting = "expected a table of rules and choices, or the path of a file")]
pub enum ProfileSource {
    /// The file.
    File(PathBuf),
    /// The table.
    Table(toml::Table),
}

impl From<OsString> for ProfileSource {
    fn from(path: OsString) -> Self {
        Self::File(path.into())
    }
}

/// A length of time: seconds, or such as `500ms`, `10m`, `1h30m`.
fn duration(text: &str) -> Result<Duration, String> {
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
fn rate(text: &str) -> Result<u32, String> {
    let number = text.trim();
    whole(number.strip_suffix("/s").unwrap_or(number), 1, 1_000_000).map_err(|_| {
        "must be calls a second from 1/s to 1000000/s, such as 20/s; leave it out for no limit".to_owned()
    })
}

/// A whole number.
fn whole<T: FromStr + PartialOrd + Display + Copy>(text: &str, least: T, most: T) -> Result<T, String> {
    let number = text.trim().parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("must be a whole number from {least} to {most}"))
}

fn one_of<T: Copy, const N: usize>(
    all: [T; N],
    name: fn(T) -> &'static str,
    text: &str,
) -> Result<T, String> {
    let found = all.into_iter().find(|one| name(*one) == text);
    found.ok_or_else(|| format!("must be one of {}", all.map(name).join(", ")))
}

/// A rule, a group of rules or a check that can be run.
fn only(text: &str) -> Result<String, String> {
    let observed = rulebook::find(text).is_some_and(|rule| rule.level == Level::Observed)
        || rulebook::GROUPS.iter().any(|group| {
            group.prefix == text && group.rules.iter().all(|rule| rule.level == Level::Observed)
        });
    if observed {
        return Err("is a practice of good clients, which no target can be tested for; \
                    a sandbox's scorecard judges clients by it"
            .to_owned());
    }
    let all = || names::of_rules_and_checks().chain(names::of_groups());
    if all().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    Err(format!("is no rule, no group of rules and no check; {}", names::remedy(text, all())))
}

/// The target's URL. What is wrong with it is said without it where it may hold a password.
pub(super) fn target(text: &str) -> Result<String, String> {
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
        assert!("0".parse::<MaxOrders>().is_ok() && "-1".parse::<MaxOrders>().is_err());
        assert!("1".parse::<Cases>().is_ok() && "0".parse::<Cases>().is_err());
        assert!("18446744073709551615".parse::<Seed>().is_ok() && "-1".parse::<Seed>().is_err());
    }

    #[test]
    fn what_is_no_name_brings_those_that_are_like_it() {
        assert!(only("list").is_ok() && only("list.window").is_ok() && only("key-missing").is_ok());
        assert!(only("list.windwo").unwrap_err().contains("did you mean list.window"));
        assert!(only("practice").unwrap_err().contains("clients"));
        assert!("all".parse::<Require>().unwrap_err().contains("stated, implied, chosen"));
        let preparation = "hook".parse::<Preparation>();
        assert!(preparation.unwrap_err().contains("sandbox, http, command, static, none"));
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

//! Strict RFC 3339 parser.
//!
//! The parser checks the form before it asks the calendar library, which accepts other forms too and knows no time after its
//! own maximum.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

use super::InvalidTimestamp;

const FORM: &str =
    "write YYYY-MM-DDTHH:MM:SS, a fraction if there is one, and Z or an offset, and nothing else";
const NO_TIME: &str = "the time is missing; write it behind the date, such as T00:00:00Z";
const NO_OFFSET: &str = "the offset is missing; add Z for UTC, or one such as +05:30";
const NO_DAY: &str = "there is no such day; months go from 01 to 12, and days to the end of the month";
const NO_CLOCK: &str =
    "there is no such time of day; hours go from 00 to 23, minutes and seconds from 00 to 59";
const NO_LEAP: &str =
    "a second 60 is a leap second, which there is at 23:59:60 UTC on the last day of a month only";
const FAR_OFFSET: &str = "there is no such offset; offsets go from -23:59 to +23:59";

/// What 1970-01-01 begins with.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// Reads a date-time as milliseconds since 1970-01-01 UTC.
pub(super) fn read(text: &str) -> Result<i64, InvalidTimestamp> {
    let mut rest = Rest(text.as_bytes());
    let date = date(&mut rest)?;
    if rest.0.is_empty() {
        return Err(InvalidTimestamp::Form(NO_TIME));
    }
    rest.one_of(b"Tt")?;
    let (time, is_leap) = time(&mut rest)?;
    let millis = millis(&mut rest)?;
    let offset = offset(&mut rest)?;
    if !rest.0.is_empty() {
        return Err(InvalidTimestamp::Form(FORM));
    }
    let utc = date.to_datetime(time).checked_sub(SignedDuration::from_secs(offset));
    let utc = utc.map_err(|_| InvalidTimestamp::OutOfRange)?;
    let ends_month = utc.time() == Time::constant(23, 59, 59, 0) && utc.date() == utc.date().last_of_month();
    if is_leap && !ends_month {
        return Err(InvalidTimestamp::Form(NO_LEAP));
    }
    // As POSIX counts: the leap second is the first second of the next day.
    Ok((utc.duration_since(EPOCH).as_secs() + i64::from(is_leap)) * 1_000 + millis)
}

fn date(rest: &mut Rest<'_>) -> Result<Date, InvalidTimestamp> {
    let year = rest.number(4)?;
    rest.one_of(b"-")?;
    let month = rest.number(2)?;
    rest.one_of(b"-")?;
    let day = rest.number(2)?;
    let narrow = |number| i8::try_from(number).unwrap_or(0);
    Date::new(year, narrow(month), narrow(day)).map_err(|_| InvalidTimestamp::Form(NO_DAY))
}

/// The time of day in whole seconds, and whether it is a leap second, which counts as the second before it here.
fn time(rest: &mut Rest<'_>) -> Result<(Time, bool), InvalidTimestamp> {
    let hour = rest.number(2)?;
    rest.one_of(b":")?;
    let minute = rest.number(2)?;
    rest.one_of(b":")?;
    let second = rest.number(2)?;
    let is_leap = second == 60;
    let narrow = |number| i8::try_from(number).unwrap_or(-1);
    let time = Time::new(narrow(hour), narrow(minute), narrow(if is_leap { 59 } else { second }), 0);
    time.map(|time| (time, is_leap)).map_err(|_| InvalidTimestamp::Form(NO_CLOCK))
}

/// The fraction of a second, cut to milliseconds.
fn millis(rest: &mut Rest<'_>) -> Result<i64, InvalidTimestamp> {
    if rest.one_of(b".").is_err() {
        return Ok(0);
    }
    let mut millis = i64::from(rest.number(1)?) * 100;
    for unit in [10, 1] {
        millis += rest.number(1).map_or(0, |digit| i64::from(digit) * unit);
    }
    while rest.number(1).is_ok() {}
    Ok(millis)
}

/// How many seconds local time is ahead of UTC.
fn offset(rest: &mut Rest<'_>) -> Result<i64, InvalidTimestamp> {
    if rest.0.is_empty() {
        return Err(InvalidTimestamp::Form(NO_OFFSET));
    }
    let sign = match rest.one_of(b"Zz+-")? {
        b'+' => 1,
        b'-' => -1,
        _ => return Ok(0),
    };
    let hours = rest.number(2)?;
    rest.one_of(b":")?;
    let minutes = rest.number(2)?;
    if hours > 23 || minutes > 59 {
        return Err(InvalidTimestamp::Form(FAR_OFFSET));
    }
    Ok(sign * (i64::from(hours) * 3_600 + i64::from(minutes) * 60))
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Takes so many digits, four at the most. Without them nothing is taken.
    fn number(&mut self, digits: usize) -> Result<i16, InvalidTimestamp> {
        let (number, rest) = self.0.split_at_checked(digits).ok_or(InvalidTimestamp::Form(FORM))?;
        if !number.iter().all(u8::is_ascii_digit) {
            return Err(InvalidTimestamp::Form(FORM));
        }
        self.0 = rest;
        Ok(number.iter().fold(0, |number, digit| number * 10 + i16::from(digit - b'0')))
    }

    /// Takes one of these characters. Without one nothing is taken.
    fn one_of(&mut self, known: &[u8]) -> Result<u8, InvalidTimestamp> {
        match self.0.split_first() {
            Some((first, rest)) if known.contains(first) => {
                self.0 = rest;
                Ok(*first)
            }
            _ => Err(InvalidTimestamp::Form(FORM)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use proptest::prelude::*;

    fn millis_of(text: &str) -> Result<i64, InvalidTimestamp> {
        text.parse().map(Timestamp::as_millis)
    }

    proptest! {
        #[test]
        fn any_moment_is_read_however_it_is_written(
            millis in 0..253_402_000_000_000_i64, minutes in -1_439..1_440_i64, digits in "[0-9]{0,12}", is_lower in any::<bool>(),
        ) {
            let local = jiff::Timestamp::from_millisecond(millis + minutes * 60_000).unwrap();
            let (sign, away) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
            let offset = if minutes == 0 { "Z".to_owned() } else { format!("{sign}{:02}:{:02}", away / 60, away % 60) };
            let text = format!("{local:.3}").replace('Z', &format!("{digits}{offset}"));
            let text = if is_lower { text.to_lowercase() } else { text };
            prop_assert_eq!(millis_of(&text), Ok(millis), "{}", text);
        }

        /// Whatever is read, the calendar library reads as the same; and it reads what is refused only in other forms.
        #[test]
        fn no_text_is_read_as_another_moment_than_it_names(
            text in "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?(\\.[0-9]{0,4})?([Zz]|[+-][0-2][0-9]:?[0-6][0-9])?\n?"
        ) {
            let known = text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
            let is_leap = text.get(17..19) == Some("60");
            match millis_of(&text) {
                Ok(read) if is_leap => prop_assert_eq!(known.map(|known| known + 1_000), Some(read - read % 1_000)),
                Ok(read) => prop_assert_eq!(known, Some(read), "{}", text),
                Err(InvalidTimestamp::OutOfRange) => prop_assert!(known.is_some_and(|known| known < 0), "{}", text),
                Err(InvalidTimestamp::Form(_)) => {
                    // What the library takes beyond the grammar: a space, no seconds, "+0530", a line break, "+24:00".
                    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
                    let (head, tail) = form.split_at_checked(19).unwrap_or((&form, ""));
                    let offset = tail.trim_start_matches('.').trim_start_matches('0');
                    let is_far = text.len() > 6 && matches!(offset, "+00:00" | "-00:00") && &text[text.len() - 5..] >= "24";
                    let is_form = head.eq_ignore_ascii_case("0000-00-00t00:00:00")
                        && !tail.starts_with(".Z")
                        && !tail.starts_with(".z")
                        && ["Z", "z", "+00:00", "-00:00"].contains(&offset)
                        && !is_far;
                    prop_assert!(known.is_none() || !is_form || is_leap, "{} is {:?}", text, known);
                }
            }
        }
    }

    #[test]
    fn the_forms_of_the_grammar_are_read() {
        let at = |text: &str| millis_of(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        for (text, same) in [
            ("2027-01-05T10:00:00Z", "2027-01-05T10:00:00.000Z"),
            ("2027-01-05t10:00:00z", "2027-01-05T10:00:00.000Z"),
            ("2027-01-05T15:30:00+05:30", "2027-01-05T10:00:00.000Z"),
            ("2027-01-04T10:01:00.5-23:59", "2027-01-05T10:00:00.500Z"),
            ("2027-01-05T10:00:00-00:00", "2027-01-05T10:00:00.000Z"),
            ("2027-01-05T10:00:00.1Z", "2027-01-05T10:00:00.100Z"),
            ("2027-01-05T10:00:00.123999999999999999999Z", "2027-01-05T10:00:00.123Z"),
            ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("9999-12-30T21:59:59.999Z", "9999-12-30T21:59:59.999Z"),
            // Leap seconds.
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
            ("2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.250Z"),
            ("2017-01-01T05:29:60+05:30", "2017-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(at(text), at(same), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_time_is_told_what_is_wrong_with_it() {
        for (text, problem) in [
            ("", FORM),
            ("now", FORM),
            ("1767571200", FORM),
            ("2027-01-05", NO_TIME),
            ("2027-01-05T10:00:00", NO_OFFSET),
            ("2027-01-05T10:00:00.000", NO_OFFSET),
            ("2027-01-05 10:00:00Z", FORM),
            ("2027-01-05T10:00Z", FORM),
            ("2027-1-5T10:00:00Z", FORM),
            ("20270105T100000Z", FORM),
            ("10000-01-01T00:00:00Z", FORM),
            ("+2027-01-05T10:00:00Z", FORM),
            ("-2027-01-05T10:00:00Z", FORM),
            ("2027-01-05T10:00:00Z\n", FORM),
            (" 2027-01-05T10:00:00Z", FORM),
            ("2027-01-05T10:00:00Z ", FORM),
            ("2027-01-05T10:00:00ZZ", FORM),
            ("2027-01-05T10:00:00Z[UTC]", FORM),
            ("2027-01-05T10:00:00.Z", FORM),
            ("2027-01-05T10:00:00,5Z", FORM),
            ("2027-01-05T10:00:00+0530", FORM),
            ("2027-01-05T10:00:00+05", FORM),
            ("2027-01-05T10:00:00+05:3", FORM),
            ("2027-01-05T10:00:00\u{2212}05:30", FORM),
            ("２０２７-01-05T10:00:00Z", FORM),
            ("2027-01-05T10:00:00 Z", FORM),
            ("2027-02-29T00:00:00Z", NO_DAY),
            ("2027-13-01T00:00:00Z", NO_DAY),
            ("2027-00-01T00:00:00Z", NO_DAY),
            ("2027-01-00T00:00:00Z", NO_DAY),
            ("2027-04-31T00:00:00Z", NO_DAY),
            ("2027-01-05T24:00:00Z", NO_CLOCK),
            ("2027-01-05T10:60:00Z", NO_CLOCK),
            ("2027-01-05T10:00:61Z", NO_CLOCK),
            ("2027-01-05T10:00:60Z", NO_LEAP),
            ("2027-01-05T23:59:60Z", NO_LEAP),
            ("2016-12-31T23:59:60+05:30", NO_LEAP),
            ("2027-01-05T10:00:00+24:00", FAR_OFFSET),
            ("2027-01-05T10:00:00-05:60", FAR_OFFSET),
        ] {
            assert_eq!(millis_of(text), Err(InvalidTimestamp::Form(problem)), "{text:?}");
        }
    }
}

//! Field of a scenario file, read as a given type.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use supplier_domain::{InvalidTimestamp, Timestamp};
use toml::de::DeValue;

use super::{FieldPath, Fields, Report};

/// Value with its position, and the report for its problems.
#[derive(Clone)]
pub(crate) struct Field<'a> {
    pub(super) value: &'a DeValue<'a>,
    pub(super) place: FieldPath,
    pub(super) report: &'a Report<'a>,
}

impl<'a> Field<'a> {
    /// Notes a problem at this position.
    pub(crate) fn refuse<T>(&self, problem: impl fmt::Display) -> Option<T> {
        self.report.add(&self.place, problem);
        None
    }

    /// Position of the value.
    pub(crate) fn place(&self) -> &FieldPath {
        &self.place
    }

    /// Any text.
    pub(crate) fn text(&self) -> Option<&'a str> {
        match self.value {
            DeValue::String(text) => Some(text),
            other => self.refuse(format_args!("must be text in quotes, not {}", kind(other))),
        }
    }

    /// One line of text.
    pub(crate) fn line(&self, max_chars: usize) -> Option<&'a str> {
        let text = self.text()?;
        if text.trim() != text || text.is_empty() {
            self.refuse("must not be empty, nor begin or end with white space")
        } else if text.chars().any(char::is_control) {
            self.refuse("must be one line, without control characters")
        } else if text.chars().count() > max_chars {
            self.refuse(format_args!("must have at most {max_chars} characters"))
        } else {
            Some(text)
        }
    }

    /// A name within the file.
    pub(crate) fn word(&self) -> Option<&'a str> {
        let text = self.text()?;
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=40).contains(&text.len()) && text.bytes().all(legal) {
            Some(text)
        } else {
            self.refuse("must be 1 to 40 of the characters a-z, 0-9 and -")
        }
    }

    /// Text in a given form.
    pub(crate) fn parsed<T: FromStr<Err: fmt::Display>>(&self) -> Option<T> {
        self.text()?.parse().map_or_else(|problem| self.refuse(problem), Some)
    }

    /// A time, in quotes or as a TOML date-time.
    pub(crate) fn moment(&self) -> Option<Timestamp> {
        match self.value {
            DeValue::Datetime(moment) => {
                moment.to_string().parse().map_or_else(|problem: InvalidTimestamp| self.refuse(problem), Some)
            }
            _ => self.parsed(),
        }
    }

    /// A decimal number in a given form, as written.
    pub(crate) fn decimal<T: FromStr<Err: fmt::Display>>(&self) -> Option<T> {
        let text = match self.value {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            // The digits of another radix mean another number.
            DeValue::Integer(_) => "",
            DeValue::Float(float) => float.as_str(),
            other => return self.refuse(format_args!("must be a number, not {}", kind(other))),
        };
        text.parse().map_or_else(|problem| self.refuse(problem), Some)
    }

    /// An e-mail address at a reserved domain.
    pub(crate) fn email(&self) -> Option<&'a str> {
        let text = self.text()?;
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._+-".contains(&b);
        match text.strip_suffix("@example.com") {
            Some(local) if (1..=64).contains(&local.len()) && local.bytes().all(legal) => Some(text),
            _ => self.refuse(
                "must be an address such as \"some.name@example.com\": 1 to 64 of the characters a-z, 0-9 and ._+- \
                 before @example.com",
            ),
        }
    }

    /// An integer in `range`.
    pub(crate) fn integer<T>(&self, range: &RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<u64> + PartialOrd + fmt::Display,
    {
        let number = match self.value {
            DeValue::Integer(integer) => u64::from_str_radix(integer.as_str(), integer.radix()).ok(),
            _ => None,
        };
        let number =
            number.and_then(|number| T::try_from(number).ok()).filter(|number| range.contains(number));
        number.or_else(|| {
            self.refuse(format_args!("must be an integer from {} to {}", range.start(), range.end()))
        })
    }

    /// A minimum and a maximum, each in `range`.
    pub(crate) fn least_and_most<T>(&self, range: &RangeInclusive<T>) -> Option<RangeInclusive<T>>
    where
        T: TryFrom<u64> + PartialOrd + fmt::Display,
    {
        let [least, most] = &self.elements()?[..] else {
            return self.refuse("must be two integers: [least, most]");
        };
        let (least, most) = (least.integer(range), most.integer(range));
        let (least, most) = (least?, most?);
        if least <= most {
            Some(least..=most)
        } else {
            self.refuse(format_args!("must be [least, most]: {least} is more than {most}"))
        }
    }

    /// `true` or `false`.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(truth) => Some(*truth),
            other => self.refuse(format_args!("must be true or false, not {}", kind(other))),
        }
    }

    /// The elements of a list.
    pub(crate) fn elements(&self) -> Option<Vec<Self>> {
        let DeValue::Array(array) = self.value else {
            return self.refuse(format_args!("must be a list, not {}", kind(self.value)));
        };
        let element = |(index, value): (usize, &'a toml::Spanned<DeValue<'a>>)| Field {
            value: value.get_ref(),
            place: self.place.index(index, value.span().start),
            report: self.report,
        };
        Some(array.iter().enumerate().map(element).collect())
    }

    /// A table with the fields `known`. Others are refused.
    pub(crate) fn fields(&self, known: &'static [&'static str]) -> Option<Fields<'a>> {
        match self.value {
            DeValue::Table(table) => Some(Fields::new(table, self.place.clone(), self.report, known)),
            other => self.refuse(format_args!("must be a table, not {}", kind(other))),
        }
    }

    /// A table of keys in a given form, each with an integer in `range`.
    pub(crate) fn numbers<K>(&self, range: &RangeInclusive<u32>) -> Option<Vec<(K, u32)>>
    where
        K: FromStr<Err: fmt::Display>,
    {
        let DeValue::Table(table) = self.value else {
            return self
                .refuse(format_args!("must be a table, such as {{ name = 1 }}, not {}", kind(self.value)));
        };
        let mut numbers = Some(Vec::new());
        for (key, value) in table {
            let place = self.place.key(key.get_ref(), key.span().start);
            let entry = match key.get_ref().parse::<K>() {
                Err(problem) => {
                    self.report.add(&place, problem);
                    None
                }
                Ok(key) => {
                    let place = FieldPath { offset: value.span().start, ..place };
                    let number = Field { value: value.get_ref(), place, report: self.report }.integer(range);
                    number.map(|number| (key, number))
                }
            };
            numbers = numbers.zip(entry).map(|(mut numbers, entry)| {
                numbers.push(entry);
                numbers
            });
        }
        numbers
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a bare date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

//! Timestamps with millisecond precision.

mod rfc3339;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::serial::as_text;

/// Time from 1970 to 9999, in milliseconds since 1970-01-01 UTC. Arithmetic saturates at the ends of this range.
///
/// Shown as `YYYY-MM-DDTHH:MM:SS.mmmZ` (`list.types`), and parsed from any RFC 3339 date-time in this range. Fractions of a
/// millisecond are cut off, and a leap second counts as the second after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Error: the text is no [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTimestamp {
    /// The text is no RFC 3339 date-time: the problem, and what to write.
    #[error("must be an RFC 3339 date-time such as 2026-01-05T00:00:00Z: {0}")]
    Form(&'static str),
    /// The date-time is out of range.
    #[error("must be from {} to {}", Timestamp::MIN, Timestamp::MAX)]
    OutOfRange,
}

impl Timestamp {
    const MIN: Self = Self(0);
    /// 9999-12-30T21:59:59.999Z, the last whole second that the calendar library shows in any time zone.
    const MAX: Self = Self(253_402_207_199_999);

    /// The time `millis` milliseconds after 1970-01-01 UTC, or the nearest one in range.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The time `duration` later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Duration since `earlier`; zero if this time is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The constructor keeps the number in the calendar's range.
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        write!(f, "{moment:.3}")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let millis = rfc3339::read(text)?;
        let is_in_range = (Self::MIN.0..=Self::MAX.0).contains(&millis);
        if is_in_range { Ok(Self(millis)) } else { Err(InvalidTimestamp::OutOfRange) }
    }
}

as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Rules: `list.types`.
        #[test]
        fn any_moment_is_shown_in_the_documented_form_and_reads_back(millis in any::<i64>()) {
            let moment = Timestamp::from_millis(millis);
            let text = moment.to_string();
            let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            prop_assert_eq!(form, "0000-00-00T00:00:00.000Z");
            prop_assert_eq!(text.parse(), Ok(moment));
        }
    }

    #[test]
    fn a_date_time_beyond_the_range_is_told_the_range() {
        for text in [
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59.999-23:59",
            "1969-12-31T23:59:59.999Z",
            "0000-01-01T00:00:00+23:59",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTimestamp::OutOfRange), "{text}");
        }
        let told = InvalidTimestamp::OutOfRange.to_string();
        assert_eq!(told, "must be from 1970-01-01T00:00:00.000Z to 9999-12-30T21:59:59.999Z");
    }
}

//! Moments, to the millisecond.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::serial::as_text;

/// A moment from 1970 to 9999, in milliseconds since 1970-01-01 UTC; arithmetic stops at the ends of that range.
///
/// Shown as `YYYY-MM-DDTHH:MM:SS.mmmZ` (`list.types`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is no moment of the form [`Timestamp`] shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTimestamp;

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a moment written as 2026-01-05T00:00:00.000Z")
    }
}

impl std::error::Error for InvalidTimestamp {}

impl Timestamp {
    const MIN_MILLIS: i64 = 0;
    /// 9999-12-30T21:59:59.999Z, the last whole second that the calendar library shows in any time zone.
    const MAX_MILLIS: i64 = 253_402_207_199_999;

    /// The moment `millis` milliseconds after 1970-01-01 UTC, or the nearest one in range.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN_MILLIS {
            Self(Self::MIN_MILLIS)
        } else if millis > Self::MAX_MILLIS {
            Self(Self::MAX_MILLIS)
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The moment `duration` later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// How long after `earlier` this moment is; nothing if it is not after it.
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
        let moment: jiff::Timestamp = text.parse().map_err(|_| InvalidTimestamp)?;
        let parsed = Self::from_millis(moment.as_millisecond());
        // The calendar library reads more forms than one; only the one that is also shown is taken.
        if parsed.to_string() == text { Ok(parsed) } else { Err(InvalidTimestamp) }
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
    fn other_forms_of_a_moment_are_not_taken() {
        for wrong in [
            "2026-01-05",
            "2026-01-05T00:00:00Z",
            "2026-01-05 00:00:00.000Z",
            "2026-01-05T01:00:00.000+01:00",
        ] {
            assert_eq!(wrong.parse::<Timestamp>(), Err(InvalidTimestamp), "{wrong}");
        }
    }
}

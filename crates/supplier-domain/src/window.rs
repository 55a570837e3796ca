//! Window: how long an order that was handed out is withheld.

use std::time::Duration;

use crate::Timestamp;

/// Window: how long an order that was handed out to a supplier is withheld from that supplier (`list.window`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window(Duration);

impl Window {
    /// The API's own window: 30 minutes.
    pub const STANDARD: Self = Self(Duration::from_mins(30));

    /// A window of `minutes`; 0 withholds nothing.
    pub const fn from_minutes(minutes: u32) -> Self {
        Self(Duration::from_mins(minutes as u64))
    }

    /// Its length in whole minutes.
    pub const fn minutes(self) -> u64 {
        self.0.as_secs() / 60
    }

    /// Time from which an order handed out at `now` can be handed out again; `None` if the order is not withheld.
    pub fn withheld_until(self, now: Timestamp) -> Option<Timestamp> {
        (!self.0.is_zero()).then(|| now.plus(self.0))
    }

    /// Whether an order withheld until `until` is still withheld at `now`. At `until` itself it is not (`list.window-end`).
    pub fn withholds(until: Option<Timestamp>, now: Timestamp) -> bool {
        until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Rules: `list.window`, `list.window-end`.
        #[test]
        fn any_hand_out_withholds_to_the_last_millisecond_and_no_longer(at in 0..4_000_000_000_000_i64, minutes in 1..10_000_u32) {
            let handed_out = Timestamp::from_millis(at);
            let until = Window::from_minutes(minutes).withheld_until(handed_out);
            let end = Timestamp::from_millis(at + i64::from(minutes) * 60_000);
            prop_assert_eq!(until, Some(end));
            prop_assert!(Window::withholds(until, handed_out));
            prop_assert!(Window::withholds(until, Timestamp::from_millis(end.as_millis() - 1)));
            prop_assert!(!Window::withholds(until, end));
        }
    }

    #[test]
    fn a_window_of_no_minutes_withholds_nothing() {
        assert_eq!(Window::from_minutes(0).withheld_until(Timestamp::from_millis(5)), None);
        assert!(!Window::withholds(None, Timestamp::from_millis(5)));
    }
}

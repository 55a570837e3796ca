//! How much time of the target's has passed between two answers: as an interval, since neither clock is told exactly.

use jiff::Timestamp;
use tokio::time::{Duration, Instant};

/// When a call was answered, as far as it can be known from outside.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// When the call was sent.
    pub sent: Instant,
    /// When its answer was there.
    pub received: Instant,
    /// The target's own time, to the second.
    pub date: Option<Timestamp>,
    /// How far the target's clock had been moved, in milliseconds.
    pub advanced: u64,
}

/// Between so much and so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed {
    /// At least.
    pub at_least: Duration,
    /// At most.
    pub at_most: Duration,
}

/// What is known of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// It has not ended.
    Open,
    /// It has ended.
    Over,
    /// It ends about now: what is seen proves nothing.
    Undecided,
}

/// A date is told in whole seconds: two of them differ from the truth by less than this.
const DATE_GRAIN: Duration = Duration::from_secs(1);
/// What a clock that runs may be ahead of or behind what was measured: so much, and a thousandth of it.
const DRIFT: Duration = Duration::from_millis(2);

impl Elapsed {
    /// What passed between two answers. A clock that stands still (`frozen`) passes only what it was moved by. One that
    /// runs is measured by this machine and by the target's `Date`; where the two disagree (one of them was set, or
    /// slept), either may be right.
    pub fn between(from: &Moment, to: &Moment, frozen: bool) -> Self {
        let moved = Duration::from_millis(to.advanced.saturating_sub(from.advanced));
        if frozen {
            return Self { at_least: moved, at_most: moved };
        }
        let drift = |passed: Duration| DRIFT + passed / 1000;
        let here_least = to.sent.saturating_duration_since(from.received);
        let here_least = here_least.saturating_sub(drift(here_least));
        let here_most = to.received.saturating_duration_since(from.sent);
        let here_most = here_most + drift(here_most);
        let (mut least, mut most) = (here_least, here_most);
        if let (Some(start), Some(end)) = (from.date, to.date) {
            let there = Duration::try_from(end.duration_since(start)).unwrap_or_default();
            // `Date` may follow the clock that is moved.
            let there = if there + DATE_GRAIN < moved { there } else { there.saturating_sub(moved) };
            let (there_least, there_most) = (there.saturating_sub(DATE_GRAIN), there + DATE_GRAIN);
            let agree = there_least <= here_most && here_least <= there_most;
            (least, most) = if agree {
                (least.max(there_least), most.min(there_most))
            } else {
                (least.min(there_least), most.max(there_most))
            };
        }
        Self { at_least: least + moved, at_most: most + moved }
    }

    /// Whether a window of that length, which began at the first answer, is over at the second.
    pub fn within(self, window: Duration) -> Within {
        if self.at_most < window {
            Within::Open
        } else if self.at_least >= window {
            Within::Over
        } else {
            Within::Undecided
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_mins(30);

    fn moment(start: Instant, at: Duration, date: i64, advanced: u64) -> Moment {
        let sent = start + at;
        let date = Timestamp::from_second(date).ok();
        Moment { sent, received: sent + Duration::from_millis(20), date, advanced }
    }

    #[tokio::test]
    async fn a_clock_that_stands_still_is_judged_to_the_millisecond() {
        let start = Instant::now();
        let first = moment(start, Duration::ZERO, 0, 0);
        let before = moment(start, Duration::from_secs(5), 5, 1_799_999);
        let at = moment(start, Duration::from_secs(5), 5, 1_800_000);
        assert_eq!(Elapsed::between(&first, &before, true).within(WINDOW), Within::Open);
        assert_eq!(Elapsed::between(&first, &at, true).within(WINDOW), Within::Over);
    }

    #[tokio::test]
    async fn about_the_end_of_the_window_nothing_is_proved() {
        let start = Instant::now();
        let first = moment(start, Duration::ZERO, 0, 0);
        let second = moment(start, Duration::from_millis(10), 0, 1_799_990);
        assert_eq!(Elapsed::between(&first, &second, false).within(WINDOW), Within::Undecided);
    }

    #[tokio::test]
    async fn where_the_clocks_disagree_nothing_is_proved() {
        let start = Instant::now();
        let first = moment(start, Duration::ZERO, 0, 0);
        // Half an hour here, but the target's own clock says twenty minutes.
        let second = moment(start, WINDOW + Duration::from_secs(5), 1200, 0);
        assert_eq!(Elapsed::between(&first, &second, false).within(WINDOW), Within::Undecided);
    }
}

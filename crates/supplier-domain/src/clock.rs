//! A sandbox's own clock.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::serial::{as_text, millis};
use crate::{Problem, Timestamp};

closed_set! {
    /// Whether a clock follows the server's time.
    ClockMode {
        /// It runs, at its rate.
        Running = "running",
        /// It stands still until it is moved.
        Frozen = "frozen",
    }
}

/// How fast a running clock is: so many of its seconds pass in one of the server's. 0.001 to 100,000, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(u32);

/// A rate that no clock can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 0.001 to 100000, of at most three decimals; to stop the clock, freeze it")]
pub struct InvalidRate;

impl Rate {
    /// As fast as the server's time.
    pub const REAL: Self = Self(1_000);
    const MAX_THOUSANDTHS: u32 = 100_000_000;

    /// The rate of so many thousandths.
    ///
    /// # Errors
    /// It is 0, or over 100,000,000.
    pub const fn from_thousandths(thousandths: u32) -> Result<Self, InvalidRate> {
        if thousandths == 0 || thousandths > Self::MAX_THOUSANDTHS {
            return Err(InvalidRate);
        }
        Ok(Self(thousandths))
    }

    /// The rate in thousandths.
    pub const fn thousandths(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:03}", self.0 / 1_000, self.0 % 1_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let thousandths =
            thousandths(text).and_then(|number| u32::try_from(number).ok()).ok_or(InvalidRate)?;
        Self::from_thousandths(thousandths)
    }
}

as_text!(Rate);

/// Reads a decimal number of at most three decimals, without sign or exponent, as thousandths.
pub fn thousandths(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) || decimals.len() > 3 {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    whole.checked_mul(1_000)?.checked_add(format!("{decimals:0<3}").parse().ok()?)
}

/// What a clock shows, and how it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClockState {
    /// What it shows.
    pub now: Timestamp,
    /// Whether it follows the server's time.
    pub mode: ClockMode,
    /// How fast it runs when it does.
    pub rate: Rate,
    /// How far each list call moves it ahead, before the call reads it.
    #[serde(with = "millis", rename = "stepOnPollMillis")]
    pub step_on_poll: Duration,
}

/// A clock that runs, or stands still, and never goes back.
///
/// It does not look at the time: whoever asks passes the server's, which only needs to be roughly in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    #[serde(flatten)]
    state: ClockState,
    server: Timestamp,
    /// What has passed and is less than a millisecond: in thousandths of one, below 1,000.
    #[serde(default)]
    carry: u64,
}

/// What can be done to a [`Clock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// Go on differently; what is `None` stays as it was.
    Set(ClockSetting),
    /// Jump ahead.
    Advance(Duration),
}

/// How a clock is to go on; what is `None` stays as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockSetting {
    /// See [`ClockState::mode`].
    pub mode: Option<ClockMode>,
    /// See [`ClockState::rate`].
    pub rate: Option<Rate>,
    /// What it is to show; not before what it shows already.
    pub now: Option<Timestamp>,
    /// See [`ClockState::step_on_poll`].
    pub step_on_poll: Option<Duration>,
}

impl ClockChange {
    /// Stand still.
    pub const FREEZE: Self = Self::mode(ClockMode::Frozen);
    /// Run again, from where it stands.
    pub const RUN: Self = Self::mode(ClockMode::Running);

    const fn mode(mode: ClockMode) -> Self {
        Self::Set(ClockSetting { mode: Some(mode), rate: None, now: None, step_on_poll: None })
    }
}

/// A change that no clock can make; it has not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefusal {
    /// It was to go back.
    #[error("the clock shows {now} and does not go back; only a reset of the sandbox does that")]
    GoesBack {
        /// What it shows.
        now: Timestamp,
    },
    /// It was to be moved to its end or past it, or to go on from there.
    #[error("the clock shows {now} and ends at {end}; move it less far, or reset the sandbox", end = Clock::END)]
    AtEnd {
        /// What it shows.
        now: Timestamp,
    },
}

impl Clock {
    /// The last moment that it shows, 9990-01-01: behind it there is room for what lasts a while from then, such as a window.
    pub const END: Timestamp = Timestamp::from_millis(253_086_768_000_000);
    /// The longest step that a list call may move it ahead by: a year.
    pub const MAX_STEP: Duration = Duration::from_hours(366 * 24);

    /// A running clock that shows the server's time.
    pub fn running(server: Timestamp) -> Self {
        let state = ClockState {
            now: server.min(Self::END),
            mode: ClockMode::Running,
            rate: Rate::REAL,
            step_on_poll: Duration::ZERO,
        };
        Self { state, server, carry: 0 }
    }

    /// Goes on when the server's time is `server`, as if none had passed since it was last asked.
    pub fn resume(&mut self, server: Timestamp) {
        self.server = server;
    }

    /// The latest of the server's times that it was asked at.
    pub fn asked(&self) -> Timestamp {
        self.server
    }

    /// Whether it is `earlier` that has only been read since: what `earlier` shows from now on is what it shows.
    pub fn goes_on_as(&self, earlier: &Self) -> bool {
        let mut earlier = earlier.clone();
        earlier.read(self.server);
        earlier == *self
    }

    /// What it shows when the server's time is `server`.
    pub fn read(&mut self, server: Timestamp) -> Timestamp {
        if self.state.mode == ClockMode::Running {
            let passed = server.since(self.server).as_millis();
            let thousandths = passed * u128::from(self.state.rate.0) + u128::from(self.carry);
            // What would overflow is far beyond the last moment that a clock can show.
            let millis = u64::try_from(thousandths / 1_000).unwrap_or(u64::MAX);
            self.carry = u64::try_from(thousandths % 1_000).unwrap_or(0);
            self.go_on(Duration::from_millis(millis));
        }
        self.server = self.server.max(server);
        self.state.now
    }

    /// What it showed when it was last read.
    pub fn now(&self) -> Timestamp {
        self.state.now
    }

    /// How many of the server's seconds pass from when it was last read until it shows `moment` by itself: rounded up to whole
    /// ones, at least 1. `None` if it never does: it is frozen, or ends before.
    pub fn seconds_until(&self, moment: Timestamp) -> Option<u32> {
        if self.state.mode == ClockMode::Frozen || moment > Self::END {
            return None;
        }
        let thousandths = moment.since(self.state.now).as_millis().saturating_mul(1_000);
        let millis = thousandths.saturating_sub(self.carry.into()).div_ceil(self.state.rate.0.into());
        Some(u32::try_from(millis.div_ceil(1_000)).unwrap_or(u32::MAX).max(1))
    }

    /// What a list call finds it to show: it has moved ahead by [`ClockState::step_on_poll`].
    pub fn poll(&mut self, server: Timestamp) -> Timestamp {
        self.read(server);
        self.go_on(self.state.step_on_poll);
        self.state.now
    }

    /// All of it when the server's time is `server`.
    pub fn state(&mut self, server: Timestamp) -> ClockState {
        self.read(server);
        self.state
    }

    /// Does `change` when the server's time is `server`, and returns what came of it.
    ///
    /// # Errors
    /// It would go back, or past its end; then nothing has changed.
    pub fn change(&mut self, change: ClockChange, server: Timestamp) -> Result<ClockState, ClockRefusal> {
        self.read(server);
        match change {
            ClockChange::Advance(by) => {
                let now = self.state.now.plus(by);
                self.admit(now, !by.is_zero())?;
                self.state.now = now;
            }
            ClockChange::Set(setting) => {
                let now = setting.now.unwrap_or(self.state.now);
                if now < self.state.now {
                    return Err(ClockRefusal::GoesBack { now: self.state.now });
                }
                let goes_on = setting.mode == Some(ClockMode::Running)
                    || setting.rate.is_some()
                    || setting.step_on_poll.is_some_and(|step| !step.is_zero());
                self.admit(now, goes_on || setting.now.is_some())?;
                self.state = ClockState {
                    now,
                    mode: setting.mode.unwrap_or(self.state.mode),
                    rate: setting.rate.unwrap_or(self.state.rate),
                    step_on_poll: setting.step_on_poll.unwrap_or(self.state.step_on_poll),
                };
            }
        }
        Ok(self.state)
    }

    /// Refuses to show `now`, if that is the end, to who wants the clock to go on.
    fn admit(&self, now: Timestamp, goes_on: bool) -> Result<(), ClockRefusal> {
        let refused = goes_on && now >= Self::END;
        if refused { Err(ClockRefusal::AtEnd { now: self.state.now }) } else { Ok(()) }
    }

    /// Moves it ahead; at its end it stands still.
    fn go_on(&mut self, by: Duration) {
        self.state.now = self.state.now.plus(by).min(Self::END).max(self.state.now);
    }

    /// Whether it can have come about by itself and by changes: for one that was read.
    ///
    /// # Errors
    /// What is wrong with which of its fields.
    pub fn check(&self) -> Result<(), Problem> {
        if self.state.now > Self::END {
            return Err(Problem::new("now", format!("must be at most {}, where a clock ends", Self::END)));
        }
        if self.carry >= 1_000 {
            return Err(Problem::new("carry", "must be less than 1000"));
        }
        if self.state.step_on_poll > Self::MAX_STEP {
            let most = Self::MAX_STEP.as_millis();
            return Err(Problem::new("stepOnPollMillis", format!("must be at most {most}, a year")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn shown(clock: &mut Clock, change: ClockChange, server: i64) -> Timestamp {
        clock.change(change, at(server)).unwrap().now
    }

    #[test]
    fn it_runs_with_the_server_jumps_ahead_and_stands_still_when_told() {
        let mut clock = Clock::running(at(1_000));
        assert_eq!(clock.read(at(1_500)), at(1_500));
        assert_eq!(shown(&mut clock, ClockChange::Advance(Duration::from_mins(1)), 2_000), at(62_000));
        assert_eq!(shown(&mut clock, ClockChange::FREEZE, 3_000), at(63_000));
        assert_eq!(clock.read(at(9_000)), at(63_000));
        assert_eq!(shown(&mut clock, ClockChange::RUN, 10_000), at(63_000));
        assert_eq!(clock.read(at(10_250)), at(63_250));
    }

    #[test]
    fn its_rate_loses_nothing_however_often_it_is_read() {
        let rate = "0.333".parse().unwrap();
        let setting = ClockSetting { rate: Some(rate), ..ClockSetting::default() };
        let mut clock = Clock::running(at(0));
        clock.change(ClockChange::Set(setting), at(0)).unwrap();
        let mut seldom = clock.clone();
        for time in 1..=10_000 {
            clock.read(at(time));
        }
        assert_eq!((clock.read(at(10_000)), seldom.read(at(10_000))), (at(3_330), at(3_330)));
    }

    #[test]
    fn a_list_call_moves_it_by_its_step_and_nothing_else_does() {
        let setting = ClockSetting { step_on_poll: Some(Duration::from_secs(30)), ..ClockSetting::default() };
        let mut clock = Clock::running(at(0));
        clock.change(ClockChange::FREEZE, at(0)).unwrap();
        clock.change(ClockChange::Set(setting), at(0)).unwrap();
        assert_eq!(clock.read(at(5)), at(0));
        assert_eq!((clock.poll(at(5)), clock.poll(at(5))), (at(30_000), at(60_000)));
    }

    #[test]
    fn it_does_not_go_back_and_says_what_it_shows() {
        let mut clock = Clock::running(at(5_000));
        let to = |millis, mode| {
            ClockChange::Set(ClockSetting { now: Some(at(millis)), mode, ..ClockSetting::default() })
        };
        let before = clock.clone();
        assert_eq!(
            clock.change(to(4_999, Some(ClockMode::Frozen)), at(5_000)),
            Err(ClockRefusal::GoesBack { now: at(5_000) })
        );
        assert_eq!(clock, before, "a refused change changes nothing");
        assert_eq!(shown(&mut clock, to(5_000, None), 5_000), at(5_000));
        assert_eq!(shown(&mut clock, to(9_000, None), 5_000), at(9_000));
    }

    #[test]
    fn it_is_not_moved_to_its_end_and_stands_still_when_it_has_come_there() {
        let before_end = |millis| at(Clock::END.as_millis() - millis);
        let mut clock = Clock::running(before_end(1_000));
        let set = |setting| ClockChange::Set(setting);
        let past = [
            ClockChange::Advance(Duration::from_secs(1)),
            ClockChange::Advance(Duration::MAX),
            set(ClockSetting { now: Some(Clock::END), ..ClockSetting::default() }),
            set(ClockSetting { now: Some(at(i64::MAX)), ..ClockSetting::default() }),
        ];
        for change in past {
            let unchanged = clock.clone();
            assert_eq!(
                clock.change(change, before_end(1_000)),
                Err(ClockRefusal::AtEnd { now: before_end(1_000) }),
                "{change:?}"
            );
            assert_eq!(clock, unchanged);
        }
        assert_eq!(
            shown(
                &mut clock,
                ClockChange::Advance(Duration::from_millis(999)),
                before_end(1_000).as_millis()
            ),
            before_end(1)
        );
        assert_eq!((clock.read(at(i64::MAX)), clock.poll(at(i64::MAX))), (Clock::END, Clock::END));
        let rate = Some(Rate::REAL);
        for change in [
            ClockChange::RUN,
            ClockChange::Advance(Duration::from_millis(1)),
            set(ClockSetting { rate, ..ClockSetting::default() }),
        ] {
            assert_eq!(
                clock.change(change, at(i64::MAX)),
                Err(ClockRefusal::AtEnd { now: Clock::END }),
                "{change:?}"
            );
        }
        assert!(clock.change(ClockChange::FREEZE, at(i64::MAX)).is_ok());
        assert_eq!(clock.check(), Ok(()));
        // What is handed out there is withheld like anywhere else.
        let until = crate::Window::STANDARD.withheld_until(Clock::END);
        assert!(crate::Window::withholds(until, Clock::END));
    }

    #[test]
    fn rates_are_numbers_of_three_decimals_in_a_range() {
        for (text, shown) in
            [("1", "1"), ("0.001", "0.001"), ("60.50", "60.5"), ("100000", "100000"), ("7.125", "7.125")]
        {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), shown);
        }
        for text in ["0", "0.0", "-1", "100000.001", "0.0001", "1e3", "", ".5", "1.", "99999999999", "NaN"] {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate), "{text:?}");
        }
    }

    #[test]
    fn it_does_not_come_to_what_it_never_shows() {
        let mut clock = Clock::running(at(0));
        assert_eq!(clock.seconds_until(at(Clock::END.as_millis() + 1)), None);
        clock.change(ClockChange::FREEZE, at(0)).unwrap();
        assert_eq!(clock.seconds_until(at(1)), None);
    }

    proptest! {
        #[test]
        fn it_shows_a_moment_after_as_many_seconds_as_it_says_and_not_one_less(
            rate in prop_oneof![1..=Rate::MAX_THOUSANDTHS, 1_u32..5_000], start in 0_i64..5_000, ahead in 1_i64..90_000_000,
        ) {
            let mut clock = Clock::running(at(0));
            let rate = Some(Rate::from_thousandths(rate).unwrap());
            clock.change(ClockChange::Set(ClockSetting { rate, ..ClockSetting::default() }), at(0)).unwrap();
            // By then less than a millisecond may have passed beside what it shows.
            let moment = clock.read(at(start)).plus(Duration::from_millis(ahead.unsigned_abs()));
            let seconds = i64::from(clock.seconds_until(moment).unwrap());
            prop_assert!(clock.clone().read(at(start + seconds * 1_000)) >= moment);
            prop_assert!(seconds == 1 || clock.read(at(start + (seconds - 1) * 1_000)) < moment);
        }

        #[test]
        fn it_never_goes_back_whatever_the_servers_time_does(
            times in prop::collection::vec(any::<i64>(), 1..50), rate in 1..=Rate::MAX_THOUSANDTHS,
        ) {
            let mut clock = Clock::running(at(0));
            let rate = Some(Rate::from_thousandths(rate).unwrap());
            clock.change(ClockChange::Set(ClockSetting { rate, ..ClockSetting::default() }), at(0)).unwrap();
            let mut last = at(0);
            for time in times {
                let now = clock.read(at(time));
                prop_assert!(now >= last);
                last = now;
            }
        }
    }
}

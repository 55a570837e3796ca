//! Clock of a sandbox.

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

/// Rate of a running clock: its seconds in one second of the server's time. 0.001 to 100,000, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(u32);

/// Error: the rate is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 0.001 to 100000, of at most three decimals; to stop the clock, freeze it")]
pub struct InvalidRate;

impl Rate {
    /// The rate of the server's time.
    pub const REAL: Self = Self(1_000);
    const MAX_THOUSANDTHS: u32 = 100_000_000;

    /// The rate of so many thousandths.
    ///
    /// # Errors
    /// The number is 0, or over 100,000,000.
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

/// State of a clock: its time, and how the clock continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClockState {
    /// Its time.
    pub now: Timestamp,
    /// Whether it follows the server's time.
    pub mode: ClockMode,
    /// Its rate while it runs.
    pub rate: Rate,
    /// Step by which each list call moves the clock ahead, before the call reads the time.
    #[serde(with = "millis", rename = "stepOnPollMillis")]
    pub step_on_poll: Duration,
}

/// Clock of a sandbox, which runs or is frozen, and never goes back.
///
/// The clock reads no other clock. Each call passes the server's time, which needs to be only roughly in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    #[serde(flatten)]
    state: ClockState,
    server: Timestamp,
    /// Fraction of a millisecond that has passed, in thousandths.
    #[serde(default)]
    carry: u64,
}

/// Change of a [`Clock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// Change the settings. `None` leaves a setting as it is.
    Set(ClockSetting),
    /// Move ahead.
    Advance(Duration),
}

/// Settings of a clock. `None` leaves a setting as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockSetting {
    /// See [`ClockState::mode`].
    pub mode: Option<ClockMode>,
    /// See [`ClockState::rate`].
    pub rate: Option<Rate>,
    /// New time, not before the present one.
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

/// Refused change, which leaves the clock as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefusal {
    /// The clock would go back.
    #[error("the clock shows {now} and does not go back; only a reset of the sandbox does that")]
    GoesBack {
        /// What it shows.
        now: Timestamp,
    },
    /// The clock would reach its end or go past it, or would run on from there.
    #[error("the clock shows {now} and ends at {end}; move it less far, or reset the sandbox", end = Clock::END)]
    AtEnd {
        /// What it shows.
        now: Timestamp,
    },
}

impl Clock {
    /// End of every clock, 9990-01-01. Timestamps after it leave room for the end of a window, for instance.
    pub const END: Timestamp = Timestamp::from_millis(253_086_768_000_000);
    /// Longest step of a list call: a year.
    pub const MAX_STEP: Duration = Duration::from_hours(366 * 24);

    /// Running clock with the server's time.
    pub fn running(server: Timestamp) -> Self {
        let state = ClockState {
            now: server.min(Self::END),
            mode: ClockMode::Running,
            rate: Rate::REAL,
            step_on_poll: Duration::ZERO,
        };
        Self { state, server, carry: 0 }
    }

    /// Continues at the server's time `server`, as if no time had passed since the last read.
    pub fn resume(&mut self, server: Timestamp) {
        self.server = server;
    }

    /// Latest server's time that was passed to the clock.
    pub fn asked(&self) -> Timestamp {
        self.server
    }

    /// Whether this is `earlier`, only read since, so that both show the same time from now on.
    pub fn goes_on_as(&self, earlier: &Self) -> bool {
        let mut earlier = earlier.clone();
        earlier.read(self.server);
        earlier == *self
    }

    /// Reads the time at the server's time `server`.
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

    /// Time at the last read.
    pub fn now(&self) -> Timestamp {
        self.state.now
    }

    /// Server's seconds from the last read until the clock shows `moment` by itself, rounded up, at least 1. `None` if the
    /// clock is frozen, or ends before.
    pub fn seconds_until(&self, moment: Timestamp) -> Option<u32> {
        if self.state.mode == ClockMode::Frozen || moment > Self::END {
            return None;
        }
        let thousandths = moment.since(self.state.now).as_millis().saturating_mul(1_000);
        let millis = thousandths.saturating_sub(self.carry.into()).div_ceil(self.state.rate.0.into());
        Some(u32::try_from(millis.div_ceil(1_000)).unwrap_or(u32::MAX).max(1))
    }

    /// Reads the time for a list call, after moving the clock ahead by [`ClockState::step_on_poll`].
    pub fn poll(&mut self, server: Timestamp) -> Timestamp {
        self.read(server);
        self.go_on(self.state.step_on_poll);
        self.state.now
    }

    /// State of the clock at the server's time `server`.
    pub fn state(&mut self, server: Timestamp) -> ClockState {
        self.read(server);
        self.state
    }

    /// Makes a change at the server's time `server`, and returns the new state.
    ///
    /// # Errors
    /// The clock would go back, or past its end. Then nothing has changed.
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

    /// Refuses a change that lets the clock run on from its end.
    fn admit(&self, now: Timestamp, goes_on: bool) -> Result<(), ClockRefusal> {
        let refused = goes_on && now >= Self::END;
        if refused { Err(ClockRefusal::AtEnd { now: self.state.now }) } else { Ok(()) }
    }

    /// Moves the clock ahead; at its end it stands still.
    fn go_on(&mut self, by: Duration) {
        self.state.now = self.state.now.plus(by).min(Self::END).max(self.state.now);
    }

    /// Checks a deserialised clock: can it be the result of time and changes?
    ///
    /// # Errors
    /// The problem, with the field.
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

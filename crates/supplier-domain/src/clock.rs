//! A sandbox's own clock.

use std::time::Duration;

use crate::Timestamp;

/// A clock that runs with the server's, or stands still, and never goes back.
///
/// It does not look at the time: whoever asks passes the server's, which only needs to be roughly in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    now: Timestamp,
    server: Timestamp,
    running: bool,
}

/// What can be done to a [`Clock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// Stand still.
    Freeze,
    /// Run with the server's time again, from where it stands.
    Run,
    /// Jump ahead.
    Advance(Duration),
}

impl Clock {
    /// A running clock that shows the server's time.
    pub fn running(server: Timestamp) -> Self {
        Self { now: server, server, running: true }
    }

    /// What it shows when the server's time is `server`.
    pub fn read(&mut self, server: Timestamp) -> Timestamp {
        if self.running {
            self.now = self.now.plus(server.since(self.server));
        }
        self.server = self.server.max(server);
        self.now
    }

    /// Does `change` when the server's time is `server`, and returns what the clock shows then.
    pub fn change(&mut self, change: ClockChange, server: Timestamp) -> Timestamp {
        self.read(server);
        match change {
            ClockChange::Freeze => self.running = false,
            ClockChange::Run => self.running = true,
            ClockChange::Advance(by) => self.now = self.now.plus(by),
        }
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn it_runs_with_the_server_jumps_ahead_and_stands_still_when_told() {
        let mut clock = Clock::running(at(1_000));
        assert_eq!(clock.read(at(1_500)), at(1_500));
        assert_eq!(clock.change(ClockChange::Advance(Duration::from_mins(1)), at(2_000)), at(62_000));
        assert_eq!(clock.change(ClockChange::Freeze, at(3_000)), at(63_000));
        assert_eq!(clock.read(at(9_000)), at(63_000));
        assert_eq!(clock.change(ClockChange::Run, at(10_000)), at(63_000));
        assert_eq!(clock.read(at(10_250)), at(63_250));
    }

    proptest! {
        #[test]
        fn it_never_goes_back_whatever_the_servers_time_does(times in prop::collection::vec(0..10_000_i64, 1..50)) {
            let mut clock = Clock::running(at(times[0]));
            let mut last = at(0);
            for time in times {
                let now = clock.read(at(time));
                prop_assert!(now >= last);
                last = now;
            }
        }
    }
}

//! Delay of a call.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::chance;
use crate::Problem;

/// Delay of a call: fixed, plus a random jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delay {
    fixed_millis: u32,
    jitter_millis: u32,
}

impl Delay {
    /// Longest delay of a call by all faults.
    pub const MAX: Duration = Duration::from_mins(1);
    const MAX_MILLIS: i64 = 60_000;

    /// A delay of `fixed_millis`, and up to `jitter_millis` more: together 1 to 60,000 ms.
    pub fn new(fixed_millis: i64, jitter_millis: i64) -> Result<Self, Vec<Problem>> {
        let in_range = |millis: i64| u32::try_from(millis).ok().filter(|_| millis <= Self::MAX_MILLIS);
        let problem = |field, problem: &str| Problem::new(field, problem);
        match (in_range(fixed_millis), in_range(jitter_millis)) {
            (Some(0), Some(0)) => {
                Err(vec![problem("effect.fixedMillis", "must be 1 or more where there is no jitter")])
            }
            (Some(fixed), Some(jitter)) if fixed + jitter <= 60_000 => {
                Ok(Self { fixed_millis: fixed, jitter_millis: jitter })
            }
            (Some(_), Some(_)) => Err(vec![problem(
                "effect.jitterMillis",
                "must be at most 60000 together with fixedMillis; make one of them shorter",
            )]),
            (fixed, jitter) => {
                let fields = [("effect.fixedMillis", fixed), ("effect.jitterMillis", jitter)];
                let wrong = fields.into_iter().filter(|(_, millis)| millis.is_none());
                Err(wrong.map(|(field, _)| problem(field, "must be an integer from 0 to 60000")).collect())
            }
        }
    }

    /// The fixed part.
    pub fn fixed(self) -> Duration {
        Duration::from_millis(self.fixed_millis.into())
    }

    /// Maximum of the jitter.
    pub fn jitter(self) -> Duration {
        Duration::from_millis(self.jitter_millis.into())
    }

    /// The longest delay: fixed part and jitter.
    pub fn longest(self) -> Duration {
        self.fixed() + self.jitter()
    }

    /// Delay of the `n`-th matching call in whole milliseconds, a function of `seed` and `n`.
    pub fn at(self, seed: u64, n: u64) -> Duration {
        self.fixed() + Duration::from_millis(chance::jitter(seed, n, self.jitter_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_in_range_is_taken_to_the_ends() {
        for (fixed, jitter) in [(0, 1), (1, 0), (60_000, 0), (0, 60_000), (30_000, 30_000)] {
            let delay = Delay::new(fixed, jitter).unwrap();
            let millis = [delay.fixed(), delay.jitter()].map(|it| it.as_millis());
            assert_eq!(millis.map(i64::try_from), [Ok(fixed), Ok(jitter)]);
        }
    }

    proptest! {
        #[test]
        fn a_delay_stays_in_its_range(fixed in 0_i64..=30_000, jitter in 1_i64..=30_000, seed in any::<u64>(), n in any::<u64>()) {
            let delay = Delay::new(fixed, jitter).unwrap();
            let waited = delay.at(seed, n);
            prop_assert!(waited >= delay.fixed() && waited <= delay.longest());
            prop_assert_eq!(waited, delay.at(seed, n));
        }
    }
}

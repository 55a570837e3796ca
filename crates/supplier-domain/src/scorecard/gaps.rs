//! The time between calls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::observation::Observation;

/// When a call was made, by both clocks, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Moment {
    at: i64,
    server: i64,
}

impl Moment {
    pub(super) fn of(observation: &Observation) -> Self {
        Self { at: observation.at.as_millis(), server: observation.server.as_millis() }
    }

    /// By the sandbox's clock.
    pub(super) fn at(self) -> i64 {
        self.at
    }

    /// By the server's clock.
    pub(super) fn server(self) -> i64 {
        self.server
    }

    /// How many milliseconds after `earlier` it is, by the clock that says more: see [`Observation::server`].
    pub(super) fn since(self, earlier: Self) -> u64 {
        let longer = self.at.saturating_sub(earlier.at).max(self.server.saturating_sub(earlier.server));
        u64::try_from(longer).unwrap_or(0)
    }
}

/// Gaps in milliseconds: the shortest and the longest exactly, the median to within one part in 16.
///
/// They are counted in classes of which there are 8 to each doubling, so that a class is at most an eighth as wide as
/// its lower end, and its middle is off by half of that. Whatever is observed, there are fewer than 512 classes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Gaps {
    shortest: Option<u64>,
    longest: u64,
    classes: BTreeMap<u16, u64>,
}

impl Gaps {
    pub(super) fn add(&mut self, gap: u64) {
        self.shortest = Some(self.shortest.map_or(gap, |shortest| shortest.min(gap)));
        self.longest = self.longest.max(gap);
        let count = self.classes.entry(class_of(gap)).or_default();
        *count = count.saturating_add(1);
    }

    /// The shortest gap, if there was any.
    pub(super) fn shortest(&self) -> Option<u64> {
        self.shortest
    }

    /// The median; of an even number of gaps, the lower of the two in the middle.
    pub(super) fn median(&self) -> Option<u64> {
        let shortest = self.shortest?;
        let total = self.classes.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        let mut seen = 0_u64;
        let class = self.classes.iter().find_map(|(class, count)| {
            seen = seen.saturating_add(*count);
            (seen >= total.div_ceil(2)).then_some(*class)
        })?;
        // A class may reach beyond all that it holds.
        Some(middle_of(class).min(self.longest).max(shortest))
    }
}

/// Below 8, each number is its own class; above, a class is a number's magnitude and the 3 bits after its first.
fn class_of(gap: u64) -> u16 {
    let magnitude = gap.max(1).ilog2();
    if magnitude < 3 {
        return u16::try_from(gap).unwrap_or(0);
    }
    let bits = (gap >> (magnitude - 3)) & 7;
    u16::try_from(u64::from(magnitude - 2) * 8 + bits).unwrap_or(u16::MAX)
}

fn middle_of(class: u16) -> u64 {
    let (above, bits) = (u32::from(class) / 8, u64::from(class) % 8);
    let Some(shift) = above.checked_sub(1) else { return bits };
    let shift = shift.min(60);
    ((8 + bits) << shift) + ((1 << shift) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Rules: `practice.polling`.
        #[test]
        fn the_median_is_exact_to_one_part_in_sixteen(mut gaps in prop::collection::vec(any::<u64>().prop_map(|n| n >> (n % 64)), 1..60)) {
            let mut counted = Gaps::default();
            for gap in &gaps {
                counted.add(*gap);
            }
            gaps.sort_unstable();
            let (exact, told) = (gaps[(gaps.len() - 1) / 2], counted.median().unwrap());
            prop_assert!(told.abs_diff(exact) <= exact / 16 + 1, "{} for {}", told, exact);
            prop_assert_eq!(counted.shortest(), Some(gaps[0]));
            prop_assert!(counted.classes.len() < 512);
        }
    }

    #[test]
    fn no_gaps_have_no_median_and_equal_gaps_have_themselves() {
        let mut gaps = Gaps::default();
        assert_eq!(gaps.median(), None);
        for _ in 0..3 {
            gaps.add(1_000);
        }
        assert_eq!(gaps.median(), Some(1_000));
    }
}

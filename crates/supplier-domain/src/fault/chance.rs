//! Probability of a fault, drawn from a random seed.

use serde::{Deserialize, Serialize};

/// Probability of a fault, exactly: 1 to 1,000,000 millionths.
///
/// The draw for the n-th matching call is a number below 2^64, by `SplitMix64` (n counts from 1, arithmetic wraps):
/// `mix(mix(seed) + n × 0x9E3779B97F4A7C15)`. The fault is due if the draw × 1,000,000 is below the millionths × 2^64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Chance(u32);

impl Chance {
    /// Certainty.
    pub const ALWAYS: Self = Self(Self::WHOLE);
    const WHOLE: u32 = 1_000_000;

    /// The probability to the nearest millionth; `None` unless it is above 0 and at most 1.
    pub fn from_probability(probability: f64) -> Option<Self> {
        if !(0.0..=1.0).contains(&probability) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1,000,000")]
        let millionths = (probability * f64::from(Self::WHOLE)).round() as u32;
        Self::try_from(millionths).ok()
    }

    /// The probability in millionths.
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// The probability as a number above 0 and at most 1.
    pub fn probability(self) -> f64 {
        f64::from(self.0) / f64::from(Self::WHOLE)
    }

    /// Whether the fault is due at the `n`-th matching call.
    pub(super) fn strikes(self, seed: u64, n: u64) -> bool {
        below(draw(seed, n), Self::WHOLE.into()) < self.0.into()
    }
}

impl TryFrom<u32> for Chance {
    type Error = &'static str;

    fn try_from(millionths: u32) -> Result<Self, Self::Error> {
        if (1..=Self::WHOLE).contains(&millionths) {
            Ok(Self(millionths))
        } else {
            Err("must be from 1 to 1000000 millionths")
        }
    }
}

impl From<Chance> for u32 {
    fn from(chance: Chance) -> Self {
        chance.0
    }
}

/// A number from 0 to `most`, each as likely, for the `n`-th call, or whatever else is numbered. It tells nothing of [`Chance::strikes`].
pub(crate) fn jitter(seed: u64, n: u64, most: u32) -> u64 {
    below(draw(!seed, n), u64::from(most) + 1)
}

fn draw(seed: u64, n: u64) -> u64 {
    // The seed is mixed first: neighbouring seeds must not give the same draws a call apart.
    mix(mix(seed).wrapping_add(n.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

/// The finishing step of `SplitMix64`.
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// `drawn`, scaled from below 2^64 to below `bound`.
fn below(drawn: u64, bound: u64) -> u64 {
    ((u128::from(drawn) * u128::from(bound)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn struck(chance: Chance, seed: u64, calls: u64) -> Vec<u64> {
        (1..=calls).filter(|n| chance.strikes(seed, *n)).collect()
    }

    #[test]
    fn it_strikes_as_often_as_it_says() {
        for (probability, least, most) in [(0.01, 70, 130), (0.25, 2_350, 2_650), (0.9, 8_900, 9_100)] {
            for seed in [0, 1, 2, 7, 1 << 32, u64::MAX] {
                let count = struck(Chance::from_probability(probability).unwrap(), seed, 10_000).len();
                assert!((least..=most).contains(&count), "{probability} with seed {seed}: {count}");
            }
        }
    }

    /// Recordings and snapshots of earlier versions must meet the same faults.
    #[test]
    fn what_a_seed_gives_never_changes() {
        let half = Chance::from_probability(0.5).unwrap();
        assert_eq!(struck(half, 0, 12), [2, 3, 5, 6, 7, 9, 11]);
        assert_eq!(struck(half, 7, 12), [2, 6, 7, 10, 12]);
        assert_eq!((1..=6).map(|n| jitter(7, n, 100)).collect::<Vec<_>>(), [10, 77, 46, 100, 88, 10]);
    }

    #[test]
    fn a_higher_chance_strikes_wherever_a_lower_one_does() {
        let (low, high) = (Chance(100_000), Chance(400_000));
        let high = struck(high, 3, 1_000);
        assert!(struck(low, 3, 1_000).iter().all(|n| high.contains(n)));
    }

    #[test]
    fn a_probability_is_kept_to_the_millionth() {
        assert_eq!(Chance::from_probability(1.0), Some(Chance::ALWAYS));
        assert_eq!(Chance::from_probability(0.1).map(Chance::millionths), Some(100_000));
        assert_eq!(Chance::from_probability(1.0 / 3.0).map(Chance::millionths), Some(333_333));
        assert_eq!(Chance::from_probability(0.000_001).map(Chance::millionths), Some(1));
        for wrong in [0.0, -0.0, 0.000_000_4, -0.1, 1.000_000_1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Chance::from_probability(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_chance_reads_back(millionths in 1_u32..=1_000_000) {
            let chance = Chance::try_from(millionths).unwrap();
            prop_assert_eq!(Chance::from_probability(chance.probability()), Some(chance));
        }

        #[test]
        fn always_is_always(seed in any::<u64>(), n in any::<u64>()) {
            prop_assert!(Chance::ALWAYS.strikes(seed, n));
        }

        #[test]
        fn jitter_stays_in_its_range(seed in any::<u64>(), n in any::<u64>(), most in any::<u32>()) {
            prop_assert!(jitter(seed, n, most) <= most.into());
        }
    }
}

//! Random draws from a stream. Integers only: floating point differs between platforms.

use std::ops::RangeInclusive;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::scenario::Weights;

impl<T: Copy> Weights<T> {
    /// A random value by weight.
    pub(super) fn draw(&self, stream: &mut ChaCha8Rng) -> T {
        let total: u32 = self.0.iter().map(|(_, weight)| weight).sum();
        let mut left = stream.random_range(0..total);
        for (value, weight) in &self.0 {
            match left.checked_sub(*weight) {
                None => return *value,
                Some(rest) => left = rest,
            }
        }
        unreachable!("what was drawn is below the sum of the weights")
    }
}

/// A random number in `range`. Small numbers are far more common: each power of two above the minimum is equally likely.
pub(super) fn mostly_small(range: &RangeInclusive<u32>, stream: &mut ChaCha8Rng) -> u32 {
    let span = range.end() - range.start();
    let bits = u32::BITS - span.leading_zeros();
    let width = 1_u32.checked_shl(stream.random_range(0..=bits)).map_or(span, |power| (power - 1).min(span));
    range.start() + stream.random_range(0..=width)
}

/// `count` different random numbers below `below`, which is at least `count` (Floyd's algorithm).
pub(super) fn distinct(count: u32, below: u32, stream: &mut ChaCha8Rng) -> Vec<u32> {
    let mut chosen = Vec::with_capacity(count as usize);
    for last in below.saturating_sub(count)..below {
        let drawn = stream.random_range(0..=last);
        chosen.push(if chosen.contains(&drawn) { last } else { drawn });
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeding::streams::Streams;
    use proptest::prelude::*;

    #[test]
    fn weights_say_how_often() {
        let weights = Weights(vec![("never", 0), ("often", 3), ("seldom", 1), ("neither", 0)]);
        let mut stream = Streams::new(1).of("weights");
        let drawn: Vec<_> = (0..4000).map(|_| weights.draw(&mut stream)).collect();
        let often = drawn.iter().filter(|value| **value == "often").count();
        let seldom = drawn.iter().filter(|value| **value == "seldom").count();
        assert_eq!(often + seldom, 4000);
        assert!((2800..3200).contains(&often), "{often}");
    }

    #[test]
    fn small_quantities_are_common_and_large_ones_occur() {
        let mut stream = Streams::new(1).of("quantities");
        let drawn: Vec<_> = (0..4000).map(|_| mostly_small(&(1..=1000), &mut stream)).collect();
        let up_to_ten = drawn.iter().filter(|quantity| **quantity <= 10).count();
        let above_five_hundred = drawn.iter().filter(|quantity| **quantity > 500).count();
        assert!((1600..2400).contains(&up_to_ten), "{up_to_ten}");
        assert!(above_five_hundred > 100, "{above_five_hundred}");
    }

    proptest! {
        #[test]
        fn every_draw_is_in_its_range(least in any::<u32>(), most in any::<u32>(), seed in any::<u64>()) {
            let range = least.min(most)..=least.max(most);
            let mut stream = Streams::new(seed).of("range");
            prop_assert!(range.contains(&mostly_small(&range, &mut stream)));
        }

        #[test]
        fn distinct_numbers_differ_and_are_as_many_as_asked_for(
            below in 1_u32..50, part in 0_u32..50, seed in any::<u64>(),
        ) {
            let count = part.min(below);
            let mut chosen = distinct(count, below, &mut Streams::new(seed).of("distinct"));
            chosen.sort_unstable();
            chosen.dedup();
            prop_assert_eq!(chosen.len(), count as usize);
            prop_assert!(chosen.iter().all(|number| *number < below));
        }
    }
}

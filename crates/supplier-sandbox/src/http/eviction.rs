//! Eviction: which connections to close when clients hold too much memory.

use std::cmp::Reverse;
use std::time::Duration;

/// Time that the server waits for a client before it may close the connection. Every client is slow now and then.
pub(super) const PATIENCE: Duration = Duration::from_millis(100);

/// Candidate: a connection that may be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Bytes that it holds.
    pub(super) held: usize,
    /// Milliseconds that the server has waited for the client; 0 if the client reads, or waits for the server.
    pub(super) waited: u64,
}

/// Whether the client is to blame, after the server has waited for it this many milliseconds.
pub(super) fn is_blamed(waited: u64) -> bool {
    u128::from(waited) >= PATIENCE.as_millis()
}

/// Indexes of the candidates to close, so that at most `most` of `used` bytes remain: first those that hold most for
/// longest, and at most half of those that are to blame.
pub(super) fn choose(candidates: &[Candidate], used: usize, most: usize) -> Vec<usize> {
    // Closing a small connection frees little: those below half of the average hold less than half of the memory together.
    let little = (used / (2 * candidates.len().max(1))).max(1);
    let is_eligible = |candidate: &Candidate| candidate.held >= little && is_blamed(candidate.waited);
    let mut eligible: Vec<_> =
        (0..candidates.len()).filter(|&index| is_eligible(&candidates[index])).collect();
    eligible.sort_by_key(|&index| {
        let Candidate { held, waited } = candidates[index];
        Reverse(u128::from(waited) * held as u128)
    });
    // New connections hold memory too, and cannot be chosen yet. A client that was slow only for a moment comes late in this
    // order, and has time to read before the next choice.
    eligible.truncate(eligible.len().div_ceil(2));
    let mut left = used;
    eligible
        .into_iter()
        .take_while(|&index| {
            let is_needed = left > most;
            left = left.saturating_sub(candidates[index].held);
            is_needed
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_clients_that_hold_much_for_long_are_closed_and_no_more_than_needed(
            candidates in vec((0_usize..1_000_000, 0_u64..1_000), 0..50),
            most in 0_usize..10_000_000,
        ) {
            let candidates: Vec<_> =
                candidates.into_iter().map(|(held, waited)| Candidate { held, waited }).collect();
            let used: usize = candidates.iter().map(|candidate| candidate.held).sum();
            let chosen = choose(&candidates, used, most);
            let freed = |chosen: &[usize]| chosen.iter().map(|&index| candidates[index].held).sum::<usize>();
            for &index in &chosen {
                let Candidate { held, waited } = candidates[index];
                prop_assert!(waited >= 100 && held * 2 * candidates.len() + 2 * candidates.len() > used);
            }
            if let Some((_, needed)) = chosen.split_last() {
                prop_assert!(used - freed(needed) > most, "the last one was not needed");
            }
            let blamed = candidates.iter().filter(|candidate| candidate.waited >= 100).count();
            prop_assert!(chosen.len() <= blamed.div_ceil(2));
        }
    }

    #[test]
    fn those_that_hold_most_for_longest_go_first() {
        let of = |held, waited| Candidate { held, waited };
        let candidates = [of(300, 150), of(400, 200), of(300, 900), of(1_000, 99), of(1, 5_000)];
        assert_eq!(choose(&candidates, 2_001, 0), [2, 1]);
        assert_eq!(choose(&candidates, 2_001, 1_800), [2]);
        assert_eq!(choose(&candidates, 2_001, 2_001), [0_usize; 0]);
    }
}

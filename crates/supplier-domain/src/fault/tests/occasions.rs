//! Calls that a fault strikes: `every`, `times`, `probability`.

use std::num::NonZeroU64;
use std::time::Duration;

use super::super::{Chance, Effect, Faults, NewFault, Occasions, When};
use super::{Callers, armed, at, clock, counts, ids, not_found};

fn occasions(times: u64, every: u64, probability: f64) -> Occasions {
    Occasions {
        times: NonZeroU64::new(times),
        skip: 0,
        every: NonZeroU64::new(every).unwrap(),
        chance: Chance::from_probability(probability).unwrap(),
    }
}

/// At which of so many calls the only fault of the plan fires, from the next call on.
fn struck(plan: &mut Faults, calls: u64) -> Vec<u64> {
    let callers = Callers::new();
    let call = callers.list();
    (1..=calls).filter(|_| !plan.decide(&call, &clock(0)).fired.is_empty()).collect()
}

fn fault(occasions: Occasions, seed: u64) -> NewFault {
    NewFault { occasions, seed: Some(seed), ..NewFault::new(not_found()) }
}

#[test]
fn times_and_every_say_at_which_calls_it_fires() {
    let cases = [
        ((0, 1), vec![1, 2, 3, 4, 5, 6, 7, 8]),
        ((2, 1), vec![1, 2]),
        ((0, 3), vec![3, 6]),
        ((1, 3), vec![3]),
        ((3, 4), vec![4, 8]),
        ((0, 9), vec![]),
    ];
    for ((times, every), expected) in cases {
        let (mut plan, _) = armed([fault(occasions(times, every, 1.0), 0)]);
        assert_eq!(struck(&mut plan, 8), expected, "{times} times, every {every}");
        assert_eq!(counts(&plan), [(8, expected.len() as u64)]);
    }
}

#[test]
fn a_probability_strikes_so_many_of_ten_thousand_calls() {
    for seed in [0, 1, 2, 42, u64::MAX] {
        let (mut plan, _) = armed([fault(occasions(0, 1, 0.3), seed)]);
        let count = struck(&mut plan, 10_000).len();
        assert!((2_850..=3_150).contains(&count), "seed {seed}: {count}");
        let (mut plan, _) = armed([fault(occasions(100, 5, 0.3), seed)]);
        let calls = struck(&mut plan, 10_000);
        assert_eq!(calls.len(), 100);
        assert!(calls.iter().all(|n| n % 5 == 0), "seed {seed}: {calls:?}");
        let last = calls[99];
        assert!((1_200..=2_300).contains(&last), "seed {seed}: the hundredth was at {last}");
    }
}

#[test]
fn seeds_differ_and_a_fault_without_one_has_its_number() {
    let half = |seed| NewFault { seed, ..fault(occasions(0, 1, 0.5), 0) };
    let alone = |fault| struck(&mut armed([fault]).0, 64);
    assert_eq!(alone(half(None)), alone(half(Some(1))));
    assert_ne!(alone(half(Some(1))), alone(half(Some(2))));
}

#[test]
fn a_delay_differs_from_call_to_call_and_is_the_same_again() {
    let callers = Callers::new();
    let delays = |seed| {
        let jittery =
            NewFault { seed: Some(seed), ..NewFault::new(Effect::delay(100, 900, When::Before).unwrap()) };
        let (mut plan, _) = armed([jittery]);
        (0..200).map(|_| plan.decide(&callers.list(), &clock(0)).delay_before).collect::<Vec<_>>()
    };
    let [least, low, high, most] = [100, 200, 900, 1_000].map(Duration::from_millis);
    let first = delays(1);
    assert!(first.iter().all(|delay| (least..=most).contains(delay)), "{first:?}");
    assert!(first.iter().min() < Some(&low) && first.iter().max() > Some(&high));
    assert_eq!(first, delays(1));
    assert_ne!(first, delays(2));
}

#[test]
fn a_delay_is_that_of_the_calls_number() {
    let callers = Callers::new();
    let delay = crate::fault::Delay::new(0, 1_000).unwrap();
    let jittery = NewFault {
        occasions: occasions(0, 2, 1.0),
        seed: Some(9),
        ..NewFault::new(Effect::Delay { delay, when: When::Before })
    };
    let (mut plan, _) = armed([jittery]);
    for n in 1..=20 {
        let expected = if n % 2 == 0 { delay.at(9, n) } else { Duration::ZERO };
        assert_eq!(plan.decide(&callers.list(), &clock(0)).delay_before, expected, "call {n}");
    }
}

#[test]
fn a_rate_limit_counts_the_calls_at_which_it_is_not_due() {
    let every_second =
        NewFault { occasions: occasions(2, 2, 1.0), ..NewFault::new(Effect::rate_limit(1, 60).unwrap()) };
    let (mut plan, _) = armed([every_second]);
    assert_eq!(struck(&mut plan, 10), [2, 4]);
}

#[test]
fn it_strikes_to_the_last_millisecond_of_its_time_and_no_longer() {
    let callers = Callers::new();
    let brief = NewFault { ttl: Some(Duration::from_secs(5)), ..NewFault::new(not_found()) };
    let (mut plan, [id]) = armed([brief]);
    assert_eq!(ids(&plan.decide(&callers.list(), &clock(4_999))), [id]);
    assert_eq!(plan.armed(at(4_999)).count(), 1);
    assert_eq!(plan.armed(at(5_000)).count(), 0);
    assert_eq!(ids(&plan.decide(&callers.list(), &clock(5_000))), []);
    assert!(plan.is_empty());
}

#[test]
fn one_that_fired_for_the_last_time_keeps_its_counts() {
    let (mut plan, _) = armed([fault(occasions(1, 1, 1.0), 0)]);
    assert_eq!(struck(&mut plan, 20), [1]);
    assert_eq!(counts(&plan), [(20, 1)]);
}

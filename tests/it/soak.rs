//! Much at once, and for long.
//!
//! `SUPPLIER_SOAK` says how much: unset, what a laptop does beside the other tests; `full`, the figures that a release
//! has to pass; a number, that many percent of them.
//!
//! `PROPTEST_RNG_SEED` is the first of the random seeds, of property tests and of the contract suite's runs alike:
//! 1 unless it is set, so that every run of the tests is the same.

mod drain;
mod fragments;
/// The same that the server's own tests use.
#[path = "../../crates/supplier-sandbox/tests/it/frames.rs"]
mod frames;
mod noise;
mod requests;
mod storm;
mod tally;
mod writers;

use std::env;
use std::ops::Range;

/// How many of something, given how many unless told otherwise and how many in full.
pub(crate) fn figure(usual: usize, full: usize) -> usize {
    match env::var("SUPPLIER_SOAK") {
        Err(_) => usual,
        Ok(told) if told == "full" => full,
        Ok(told) => match told.parse::<usize>() {
            Ok(percent) if percent > 0 => (full * percent / 100).max(1),
            _ => panic!("SUPPLIER_SOAK is {told:?}: leave it unset, or write `full` or a number of percent"),
        },
    }
}

/// The first random seed.
pub(crate) fn first_seed() -> u64 {
    match env::var("PROPTEST_RNG_SEED") {
        Err(_) => 1,
        Ok(told) => {
            told.parse().unwrap_or_else(|_| panic!("PROPTEST_RNG_SEED is {told:?}, and no whole number"))
        }
    }
}

/// So many random seeds, given how many unless told otherwise and how many in full.
pub(crate) fn seeds(usual: usize, full: usize) -> Range<u64> {
    let first = first_seed();
    first..first + figure(usual, full) as u64
}

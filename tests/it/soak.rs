//! Much at once, and for long.
//!
//! `SUPPLIER_SOAK` says how much: unset, what a laptop does beside the other tests; `full`, the figures that a release
//! has to pass; a number, that many percent of them.

mod drain;
mod fragments;
mod noise;
mod requests;
mod tally;
mod writers;

use std::env;

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

//! Words that count.

use std::fmt::Display;

/// A number and what it counts: `1 check`, `2 checks`. The last word of `noun` is a regular one.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let ending = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

//! Wording of counts: "1 order", "2 orders".

use std::fmt::Display;

/// A number with its noun: `1 poll`, `2 polls`, `2 deliveries`. The last word of `noun` must have a regular plural.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    if count == N::from(1) {
        return format!("{count} {noun}");
    }
    match noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

/// `was` or `were`, by number.
pub fn was<N: Copy + PartialEq + From<u8>>(count: N) -> &'static str {
    if count == N::from(1) { "was" } else { "were" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_all_other_numbers_are_not() {
        assert_eq!(
            [0, 1, 2].map(|count| counted(count, "account")),
            ["0 accounts", "1 account", "2 accounts"]
        );
        assert_eq!(counted(2_u64, "more delivery"), "2 more deliveries");
        assert_eq!(counted(3_u8, "day"), "3 days");
        assert_eq!([0, 1, 2].map(was), ["were", "was", "were"]);
    }
}

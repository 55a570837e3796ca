//! Tests draw the same random values on every run.

use proptest::test_runner::{Config, RngSeed};

use crate::soak::first_seed;

#[test]
fn property_tests_have_a_fixed_seed() {
    assert_eq!(Config::default().rng_seed, RngSeed::Fixed(first_seed()), "`.cargo/config.toml` sets it");
}

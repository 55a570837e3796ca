//! Scenario texts, read and seeded.

use supplier_domain::World;
use supplier_seed::{Scenario, derived_fingerprint_key};

/// The text of the scenario `default`.
pub(crate) const DEFAULT: &str = include_str!("../../../../fixtures/scenarios/default.toml");

/// The built-in scenario of that name.
pub(crate) fn builtin(name: &str) -> Scenario {
    Scenario::builtin(name).expect("a built-in scenario")
}

/// The world of a scenario under a seed.
pub(crate) fn world(scenario: &Scenario, seed: u64) -> World {
    scenario.seed(seed, &derived_fingerprint_key(seed))
}

/// The world of a scenario's text under seed 1.
pub(crate) fn world_of(text: &str) -> World {
    world(&Scenario::parse("test.toml", text).expect("a sound text"), 1)
}

/// A text with `from`, which must stand in it once, replaced by `to`.
pub(crate) fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} does not stand once in the text");
    text.replace(from, to)
}

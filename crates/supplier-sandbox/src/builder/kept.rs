//! Check that a stored default sandbox has the scenario and seed that the options name.

use supplier_control::DefaultSandbox;
use supplier_seed::{BUILTIN, Scenario};

/// The scenario and seed of a stored default sandbox, and the options that differ; `None` if nothing differs. `scenario`
/// (name and scenario) and `seed` are `None` if no option names them.
pub(super) fn difference(
    default: &DefaultSandbox,
    scenario: Option<(&str, &Scenario)>,
    seed: Option<u64>,
) -> Option<(String, String)> {
    let info = &default.info;
    let scenario = scenario.filter(|_| !default.is_of_scenario);
    let seed = seed.filter(|seed| *seed != info.seed);
    if scenario.is_none() && seed.is_none() {
        return None;
    }
    let is_builtin = |name: &str| BUILTIN.contains(&name);
    let held = match &*info.scenario {
        name if is_builtin(name) => format!("the scenario {name:?}"),
        _ if scenario.is_some_and(|(name, _)| !is_builtin(name)) => "another scenario file".to_owned(),
        _ => "a scenario file".to_owned(),
    };
    let asked = scenario.map(|(name, scenario)| match name {
        name if is_builtin(name) => format!("the scenario {name:?}"),
        _ => format!("the scenario file with the title {:?}", scenario.title()),
    });
    let asked: Vec<_> = asked.into_iter().chain(seed.map(|seed| format!("the seed {seed}"))).collect();
    Some((format!("{held} and the seed {}", info.seed), asked.join(" and ")))
}

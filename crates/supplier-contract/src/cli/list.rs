//! `supplier-contract list`

use std::fmt::Write as _;
use std::io::Write;

use crate::check::Check;
use crate::checks::{registry, untestable};
use crate::counted::counted;
use crate::provision::Need;
use clap::Args;
use serde_json::{Value, json};
use supplier_rulebook::{self as rulebook, GROUPS, Group, Level, Rule, RuleId};

use super::exit::{self, Failure};
use super::print;
use super::text::wrap;

#[derive(Args)]
pub(super) struct Options {
    /// List only the rules
    #[arg(long, conflicts_with = "checks")]
    rules: bool,
    /// List only the checks
    #[arg(long)]
    checks: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Lists rules and checks.
pub(super) fn list(options: &Options, out: &mut dyn Write) -> Result<u8, Failure> {
    let (rules, checks) = (!options.checks, !options.rules);
    let text = if options.json { as_json(rules, checks) } else { as_text(rules, checks) };
    print(out, &text)?;
    Ok(exit::CONFORMS)
}

/// The checks that test a rule.
pub(super) fn checks_of(rule: RuleId) -> impl Iterator<Item = &'static Check> {
    registry().filter(move |check| check.info.rules.contains(&rule))
}

/// What a check takes of a target's orders where it has no sandbox of its own.
pub(super) fn takes(check: &Check) -> String {
    let orders = |number: u32| counted(number, "order");
    match (check.withholds, check.changes) {
        (0, 0) => "withholds and changes no order".to_owned(),
        (withholds, 0) => format!("withholds up to {}, changes none", orders(withholds)),
        (0, changes) => format!("withholds no order, changes up to {changes}"),
        (withholds, changes) => format!("withholds up to {}, changes up to {changes}", orders(withholds)),
    }
}

/// What a check needs, in words that reports have too.
pub(super) fn needs(needs: &[Need]) -> String {
    if needs.is_empty() {
        return "nothing but the target".to_owned();
    }
    needs.iter().map(|need| need.as_str()).collect::<Vec<_>>().join(", ")
}

fn as_text(rules: bool, checks: bool) -> String {
    let mut text = String::new();
    if rules {
        for group in GROUPS {
            rules_of(&mut text, group);
        }
    }
    if checks {
        text.push_str("Checks\n");
        for check in registry() {
            let kind = check.info.kind.as_str();
            // Writing to a text cannot fail.
            let _ = writeln!(text, "  {}  [{kind}]", check.info.id);
            wrap(&mut text, "      ", check.info.title);
            wrap(&mut text, "      ", &format!("needs: {}; {}", needs(check.needs), takes(check)));
        }
    }
    text
}

fn rules_of(text: &mut String, group: &Group) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{}", group.title);
    for rule in group.rules {
        let _ = writeln!(text, "  {}  [{}]", rule.id, rule.level);
        wrap(text, "      ", rule.title);
        wrap(text, "      ", &tested_by(rule));
    }
    text.push('\n');
}

fn tested_by(rule: &Rule) -> String {
    let checks: Vec<_> = checks_of(rule.id).map(|check| check.info.id).collect();
    match untestable(rule.id) {
        _ if rule.level == Level::Observed => "a practice of clients: no target is tested for it".to_owned(),
        Some(why) if checks.is_empty() => format!("not tested: {why}"),
        _ if checks.is_empty() => "tested: by no check of its own".to_owned(),
        _ => format!("tested: {}", checks.join(", ")),
    }
}

fn as_json(rules: bool, checks: bool) -> String {
    let mut listed = json!({ "rulebook": rulebook::VERSION });
    if rules {
        listed["rules"] =
            GROUPS.iter().flat_map(|group| group.rules.iter().map(|rule| rule_json(group, rule))).collect();
    }
    if checks {
        listed["checks"] = registry().map(check_json).collect();
    }
    format!("{listed:#}\n")
}

fn rule_json(group: &Group, rule: &Rule) -> Value {
    json!({
        "id": rule.id.as_str(),
        "group": group.prefix,
        "level": rule.level.as_str(),
        "title": rule.title,
        "section": rule.section.heading(),
        "checks": checks_of(rule.id).map(|check| check.info.id).collect::<Vec<_>>(),
        "untestable": untestable(rule.id),
    })
}

fn check_json(check: &Check) -> Value {
    json!({
        "id": check.info.id,
        "title": check.info.title,
        "kind": check.info.kind.as_str(),
        "rules": check.info.rules.iter().map(|rule| rule.as_str()).collect::<Vec<_>>(),
        "needs": check.needs.iter().map(|need| need.as_str()).collect::<Vec<_>>(),
        "withholds": check.withholds,
        "changes": check.changes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_and_every_check_is_listed() {
        let (text, json) = (as_text(true, true), as_json(true, true));
        let listed: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(listed["rules"].as_array().unwrap().len(), rulebook::rules().count());
        assert_eq!(listed["checks"].as_array().unwrap().len(), registry().count());
        for id in crate::names::of_rules_and_checks() {
            assert!(text.contains(&format!("  {id}  [")), "{id}");
        }
    }

    #[test]
    fn either_can_be_had_alone() {
        assert!(!as_text(true, false).contains("\nChecks\n"));
        assert!(as_text(false, true).starts_with("Checks\n"));
        let listed: Value = serde_json::from_str(&as_json(false, true)).unwrap();
        assert!(listed.get("rules").is_none() && listed.get("checks").is_some());
    }
}

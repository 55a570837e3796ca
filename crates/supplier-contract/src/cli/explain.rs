//! `supplier-contract explain`

use std::fmt::Write as _;
use std::io::Write;

use crate::check::Check;
use crate::checks::{registry, untestable};
use crate::{names, profile};
use clap::Args;
use supplier_rulebook::{self as rulebook, Level, Rule};

use super::exit::{self, Failure};
use super::list::{checks_of, needs, takes};
use super::print;
use super::text::wrap;

#[derive(Args)]
pub(super) struct Options {
    /// Rule, such as list.window, or check; `list` shows all of them
    #[arg(value_name = "RULE|CHECK")]
    id: String,
}

/// Explains a rule or a check, without a target.
pub(super) fn explain(options: &Options, out: &mut dyn Write) -> Result<u8, Failure> {
    let id = options.id.as_str();
    let text = match (rulebook::find(id), registry().find(|check| check.info.id == id)) {
        (Some(rule), _) => rule_text(rule),
        (None, Some(check)) => check_text(check),
        (None, None) => {
            let remedy = names::remedy(id, names::of_rules_and_checks());
            return Err(Failure::usage(format!("{id:?} is no rule and no check; {remedy}")));
        }
    };
    print(out, &text)?;
    Ok(exit::CONFORMS)
}

fn rule_text(rule: &'static Rule) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{} — {}\n", rule.id, rule.title);
    wrap(&mut text, "Level:   ", &format!("{}: {}", rule.level, meaning(rule.level)));
    let _ = writeln!(text, "Section: {}\n", rule.section.heading());
    wrap(&mut text, "  ", rule.text);
    text.push_str("\nHow it is tested\n");
    how_tested(&mut text, rule);
    text.push_str("\nHow to mend it\n");
    wrap(&mut text, "  ", &how_to_mend(rule));
    text.push_str("\nHow to silence it\n");
    how_to_silence(&mut text, rule);
    text
}

fn meaning(level: Level) -> &'static str {
    match level {
        Level::Stated => "the guide says so in words; a target that does otherwise fails",
        Level::Implied => {
            "it follows from the guide's examples, or what it states cannot be kept without it; a target that does \
             otherwise fails"
        }
        Level::Chosen => {
            "the guide is silent or can be read in two ways, and this project chose; a target that does otherwise is \
             warned of, and fails with --strict"
        }
        Level::Observed => "what good clients do",
    }
}

/// Whether rehearsals judge a worker by the rule.
fn is_of_rehearsals(rule: &Rule) -> bool {
    rule.id.as_str().starts_with("rehearsal.")
}

fn how_tested(text: &mut String, rule: &Rule) {
    if rule.level == Level::Observed {
        let told = if is_of_rehearsals(rule) {
            "Not here: `supplier-sandbox rehearse` runs a worker while its calls go wrong, and tells how the worker breaks it."
        } else {
            "Not here: a sandbox judges its clients by it, and `supplier-sandbox scorecard` tells how."
        };
        wrap(text, "  ", told);
        return;
    }
    let mut any = false;
    for check in checks_of(rule.id) {
        any = true;
        let _ = writeln!(text, "  {}  [{}]", check.info.id, check.info.kind.as_str());
        wrap(text, "      ", check.info.title);
        wrap(text, "      ", &format!("needs: {}; {}", needs(check.needs), takes(check)));
    }
    match untestable(rule.id) {
        Some(why) if !any => wrap(text, "  ", &format!("By no check: {why}.")),
        _ if !any => {
            wrap(text, "  ", "By no check of its own: wherever an answer shows it, it is looked at.");
        }
        _ => {}
    }
}

/// What the target, or a client, would have to do.
fn how_to_mend(rule: &Rule) -> String {
    let (id, section) = (rule.id, rule.section.heading());
    if is_of_rehearsals(rule) {
        return format!(
            "The worker has to do so; the guide is about it in “{section}”. A rehearsal's finding shows the calls, and says what to \
             change."
        );
    }
    if rule.level == Level::Observed {
        return format!(
            "The client has to do so; the guide is about it in “{section}”. A sandbox's scorecard shows the calls."
        );
    }
    format!(
        "Run `--only {id}`: the script that comes with a finding shows the calls and ends with 1 as long as the rule is \
         broken. Make the target do what the rule says (the guide is about it in “{section}”) until the script ends with 0."
    )
}

fn how_to_silence(text: &mut String, rule: &Rule) {
    match rule.level {
        Level::Chosen => {
            wrap(
                text,
                "  ",
                "If the target decided otherwise, say so in a profile (--profile, or [profile] in contract.toml):",
            );
            for claim in std::iter::once(rule.id.into()).chain(profile::parts(rule.id)) {
                let options = profile::options(claim).iter().copied();
                for (option, meaning) in options.chain([(profile::UNCHECKED, "it is not tested")]) {
                    wrap(text, &format!("    \"{claim}\" = {option:?}  "), meaning);
                }
            }
            wrap(text, "  ", "`supplier-contract observe` writes one from what a target is seen to do.");
        }
        Level::Observed => wrap(text, "  ", "There is nothing to silence: no target fails by it."),
        Level::Stated | Level::Implied => {
            wrap(
                text,
                "  ",
                "It cannot be chosen. A failure that is known can be accepted until a day, in a baseline (--baseline, \
                 or in contract.toml):",
            );
            let _ = writeln!(
                text,
                "    [[accept]]\n    rule = \"{}\"\n    until = \"2027-01-31\"\n    reason = \"…\"",
                rule.id
            );
        }
    }
}

fn check_text(check: &'static Check) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{}\n", check.info.id);
    wrap(&mut text, "Finds out: ", check.info.title);
    wrap(&mut text, "Kind:      ", check.info.kind.as_str());
    wrap(&mut text, "Takes:     ", &format!("{}, where it has no sandbox of its own", takes(check)));
    text.push_str("\nRules\n");
    for rule in check.info.rules {
        let title = rulebook::find(rule.as_str()).map_or("", |rule| rule.title);
        wrap(&mut text, &format!("  {rule}  "), title);
    }
    text.push_str("\nNeeds\n");
    if check.needs.is_empty() {
        text.push_str("  Nothing but the target.\n");
    }
    for need in check.needs {
        wrap(
            &mut text,
            &format!("  {}  ", need.as_str()),
            &format!("where it is missing: {}", need.remedy()),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(id: &str) -> Result<String, Failure> {
        let mut out = Vec::new();
        explain(&Options { id: id.to_owned() }, &mut out).map(|_| String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_rule_and_every_check_is_explained() {
        for rule in rulebook::rules() {
            let text = explained(rule.id.as_str()).unwrap();
            for part in [rule.title, rule.section.heading(), "How to mend", "How to silence"] {
                assert!(text.contains(part), "{}: {part}", rule.id);
            }
            for (option, _) in profile::options(rule.id) {
                assert!(text.contains(&format!("{option:?}")), "{}: {option}", rule.id);
            }
        }
        for check in registry() {
            let text = explained(check.info.id).unwrap();
            assert!(check.info.rules.iter().all(|rule| text.contains(rule.as_str())), "{text}");
        }
    }

    #[test]
    fn what_is_neither_brings_suggestions() {
        let failure = explained("list.windo").unwrap_err();
        assert_eq!(failure.code, exit::USAGE);
        assert!(failure.to_string().contains("list.window"), "{failure}");
        let hostile = explained("\u{1b}[2J").unwrap_err().to_string();
        assert!(!hostile.contains('\u{1b}'), "{hostile}");
    }
}

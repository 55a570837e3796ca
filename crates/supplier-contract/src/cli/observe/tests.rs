//! Tests of what is observed.

use super::*;
use crate::checks::registry;
use crate::cli::made;
use crate::outcome::{CheckReport, Finding};
use crate::script::{Expect, Script};
use std::collections::BTreeSet;
use std::time::Duration;

/// What a target that chose so would be reported as.
fn report(only: &[RuleId], profile: &Profile, target: &BTreeMap<RuleId, &str>) -> Report {
    let keeps = |rule: RuleId| target.get(&rule).is_none_or(|choice| *choice == profile.of(rule));
    let verdicts: Vec<_> =
        only.iter().map(|&rule| (rule, if keeps(rule) { Verdict::Pass } else { Verdict::Warn })).collect();
    let mut report = made::report(&verdicts);
    let check = registry().next().unwrap();
    let finding = |rule: RuleId| Finding {
        rule,
        part: "",
        verdict: Verdict::Warn,
        check: check.info.id,
        expected: "a\n\"line\" = 1".to_owned(),
        got: "b\u{7}\n[table]".to_owned(),
        script: Script { steps: Vec::new(), judged: 0, expect: Expect::Answered },
        shell: String::new(),
        reproduced: None,
        ends: true,
        follows: None,
        accepted_until: None,
    };
    let broken = only.iter().copied().filter(|rule| !keeps(*rule)).map(finding).collect();
    report.checks.push(CheckReport {
        check: check.info,
        verdict: Verdict::Warn,
        findings: broken,
        reason: None,
        left_out: None,
        cases: 1,
        calls: 1,
        took: Duration::ZERO,
    });
    report
}

async fn observed(target: &BTreeMap<RuleId, &str>) -> (BTreeMap<Claim, Seen>, String) {
    let look = async |only: &[RuleId], profile: &Profile| Ok(report(only, profile, target));
    let seen = choices(look).await.unwrap();
    let text = written("http://127.0.0.1:1", &seen);
    (seen, text)
}

#[tokio::test]
async fn what_a_target_chose_is_found_and_can_be_read_again() {
    let target = BTreeMap::from([
        (rulebook::LIST_LIMIT_RANGE, "default"),
        (rulebook::LIST_ORDER, "by chance"),
        (rulebook::ERROR_DETAILS, "none"),
    ]);
    let (seen, text) = observed(&target).await;
    assert_eq!(seen[&rulebook::LIST_LIMIT_RANGE.into()], Seen::Keeps(Some("default")));
    assert_eq!(seen[&rulebook::LIST_OFFSET_RANGE.into()], Seen::Keeps(Some("refuse")));
    let profile = Profile::parse(&text).unwrap();
    assert_eq!(profile.of(rulebook::LIST_LIMIT_RANGE), "default");
    assert!(!profile.checks(rulebook::LIST_ORDER) && !profile.checks(rulebook::ERROR_DETAILS));
    let named: BTreeSet<_> = profile.choices().map(|(rule, _)| rule).collect();
    assert_eq!(named.len(), crate::profile::CHOICES.len() + 1, "{text}");
    assert!(!text.contains('\u{7}'));
}

#[tokio::test]
async fn a_target_that_clamps_is_not_said_to_refuse() {
    for (choice, told) in [("clamp", "clamp"), ("default", "default"), ("refuse", "refuse")] {
        let look = async |only: &[RuleId], profile: &Profile| {
            // The first option takes all of them.
            let lenient = if profile.of(rulebook::LIST_LIMIT_RANGE) == "refuse" { "refuse" } else { choice };
            Ok(report(only, profile, &BTreeMap::from([(rulebook::LIST_LIMIT_RANGE, lenient)])))
        };
        let text = written("http://127.0.0.1:1", &choices(look).await.unwrap());
        assert!(text.contains(&format!("\"list.limit-range\" = \"{told}\"")), "{choice}: {text}");
    }
}

#[tokio::test]
async fn what_a_choice_kept_from_being_seen_is_looked_at_again() {
    let target = BTreeMap::from([(rulebook::LIST_ORDER, "newest-first")]);
    let look = async |only: &[RuleId], profile: &Profile| {
        let mut report = report(only, profile, &target);
        for told in &mut report.rules {
            if told.rule.id == rulebook::LIST_TOTAL_WITHHELD
                && profile.of(rulebook::LIST_ORDER) != "newest-first"
            {
                told.verdict = Verdict::NotTested;
                told.reason = Some("ended early".to_owned());
            }
        }
        Ok(report)
    };
    let seen = choices(look).await.unwrap();
    assert_eq!(seen[&rulebook::LIST_TOTAL_WITHHELD.into()], Seen::Keeps(Some("left-out")));
}

#[tokio::test]
async fn what_was_not_tested_is_a_comment() {
    let look = async |only: &[RuleId], _: &Profile| {
        let verdicts: Vec<_> = only.iter().map(|rule| (*rule, Verdict::NotTested)).collect();
        Ok(made::report(&verdicts))
    };
    let text = written("http://127.0.0.1:1", &choices(look).await.unwrap());
    assert!(text.contains("not tested: made up"));
    assert_eq!(Profile::parse(&text).unwrap(), Profile::default());
}

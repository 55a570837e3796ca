//! A report with one of everything, and with what a hostile target may answer.

use std::time::Duration;

use supplier_rulebook as rulebook;

use crate::checks::registry;
use crate::outcome::{CheckReport, Finding, Opening, Report, Reproduced, RuleReport, Verdict};
use crate::script::{Expect, NewOrders, PROLOGUE, Script, Step};

/// What breaks out of HTML, Markdown and terminals.
pub(super) const HOSTILE: &str = "</pre><script>alert(1)</script> | `x` ```\n\u{1b}[2J\u{202e}";

pub(super) fn report() -> Report {
    let verdicts = [
        (rulebook::AUTH_INVALID_KEY, Verdict::Pass),
        (rulebook::LIST_WINDOW, Verdict::Fail),
        (rulebook::LIST_ORDER, Verdict::Warn),
        (rulebook::UPDATE_VISIBLE, Verdict::NotTested),
        (rulebook::ERROR_NO_5XX, Verdict::Error),
    ];
    let rules = verdicts.map(|(rule, verdict)| RuleReport {
        rule: rulebook::find(rule.as_str()).unwrap(),
        verdict,
        reason: (verdict > Verdict::Pass && verdict != Verdict::Fail).then(|| HOSTILE.to_owned()),
        cases: 3,
    });
    let checks = ["key-missing", "window-at-once", "order-seen", "visible", "no-5xx-bodies"];
    let checks = checks.iter().zip(verdicts).map(|(id, (rule, verdict))| CheckReport {
        check: registry().find(|check| check.info.id == *id).unwrap().info,
        verdict,
        findings: if matches!(verdict, Verdict::Fail | Verdict::Warn) {
            vec![finding(rule, verdict)]
        } else {
            Vec::new()
        },
        reason: matches!(verdict, Verdict::NotTested | Verdict::Error).then(|| HOSTILE.to_owned()),
        left_out: None,
        cases: 3,
        calls: 7,
        took: Duration::from_millis(20),
    });
    Report {
        opening: Opening {
            target: "http://127.0.0.1:4010".to_owned(),
            sandbox: Some("0.1.0".to_owned()),
            provision: "sandbox",
            seed: 7,
            checks: 5,
            touches: None,
            notes: vec![HOSTILE.to_owned()],
        },
        checks: checks.collect(),
        rules: rules.to_vec(),
        stale: vec!["list.order: it no longer fails".to_owned()],
        profile: vec![(rulebook::LIST_VALUES.into(), "ignore".to_owned())],
        calls: 35,
        took: Duration::from_secs(1),
        stopped: None,
    }
}

fn finding(rule: rulebook::RuleId, verdict: Verdict) -> Finding {
    let steps = vec![Step::Place(NewOrders::some(1))];
    Finding {
        rule,
        part: "",
        verdict,
        check: "window-at-once",
        expected: "a page without 7".to_owned(),
        got: HOSTILE.to_owned(),
        script: Script { steps, judged: 0, expect: Expect::Lacks { orders: vec![0] } },
        shell: format!("#!/bin/sh\n# {HOSTILE}\n{PROLOGUE}say done\n"),
        reproduced: Some(Reproduced { seen: 3, tried: 3 }),
        ends: true,
        follows: None,
        accepted_until: None,
    }
}

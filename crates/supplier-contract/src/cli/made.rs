//! Sample outcomes for tests.

use std::time::Duration;

use crate::outcome::{Opening, Report, RuleReport, Verdict};
use supplier_rulebook::{self as rulebook, RuleId};

/// A report that says this of rules.
pub(super) fn report(rules: &[(RuleId, Verdict)]) -> Report {
    let told = |(rule, verdict): &(RuleId, Verdict)| RuleReport {
        rule: rulebook::find(rule.as_str()).unwrap(),
        verdict: *verdict,
        reason: (*verdict != Verdict::Pass).then(|| "made up".to_owned()),
        cases: 1,
    };
    Report {
        opening: Opening {
            target: "http://127.0.0.1:1".to_owned(),
            sandbox: None,
            provision: "none",
            seed: 1,
            checks: 1,
            touches: None,
            notes: Vec::new(),
        },
        checks: Vec::new(),
        rules: rules.iter().map(told).collect(),
        stale: Vec::new(),
        profile: Vec::new(),
        calls: 1,
        took: Duration::ZERO,
        stopped: None,
    }
}

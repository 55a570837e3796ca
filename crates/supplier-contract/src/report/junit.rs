//! For build servers: a suite for each group of rules, a test case for each rule.

use quick_junit::{NonSuccessKind, Property, Report as Document, TestCase, TestCaseStatus, TestSuite};
use supplier_rulebook::GROUPS;

use super::words::{headline, reproduced};
use crate::outcome::{Finding, Report, RuleReport, Verdict};

pub(super) fn render(report: &Report) -> Result<String, String> {
    let mut document = Document::new(format!("supplier-contract {}", report.opening.target));
    document.set_time(report.took);
    for group in GROUPS {
        let mut suite = TestSuite::new(group.title);
        suite.add_property(Property::new("target", report.opening.target.as_str()));
        suite.add_property(Property::new("seed", report.opening.seed.to_string()));
        let of_group = |rule: &&RuleReport| rule.rule.id.as_str().split('.').next() == Some(group.prefix);
        for rule in report.rules.iter().filter(of_group) {
            suite.add_test_case(case(report, rule));
        }
        if !suite.test_cases.is_empty() {
            document.add_test_suite(suite);
        }
    }
    document.to_string().map_err(|error| format!("{}: {error}", headline(report)))
}

fn case(report: &Report, rule: &RuleReport) -> TestCase {
    let reason = rule.reason.as_deref().unwrap_or_default();
    let findings: Vec<_> = report.findings().filter(|finding| finding.rule == rule.rule.id).collect();
    let told = findings.iter().map(|finding| words(finding)).collect::<Vec<_>>().join("\n\n");
    let mut status = match rule.verdict {
        Verdict::Pass | Verdict::Warn => TestCaseStatus::success(),
        Verdict::NotTested => TestCaseStatus::skipped(),
        Verdict::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    match rule.verdict {
        Verdict::Fail => {
            let first = findings.first().map_or(String::new(), |finding| {
                format!("expected {}; got {}", finding.expected, finding.got)
            });
            status.set_message(first).set_type(rule.rule.level.as_str()).set_description(told.clone());
        }
        Verdict::Error | Verdict::NotTested => {
            status.set_message(reason);
        }
        Verdict::Pass | Verdict::Warn => {}
    }
    let mut case = TestCase::new(rule.rule.id.as_str(), status);
    case.set_classname(format!("{}: {}", rule.rule.level, rule.rule.title));
    if rule.verdict == Verdict::Warn {
        case.set_system_out(format!("WARN, a choice of the project's that is not the target's\n\n{told}"));
    } else if rule.verdict == Verdict::Pass && !reason.is_empty() {
        case.set_system_out(reason);
    }
    case
}

fn words(finding: &Finding) -> String {
    format!(
        "check: {}\nexpected: {}\ngot: {}\n{}\n\n{}",
        finding.check,
        finding.expected,
        finding.got,
        reproduced(finding),
        finding.shell
    )
}

#[cfg(test)]
mod tests {
    use super::super::sample::report;
    use super::*;

    #[test]
    fn a_build_server_counts_it_right() {
        let text = render(&report()).unwrap();
        let read = Document::deserialize_from_str(&text).unwrap();
        let counts = |count: fn(&TestSuite) -> usize| read.test_suites.iter().map(count).sum::<usize>();
        assert_eq!(counts(|suite| suite.failures), 1);
        assert_eq!(counts(|suite| suite.errors), 1);
        assert_eq!(text.matches("<skipped").count(), 1);
        assert_eq!(counts(|suite| suite.tests), 5);
    }
}

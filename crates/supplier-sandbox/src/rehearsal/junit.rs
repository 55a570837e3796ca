//! Report of rehearsals as JUnit XML: a test case for each mishap.

use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};
use supplier_rehearsal::{Finding, Mishap, Report};

use crate::junit::{NO_TIME, finished};

/// Name of the test case of the rehearsal without mishaps.
const NO_MISHAP: &str = "no mishap";

/// The report as JUnit XML. `again` is the command that repeats a finding, by its index.
pub fn junit(report: &Report, again: &dyn Fn(usize) -> String) -> String {
    let mut document = Document::new(format!("Rehearsal of {}", report.command));
    let time = Duration::from_millis(report.took_millis);
    document.set_time(time);
    let mut suite = TestSuite::new("rehearsal");
    suite.set_time(time);
    suite.add_property(("rehearsals", report.rehearsals.done.to_string().as_str()));
    suite.add_property(("mode", report.mode.as_str()));
    suite.add_property(("seed", report.seed.to_string().as_str()));
    let indexed = || report.findings.iter().enumerate();
    let without: Vec<_> = indexed().filter(|(_, finding)| finding.mishaps.is_empty()).collect();
    suite.add_test_case(case(NO_MISHAP, "nothing goes wrong", status(&without, again)));
    for mishap in Mishap::ALL {
        let found: Vec<_> = indexed().filter(|(_, finding)| is_after(finding, *mishap)).collect();
        let count = report.mishaps.iter().find(|count| count.mishap == *mishap);
        let status = match count {
            None if found.is_empty() => skipped(),
            _ => status(&found, again),
        };
        suite.add_test_case(case(mishap.as_str(), mishap.told(), status));
    }
    document.add_test_suite(suite);
    finished(&document)
}

/// Whether the worker broke the rule after this mishap.
fn is_after(finding: &Finding, mishap: Mishap) -> bool {
    !finding.mishaps.is_empty()
        && (finding.after.contains(&mishap) || finding.mishaps.iter().any(|planned| planned.mishap == mishap))
}

fn case(name: &str, told: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(format!("{name}: {told}"), status);
    case.set_classname("rehearsal").set_time(NO_TIME);
    case
}

fn skipped() -> TestCaseStatus {
    let mut skipped = TestCaseStatus::skipped();
    let why = "No rehearsal had this mishap. Give the run more time (--time) or a larger budget (--budget).";
    skipped.set_message(why);
    // Readers show one or the other.
    skipped.set_description(why);
    skipped
}

fn status(found: &[(usize, &Finding)], again: &dyn Fn(usize) -> String) -> TestCaseStatus {
    let [(_, first), ..] = found else { return TestCaseStatus::success() };
    let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let mut text = String::new();
    for (index, finding) in found {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}  {}  {} ({})\n{}\n{} {}\nAgain: {}\n",
            finding.label,
            finding.rule,
            finding.what,
            finding.confirmation(),
            finding.told().join("\n"),
            finding.why,
            finding.advice,
            again(*index)
        );
    }
    failed.set_type(first.rule.as_str());
    failed.set_message(format!("{}: {}", first.label, first.what));
    failed.set_description(text);
    failed
}

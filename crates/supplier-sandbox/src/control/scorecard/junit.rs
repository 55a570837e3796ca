//! A scorecard as JUnit XML, for a CI job: a suite for each supplier, a test case for each practice.

use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use supplier_control::ClientReports;
use supplier_domain::{PracticeReport, Standing, Supplier};
use supplier_store::SandboxId;

use super::body::title;
use super::markdown::evidence;

/// The scorecards of a sandbox.
pub(super) fn write(sandbox: &SandboxId, reports: &ClientReports) -> String {
    let mut junit = Report::new(format!("Scorecard of sandbox {sandbox}"));
    for (supplier, report) in &reports.reports {
        let mut suite = TestSuite::new(format!("{} ({})", supplier.name, supplier.id));
        if let Some(score) = report.score {
            suite.add_property(("score", score.to_string().as_str()));
        }
        suite.add_property(("complete", if reports.is_complete { "true" } else { "false" }));
        suite.add_test_cases(report.practices.iter().map(|practice| test_case(supplier, practice)));
        junit.add_test_suite(suite);
    }
    junit
        .to_string()
        .unwrap_or_else(|_| unreachable!("it is written to memory, and its texts are made legal before"))
}

fn test_case(supplier: &Supplier, practice: &PracticeReport) -> TestCase {
    let status = match practice.standing {
        Standing::Met => TestCaseStatus::success(),
        Standing::NotObserved => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(practice.summary.as_str());
            skipped
        }
        Standing::NotMet => {
            let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
            failed.set_type("practice");
            failed.set_message(practice.summary.as_str());
            failed.set_description(findings(practice));
            failed
        }
    };
    let mut case = TestCase::new(format!("{}: {}", practice.practice, title(practice)), status);
    case.set_classname(format!("scorecard.{}", supplier.id));
    case
}

fn findings(practice: &PracticeReport) -> String {
    let mut text = String::new();
    for finding in &practice.findings {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}\n{}", finding.sentence, finding.advice);
        if let Some(evidence) = evidence(finding) {
            let _ = writeln!(text, "Evidence: {evidence}");
        }
    }
    text
}

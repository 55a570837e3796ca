//! Scorecard as JUnit XML for a CI job: a suite for each supplier, a test case for each practice.

use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use supplier_control::ClientReports;
use supplier_domain::{PracticeReport, Standing, Supplier};
use supplier_store::SandboxId;

use super::body::title;
use super::markdown::evidence;
use crate::junit::{NO_TIME, finished};

/// The scorecards of a sandbox.
pub(super) fn write(sandbox: &SandboxId, reports: &ClientReports) -> String {
    let mut junit = Report::new(format!("Scorecard of sandbox {sandbox}"));
    junit.set_time(NO_TIME);
    for (supplier, report) in &reports.reports {
        let mut suite = TestSuite::new(format!("{} ({})", supplier.name, supplier.id));
        suite.set_time(NO_TIME);
        // Some readers take no two properties of one name, whatever the suite.
        if junit.test_suites.is_empty() {
            suite.add_property(("complete", if reports.is_complete { "true" } else { "false" }));
        }
        if let Some(score) = report.score {
            suite.add_property((format!("score.{}", supplier.id).as_str(), score.to_string().as_str()));
            suite.add_property((
                format!("observed.{}", supplier.id).as_str(),
                report.observed().to_string().as_str(),
            ));
        }
        suite.add_test_cases(report.practices.iter().map(|practice| test_case(supplier, practice)));
        junit.add_test_suite(suite);
    }
    finished(&junit)
}

fn test_case(supplier: &Supplier, practice: &PracticeReport) -> TestCase {
    let status = match practice.standing {
        Standing::Met => TestCaseStatus::success(),
        Standing::NotObserved => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(practice.summary.as_str());
            // Readers show one or the other.
            skipped.set_description(practice.summary.as_str());
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
    case.set_classname(format!("scorecard.{}", supplier.id)).set_time(NO_TIME);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::XmlVersion;
    use quick_xml::events::Event;
    use supplier_domain::{Reading, Scorecard, Timestamp};

    /// Reads XML to its end, and returns the names and values of all attributes. Fails for what XML 1.0 forbids.
    fn attributes(xml: &str) -> Vec<(String, String)> {
        let is_legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(xml.chars().all(is_legal), "{xml:?}");
        let (mut reader, mut attributes) = (quick_xml::Reader::from_str(xml), Vec::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    for attribute in tag.attributes() {
                        let attribute = attribute.unwrap();
                        let value = attribute.normalized_value(XmlVersion::Explicit1_0).unwrap().into_owned();
                        assert!(value.chars().all(is_legal), "{value:?}");
                        let name = String::from_utf8(attribute.key.into_inner().to_vec()).unwrap();
                        attributes.push((name, value));
                    }
                }
                Event::GeneralRef(reference) => {
                    assert!(reference.resolve_char_ref().unwrap().is_none_or(is_legal), "{xml:?}");
                }
                Event::Eof => return attributes,
                _ => {}
            }
        }
    }

    fn reading(now: i64) -> Reading<'static> {
        Reading { now: Timestamp::from_millis(now), awaits: &|_| true, has_ended: false }
    }

    fn named(name: &str) -> String {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let of = |id: &str| {
            let (id, email) = (id.parse().unwrap(), "supplier@example.com".into());
            let reading = reading(1_800_000_000_000);
            (Supplier { id, name: name.into(), email }, Scorecard::default().report(&reading))
        };
        let reports = ClientReports {
            now,
            is_complete: true,
            has_ended: false,
            reports: vec![of("aurora"), of("birch")],
        };
        write(&"default".parse().unwrap(), &reports)
    }

    proptest! {
        #[test]
        fn whatever_a_supplier_is_called_the_report_is_well_formed(
            name in prop_oneof![any::<String>(), "[\u{0}-\u{a0}\u{fffd}-\u{ffff}<>&\"' a-z]{0,20}"],
        ) {
            prop_assert!(!attributes(&named(&name)).is_empty());
        }
    }

    #[test]
    fn readers_find_a_time_everywhere_and_each_property_once() {
        let xml = named("A\u{fffe}u\u{ffff}r\u{0}ora <\"skipped=\"1\">");
        let all = attributes(&xml);
        let values = |name: &str| {
            let named = all.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
            named.collect::<Vec<_>>()
        };
        assert!(values("name").contains(&"Aurora <\"skipped=\"1\"> (aurora)"), "{xml}");
        let practices = Scorecard::default().report(&reading(0)).practices.len();
        let times = values("time");
        assert!(
            times.iter().all(|time| *time == "0.000") && times.len() == 1 + 2 + 2 * practices,
            "{times:?}"
        );
        let count = practices.to_string();
        assert_eq!(values("skipped"), [&count, &count], "the suites alone count them");
        assert_eq!(values("value"), ["true"]);
        assert_eq!(xml.matches("</skipped>").count(), 2 * practices, "each says why");
    }
}

//! For build servers: a suite for each group of rules, a test case for each rule.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report as Document, SerializeError, TestCase, TestCaseStatus, TestSuite,
};
use supplier_rulebook::{GROUPS, Group};

use super::words::{headline, reproduced};
use crate::outcome::{Finding, Report, RuleReport, Verdict};

pub(super) fn render(report: &Report) -> Result<String, String> {
    let mut document = Document::new(format!("supplier-contract {}", report.opening.target));
    document.set_time(report.took);
    for group in GROUPS {
        let mut suite = TestSuite::new(group.title);
        // Some readers take no two properties of one name, whatever the suite.
        if document.test_suites.is_empty() {
            suite.add_property(Property::new("target", report.opening.target.as_str()));
            suite.add_property(Property::new("seed", report.opening.seed.to_string()));
        }
        let of_group = |rule: &&RuleReport| rule.rule.id.as_str().split('.').next() == Some(group.prefix);
        let mut took = Duration::ZERO;
        for rule in report.rules.iter().filter(of_group) {
            let time = time(report, rule);
            took += time;
            let mut case = case(report, group, rule);
            case.set_time(time);
            suite.add_test_case(case);
        }
        suite.set_time(took);
        if !suite.test_cases.is_empty() {
            document.add_test_suite(suite);
        }
    }
    finished(&document).map_err(|error| format!("{}: {error}", headline(report)))
}

/// How long the checks took that are about the rule: each is about the first of its rules.
fn time(report: &Report, rule: &RuleReport) -> Duration {
    let about = report.checks.iter().filter(|check| check.check.rules.first() == Some(&rule.rule.id));
    about.map(|check| check.took).sum()
}

/// The text of a report, as strict readers take it.
fn finished(report: &Document) -> Result<String, SerializeError> {
    let mut xml = report.to_string()?;
    // The library takes control characters out, but leaves the two code points that XML 1.0 forbids beside those.
    xml.retain(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'));
    // Its `skipped` of the root element is in no schema. No attribute's value holds a quotation mark of its own.
    let root = xml.find("<testsuites ").and_then(|start| Some(start..start + xml.get(start..)?.find('>')?));
    let attribute = root.and_then(|root| {
        let start = root.start + xml.get(root.clone())?.find(" skipped=\"")?;
        let value = start + " skipped=\"".len();
        Some(start..value + xml.get(value..root.end)?.find('"')? + 1)
    });
    if let Some(attribute) = attribute {
        xml.replace_range(attribute, "");
    }
    Ok(xml)
}

fn case(report: &Report, group: &Group, rule: &RuleReport) -> TestCase {
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
            // Readers show one or the other.
            status.set_message(reason).set_description(reason);
        }
        Verdict::Pass | Verdict::Warn => {}
    }
    // The name stays the same from version to version; what the rule says may be put in better words.
    let mut case = TestCase::new(rule.rule.id.as_str(), status);
    case.set_classname(format!("supplier-contract.{}", group.prefix));
    // GitLab and reporters of GitHub show a file with each test. No file of the user's is one, so the rule is written as a path.
    case.extra.insert("file".into(), format!("supplier-contract/{}", rule.rule.id).into());
    let about = format!("{}: {}", rule.rule.level, rule.rule.title);
    case.set_system_out(match rule.verdict {
        Verdict::Warn => {
            format!("{about}\n\nWARN, a choice of the project's that is not the target's\n\n{told}")
        }
        Verdict::Pass if !reason.is_empty() => format!("{about}\n\n{reason}"),
        _ => about,
    });
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
    use proptest::prelude::*;
    use quick_xml::XmlVersion;
    use quick_xml::events::Event;

    #[test]
    fn a_build_server_counts_it_right() {
        let text = render(&report()).unwrap();
        let read = Document::deserialize_from_str(&text).unwrap();
        let counts = |count: fn(&TestSuite) -> usize| read.test_suites.iter().map(count).sum::<usize>();
        assert_eq!(counts(|suite| suite.failures), 1);
        assert_eq!(counts(|suite| suite.errors), 1);
        assert_eq!(text.matches("<skipped").count(), 1);
        assert_eq!(counts(|suite| suite.tests), 5);
        let root = text.lines().find(|line| line.starts_with("<testsuites")).unwrap();
        assert!(!root.contains("skipped="), "no schema has it: {root}");
    }

    #[test]
    fn readers_find_times_groups_reasons_and_each_property_once() {
        let read = Document::deserialize_from_str(&render(&report()).unwrap()).unwrap();
        let cases: Vec<_> = read.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
        let took: Option<Duration> = cases.iter().map(|case| case.time).sum();
        let in_suites: Option<Duration> = read.test_suites.iter().map(|suite| suite.time).sum();
        assert_eq!((took, in_suites), (Some(Duration::from_millis(100)), Some(Duration::from_millis(100))));
        for case in cases {
            let group = case.name.split('.').next().unwrap();
            assert_eq!(case.classname.as_deref(), Some(&*format!("supplier-contract.{group}")));
            let about = case.system_out.as_deref().unwrap();
            assert!(
                ["stated: ", "implied: ", "chosen: "].iter().any(|level| about.starts_with(level)),
                "{about}"
            );
            match &case.status {
                TestCaseStatus::Success { .. } => {}
                TestCaseStatus::NonSuccess { message, description, .. }
                | TestCaseStatus::Skipped { message, description, .. } => {
                    assert!(message.is_some() && description.is_some(), "{case:?}");
                }
            }
        }
        let mut properties: Vec<_> = read.test_suites.iter().flat_map(|suite| &suite.properties).collect();
        properties.sort_by(|one, other| one.name.cmp(&other.name));
        assert_eq!(properties.iter().map(|property| &*property.name).collect::<Vec<_>>(), ["seed", "target"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_a_target_answers_the_report_is_well_formed(
            text in prop_oneof![any::<String>(), "[\u{0}-\u{a0}\u{fffd}-\u{ffff}<>&\"' a-z]{0,20}"],
        ) {
            let mut report = report();
            report.opening.target.clone_from(&text);
            for rule in &mut report.rules {
                rule.reason = Some(text.clone());
            }
            for finding in report.checks.iter_mut().flat_map(|check| &mut check.findings) {
                (finding.expected, finding.got, finding.shell) = (text.clone(), text.clone(), text.clone());
            }
            let xml = render(&report).unwrap();
            let is_legal = |c: char| {
                matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            };
            prop_assert!(xml.chars().all(is_legal), "{:?}", xml);
            let mut reader = quick_xml::Reader::from_str(&xml);
            loop {
                match reader.read_event() {
                    Ok(Event::Start(tag) | Event::Empty(tag)) => {
                        for attribute in tag.attributes() {
                            let value = attribute.unwrap().normalized_value(XmlVersion::Explicit1_0).unwrap().into_owned();
                            prop_assert!(value.chars().all(is_legal), "{:?}", value);
                        }
                    }
                    Ok(Event::GeneralRef(reference)) => {
                        prop_assert!(reference.resolve_char_ref().unwrap().is_none_or(is_legal), "{:?}", xml);
                    }
                    Ok(Event::Eof) => break,
                    Ok(_) => {}
                    Err(error) => prop_assert!(false, "{}: {}", error, xml),
                }
            }
        }
    }
}

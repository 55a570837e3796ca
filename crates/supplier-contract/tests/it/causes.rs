//! One bug is told once, with the rules that follow from it.

use supplier_contract::internal::{Defect, FakeTarget, Run, registry};
use supplier_contract::{Config, Provision, Report, Verdict};

/// A whole run against a server with that defect.
async fn tested(defect: Defect) -> Report {
    let target = FakeTarget::start(Some(defect)).await.unwrap();
    let mut config = Config::new(target.url()).key(target.first_key()).second_key(target.second_key());
    config.provision = Some(Provision::Http);
    config.hook = vec![target.hook_url()];
    config.allow_writes = true;
    config.cases = Some(4);
    Run::prepare(config, registry()).await.unwrap().run(&mut |_| {}).await
}

/// The rules that are told at length as failures, and how many follow from the first.
fn told(report: &Report) -> (Vec<&'static str>, usize) {
    let told = report.told();
    let failed = told.iter().filter(|(finding, _)| finding.verdict == Verdict::Fail);
    let following = told.first().map_or(0, |(_, rules)| rules.len());
    (failed.map(|(finding, _)| finding.rule.as_str()).collect(), following)
}

#[tokio::test]
async fn numbers_that_are_text_are_one_finding_and_the_rules_that_follow() {
    let report = tested(Defect::NumbersAreText).await;
    let broken = report.count(Verdict::Fail);
    let (failed, following) = told(&report);
    assert_eq!(
        failed,
        ["list.types"],
        "{:?}",
        report.findings().map(|finding| &finding.got).collect::<Vec<_>>()
    );
    assert!(following >= 8 && broken > 8, "{following} of {broken}");
}

#[tokio::test]
async fn a_bug_that_explains_nothing_else_is_told_beside_others() {
    let report = tested(Defect::HalfDone).await;
    assert_eq!(told(&report), (vec!["update.atomic"], 0));
}

//! The suite notices whatever is broken, and is quiet where nothing is.

use std::collections::BTreeSet;

use supplier_contract::internal::{DEFECTS, Options, selftest, untestable};
use supplier_rulebook::{Level, rules};

/// How many runs of the unbroken server: `SUPPLIER_SOAK=full` for as many as a release has to pass.
fn unbroken() -> u32 {
    if std::env::var("SUPPLIER_SOAK").is_ok_and(|told| told == "full") { 300 } else { 3 }
}

/// The first random seed: the one of property tests.
fn first_seed() -> u64 {
    std::env::var("PROPTEST_RNG_SEED").map_or(1, |told| told.parse().unwrap())
}

#[test]
fn every_rule_has_a_defect_of_its_own() {
    let names: BTreeSet<_> = DEFECTS.iter().map(|mutant| mutant.id).collect();
    assert_eq!(names.len(), DEFECTS.len(), "two defects have one name");
    for rule in rules().filter(|rule| rule.level != Level::Observed && untestable(rule.id).is_none()) {
        assert!(DEFECTS.iter().any(|mutant| mutant.rule == rule.id), "{} has no defect", rule.id);
    }
}

#[tokio::test]
async fn every_defect_is_noticed_and_an_unbroken_server_raises_no_alarm() {
    let options = Options { unbroken: unbroken(), full: false, only: Vec::new(), seed: first_seed() };
    let matrix = selftest(&options, |_| {}).await.unwrap();
    assert_eq!(matrix.rows.len(), DEFECTS.len());
    assert!(matrix.holds() && matrix.survivors().count() == 0, "{}", matrix.text());
}

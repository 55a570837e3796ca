//! What works without a target.

use serde_json::Value;

use crate::program::Program;

#[test]
fn the_help_tells_the_exit_codes_and_gives_examples() {
    let ended = Program::new().run(&["--help"]);
    assert_eq!(ended.code, 0);
    for part in ["Exit codes:", "130  Ctrl-C", "Examples:", "--read-only", "observe", "replay"] {
        assert!(ended.out.contains(part), "{part}: {}", ended.out);
    }
    assert_eq!(ended.out.matches("supplier-contract run --target").count(), 3);
    let run = Program::new().with("SUPPLIER_CONTRACT_KEY", "geheim").run(&["run", "--help"]);
    // Wherever the lines break.
    let words = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("[env: SUPPLIER_CONTRACT_KEY]") && !words.contains("geheim"), "{}", run.out);
}

#[test]
fn rules_and_checks_are_listed() {
    let listed = Program::new().run(&["list", "--json"]);
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    assert!(listed["rules"].as_array().unwrap().len() > 50);
    assert!(Program::new().run(&["list"]).out.contains("\nChecks\n"));
    assert_eq!(Program::new().run(&["list", "--rules", "--checks"]).code, 2);
}

#[test]
fn every_rule_and_every_check_is_explained() {
    for id in supplier_contract::internal::of_rules_and_checks() {
        let ended = Program::new().run(&["explain", id]);
        assert!(ended.code == 0 && ended.out.starts_with(id), "{ended:?}");
    }
    let told = Program::new().fails(2, &["explain", "list.windwo"]);
    assert!(told.contains("did you mean list.window"), "{told}");
}

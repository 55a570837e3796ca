//! What works without a target.

use serde_json::Value;

use crate::program::Program;

/// The commands, as the help lists them.
fn commands(help: &str) -> Vec<String> {
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next()).map(str::to_owned);
    names.filter(|name| name != "help").collect()
}

#[test]
fn the_help_of_each_command_is_the_one_in_its_snapshot() {
    let program = Program::new().with("SUPPLIER_CONTRACT_KEY", "geheim");
    let commands = commands(&program.run(&["--help"]).out);
    assert!(commands.len() > 5, "{commands:?}");
    for command in [String::new()].into_iter().chain(commands) {
        let line: Vec<_> = [&*command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let ended = program.run(&line);
        assert_eq!((ended.code, &*ended.err), (0, ""), "{line:?}");
        assert!(!ended.out.contains("geheim"), "{}", ended.out);
        insta::with_settings!(
            { snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true },
            { insta::assert_snapshot!(format!("help {command}").trim().replace(' ', "-"), ended.out) }
        );
    }
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

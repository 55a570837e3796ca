//! Bugs in the careful worker: each is found, under its rule, by one mishap and few orders.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;
use tempfile::TempDir;

use super::{WORKERS, has_node, rehearse, report};
use crate::program::root;
use crate::soak::figure;

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

fn texts<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    value[field].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect()
}

/// The careful worker with the bug, in a directory that has its packages.
fn broken(mutant: &Value, directory: &TempDir) -> String {
    let mut program = fs::read_to_string(root().join(WORKERS).join("careful.mjs")).unwrap();
    for change in mutant["replace"].as_array().unwrap() {
        let from = text(change, "from");
        assert_eq!(program.matches(from).count(), 1, "{}: {from:?}", mutant["name"]);
        program = program.replace(from, text(change, "to"));
    }
    let file = directory.path().join(format!("{}.mjs", text(mutant, "name")));
    fs::write(&file, program).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Rules: `rehearsal.nothing-lost`, `rehearsal.nothing-doubled`, `rehearsal.no-stock-lost`, `rehearsal.status`,
/// `rehearsal.complete`, `rehearsal.no-storm`, `rehearsal.retry-after`, `rehearsal.survives`, `rehearsal.ends`.
#[test]
fn each_bug_is_found_under_its_rule_and_the_careful_worker_passes_the_same_rehearsal() {
    if !has_node() {
        return;
    }
    let workers = root().join(WORKERS);
    let mutants: Value = serde_json::from_slice(&fs::read(workers.join("mutants.json")).unwrap()).unwrap();
    let mutants = mutants.as_array().unwrap();
    assert!(mutants.len() >= 12);
    let directory = TempDir::new().unwrap();
    symlink(workers.join("node_modules"), directory.path().join("node_modules")).unwrap();
    for mutant in mutants {
        let (name, replay) = (text(mutant, "name"), text(mutant, "replay"));
        let arguments = texts(mutant, "arguments");
        let file = directory.path().join("rehearsal.json");
        let json = format!("json={}", file.display());
        let mode = if arguments.is_empty() { "one-shot" } else { "daemon" };
        let options = ["--mode", mode, "--grace", "2s", "--replay", replay, "--report", &json];
        let program = broken(mutant, &directory);
        let told = rehearse(&options, &[&["node", &program], &arguments[..]].concat());
        assert_eq!(told.code, Some(1), "{name} was not found: {}{}", told.stdout, told.stderr);
        let rules: Vec<_> =
            report(&file)["findings"].as_array().unwrap().iter().map(|it| it["rule"].clone()).collect();
        for rule in texts(mutant, "rules") {
            assert!(
                rules.iter().any(|found| found == rule),
                "{name}: {rule} is not among {rules:?}: {}",
                told.stdout
            );
        }
        let careful = rehearse(&options, &[&["node", "careful.mjs"], &arguments[..]].concat());
        assert_eq!(careful.code, Some(0), "{replay}: {}{}", careful.stdout, careful.stderr);
    }
}

/// A run finds each bug by itself, and makes it small.
#[test]
fn a_run_finds_a_bug_by_itself_with_one_mishap() {
    if !has_node() {
        return;
    }
    let workers = root().join(WORKERS);
    let mutants: Value = serde_json::from_slice(&fs::read(workers.join("mutants.json")).unwrap()).unwrap();
    let directory = TempDir::new().unwrap();
    symlink(workers.join("node_modules"), directory.path().join("node_modules")).unwrap();
    for mutant in mutants.as_array().unwrap().iter().take(figure(1, 100)) {
        let name = text(mutant, "name");
        let arguments = texts(mutant, "arguments");
        let program = broken(mutant, &directory);
        let file = directory.path().join("rehearsal.json");
        let json = format!("json={}", file.display());
        // Late answers, which come early in a run, show the first bug.
        let budget = figure(25, 280).to_string();
        let options = ["--grace", "2s", "--time", "0s", "--budget", &budget, "--report", &json];
        let told = rehearse(&options, &[&["node", &program], &arguments[..]].concat());
        assert_eq!(told.code, Some(1), "{name}: {}{}", told.stdout, told.stderr);
        let report = report(&file);
        let rules = texts(mutant, "rules");
        let found =
            report["findings"].as_array().unwrap().iter().find(|it| rules.contains(&text(it, "rule")));
        let found = found.unwrap_or_else(|| panic!("{name} was not found"));
        assert!(found["mishaps"].as_array().unwrap().len() <= 2, "{name}: {found}");
        assert!(found["orders"].as_array().unwrap().len() <= 2, "{name}: {found}");
    }
}

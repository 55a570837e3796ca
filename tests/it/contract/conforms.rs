//! The sandbox keeps its own rules.

use super::{against, reported, with_verdict};
use crate::program::Program;
use crate::soak::figure;

#[test]
fn the_sandbox_conforms_whatever_the_seed() {
    let program = Program::start();
    for seed in 1..=figure(2, 20) {
        let (outcome, report) = reported(against(program.url()).args(["--seed", &seed.to_string()]));
        assert_eq!(outcome.code, Some(0), "seed {seed}: {}", outcome.stdout);
        assert!(outcome.stdout.contains("CONFORMS"), "{}", outcome.stdout);
        assert_eq!(with_verdict(&report, "NOT-TESTED"), ["error.server"]);
        for verdict in ["FAIL", "WARN", "ERROR"] {
            assert_eq!(with_verdict(&report, verdict), [""; 0], "seed {seed}");
        }
    }
}

#[test]
fn a_plain_line_begins_with_the_verdict_and_the_rule() {
    let program = Program::start();
    let outcome = crate::process::run(against(program.url()).args(["--only", "list.window"]));
    let line = outcome.stdout.lines().find(|line| line.contains("window-before-end")).unwrap();
    assert!(line.starts_with("PASS list.window "), "{line}");
}

//! The sandbox keeps its own rules.

use std::ops::Range;

use super::{against, reported, with_verdict};
use crate::balancer::Balancer;
use crate::cluster::Cluster;
use crate::program::{Launch, Program};
use crate::soak::seeds;

fn assert_conforms(url: &str, seeds: Range<u64>) {
    for seed in seeds {
        let (outcome, report) = reported(against(url).args(["--seed", &seed.to_string()]));
        assert_eq!(outcome.code, Some(0), "seed {seed}: {}", outcome.stdout);
        assert!(outcome.stdout.contains("CONFORMS"), "{}", outcome.stdout);
        assert_eq!(with_verdict(&report, "NOT-TESTED"), ["error.server"]);
        for verdict in ["FAIL", "WARN", "ERROR"] {
            assert_eq!(with_verdict(&report, verdict), [""; 0], "seed {seed}");
        }
    }
}

#[test]
fn the_sandbox_conforms_whatever_the_seed() {
    assert_conforms(Program::start().url(), seeds(1, 300));
}

#[test]
fn the_sandbox_conforms_to_a_run_without_options() {
    let program = Program::start();
    let mut command = against(program.url());
    let (outcome, report) = reported(command.env_remove("SUPPLIER_CONTRACT_CASES"));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stdout);
    assert_eq!(with_verdict(&report, "NOT-TESTED"), ["error.server"]);
}

#[test]
fn a_sandbox_in_a_file_conforms() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("data.db");
    assert_conforms(Launch::new().set("data", file.to_str().unwrap()).start().url(), seeds(1, 5));
}

#[test]
fn two_servers_on_one_database_conform_behind_one_address() {
    let Some(cluster) = Cluster::start() else { return };
    let start = |_| Launch::new().set("database-url", cluster.url("postgres")).start();
    let programs: Vec<_> = (0..2).map(start).collect();
    assert_conforms(&Balancer::before(&programs).url, seeds(1, 5));
}

#[test]
fn a_plain_line_begins_with_the_verdict_and_the_rule() {
    let program = Program::start();
    let outcome = crate::process::run(against(program.url()).args(["--only", "list.window"]));
    let line = outcome.stdout.lines().find(|line| line.contains("window-before-end")).unwrap();
    assert!(line.starts_with("PASS list.window "), "{line}");
}

//! The sandbox keeps its own rules.

use super::{against, reported, with_verdict};
use crate::balancer::Balancer;
use crate::cluster::Cluster;
use crate::program::{Launch, Program};
use crate::soak::figure;

fn assert_conforms(url: &str, seeds: usize) {
    for seed in 1..=seeds {
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
    assert_conforms(Program::start().url(), figure(2, 20));
}

#[test]
fn a_sandbox_in_a_file_conforms() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("data.db");
    assert_conforms(Launch::new().set("data", file.to_str().unwrap()).start().url(), figure(1, 5));
}

#[test]
fn two_servers_on_one_database_conform_each_and_behind_one_address() {
    let Some(cluster) = Cluster::start() else { return };
    let start = |_| Launch::new().set("database-url", cluster.url("postgres")).start();
    let programs: Vec<_> = (0..2).map(start).collect();
    assert_conforms(programs[0].url(), figure(1, 5));
    assert_conforms(&Balancer::before(&programs).url, figure(1, 5));
}

#[test]
fn a_plain_line_begins_with_the_verdict_and_the_rule() {
    let program = Program::start();
    let outcome = crate::process::run(against(program.url()).args(["--only", "list.window"]));
    let line = outcome.stdout.lines().find(|line| line.contains("window-before-end")).unwrap();
    assert!(line.starts_with("PASS list.window "), "{line}");
}

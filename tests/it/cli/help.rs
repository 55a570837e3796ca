//! `--help` and `--version`.

use std::fs;

use crate::program::{root, sandbox};

/// Each of these is a variable as well: `--seed`, `SUPPLIER_SANDBOX_SEED`.
const OPTIONS: [&str; 17] = [
    "listen",
    "scenario",
    "seed",
    "window-minutes",
    "data",
    "database-url",
    "durability",
    "admin-token-file",
    "dashboard-password-file",
    "public-url",
    "journal",
    "max-orders-per-sandbox",
    "max-accounts-per-sandbox",
    "max-accounts-per-order",
    "log",
    "log-format",
    "ready-file",
];

/// The options of `scorecard`.
const SCORECARD: &str =
    "--url --sandbox --supplier --min --require-observed --running --junit --format --admin-token-file";

#[test]
fn help_names_every_option_with_its_variable_and_every_command() {
    for command in [&["--help"][..], &["serve", "--help"], &["help", "serve"]] {
        let help = sandbox(command);
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
        for option in OPTIONS {
            let variable = format!("SUPPLIER_SANDBOX_{}", option.replace('-', "_").to_uppercase());
            assert!(help.stdout.contains(&format!("--{option} <")), "--{option} in {command:?}");
            assert!(help.stdout.contains(&format!("[env: {variable}]")), "{variable} in {command:?}");
        }
    }
    let help = sandbox(["--help"]).stdout;
    for told in ["serve ", "openapi ", "scenario ", "scorecard ", "--version", "Exit codes: 0 success; 1 "] {
        assert!(help.contains(told), "{told} in {help}");
    }
    for (command, told) in
        [("openapi", "--yaml --check --write"), ("scenario", "check"), ("scorecard", SCORECARD)]
    {
        let help = sandbox([command, "--help"]).stdout;
        assert!(told.split(' ').all(|told| help.contains(told)), "{told} in {help}");
    }
}

#[test]
fn help_lists_no_option_that_these_tests_do_not_know() {
    let help = sandbox(["--help"]).stdout;
    let listed = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    let listed: Vec<_> = listed.filter_map(|rest| rest.split(' ').next()).collect();
    assert_eq!(listed, OPTIONS);
}

#[test]
fn the_reference_names_every_option_and_no_other() {
    let reference = fs::read_to_string(root().join("docs/reference.md")).unwrap();
    let cells = reference.lines().filter_map(|line| line.strip_prefix("| `--"));
    let named: Vec<_> = cells.filter_map(|rest| rest.split(['`', ' ']).next()).collect();
    assert_eq!(named, OPTIONS);
}

#[test]
fn the_version_is_told() {
    for flag in ["--version", "-V"] {
        let told = sandbox([flag]);
        assert_eq!(told.stdout, concat!("supplier-sandbox ", env!("CARGO_PKG_VERSION"), "\n"));
        assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    }
}

#[test]
fn an_order_always_keeps_ten_thousand_accounts() {
    let refused = sandbox(["--max-accounts-per-order", "9999"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("must be a whole number from 10000"), "{}", refused.stderr);
}

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

/// The commands, each as the words that call it.
const COMMANDS: [&[&str]; 7] =
    [&[], &["serve"], &["openapi"], &["scenario"], &["scenario", "check"], &["rehearse"], &["scorecard"]];

#[test]
fn the_help_of_each_command_is_the_one_in_its_snapshot() {
    for command in COMMANDS {
        let help = sandbox([command, &["--help"]].concat());
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{command:?}");
        let name = [&["help"], command].concat().join("-");
        insta::with_settings!(
            { snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true },
            { insta::assert_snapshot!(name, help.stdout) }
        );
    }
}

#[test]
fn help_shows_every_command_and_the_variable_of_every_option() {
    let help = sandbox(["--help"]).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<_> = commands.map_while(|line| line.split_whitespace().next()).collect();
    let known: Vec<_> = COMMANDS.iter().filter_map(|command| command.first()).collect();
    let is_known = |command: &&str| *command == "help" || known.contains(&command);
    assert!(commands.iter().all(is_known) && commands.len() > 4, "{commands:?}");
    for option in OPTIONS {
        let variable = format!("SUPPLIER_SANDBOX_{}", option.replace('-', "_").to_uppercase());
        assert!(help.contains(&format!("[env: {variable}]")), "{variable}");
    }
    assert_eq!(sandbox(["help", "serve"]).stdout, sandbox(["serve", "--help"]).stdout);
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

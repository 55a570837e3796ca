//! A window that is too short is found, and shown by a script.

use std::process::Command;

use super::{against, reported, with_verdict};
use crate::process::run;
use crate::program::{Launch, Program};
use crate::soak::{figure, seeds};
use crate::tools;

#[test]
fn a_window_of_15_minutes_fails_with_a_script_that_shows_it() {
    let program = Launch::new().set("window-minutes", "15").start();
    let (outcome, report) = reported(&mut against(program.url()));
    assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
    assert_eq!(with_verdict(&report, "FAIL"), ["list.window"]);
    assert!(outcome.stdout.lines().any(|line| line.starts_with("FAIL list.window ")), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("reproduced 3 of 3"), "{}", outcome.stdout);
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    if !tools::has_script_tools() {
        return;
    }
    let right = Program::start();
    for finding in findings {
        let script = finding["shell"].as_str().unwrap();
        let shown = run(Command::new("sh").args(["-c", script]).env("BASE_URL", program.url()));
        assert_eq!(shown.code, Some(1), "{script}\n{shown:?}");
        assert!(shown.stdout.contains("BROKEN"), "{shown:?}");
        let kept = run(Command::new("sh").args(["-c", script]).env("BASE_URL", right.url()));
        assert_eq!(kept.code, Some(0), "{script}\n{kept:?}");
    }
}

#[test]
fn a_window_of_another_length_breaks_rules_of_windows_only() {
    // The test above sees to a run at 15.
    let lengths = ["29", "31", "45", "15"];
    for minutes in lengths.into_iter().take(figure(3, lengths.len()).max(3)) {
        let program = Launch::new().set("window-minutes", minutes).start();
        for seed in seeds(1, 60) {
            let (outcome, report) = reported(against(program.url()).args(["--seed", &seed.to_string()]));
            let told = || format!("{minutes} minutes, seed {seed}: {}", outcome.stdout);
            assert_eq!(outcome.code, Some(1), "{}", told());
            for verdict in ["FAIL", "WARN", "ERROR"] {
                let rules = with_verdict(&report, verdict);
                assert!(rules.iter().all(|rule| rule.starts_with("list.window")), "{}", told());
            }
        }
    }
}

#[test]
fn a_report_is_replayed() {
    let program = Launch::new().set("window-minutes", "15").start();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("report.json");
    let report = format!("json={}", file.display());
    run(against(program.url()).args(["--only", "list.window", "--report", &report]));
    let replay = |url: &str| run(crate::program::contract().arg("replay").arg(&file).args(["--target", url]));
    assert_eq!(replay(program.url()).code, Some(1));
    let right = Program::start();
    let kept = replay(right.url());
    assert_eq!(kept.code, Some(0), "{kept:?}");
}

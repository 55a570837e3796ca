//! Workers that cannot be rehearsed, and workers that do not end: each is told plainly, and nothing of it is left.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::{prepared, rehearse};
use crate::process::{Outcome, Running, run};
use crate::tools;

/// A call that polls, for shell scripts.
const POLL: &str = "curl -s -H \"X-Api-Key: $SANDBOX_KEY\" \"$SANDBOX_URL/api/admin/v2/orders?productType=manual\" >/dev/null";

fn shell(options: &[&str], script: &str) -> Outcome {
    rehearse(options, &["sh", "-c", script])
}

#[test]
fn a_worker_that_cannot_be_rehearsed_is_told_with_its_own_words() {
    let missing = rehearse(&[], &["/no/such/worker"]);
    assert_eq!((missing.code, missing.stdout.as_str()), (Some(3), ""));
    assert!(
        missing.stderr.contains("`/no/such/worker`") && missing.stderr.contains("PATH"),
        "{}",
        missing.stderr
    );

    let crash = shell(&[], "echo config.json is missing >&2; exit 7");
    assert_eq!(crash.code, Some(3), "{}", crash.stderr);
    for told in ["exit code 7", "config.json is missing", "SANDBOX_URL", "--env"] {
        assert!(crash.stderr.contains(told), "{told}: {}", crash.stderr);
    }

    let idle = shell(&[], "echo nothing to do");
    assert_eq!(idle.code, Some(4), "{}", idle.stderr);
    assert!(idle.stderr.contains("made no call") && idle.stderr.contains("nothing to do"), "{}", idle.stderr);

    let silent = shell(&["--patience", "300ms"], "exec sleep 1000");
    assert_eq!(silent.code, Some(4), "{}", silent.stderr);
    assert!(silent.stderr.contains("made no call"), "{}", silent.stderr);

    if tools::has_curl() {
        let wrong_key = shell(
            &[],
            "SANDBOX_KEY=nonsense; curl -s -H \"X-Api-Key: $SANDBOX_KEY\" $SANDBOX_URL/api/admin/v2/orders",
        );
        assert_eq!(wrong_key.code, Some(4), "{}", wrong_key.stderr);
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused_with_what_would() {
    for (options, told) in [
        (&["--every", "soon"][..], "500ms, 90s, 5m or 1h"),
        (&["--budget", "0"], "from 1 to"),
        (&["--orders", "101"], "101"),
        (&["--env", "POLL"], "POLL_MS=50"),
        (&["--report", "xml=x"], "json, junit, markdown, html"),
        (&["--report", "json=/no/such/directory/x.json"], "a directory that can be written to"),
        (&["--replay", "explode@list:1"], "close-after@list:1"),
        (&["--replay", "nothing.json#1"], "cannot be read"),
        (&["--scenario", "nonsense"], "default, minimal, empty"),
        (&["--supplier", "nobody"], "aurora"),
        (&["--copy", "/no/such/directory"], "--copy"),
    ] {
        let refused = rehearse(options, &["true"]);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{options:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(told), "{options:?}: {}", refused.stderr);
    }
    assert_eq!(run(crate::program::command().arg("rehearse")).code, Some(2));
}

/// Rules: `rehearsal.ends`, `rehearsal.survives`, `rehearsal.no-storm`.
#[test]
fn a_worker_that_hangs_floods_or_leaves_children_is_ended_whole() {
    if !tools::has_curl() {
        return;
    }
    let hangs = format!("{POLL}; exec sleep 1000");
    let told = shell(&["--mode", "one-shot", "--time-out", "500ms", "--replay", "none"], &hangs);
    assert!(told.code == Some(1) && told.stdout.contains("DOES NOT END"), "{told:?}");

    let stubborn = format!("trap '' TERM; while :; do {POLL}; sleep 0.05; done");
    let told = shell(&["--grace", "200ms", "--mode", "daemon", "--replay", "none"], &stubborn);
    assert!(told.code == Some(1) && told.stdout.contains("DOES NOT END"), "{told:?}");

    let silent = format!("{POLL}; exec sleep 1000");
    let told = shell(&["--mode", "daemon", "--patience", "300ms", "--replay", "none"], &silent);
    assert!(told.code == Some(1) && told.stdout.contains("no call for"), "{told:?}");

    let floods = format!("{POLL}; head -c 20000000 /dev/zero | tr '\\0' 'x'; echo; echo the end");
    let told = shell(&["--mode", "one-shot", "--rounds", "1", "--replay", "none"], &floods);
    assert!(told.code == Some(1) && told.stdout.contains("LOST"), "{told:?}");

    let endless = "while :; do curl -s --no-progress-meter -H \"X-Api-Key: $SANDBOX_KEY\" \"$SANDBOX_URL/api/admin/v2/orders?n=[1-1000]\" >/dev/null; done";
    let told = shell(&["--mode", "one-shot", "--replay", "none"], endless);
    assert!(told.code == Some(1) && told.stdout.contains("no end of them"), "{told:?}");

    // Its own number of seconds tells it from any other.
    let seconds = format!("4321.{}", std::process::id());
    let forks =
        format!("{POLL}; sleep {seconds} & setsid sleep {seconds} & (setsid sleep {seconds} &); exit 0");
    shell(&["--mode", "one-shot", "--rounds", "2", "--replay", "none"], &forks);
    let search = format!("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c '[s]leep {seconds}'");
    assert_eq!(run(Command::new("sh").args(["-c", &search])).stdout.trim(), "0");
}

#[test]
fn ctrl_c_ends_a_run_with_what_was_found() {
    if !tools::has_curl() {
        return;
    }
    let directory = TempDir::new().unwrap();
    let pipe = directory.path().join("runs");
    assert_eq!(run(Command::new("mkfifo").arg(&pipe)).code, Some(0));
    let script = format!("{POLL}; echo run >'{}'", pipe.display());
    let mut command = prepared(&["--rounds", "2", "--time", "0s"], &["sh", "-c", &script]);
    let running = Running::start(&mut command);
    // The worker waits until somebody reads what it writes.
    for _ in 0..8 {
        assert_eq!(fs::read_to_string(&pipe).unwrap().lines().next(), Some("run"));
    }
    running.signal("INT");
    let outcome = running.outcome();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(
        outcome.stdout.contains("LOST") && outcome.stdout.contains("stopped before its end"),
        "{outcome:?}"
    );
}

#[test]
fn ctrl_c_before_the_first_rehearsal_is_over_ends_the_worker_and_says_so_by_the_exit_code() {
    let directory = TempDir::new().unwrap();
    let pipe = directory.path().join("runs");
    assert_eq!(run(Command::new("mkfifo").arg(&pipe)).code, Some(0));
    let script = format!("echo run >'{}'; exec sleep 1000", pipe.display());
    let running = Running::start(&mut prepared(&["--patience", "60s"], &["sh", "-c", &script]));
    assert_eq!(fs::read_to_string(&pipe).unwrap(), "run\n");
    running.signal("TERM");
    let outcome = running.outcome();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(130), ""), "{outcome:?}");
}

#[test]
fn a_replay_that_can_show_nothing_is_no_success() {
    if !tools::has_curl() {
        return;
    }
    let poll = format!("{POLL}; exit 0");
    for (replay, code, told) in [
        ("close-after@update:1:1", 4, "made no call that the mishap could happen to"),
        ("close-after@list:1/99", 2, "no order 99"),
        ("none/99", 2, "no order 99"),
    ] {
        let refused = shell(&["--mode", "one-shot", "--replay", replay], &poll);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(code), ""), "{replay}: {refused:?}");
        assert!(refused.stderr.contains(told), "{replay}: {}", refused.stderr);
    }
}

/// What a worker writes goes into reports, but no password and no key.
#[test]
fn a_report_has_what_the_worker_wrote_without_its_secrets() {
    if !tools::has_curl() {
        return;
    }
    let deliver = "curl -s -H \"X-Api-Key: $SANDBOX_KEY\" -H 'Content-Type: application/json' \"$SANDBOX_URL/api/admin/v2/orders-update\" \
                   -d '{\"order\": 1, \"status\": \"processing\", \"accounts\": [\"ann@example.com:hunter2-secret\"]}' >/dev/null";
    let script = format!(
        "{POLL}; {deliver}; echo gave ann@example.com:hunter2-secret; echo with hunter2-secret and $SANDBOX_KEY"
    );
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("rehearsal.json");
    let json = format!("json={}", file.display());
    // The command line is the user's own, and stands in the report.
    let program = directory.path().join("worker.sh");
    fs::write(&program, script).unwrap();
    let options = ["--mode", "one-shot", "--replay", "none/2", "--report", &json];
    rehearse(&options, &["sh", program.to_str().unwrap()]);
    let report = fs::read_to_string(&file).unwrap();
    assert!(
        report.contains("gave ann@example.com:***") && report.contains("with *** and $API_KEY"),
        "{report}"
    );
    assert!(!report.contains("hunter2") && !report.contains("test_"), "{report}");
}

//! Ctrl-C.

use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use crate::program::{Ended, Program};
use crate::target::{REFUSAL, silent_after};

/// Presses Ctrl-C once the target has heard so many requests.
fn interrupted(program: &Program, target: &str, told: &mpsc::Receiver<String>, requests: usize) -> Ended {
    let child = program.start(&["run", "--target", target, "--only", "key-missing", "--timeout", "60"]);
    for _ in 0..requests {
        told.recv_timeout(Duration::from_mins(3)).unwrap();
    }
    let pressed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(pressed.success());
    Ended::of(child.wait_with_output().unwrap())
}

#[test]
fn what_was_found_until_then_is_reported() {
    let (target, told) = silent_after(1, "401 Unauthorized", "application/json", REFUSAL);
    let ended = interrupted(&Program::new(), &target, &told, 2);
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(ended.out.contains("the run was stopped before its end"), "{ended:?}");
}

#[test]
fn a_target_that_does_not_answer_can_be_left() {
    let (target, told) = silent_after(0, "", "", "");
    let ended = interrupted(&Program::new(), &target, &told, 1);
    assert_eq!((ended.code, ended.err.as_str()), (130, "interrupted\n"), "{ended:?}");
}

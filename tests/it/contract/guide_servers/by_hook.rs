//! By a hook, over HTTP and as a program.

use super::{EXPRESS, Implementation, PYTHON};
use crate::contract::{reported, with_verdict};
use crate::process::run;
use crate::program::{contract, root};
use crate::soak::seeds;
use crate::tools;

fn conforms_and_its_own_choices_are_warnings(implementation: &Implementation) {
    let Some(target) = implementation.start() else { return };
    for seed in seeds(1, 300) {
        let (outcome, report) =
            reported(target.tested().args(["--hook", &target.hook(), "--seed", &seed.to_string()]));
        assert_eq!(outcome.code, Some(0), "seed {seed}: {}", outcome.stdout);
        assert_eq!(with_verdict(&report, "FAIL"), [""; 0], "seed {seed}");
        assert_eq!(with_verdict(&report, "ERROR"), [""; 0], "seed {seed}");
        assert_eq!(with_verdict(&report, "WARN"), implementation.chosen_otherwise, "seed {seed}");
        assert_eq!(with_verdict(&report, "NOT-TESTED"), ["error.server"], "seed {seed}");
    }
    let strict = run(target.tested().args(["--hook", &target.hook(), "--strict"]));
    assert_eq!(strict.code, Some(1), "{}", strict.stdout);
}

#[test]
fn over_http_the_python_server_conforms_and_its_own_choices_are_warnings() {
    conforms_and_its_own_choices_are_warnings(&PYTHON);
}

#[test]
fn over_http_the_express_server_conforms_and_its_own_choices_are_warnings() {
    conforms_and_its_own_choices_are_warnings(&EXPRESS);
}

fn conforms_strictly_to_its_own_profile(implementation: &Implementation) {
    let Some(target) = implementation.start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let seen = directory.path().join("profile.toml");
    let mut observe = contract();
    observe.args(["observe", "--target", &target.url, "--hook", &target.hook(), "--allow-writes"]);
    observe.args(["--key", &target.keys[0], "--second-key", &target.keys[1], "-o"]).arg(&seen);
    let observed = run(&mut observe);
    assert_eq!(observed.code, Some(0), "{observed:?}");
    for profile in [seen, root().join("tests/targets").join(implementation.profile)] {
        let mut command = target.tested();
        let (outcome, report) =
            reported(command.args(["--hook", &target.hook(), "--strict", "--profile"]).arg(&profile));
        assert_eq!(outcome.code, Some(0), "{}: {}", profile.display(), outcome.stdout);
        assert_eq!(with_verdict(&report, "FAIL"), [""; 0]);
        assert!(with_verdict(&report, "PASS").len() > 60, "{:?}", with_verdict(&report, "NOT-TESTED"));
    }
}

#[test]
fn the_python_server_conforms_strictly_to_its_own_profile() {
    conforms_strictly_to_its_own_profile(&PYTHON);
}

#[test]
fn the_express_server_conforms_strictly_to_its_own_profile() {
    conforms_strictly_to_its_own_profile(&EXPRESS);
}

#[test]
fn by_a_hook_that_is_a_program_the_verdicts_are_the_same() {
    let Some(target) = PYTHON.start() else { return };
    let python = tools::plain_python().unwrap();
    let python = python.get_program().to_str().unwrap();
    let mut command = target.tested();
    command.args(["--provision", "command", "--hook", python]);
    command.args(["--hook-arg", "tests/targets/hook.py", "--hook-arg", &target.hook()]);
    // A process for each request: a check for each kind of request is enough.
    let some =
        "key-revoked,order-oldest-first,window-end,values-unknown,order-unpaid,access-denied,race-fields";
    let (outcome, report) = reported(command.args(["--cases", "2", "--only", some]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stdout);
    let warnings = with_verdict(&report, "WARN");
    assert!(warnings.iter().any(|rule| rule == "list.values"), "{warnings:?}");
    assert!(warnings.iter().any(|rule| rule == "update.unpaid"), "{warnings:?}");
    let passed = with_verdict(&report, "PASS");
    for rule in
        ["auth.invalid-key", "list.order", "list.window-end", "update.access-denied", "update.visible"]
    {
        assert!(passed.iter().any(|passed| passed == rule), "{rule}: {passed:?}");
    }
}

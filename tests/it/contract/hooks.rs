//! A server in another language, written from the guide alone, with a hook of its own.

use std::process::Command;

use super::{against, reported, with_verdict};
use crate::process::Running;
use crate::program::root;
use crate::soak::seeds;
use crate::tools;

/// The server, and its keys.
struct Target {
    _running: Running,
    url: String,
    keys: [String; 2],
}

/// Starts `tests/targets/guide_server.py`; nothing where there is no Python.
fn target() -> Option<Target> {
    let mut command = tools::plain_python()?;
    command.arg("guide_server.py").args(["--port", "0", "--hook"]).current_dir(root().join("tests/targets"));
    let mut running = Running::start(&mut command);
    assert!(running.stdout.wait_for(|line| line.starts_with("second key ")), "it has not started");
    let told = running.stdout.told().to_owned();
    let after = |words: &str| {
        let found = told.lines().find_map(|line| line.strip_prefix(words));
        found.unwrap_or_else(|| panic!("no {words:?} in {told}")).to_owned()
    };
    let (url, keys) = (after("listening on "), [after("first key "), after("second key ")]);
    Some(Target { _running: running, url, keys })
}

impl Target {
    /// `supplier-contract run` against it.
    fn tested(&self) -> Command {
        let mut command = against(&self.url);
        command.args(["--key", &self.keys[0], "--second-key", &self.keys[1], "--allow-writes"]);
        command
    }

    fn hook(&self) -> String {
        format!("{}/hook", self.url)
    }
}

/// What the server chose otherwise than the rulebook, by its own README.
const CHOSEN_OTHERWISE: [&str; 14] = [
    "auth.header-only",
    "auth.no-store",
    "list.product-type-values",
    "list.offset-range",
    "list.values",
    "update.order-number",
    "update.unpaid",
    "update.accounts-dedup-scope",
    "update.resubmission",
    "update.supplier-order-id-form",
    "update.response",
    "error.status",
    "error.details",
    "error.transport",
];

#[test]
fn by_an_http_hook_it_conforms_and_its_own_choices_are_warnings() {
    let Some(target) = target() else { return };
    for seed in seeds(1, 300) {
        let (outcome, report) =
            reported(target.tested().args(["--hook", &target.hook(), "--seed", &seed.to_string()]));
        assert_eq!(outcome.code, Some(0), "seed {seed}: {}", outcome.stdout);
        assert_eq!(with_verdict(&report, "FAIL"), [""; 0], "seed {seed}");
        assert_eq!(with_verdict(&report, "ERROR"), [""; 0], "seed {seed}");
        assert_eq!(with_verdict(&report, "WARN"), CHOSEN_OTHERWISE, "seed {seed}");
        assert_eq!(with_verdict(&report, "NOT-TESTED"), ["error.server"], "seed {seed}");
    }
    let strict = crate::process::run(target.tested().args(["--hook", &target.hook(), "--strict"]));
    assert_eq!(strict.code, Some(1), "{}", strict.stdout);
}

#[test]
fn held_to_its_own_profile_it_conforms_strictly() {
    let Some(target) = target() else { return };
    let directory = tempfile::tempdir().unwrap();
    let seen = directory.path().join("profile.toml");
    let mut observe = crate::program::contract();
    observe.args(["observe", "--target", &target.url, "--hook", &target.hook(), "--allow-writes"]);
    observe.args(["--key", &target.keys[0], "--second-key", &target.keys[1], "-o"]).arg(&seen);
    let observed = crate::process::run(&mut observe);
    assert_eq!(observed.code, Some(0), "{observed:?}");
    for profile in [seen, root().join("tests/targets/guide_server.toml")] {
        let mut command = target.tested();
        let (outcome, report) =
            reported(command.args(["--hook", &target.hook(), "--strict", "--profile"]).arg(&profile));
        assert_eq!(outcome.code, Some(0), "{}: {}", profile.display(), outcome.stdout);
        assert_eq!(with_verdict(&report, "FAIL"), [""; 0]);
        assert!(with_verdict(&report, "PASS").len() > 60, "{:?}", with_verdict(&report, "NOT-TESTED"));
    }
}

#[test]
fn by_a_hook_that_is_a_program_the_verdicts_are_the_same() {
    let Some(target) = target() else { return };
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

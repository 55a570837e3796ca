//! What cannot be used, and targets that are none.

use crate::program::Program;
use crate::target::{NOWHERE, REFUSAL, answering, heard};

#[test]
fn values_that_make_no_sense_are_told() {
    for (arguments, told) in [
        (&["--rate", "0/s"][..], "calls a second from 1/s"),
        (&["--rate=-1/s"], "--rate"),
        (&["--max-orders", "-1"], "from 0 to 4294967295"),
        (&["--timeout", "0"], "above 0"),
        (&["--max-time", "10d"], "1h30m"),
        (&["--hook-timeout", "-3"], "above 0"),
        (&["--seed", "-1"], "whole number"),
        (&["--cases", "0"], "from 1"),
        (&["--provision", "magic"], "sandbox, http, command, static, none"),
        (&["--require", "all"], "stated, implied, chosen"),
        (&["--only", "list.windwo"], "did you mean list.window"),
        (&["--only", "list,practice"], "practice of good clients"),
        (&["--read-only", "--allow-writes"], "contradict each other"),
        (&["--strict=maybe"], "--strict"),
        (&["--key-file", "none"], "--key-file none: it cannot be read"),
        (&["--profile", "none"], "--profile none: it cannot be read"),
        (&["--baseline", "none"], "--baseline none"),
        (&["--profile", "broken"], "--profile broken: line 2: "),
        (&["--baseline", "broken"], "--baseline broken: line 2: "),
        (&["--config", "none"], "none: it cannot be read"),
        (&["--hook-arg", "x"], "there is no hook"),
        (&["--provision", "http"], "needs the hook's URL"),
        (&["--report", "pdf=x"], "--report"),
        (&["--target", "example.com"], "http://127.0.0.1:4010"),
        (&["--frobnicate"], "--frobnicate"),
    ] {
        let mut line = vec!["run", "--target", "http://127.0.0.1:1"];
        if arguments[0] == "--target" {
            line.truncate(1);
        }
        line.extend(arguments);
        let error = Program::new().file("broken", "\n[[").fails(2, &line);
        assert!(error.contains(told), "{arguments:?}: {error}");
    }
    assert!(Program::new().fails(2, &["run"]).contains("SUPPLIER_CONTRACT_TARGET"));
}

#[test]
fn a_key_is_never_told() {
    let program = Program::new().file("key", "geheim\ngeheim\n").file("empty", "\n");
    let target = NOWHERE;
    for arguments in [
        &["--key", "geheim\ngeheim"][..],
        &["--key", "geheim\u{7f}"],
        &["--key-file", "key"],
        &["--key", "geheim", "--key-file", "key"],
        &["--key", "geheim", "--second-key", "geheim"],
        &["--second-key-file", "key"],
        &["--admin-token-file", "key"],
        &["--target", "http://geheim:geheim@127.0.0.1"],
    ] {
        let mut line = vec!["run"];
        if arguments[0] != "--target" {
            line.extend(["--target", target]);
        }
        line.extend(arguments);
        let error = program.fails(2, &line);
        assert!(!error.contains("geheim"), "{error}");
    }
    assert!(
        program.fails(2, &["run", "--target", target, "--key-file", "empty"]).contains("must not be empty")
    );
    let variable = Program::new().with("SUPPLIER_CONTRACT_ADMIN_TOKEN", "geheim\ngeheim");
    let error = variable.fails(2, &["run", "--target", target]);
    assert!(error.contains("SUPPLIER_CONTRACT_ADMIN_TOKEN") && !error.contains("geheim"), "{error}");
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let (file, told_file) = heard("500 No", "text/plain", "");
    let (environment, told_environment) = heard("500 No", "text/plain", "");
    let (line, told_line) = heard("500 No", "text/plain", "");
    let program = Program::new().file("contract.toml", format!("target = \"{file}\"\nread-only = true\n"));
    let run = |program: &Program, arguments: &[&str]| {
        let ended = program.run(arguments);
        assert!(!ended.err.contains("contradict"), "{ended:?}");
        // Whatever is left of the call before.
        [&told_file, &told_environment, &told_line].map(|told| told.try_iter().count() > 0)
    };
    assert_eq!(run(&program, &["run"]), [true, false, false]);
    let program =
        program.with("SUPPLIER_CONTRACT_TARGET", &environment).with("SUPPLIER_CONTRACT_ALLOW_WRITES", "true");
    assert_eq!(run(&program, &["run"]), [false, true, false]);
    assert_eq!(run(&program, &["run", "--target", &line, "--read-only"]), [false, false, true]);
}

#[test]
fn a_setting_is_called_as_it_was_given() {
    let program = || Program::new().file("contract.toml", "key-file = \"none\"\nprovision = \"http\"\n");
    let run = ["run", "--target", NOWHERE];
    let told = program().fails(2, &run);
    assert!(told.starts_with("error: `key-file` none: it cannot be read"), "{told}");
    let told = program().with("SUPPLIER_CONTRACT_KEY", "test_abc").fails(2, &run);
    assert!(told.starts_with("error: `provision`: http needs the hook's URL"), "{told}");
    for (name, value) in
        [("SUPPLIER_CONTRACT_PROFILE", "none"), ("SUPPLIER_CONTRACT_SECOND_KEY_FILE", "none")]
    {
        let told = program().with("SUPPLIER_CONTRACT_KEY", "test_abc").with(name, value).fails(2, &run);
        assert!(told.starts_with(&format!("error: {name} none: it cannot be read")), "{told}");
    }
}

#[test]
fn settings_of_one_source_contradict_each_other_and_those_of_a_stronger_one_win() {
    let key = || Program::new().with("SUPPLIER_CONTRACT_KEY", "test_abc");
    let run = ["run", "--target", NOWHERE];
    let told = key().with("SUPPLIER_CONTRACT_KEY_FILE", "none").fails(2, &run);
    assert!(told.contains("SUPPLIER_CONTRACT_KEY and SUPPLIER_CONTRACT_KEY_FILE contradict"), "{told}");
    let told = key().fails(2, &["run", "--target", NOWHERE, "--key-file", "none"]);
    assert!(told.starts_with("error: --key-file none"), "{told}");
    let token = || Program::new().with("SUPPLIER_CONTRACT_ADMIN_TOKEN", "geheim");
    let told = token().with("SUPPLIER_CONTRACT_ADMIN_TOKEN_FILE", "none").fails(2, &run);
    let both = "SUPPLIER_CONTRACT_ADMIN_TOKEN and SUPPLIER_CONTRACT_ADMIN_TOKEN_FILE contradict";
    assert!(told.contains(both) && !told.contains("geheim"), "{told}");
    let told = token().fails(2, &["run", "--target", NOWHERE, "--admin-token-file", "none"]);
    assert!(told.starts_with("error: --admin-token-file none"), "{told}");
}

#[test]
fn read_only_and_allow_writes_are_one_setting_of_a_source() {
    let target = answering("401 Unauthorized", "application/json", REFUSAL);
    for (file, variable, option, read_only) in [
        ("read-only = true", None, None, true),
        ("read-only = true\nallow-writes = false", None, None, true),
        ("read-only = true", None, Some("--read-only=false"), false),
        ("read-only = true", None, Some("--allow-writes=false"), false),
        ("read-only = true", Some("SUPPLIER_CONTRACT_ALLOW_WRITES"), None, false),
        ("allow-writes = true", Some("SUPPLIER_CONTRACT_ALLOW_WRITES"), Some("--read-only"), true),
        ("allow-writes = true", Some("SUPPLIER_CONTRACT_READ_ONLY"), Some("--allow-writes=false"), true),
        ("allow-writes = true", Some("SUPPLIER_CONTRACT_READ_ONLY"), Some("--allow-writes"), false),
    ] {
        let mut program = Program::new().file("contract.toml", file);
        if let Some(variable) = variable {
            program = program.with(variable, "true");
        }
        let mut line = vec!["run", "--target", &target, "--only", "list.order"];
        line.extend(option);
        let told = program.run(&line).out;
        let offers_read_only = told.contains("--read-only withholds none");
        assert_eq!(offers_read_only, !read_only, "{file}, {variable:?}, {option:?}: {told}");
    }
}

#[test]
fn options_of_a_run_are_none_of_other_commands() {
    for command in [&["observe"][..], &["replay", "finding.json"]] {
        for option in
            ["--strict", "--profile=x", "--baseline=x", "--only=list", "--require=stated", "--report=human"]
        {
            let told = Program::new().fails(2, &[command, &[option]].concat());
            assert!(told.contains("unexpected argument"), "{told}");
        }
        // The environment may be that of runs too.
        let program =
            Program::new().with("SUPPLIER_CONTRACT_REPORT", "pdf").with("SUPPLIER_CONTRACT_ONLY", "none");
        let told = program.run(&[command, &["--target", NOWHERE]].concat()).err;
        assert!(!told.contains("SUPPLIER_CONTRACT_") && !told.contains("--only"), "{told}");
    }
}

#[test]
fn a_target_that_cannot_be_reached_is_no_verdict() {
    for command in ["run", "observe"] {
        let error = Program::new().fails(3, &[command, "--target", NOWHERE]);
        assert!(error.contains("cannot be reached"), "{error}");
    }
}

#[test]
fn a_page_of_html_is_no_api() {
    let target = answering("200 OK", "text/html; charset=utf-8", "<html></html>");
    let error = Program::new().fails(3, &["run", "--target", &target]);
    assert!(error.contains("HTML") && error.contains(&target), "{error}");
}

#[test]
fn a_target_is_tested_as_far_as_it_can_be() {
    let good = answering("401 Unauthorized", "application/json", REFUSAL);
    let only = ["run", "--target", &good, "--only", "key-missing"];
    let ended = Program::new().run(&only);
    assert_eq!(ended.code, 0, "{ended:?}");
    let bad = answering("200 OK", "application/json", r#"{"orders": [], "count": 0, "total": 0}"#);
    let ended = Program::new().run(&["run", "--target", &bad, "--only", "key-missing"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let ended = Program::new().run(&["run", "--target", &good, "--require", "implied"]);
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.err.contains("list.window") && !ended.err.contains("error.server"), "{ended:?}");
}

#[test]
fn a_profile_is_written_to_a_file() {
    let target = answering("401 Unauthorized", "application/json", REFUSAL);
    let program = Program::new();
    let ended = program.run(&["observe", "--target", &target, "-o", "profile.toml"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{ended:?}");
    let text = std::fs::read_to_string(program.directory().join("profile.toml")).unwrap();
    assert!(supplier_contract::Profile::parse(&text).is_ok(), "{text}");
    assert!(
        program.fails(2, &["observe", "--target", &target, "-o", "no/such"]).contains("--output no/such")
    );
}

//! `supplier-sandbox openapi`

use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{Outcome, run};
use crate::program::{binary, command, root, sandbox};

const NAMES: [&str; 4] =
    ["supplier-api.json", "supplier-api.yaml", "sandbox-control.json", "sandbox-control.yaml"];

fn assert_silent_success(outcome: &Outcome) {
    assert_eq!((outcome.code, &*outcome.stdout, &*outcome.stderr), (Some(0), "", ""));
}

fn assert_same_documents(directory: &Path) {
    for name in NAMES {
        let kept = fs::read_to_string(root().join("openapi").join(name)).unwrap();
        assert_eq!(fs::read_to_string(directory.join(name)).unwrap(), kept, "{name}");
    }
}

#[test]
fn the_printed_documents_are_the_kept_ones() {
    for (args, name) in [
        (&["openapi"][..], NAMES[0]),
        (&["openapi", "--yaml"], NAMES[1]),
        (&["openapi", "--control"], NAMES[2]),
        (&["openapi", "--control", "--yaml"], NAMES[3]),
    ] {
        let printed = sandbox(args);
        assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
        assert_eq!(printed.stdout, fs::read_to_string(root().join("openapi").join(name)).unwrap());
    }
    assert_silent_success(&sandbox(["openapi", "--check"]));
    assert_silent_success(&sandbox(["openapi", "--check", "openapi"]));
}

#[test]
fn a_stale_copy_is_told_with_the_command_that_mends_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    assert_silent_success(&sandbox(["openapi", "--write", path]));
    assert_same_documents(directory.path());

    fs::write(directory.path().join(NAMES[1]), "openapi: 3.1.0\n").unwrap();
    let told = sandbox(["openapi", "--check", path]);
    assert_eq!((told.code, &*told.stdout, told.stderr.lines().count()), (Some(1), "", 1), "{told:?}");
    assert!(told.stderr.contains(NAMES[1]) && !told.stderr.contains(NAMES[0]), "{}", told.stderr);

    let (_, mend) = told.stderr.split_once("mend them with: ").expect("a command");
    let inherited = env::var_os("PATH").unwrap_or_default();
    let directories = [binary("supplier-sandbox").parent().unwrap().to_owned()].into_iter();
    let path_variable = directories.chain(env::split_paths(&inherited));
    let mut shell = Command::new("sh");
    shell.args(["-c", mend]).env("PATH", env::join_paths(path_variable).unwrap());
    assert_silent_success(&run(&mut shell));
    assert_same_documents(directory.path());
    assert_silent_success(&sandbox(["openapi", "--check", path]));
}

#[test]
fn a_directory_without_documents_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing");
    let missing = missing.to_str().unwrap();
    for args in [
        ["openapi", "--check", directory.path().to_str().unwrap()],
        ["openapi", "--check", missing],
        ["openapi", "--write", missing],
    ] {
        let told = sandbox(args);
        assert_eq!((told.code, &*told.stdout, told.stderr.lines().count()), (Some(2), "", 1), "{told:?}");
        assert!(told.stderr.contains(args[2]) && told.stderr.contains("name the directory"), "{told:?}");
    }
}

#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    for args in [&["openapi"][..], &["openapi", "--yaml"], &["--help"], &["--version"]] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut program = command().args(args).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = String::new();
        io::Read::read_to_string(program.stderr.as_mut().unwrap(), &mut stderr).unwrap();
        assert_eq!((program.wait().unwrap().code(), &*stderr), (Some(0), ""), "{args:?}");
    }
}

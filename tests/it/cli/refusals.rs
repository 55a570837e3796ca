//! What a server that cannot be started says: one line, what is wrong and what would be right, and exit code 2.

use std::net::TcpListener;
use std::path::Path;

use crate::process::run;
use crate::program::{command, sandbox};

/// Starts the program with `args` and expects a refusal that says all of `told`.
fn assert_refused(args: &[&str], told: &[&str]) {
    let refused = sandbox(args);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{args:?}: {}", refused.stderr);
    assert_eq!(refused.stderr.lines().count(), 1, "{args:?}: {}", refused.stderr);
    for told in told {
        assert!(refused.stderr.contains(told), "{args:?} lacks {told:?}: {}", refused.stderr);
    }
}

#[test]
fn a_port_that_is_taken_is_named_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_refused(&["--listen", &address], &["--listen", &address, "in use", "port 0"]);
}

#[test]
fn an_address_that_is_none_or_not_of_this_machine_is_named() {
    assert_refused(&["--listen", "4010"], &["--listen", "\"4010\"", "HOST:PORT"]);
    assert_refused(&["--listen", "127.0.0.1:99999"], &["--listen", "127.0.0.1:99999"]);
    // An address that is kept for documentation, so that no machine has it.
    assert_refused(&["--listen", "192.0.2.1:4010"], &["--listen", "192.0.2.1", "of this machine"]);
}

#[test]
fn a_scenario_that_is_not_there_is_named_beside_those_that_are() {
    assert_refused(&["--scenario", "defualt"], &["\"defualt\"", "default, minimal, empty"]);
}

#[test]
fn a_bad_value_is_named_with_what_would_be_right() {
    let seeds = ["", "one", "-1", "1.5", "18446744073709551616"];
    for seed in seeds {
        assert_refused(&["--seed", seed], &["--seed", &format!("'{seed}'"), "whole number from 0"]);
    }
    for minutes in ["", "half", "-30", "0.5", "4294967296", "527041"] {
        let told = ["--window-minutes", &format!("'{minutes}'"), "whole number of minutes from 0 to 527040"];
        assert_refused(&["--window-minutes", minutes], &told);
    }
    assert_refused(&["serve", "--seed", "one"], &["--seed", "'one'", "whole number from 0"]);
    assert_refused(&["--log-format", "xml"], &["--log-format", "'xml'", "pretty, json"]);
    assert_refused(&["--log", "=="], &["--log", "\"==\"", "such as info"]);
}

#[test]
fn a_command_line_that_is_not_understood_points_at_the_help() {
    assert_refused(&["--sed", "1"], &["'--sed'", "'--seed'", "--help"]);
    assert_refused(&["serv"], &["'serv'", "'serve'", "--help"]);
    assert_refused(&["--listen"], &["--listen", "a value is required", "--help"]);
    assert_refused(&["--seed", "1", "--seed", "2"], &["--seed", "cannot be used multiple times"]);
    assert_refused(&["openapi", "--check", "--write"], &["--check", "--write", "cannot be used with"]);
    assert_refused(&["scenario"], &["scenario", "check"]);
    assert_refused(&["scenario", "check"], &["<FILE>", "--help"]);
}

#[test]
fn a_ready_file_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let nowhere = directory.path().join("nowhere/ready.json");
    let listen = ["--listen", "127.0.0.1:0", "--ready-file"];
    let precious = directory.path().join("precious");
    std::fs::write(&precious, "not to be lost").unwrap();
    for path in [nowhere.as_path(), directory.path(), precious.as_path(), Path::new("/dev/full")] {
        let path = path.to_str().unwrap();
        assert_refused(&[listen[0], listen[1], listen[2], path], &["--ready-file", path, "name a file"]);
    }
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "not to be lost");
}

#[test]
fn a_file_that_holds_no_secret_is_named_with_its_option_and_what_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("secret");
    let path = file.to_str().unwrap();
    let utf16: Vec<u8> = "0123456789abcdef".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (content, cause) in [
        (b"\xef\xbb\xbf0123456789abcdef\n".to_vec(), "byte order mark"),
        (utf16, "UTF-16"),
        (b"0123456789abcd\xf6f".to_vec(), "not UTF-8"),
        (Vec::new(), "there is none in it"),
        (b"0123456789abcdef\n0123456789abcdef\n".to_vec(), "more than one line"),
        (vec![b'x'; 1 << 20], "larger than 4096 bytes"),
    ] {
        std::fs::write(&file, content).unwrap();
        for option in ["--admin-token-file", "--dashboard-password-file"] {
            assert_refused(&["--listen", "127.0.0.1:0", option, path], &[option, path, cause]);
        }
    }
    let directory = directory.path().to_str().unwrap();
    assert_refused(
        &["--listen", "127.0.0.1:0", "--admin-token-file", directory],
        &["--admin-token-file", "directory"],
    );
}

#[test]
fn a_bad_value_in_a_variable_is_refused_as_on_the_command_line() {
    let by_flag = sandbox(["--seed", "one"]);
    let by_variable = run(command().env("SUPPLIER_SANDBOX_SEED", "one"));
    assert_eq!((by_variable.code, by_variable.stderr), (Some(2), by_flag.stderr));
}

#[test]
fn beyond_loopback_nothing_starts_without_an_admin_token() {
    for args in [
        &["--listen", "0.0.0.0:0"][..],
        &["--listen", "127.0.0.1:0", "--public-url", "https://sandbox.example.com"],
    ] {
        assert_refused(args, &["admin token", "--admin-token-file", "SUPPLIER_SANDBOX_ADMIN_TOKEN"]);
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    let file = file.to_str().unwrap();
    let args = ["--listen", "0.0.0.0:0", "--admin-token-file", file];
    assert_refused(&args, &["--admin-token-file", file, "cannot be read"]);
    for token in ["", "short-token", "with a space in the middle"] {
        std::fs::write(file, token).unwrap();
        assert_refused(&args, &["--admin-token-file", file, "at least 16 visible ASCII characters"]);
        let refused =
            run(command().args(["--listen", "0.0.0.0:0"]).env("SUPPLIER_SANDBOX_ADMIN_TOKEN", token));
        assert!(
            refused.stderr.contains("SUPPLIER_SANDBOX_ADMIN_TOKEN: the admin token must"),
            "{}",
            refused.stderr
        );
        assert!(token.is_empty() || !refused.stderr.contains(token), "{}", refused.stderr);
    }
    std::fs::write(file, "aaaaaaaaaaaaaaaabbbb").unwrap();
    assert_refused(&args, &["--admin-token-file", file, "fewer than 6 different characters", "openssl rand"]);
    let args = ["--listen", "127.0.0.1:0", "--dashboard-password-file", file];
    std::fs::write(file, "letmein").unwrap();
    let told = [
        "--dashboard-password-file",
        file,
        "dashboard's password must be at least 8 visible ASCII characters",
    ];
    assert_refused(&args, &told);
    for url in [
        "sandbox.example.com",
        "ftp://sandbox.example.com",
        "https://sandbox.example.com/path",
        "https://a@b",
    ] {
        assert_refused(
            &["--listen", "127.0.0.1:0", "--public-url", url],
            &["--public-url", url, "https://HOST"],
        );
    }
}

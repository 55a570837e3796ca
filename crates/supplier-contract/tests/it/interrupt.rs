//! Ctrl-C and SIGTERM.

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Ended, Program};
use crate::server::{Response, Server};
use crate::target::{REFUSAL, silent_after};

/// Sends a signal once the target has heard so many requests.
fn interrupted(
    program: &Program,
    signal: &str,
    target: &str,
    told: &mpsc::Receiver<String>,
    requests: usize,
) -> Ended {
    let child = program.start(&[
        "run",
        "--target",
        target,
        "--only",
        "key-missing",
        "--timeout",
        "60",
        "--report",
        "human",
        "--report",
        "json=report.json",
    ]);
    for _ in 0..requests {
        told.recv_timeout(Duration::from_mins(3)).unwrap();
    }
    send(signal, child.id());
    Ended::of(child.wait_with_output().unwrap())
}

fn send(signal: &str, process: u32) {
    assert!(Command::new("kill").args([signal, &process.to_string()]).status().unwrap().success());
}

#[test]
fn what_was_found_until_then_is_reported_and_does_not_conform() {
    for signal in ["-INT", "-TERM"] {
        let (target, told) = silent_after(2, "401 Unauthorized", "application/json", REFUSAL);
        let program = Program::new();
        let ended = interrupted(&program, signal, &target, &told, 3);
        assert_eq!(ended.code, 130, "{ended:?}");
        assert!(ended.out.contains("the run was stopped before its end"), "{ended:?}");
        assert!(!ended.out.contains("CONFORMS"), "{ended:?}");
        let report = std::fs::read_to_string(program.directory().join("report.json")).unwrap();
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["summary"]["conforms"], false);
    }
}

#[test]
fn a_target_that_does_not_answer_can_be_left() {
    for signal in ["-INT", "-TERM"] {
        let (target, told) = silent_after(0, "", "", "");
        let ended = interrupted(&Program::new(), signal, &target, &told, 1);
        assert_eq!((ended.code, ended.err.as_str()), (130, "interrupted\n"), "{ended:?}");
    }
}

/// A sandbox whose control API works and whose API answers nothing but calls without a key.
fn sandbox() -> Server {
    let made = AtomicU64::new(0);
    Server::start(move |request| {
        if request.target.starts_with("/_sandbox/") {
            let id = made.fetch_add(1, Ordering::Relaxed);
            let supplier = |name: &str| json!({ "id": name, "key": format!("test_{name}_{id}_0123456789") });
            return Some(Response::json(
                200,
                &json!({ "id": format!("box-{id}"), "suppliers": [supplier("aurora"), supplier("birch")] }),
            ));
        }
        if request.header("x-api-key").is_some() {
            return None;
        }
        let mut answer = Response::json(401, &serde_json::from_str(REFUSAL).unwrap());
        answer.headers.push(("sandbox-version".to_owned(), "test".to_owned()));
        Some(answer)
    })
}

#[test]
fn every_sandbox_that_was_made_is_deleted() {
    for signal in ["-INT", "-TERM"] {
        let server = sandbox();
        let program = Program::new();
        let child = program.start(&["run", "--target", &server.url, "--timeout", "60"]);
        let mut requests = Vec::new();
        // Until several cases are under way.
        while requests.iter().filter(|(_, is_api)| *is_api).count() < 8 {
            requests.extend(server.take().into_iter().map(|request| {
                let is_api = request.header("x-api-key").is_some();
                (request, is_api)
            }));
            std::thread::yield_now();
        }
        send(signal, child.id());
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert_eq!(ended.code, 130, "{ended:?}");
        requests.extend(server.take().into_iter().map(|request| (request, false)));
        let is_sandbox = |target: &str| {
            let rest = target.strip_prefix("/_sandbox/sandboxes");
            rest.is_some_and(|rest| rest.matches('/').count() == usize::from(!rest.is_empty()))
        };
        let control = |method: &str| {
            let of = |(request, _): &&(crate::server::Request, bool)| {
                request.method == method && is_sandbox(&request.target)
            };
            requests.iter().filter(of).map(|(request, _)| request.target.clone()).collect::<Vec<_>>()
        };
        let (made, deleted) = (control("POST"), control("DELETE"));
        assert!(made.len() > 5, "{made:?}");
        assert_eq!(made.len(), deleted.len(), "{signal}: {deleted:?}");
    }
}

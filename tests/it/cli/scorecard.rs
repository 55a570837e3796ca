//! `supplier-sandbox scorecard`

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::thread;

use serde_json::{Value, json};

use crate::fake_target::FakeTarget;
use crate::process::{Outcome, run};
use crate::program::{command, sandbox};

const TOKEN: &str = "0123456789abcdef-token";
const JUNIT: &str = "<?xml version=\"1.0\"?>\n<testsuites><testsuite name=\"aurora\"/></testsuites>\n";

fn scorecard(score: &Value) -> Value {
    let finding = json!({
        "sentence": "Three calls followed an answer within a second, which is sooner than any new order was paid.",
        "advice": "Wait for a minute between two polls.",
        "count": 3, "requests": ["req-00000001-1", "req-00000001-2"], "orders": [12345],
    });
    let practice = json!({
        "practice": "practice.polling", "title": "Poll steadily", "standing": "not-met", "points": score,
        "occasions": 12, "kept": 10, "summary": "10 of 12 polls came in time.", "findings": [finding],
    });
    let unseen = json!({
        "practice": "practice.window", "title": "Work within the window", "standing": "not-observed",
        "points": null, "occasions": 0, "kept": 0, "summary": "No order was answered.", "findings": [],
    });
    let aurora = json!({
        "supplier": "aurora", "name": "Aurora Digital Goods", "score": score, "observed": 1,
        "practices": [practice, unseen],
    });
    json!({
        "complete": true, "now": "2026-01-05T00:00:00.000Z", "score": score, "observed": 1, "suppliers": [aurora],
    })
}

/// A server with that scorecard, and what else it says of it.
fn server(scorecard: &Value) -> FakeTarget {
    let json = scorecard.to_string();
    FakeTarget::start(move |head| {
        let (kind, body) = match head.lines().find_map(|line| line.strip_prefix("accept: ")) {
            Some("text/markdown") => ("text/markdown; charset=utf-8", "# Scorecard\n"),
            Some("application/xml") => ("application/xml", JUNIT),
            _ => ("application/json", &*json),
        };
        (200, format!("Content-Type: {kind}\r\n"), body.to_owned())
    })
}

fn ask(target: &FakeTarget, args: &[&str]) -> Outcome {
    sandbox([&["scorecard", "--url", &target.url], args].concat())
}

#[track_caller]
fn assert_refused(refused: &Outcome, code: i32, told: &[&str]) {
    assert_eq!(refused.code, Some(code), "{refused:?}");
    assert_eq!(refused.stderr.lines().count(), 1, "{refused:?}");
    for told in told {
        assert!(refused.stderr.contains(told), "{told:?} is not in {refused:?}");
    }
}

#[test]
fn it_is_printed_for_a_terminal_unless_told_otherwise() {
    let target = server(&scorecard(&json!(83)));
    let told = ask(&target, &[]);
    let expected = "\
Scorecard of the sandbox default at 2026-01-05T00:00:00.000Z: 83 of 100

aurora (Aurora Digital Goods): 83 of 100, from 1 of 2 practices

   83 Poll steadily: not met (practice.polling)
      10 of 12 polls came in time.
      Kept on 10 of 12 occasions.
      - 3 times: Three calls followed an answer within a second, which is sooner
        than any new order was paid.
        Wait for a minute between two polls.
        Requests: req-00000001-1, req-00000001-2
        Orders: 12345

    - Work within the window: not observed (practice.window)
      No order was answered.
";
    assert_eq!((told.code, &*told.stdout, &*told.stderr), (Some(0), expected, ""));
    let markdown = ask(&target, &["--format", "markdown", "--sandbox", "my-tests", "--supplier", "aurora"]);
    assert_eq!((markdown.code, &*markdown.stdout), (Some(0), "# Scorecard\n"));
    let json = ask(&target, &["--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&json.stdout).unwrap(), scorecard(&json!(83)));
    let heads = target.heads();
    let targets: Vec<_> = heads.iter().map(|head| head.lines().next().unwrap()).collect();
    let target = "get /_sandbox/sandboxes/default/scorecard?ended=true http/1.1";
    let of_one = "get /_sandbox/sandboxes/my-tests/scorecard?supplier=aurora&ended=true http/1.1";
    assert_eq!(targets, [target, of_one, target]);
    assert!(heads.iter().all(|head| !head.contains("\nauthorization:")), "no token was given");
}

#[test]
fn below_the_bar_or_without_anything_to_hold_against_it_the_exit_code_is_1() {
    let target = server(&scorecard(&json!(83)));
    for (format, min, code) in [
        ("text", "83", 0),
        ("text", "84", 1),
        ("json", "100", 1),
        ("markdown", "84", 1),
        ("markdown", "0", 0),
    ] {
        let told = ask(&target, &["--min", min, "--format", format]);
        assert_eq!(told.code, Some(code), "{format} {min}: {told:?}");
        assert!(!told.stdout.is_empty(), "what it was judged by is printed: {told:?}");
    }
    assert_refused(&ask(&target, &["--min", "84"]), 1, &["--min 84", "the score is 83"]);
    let target = server(&scorecard(&Value::Null));
    assert_eq!(ask(&target, &[]).code, Some(0));
    assert_refused(&ask(&target, &["--min", "0"]), 1, &["--min 0", "nothing was observed"]);
}

#[test]
fn a_score_that_rests_on_too_little_is_refused() {
    let target = server(&scorecard(&json!(100)));
    for (required, code, told) in [
        ("polling", 0, ""),
        ("1", 0, ""),
        ("2", 1, "1 of 2 practices were observed"),
        ("practice.window", 1, "practice.window was not observed"),
        ("all", 1, "practice.names were not observed"),
    ] {
        let outcome = ask(&target, &["--min", "90", "--format", "markdown", "--require-observed", required]);
        assert_eq!(outcome.code, Some(code), "{required}: {outcome:?}");
        if code == 1 {
            assert_refused(&outcome, 1, &["--require-observed", "aurora", told]);
        }
    }
    assert_eq!(ask(&target, &["--require-observed"]).code, Some(1), "the flag alone means all");
    assert_refused(
        &ask(&server(&scorecard(&Value::Null)), &["--require-observed", "1"]),
        1,
        &["no call was observed"],
    );
    let unknown = ask(&target, &["--require-observed", "speed"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.stderr.contains("\"speed\" is no practice") && unknown.stderr.contains("polling"),
        "{unknown:?}"
    );
}

#[test]
fn what_is_open_counts_unless_the_client_still_runs() {
    let target = server(&scorecard(&json!(83)));
    ask(&target, &["--running"]);
    assert!(target.heads()[0].starts_with("get /_sandbox/sandboxes/default/scorecard?ended=false "));
}

#[test]
fn a_junit_report_is_written_as_it_came_whatever_the_score() {
    let target = server(&scorecard(&json!(83)));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("scorecard.xml");
    let told = ask(&target, &["--junit", file.to_str().unwrap(), "--min", "90"]);
    assert_refused(&told, 1, &["the score is 83"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), JUNIT);
    let nowhere = directory.path().join("nowhere/scorecard.xml");
    let told = ask(&target, &["--junit", nowhere.to_str().unwrap()]);
    assert_refused(&told, 2, &["--junit", nowhere.to_str().unwrap(), "name a file"]);
    assert_eq!(told.stdout, "");
}

#[test]
fn a_server_cannot_make_the_terminal_obey() {
    const HOSTILE: &str = "Aurora\u{1b}]0;owned\u{7}\u{9b}2J\r\nPASSED\u{202e}\u{8}";
    let mut hostile = scorecard(&json!(83));
    for place in ["/now", "/suppliers/0/supplier", "/suppliers/0/name"] {
        *hostile.pointer_mut(place).unwrap() = HOSTILE.into();
    }
    let practice = hostile.pointer_mut("/suppliers/0/practices/0").unwrap();
    for field in ["practice", "title", "summary"] {
        practice[field] = HOSTILE.into();
    }
    practice["findings"][0] = json!({
        "sentence": HOSTILE, "advice": HOSTILE, "count": 1, "requests": [HOSTILE], "orders": [],
    });
    let told = ask(&server(&hostile), &[]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(!told.stdout.contains("\nPASSED"), "no field makes a line of its own: {}", told.stdout);
    let markdown = ask(&FakeTarget::always(200, "text/markdown", HOSTILE), &["--format", "markdown"]);
    assert_eq!(markdown.stdout, "Aurora]0;owned2J\nPASSED\n");
    let problem = json!({ "type": "about:blank", "detail": HOSTILE }).to_string();
    let refused = ask(&FakeTarget::always(503, "application/problem+json", &problem), &[]);
    assert_refused(&refused, 2, &["503", "Aurora]0;owned2J PASSED"]);
    for shown in [told.stdout, markdown.stdout, refused.stderr] {
        let is_obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!shown.contains(is_obeyed), "{shown:?}");
    }
}

#[test]
fn the_token_is_sent_and_one_that_is_missing_or_wrong_is_explained() {
    let problem = json!({ "type": "urn:supplier-sandbox:problem:no-token" }).to_string();
    let target = FakeTarget::always(401, "application/problem+json", &problem);
    let ways = ["--admin-token-file", "SUPPLIER_SANDBOX_ADMIN_TOKEN"];
    assert_refused(&ask(&target, &[]), 2, &[&target.url, "none was given", ways[0], ways[1]]);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    fs::write(&file, TOKEN).unwrap();
    let by_file = ask(&target, &["--admin-token-file", file.to_str().unwrap()]);
    let by_variable =
        run(command().args(["scorecard", "--url", &target.url]).env("SUPPLIER_SANDBOX_ADMIN_TOKEN", TOKEN));
    for refused in [by_file, by_variable] {
        assert_refused(&refused, 2, &["another than the one given", ways[0], ways[1]]);
        assert!(!refused.stderr.contains(TOKEN), "{refused:?}");
    }
    let sent = format!("\nauthorization: bearer {TOKEN}\n");
    assert_eq!(
        target.heads().iter().map(|head| head.contains(&sent)).collect::<Vec<_>>(),
        [false, true, true]
    );
}

#[test]
fn what_is_not_there_is_named_with_where_to_look() {
    let problem = |word: &str| {
        let problem = json!({ "type": format!("urn:supplier-sandbox:problem:{word}") }).to_string();
        FakeTarget::always(404, "application/problem+json", &problem)
    };
    let told = ask(&problem("no-such-sandbox"), &["--sandbox", "nonesuch"]);
    assert_refused(&told, 2, &["nonesuch", "/_sandbox/sandboxes lists"]);
    let told = ask(&problem("no-such-supplier"), &["--supplier", "nobody"]);
    assert_refused(&told, 2, &["nobody", "/_sandbox/sandboxes/default/suppliers lists"]);
    // Nobody listens at the first port there is.
    let told = sandbox(["scorecard", "--url", "http://127.0.0.1:1"]);
    assert_refused(&told, 2, &["cannot reach http://127.0.0.1:1", "refused", "start a server there"]);
    // A server that does not speak TLS.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.accept().unwrap().0.write_all(b"HTTP/1.1 400 X\r\n\r\n").unwrap());
    assert_refused(&sandbox(["scorecard", "--url", &url]), 2, &["cannot reach", &url, "message"]);
}

#[test]
fn an_answer_that_is_no_scorecard_is_refused() {
    let mut over = scorecard(&json!(83));
    over["score"] = json!(101);
    for (kind, body) in [
        ("text/html", "<html></html>"),
        ("application/json", "{}"),
        ("application/json", "<html></html>"),
        ("application/json", &over.to_string()),
        ("application/json", &scorecard(&json!(83)).to_string().replace("not-met", "splendid")),
    ] {
        let target = FakeTarget::always(200, kind, body);
        assert_refused(&ask(&target, &[]), 2, &["not a scorecard", &target.url]);
        assert_eq!(ask(&target, &["--min", "1"]).code, Some(2), "{kind} {body}");
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("scorecard.xml");
    let target = FakeTarget::always(200, "application/json", &scorecard(&json!(83)).to_string());
    assert_refused(&ask(&target, &["--junit", file.to_str().unwrap()]), 2, &["application/xml"]);
    assert!(!file.exists());
}

#[test]
fn an_answer_that_leads_elsewhere_is_not_followed() {
    let elsewhere = server(&scorecard(&json!(83)));
    let location = format!("Location: {}/\r\n", elsewhere.url);
    let target = FakeTarget::start(move |_| (307, location.clone(), String::new()));
    assert_refused(&ask(&target, &[]), 2, &["307", "--url"]);
    assert!(elsewhere.heads().is_empty());
}

#[test]
fn no_proxy_is_asked_for_the_way_to_this_machine() {
    let (target, proxy) = (server(&scorecard(&json!(83))), FakeTarget::always(502, "text/plain", ""));
    let mut command = command();
    command
        .args(["scorecard", "--url", &target.url])
        .env("http_proxy", &proxy.url)
        .env("all_proxy", &proxy.url);
    // Not by `run`, which exempts every host for every program.
    let told = command.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    assert!(proxy.heads().is_empty());
}

#[test]
fn a_command_line_that_cannot_be_used_is_refused() {
    assert_refused(&sandbox(["scorecard"]), 2, &["--url <URL>", "--help"]);
    let url = ["scorecard", "--url", "http://127.0.0.1:1"];
    for (option, value, told) in [
        ("--min", "101", "whole number from 0 to 100"),
        ("--min", "-1", "whole number from 0 to 100"),
        ("--sandbox", "../x", "a-z, 0-9 and -"),
        ("--supplier", "", "a-z, 0-9 and -"),
        ("--format", "xml", "text, json, markdown"),
        ("--admin-token-file", "/nowhere/token", "cannot be read"),
    ] {
        assert_refused(&sandbox([&url[..], &[option, value]].concat()), 2, &[option, told]);
    }
    for url in ["127.0.0.1:4010", "ftp://127.0.0.1", "http://127.0.0.1:4010/docs", "http://a#b"] {
        assert_refused(&sandbox(["scorecard", "--url", url]), 2, &["--url", url, "https://HOST"]);
    }
    for url in ["https://user:s3cret@sandbox.example.com", "https://sandbox.example.com?key=s3cret"] {
        let refused = sandbox(["scorecard", "--url", url]);
        assert_refused(&refused, 2, &["--url", "https://HOST"]);
        assert!(!refused.stderr.contains("s3cret"), "{refused:?}");
    }
}

//! Targets and hooks that are not there, that hang, that close, that answer something else.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{against, reported, with_verdict};
use crate::fake_target::FakeTarget;
use crate::process::{Outcome, run};
use crate::program::Program;

/// A proxy before a server: what comes back is what `answer` makes of the number of the call and the server's answer;
/// nothing closes the connection. It serves until the test's process ends.
pub(super) fn proxy(
    target: &str,
    answer: impl Fn(usize, String) -> Option<String> + Send + Sync + 'static,
) -> String {
    let count = AtomicUsize::new(0);
    proxy_of(target, move |_, text| answer(count.fetch_add(1, Ordering::SeqCst), text))
}

/// The same, told of what was sent, as text.
pub(super) fn proxy_of(
    target: &str,
    answer: impl Fn(&str, String) -> Option<String> + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (target, answer) = (target.to_owned(), Arc::new(answer));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (target, answer) = (target.clone(), Arc::clone(&answer));
            // A client may be gone at any time, and that is as well.
            thread::spawn(move || pass(stream.ok()?, &target, |sent, text| answer(sent, text)));
        }
    });
    url
}

/// Passes one request on, and what `answer` makes of its answer back.
pub(super) fn pass(
    mut client: impl Read + Write,
    target: &str,
    answer: impl Fn(&str, String) -> Option<String>,
) -> Option<()> {
    let mut request = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    let head = loop {
        if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let read = client.read(&mut chunk).ok().filter(|&read| read > 0)?;
        request.extend_from_slice(&chunk[..read]);
    };
    let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    while request.len() < head + length.unwrap_or(0) {
        let read = client.read(&mut chunk).ok().filter(|&read| read > 0)?;
        request.extend_from_slice(&chunk[..read]);
    }
    let mut server = TcpStream::connect(target).ok()?;
    server.write_all(&request[..head - 2]).ok()?;
    server.write_all(b"Connection: close\r\n\r\n").ok()?;
    server.write_all(&request[head..]).ok()?;
    let mut back = Vec::new();
    server.read_to_end(&mut back).ok()?;
    let sent = String::from_utf8_lossy(&request);
    let answer = answer(&sent, String::from_utf8_lossy(&back).into_owned())?;
    client.write_all(answer.as_bytes()).ok()
}

/// Nothing is said of the target, and no rule is called broken.
fn blames_nobody(outcome: &Outcome, code: i32, words: &str) {
    assert_eq!(outcome.code, Some(code), "{outcome:?}");
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(said.contains(words), "{said}");
    assert!(!said.contains("FAIL "), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn a_target_that_is_not_there() {
    blames_nobody(&run(&mut against("http://127.0.0.1:1")), 3, "cannot be reached");
    blames_nobody(&run(&mut against("http://no-such-host.invalid")), 3, "cannot be reached");
    blames_nobody(&run(&mut against("ftp://127.0.0.1")), 2, "--target");
}

#[test]
fn a_target_that_answers_a_page() {
    let target = FakeTarget::always(200, "text/html", "<html><title>Welcome</title></html>");
    blames_nobody(&run(&mut against(&target.url)), 3, "HTML");
    let target = FakeTarget::always(404, "application/json", "{}");
    blames_nobody(&run(&mut against(&target.url)), 3, "is not there (404)");
    let target = FakeTarget::start(|_| {
        (301, "Location: https://elsewhere.example.com/\r\n".to_owned(), String::new())
    });
    blames_nobody(&run(&mut against(&target.url)), 3, "redirects");
    assert!(target.heads().len() == 1, "a redirect is not followed, and the key goes nowhere");
}

#[test]
fn a_wrong_key() {
    let program = Program::start();
    let outcome = run(against(program.url()).args(["--provision", "none", "--key", "test_wrong"]));
    blames_nobody(&outcome, 2, "does not take the key");
    assert!(!format!("{outcome:?}").contains("test_wrong"), "{outcome:?}");
}

#[test]
fn an_answer_of_10_megabytes() {
    let body = "x".repeat(10 << 20);
    let target =
        FakeTarget::start(move |_| (200, "Content-Type: application/json\r\n".to_owned(), body.clone()));
    blames_nobody(&run(&mut against(&target.url)), 3, "larger than");
}

#[test]
fn a_target_that_does_not_answer() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    blames_nobody(&run(against(&url).args(["--timeout", "0.3"])), 3, "did not answer within 0.3 s");
}

#[test]
fn a_target_that_closes_at_times_breaks_that_rule_only() {
    let program = Program::start();
    let (url, key) = (program.address().to_owned(), program.key("aurora").to_owned());
    let flaky = proxy(&url, |count, answer| (count % 9 != 8).then_some(answer));
    let (outcome, report) = reported(against(&flaky).args(["--provision", "none", "--key", &key]));
    assert!(matches!(outcome.code, Some(1 | 3)), "{outcome:?}");
    let failed = with_verdict(&report, "FAIL");
    assert!(failed.iter().all(|rule| rule == "error.no-5xx"), "{failed:?}");
    assert!(!with_verdict(&report, "ERROR").is_empty() || !failed.is_empty());
    assert!(outcome.stdout.contains("closed the connection"), "{}", outcome.stdout);
}

#[test]
fn a_target_that_goes_away_in_the_middle() {
    let program = Program::start();
    let (address, key) = (program.address().to_owned(), program.key("aurora").to_owned());
    let program = std::sync::Mutex::new(Some(program));
    let leaving = proxy(&address, move |count, answer| {
        if count == 30 {
            program.lock().unwrap().take();
        }
        Some(answer)
    });
    let outcome = run(against(&leaving).args(["--provision", "none", "--key", &key]));
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(!outcome.stdout.contains("FAIL "), "{}", outcome.stdout);
}

/// A program in a file that a hook is.
fn hook(directory: &tempfile::TempDir, text: &str) -> String {
    let file = directory.path().join("hook");
    std::fs::write(&file, text).unwrap();
    let done = Command::new("chmod").arg("+x").arg(&file).status().unwrap();
    assert!(done.success());
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_hook_that_fails_or_hangs() {
    let program = Program::start();
    let directory = tempfile::tempdir().unwrap();
    let within = |seconds: &str, hook: &str| {
        let arguments = ["--provision", "command", "--hook", hook, "--hook-timeout", seconds];
        run(against(program.url()).args(arguments))
    };
    let with = |hook: &str| within("60", hook);
    blames_nobody(&with("/no/such/hook"), 3, "cannot be started");
    blames_nobody(&with(&hook(&directory, "#!/bin/sh\necho broken pipe >&2\nexit 3\n")), 3, "broken pipe");
    let hangs = hook(&directory, "#!/bin/sh\nexec sleep 600\n");
    blames_nobody(&within("0.5", &hangs), 3, "did not answer within 0.5 s");
    blames_nobody(&with(&hook(&directory, "#!/bin/sh\necho hello\n")), 3, "JSON object");
    let supports = r#"#!/bin/sh
read -r request
case "$request" in
  *capabilities*) echo '{"actions": ["create_orders", "new_key", "reset"]}' ;;
  *) echo '{"error": "the database is away"}' ;;
esac
"#;
    blames_nobody(&with(&hook(&directory, supports)), 3, "the database is away");
}

#[test]
fn a_hook_that_prints_without_end_is_not_read_to_its_end() {
    let program = Program::start();
    let directory = tempfile::tempdir().unwrap();
    let endless = hook(&directory, "#!/bin/sh\ncat /dev/zero\n");
    let command = run(against(program.url()).args(["--provision", "command", "--hook", &endless]));
    blames_nobody(&command, 3, "more than 4 MiB");
    let large =
        FakeTarget::always(200, "application/json", &format!("{{\"x\": \"{}\"}}", "x".repeat(5 << 20)));
    let http = run(against(program.url()).args(["--provision", "http", "--hook", &large.url]));
    blames_nobody(&http, 3, "larger than 4 MiB");
}

#[test]
fn a_control_api_that_answers_without_end_is_not_read_to_its_end() {
    let large = format!("{{\"x\": \"{}\"}}", "x".repeat(5 << 20));
    let target = FakeTarget::start(move |head| {
        let headers = "Content-Type: application/json\r\nSandbox-Version: 9\r\n".to_owned();
        let refusal = r#"{"error": "INVALID_API_KEY", "message": "Invalid API key"}"#.to_owned();
        if head.contains("/_sandbox/") { (200, headers, large.clone()) } else { (401, headers, refusal) }
    });
    blames_nobody(&run(&mut against(&target.url)), 3, "larger than 4 MiB");
}

#[test]
fn what_a_hook_has_started_does_not_outlive_its_time() {
    let program = Program::start();
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Whoever reads the pipe gets its end when the last of those who write to it is gone.
    let ended = {
        let pipe = pipe.clone();
        thread::spawn(move || std::fs::read(pipe).unwrap())
    };
    let starts = format!("#!/bin/sh\nsleep 600 >'{}' &\nwait\n", pipe.display());
    let hook = hook(&directory, &starts);
    let arguments = ["--provision", "command", "--hook", &hook, "--hook-timeout", "2"];
    blames_nobody(&run(against(program.url()).args(arguments)), 3, "did not answer within 2 s");
    assert_eq!(ended.join().unwrap(), b"");
}

#[test]
fn what_a_target_says_does_not_reach_the_terminal_as_it_is() {
    let body = "{\"error\": \"\\u001b[2J\", \"message\": \"\u{1b}[31mred\u{202e}\"}";
    let target =
        FakeTarget::start(move |_| (401, "Content-Type: application/json\r\n".to_owned(), body.to_owned()));
    let outcome = run(&mut against(&target.url));
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(
        !outcome.stdout.contains('\u{1b}') && !outcome.stdout.contains('\u{202e}'),
        "{:?}",
        outcome.stdout
    );
}

#[test]
fn a_target_that_asks_for_patience_is_asked_again_and_not_blamed() {
    let program = Program::start();
    let (address, key) = (program.address().to_owned(), program.key("aurora").to_owned());
    let busy = "HTTP/1.1 429 X\r\nConnection: close\r\nRetry-After: 0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    // It does not tell itself for a sandbox, so that nothing is written: this proxy answers so after the server has.
    let patient = proxy(&address, move |count, answer| {
        Some(if count % 3 == 0 { busy.to_owned() } else { answer.replace("sandbox-version:", "x-other:") })
    });
    let (outcome, report) = reported(against(&patient).args(["--provision", "none", "--key", &key]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stdout);
    assert_eq!(with_verdict(&report, "FAIL"), [""; 0]);
    assert_eq!(with_verdict(&report, "ERROR"), [""; 0]);
}

#[test]
fn orders_that_a_file_lists_are_used_where_none_can_be_made() {
    let program = Program::start();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("contract.toml");
    let text = "provision = \"static\"\nkey-file = \"key\"\nallow-writes = true\n\
                [orders]\nown = [12347, 12348]\nforeign = [40301]\nunpaid = [40402]\n";
    std::fs::write(&file, text).unwrap();
    std::fs::write(directory.path().join("key"), program.key("aurora")).unwrap();
    let (outcome, report) = reported(against(program.url()).arg("--config").arg(&file));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stdout);
    let passed = with_verdict(&report, "PASS");
    for rule in
        ["update.access-denied", "update.unpaid", "update.status-values", "update.success", "update.accounts"]
    {
        assert!(passed.iter().any(|passed| passed == rule), "{rule}: {passed:?}");
    }
}

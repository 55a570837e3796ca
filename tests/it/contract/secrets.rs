//! No report and no output has a key or an account's password in it.

use std::sync::{Arc, Mutex};

use super::against;
use super::failure_modes::proxy_of;
use crate::process::run;
use crate::program::{Launch, Program};

/// What may be said of a call that went through a proxy: its password, as the target was sent it.
fn passwords(sent: &str) -> Vec<String> {
    let of = |part: &str| part.split(['"', '\\', ' ']).next().map(str::to_owned);
    sent.split("@example.com:").skip(1).filter_map(of).filter(|password| password.len() > 6).collect()
}

#[test]
fn reports_and_output_hold_no_secret() {
    let program = Launch::new().set("window-minutes", "15").start();
    let key = program.key("aurora").to_owned();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    // The target tells what it was sent: in an error, as a careless one would.
    let loose = echo(&program, move |sent| noted.lock().unwrap().extend(passwords(sent)));
    let directory = tempfile::tempdir().unwrap();
    let files: Vec<_> = ["json", "junit", "markdown", "html"]
        .map(|format| (format, directory.path().join(format)))
        .into_iter()
        .collect();
    let mut command = against(&loose);
    command.args(["--provision", "none", "--allow-writes", "--key", &key, "--report", "human"]);
    for (format, file) in &files {
        command.arg("--report").arg(format!("{format}={}", file.display()));
    }
    let outcome = run(&mut command);
    let secrets = seen.lock().unwrap().clone();
    assert!(!secrets.is_empty(), "no password was sent: {outcome:?}");
    let mut texts = vec![outcome.stdout, outcome.stderr];
    texts.extend(files.iter().map(|(_, file)| std::fs::read_to_string(file).unwrap()));
    // Nor is what the suite makes of a key to see whether it is refused: half of it, it in upper case, it with a character changed.
    let parts: Vec<_> = key.as_bytes().windows(8).map(|part| String::from_utf8_lossy(part)).collect();
    for text in texts {
        assert!(!text.contains(&key), "the key is in {text}");
        let lower = text.to_lowercase();
        for part in &parts {
            let line = lower.lines().find(|line| line.contains(&**part));
            assert!(line.is_none(), "a part of the key, {part}, is in {}", line.unwrap_or_default());
        }
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "a password is in {text}");
        }
    }
}

/// A proxy that adds what it was sent to each answer, head and body.
fn echo(program: &Program, note: impl Fn(&str) + Send + Sync + 'static) -> String {
    proxy_of(program.address(), move |sent, answer| {
        note(sent);
        // Reports show the beginning of an answer: the key comes first.
        let key = sent.lines().find(|line| line.to_lowercase().starts_with("x-api-key")).unwrap_or_default();
        let told = [key, sent].concat();
        let told: String =
            told.chars().filter(|c| !c.is_control() && *c != '"' && *c != '\\').take(4000).collect();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let status = answer.split(' ').nth(1).unwrap_or("500");
        let body = body
            .trim_end()
            .strip_prefix('{')
            .map_or_else(|| body.to_owned(), |body| format!("{{\"echo\":\"{told}\",{body}"));
        // A status that is not right, so that the answer is told.
        let status = match status {
            "200" => "500",
            "401" => "418",
            other => other,
        };
        Some(format!(
            "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    })
}

#[test]
fn a_private_sandboxs_keys_are_told_nowhere() {
    let program = Launch::new().set("window-minutes", "15").start();
    let file = tempfile::NamedTempFile::new().unwrap();
    let report = format!("json={}", file.path().display());
    let outcome = run(against(program.url()).args(["--report", "human", "--report", &report]));
    let told =
        format!("{}{}{}", outcome.stdout, outcome.stderr, std::fs::read_to_string(file.path()).unwrap());
    // The one that stands for a key that nobody has.
    let told = told.replace("test_00000000000000000000000000000000", "");
    assert!(!told.contains("test_"), "{told}");
}

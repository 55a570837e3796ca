//! Keys and passwords stay out of what the program writes, however much it logs and whatever a client does.

mod forms;
mod planted;
mod sinks;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use reqwest::{Client, RequestBuilder};
use serde_json::json;

use crate::client::{CALL_TIMEOUT, connections};
use crate::process::run;
use crate::program::{Launch, Program};
use crate::tools;

/// Part of every password here, and of every key that is none.
const SECRET: &str = "correct-horse";

fn account() -> String {
    format!("user@example.com:{SECRET}")
}

/// Calls with a key where it belongs and where it does not, and with passwords in bodies of every kind.
fn calls(client: &Client, program: &Program) -> Vec<RequestBuilder> {
    let (url, key) = (format!("{}/api/admin/v2", program.url()), program.key("aurora"));
    let list = || client.get(format!("{url}/orders"));
    let update = || client.post(format!("{url}/orders-update")).header("X-Api-Key", key);
    let json = || update().header("Content-Type", "application/json");
    vec![
        list().header("X-Api-Key", key).query(&[("productType", "manual")]),
        list().header("X-Api-Key", format!("{key}{SECRET}")),
        list().header("X-Api-Key", key).header("X-Api-Key", SECRET),
        list().bearer_auth(key),
        list().query(&[("X-Api-Key", key), ("password", SECRET)]),
        list().header("X-Api-Key", key).query(&[("status", key), ("limit", SECRET), (SECRET, key)]),
        client.get(format!("{url}/{key}/{SECRET}")),
        client.get(format!("{}/docs?key={key}", program.url())).header("Referer", format!("http://{key}/")),
        client.post(format!("{url}/orders?key={key}")).header("Cookie", key).body(account()),
        update().json(&json!({ "order": 12345, "status": "completed", "accounts": [account(), account()] })),
        update().json(&json!({ "order": 12345, "accounts": [account()] })),
        update().json(&json!({ "order": 12346, "accounts": [account(), SECRET, 7]})),
        update().json(&json!({ "order": 40301, "accounts": [account()] })),
        update().json(&json!({ "order": 40401, "accounts": [account()] })),
        update().json(&json!({ "order": account(), "status": account(), "accounts": account() })),
        update().json(&json!({ account(): 1, "accounts": { account(): account() }, "key": key })),
        update().json(&json!([account()])),
        update().body(format!(r#"{{"order": 12345, "accounts": ["{}"]"#, account())),
        json().body(format!(r#"{{"order": 12345, "accounts": ["{}"]"#, account())),
        json().body(format!(r#"{{"order": 12345, "accounts": [{}]}}"#, account())),
        json().body(format!(r#"{{"order": 12345, "{SECRET}": 1, "{SECRET}": 1e999}}"#)),
        json().body([account().as_bytes(), b"\xff\xfe"].concat()),
        json().body(account().repeat(60_000)),
    ]
}

/// What is no HTTP, or only in part, with secrets in it.
fn send_fragments(program: &Program) {
    let key = program.key("aurora");
    let head = format!("GET /api/admin/v2/orders?key={key} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\n");
    let fragments = [
        format!("{key} {SECRET}\r\n\r\n"),
        format!("{head}{SECRET}\r\n\r\n"),
        format!("{head}Content-Length: {SECRET}\r\n\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{SECRET}\r\n"),
        head.clone(),
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{key}{SECRET}"),
    ];
    for fragment in fragments {
        let mut stream = TcpStream::connect(program.address()).unwrap();
        stream.set_read_timeout(Some(CALL_TIMEOUT)).unwrap();
        stream.write_all(fragment.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        // A reset is an answer, too.
        let _ = stream.read_to_end(&mut answer);
        assert_is_silent(&answer.escape_ascii().to_string(), &[key, SECRET]);
    }
}

fn assert_is_silent(text: &str, secrets: &[&str]) {
    for secret in secrets {
        if let Some(line) = text.lines().find(|line| line.contains(secret)) {
            panic!("{secret} is in: {line}");
        }
    }
}

/// The same over HTTP/2, which is read by code of its own.
fn call_over_http2(program: &Program) {
    let (url, key) = (format!("{}/api/admin/v2", program.url()), program.key("aurora"));
    let header = format!("X-Api-Key: {key}");
    let body = json!({ "order": 12348, "accounts": [account()] }).to_string();
    let (list, update) = (format!("{url}/orders?key={key}&limit={SECRET}"), format!("{url}/orders-update"));
    let calls = [
        vec!["--header", header.as_str(), list.as_str()],
        vec!["--header", &header, "--header", "Content-Type: application/json", "--data", &body, &update],
    ];
    for call in calls {
        let mut curl = Command::new("curl");
        let options = ["--http2-prior-knowledge", "--silent", "--show-error", "--include"];
        let answer = run(curl.args(options).args(call));
        assert!(answer.stdout.starts_with("HTTP/2 "), "{answer:?}");
        assert_is_silent(&answer.stdout, &[SECRET, key]);
    }
}

/// Makes all those calls.
async fn misuse(program: &Program) {
    for call in calls(&connections(), program) {
        let response = call.send().await.unwrap();
        assert!(response.status().as_u16() < 500, "{response:?}");
        // The documentation shows the example keys of a server that only this machine can reach.
        let secrets: &[_] =
            if response.url().path() == "/docs" { &[SECRET] } else { &[SECRET, program.key("aurora")] };
        let head = format!("{:?}", response.headers());
        let answer = [head, response.text().await.unwrap()].join("\n");
        assert_is_silent(&answer, secrets);
    }
    send_fragments(program);
    if tools::has_curl() {
        call_over_http2(program);
    }
}

async fn assert_log_is_silent(format: &str) {
    let program = Launch::new().set("log", "trace").set("log-format", format).start();
    misuse(&program).await;
    let keys = ["aurora", "birch", "cedar"].map(|id| program.key(id).to_owned());
    let secrets: Vec<&str> = keys.iter().map(String::as_str).chain([SECRET]).collect();
    let ended = program.stop();
    assert_eq!((ended.code, ended.stdout.trim()), (Some(0), ""));
    assert!(ended.stderr.contains("TRACE"), "nothing was held back: {}", ended.stderr);
    assert_is_silent(&ended.stderr, &secrets);
}

/// Rules: `update.secret`.
#[tokio::test]
async fn no_key_and_no_password_is_answered_or_logged_for_people() {
    assert_log_is_silent("pretty").await;
}

/// Rules: `update.secret`.
#[tokio::test]
async fn no_key_and_no_password_is_answered_or_logged_for_machines() {
    assert_log_is_silent("json").await;
}

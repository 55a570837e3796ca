//! Secrets in hundreds of places, and none of them anywhere that the server shows or keeps what it was sent.

use std::process::Command;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use reqwest::Client;
use serde_json::Value;

use super::forms::{self, Carries, Ground};
use super::sinks::{Reader, Sink, files};
use crate::client::connections;
use crate::cluster::Cluster;
use crate::process::run;
use crate::program::{Launch, Program};

/// How many forms are no calls of the Supplier API, so that no journal has them.
const NOT_KEPT: usize = 6;

/// A secret that was planted: where, and the part of it that every way of writing it has.
struct Planted {
    form: &'static str,
    core: String,
    secret: String,
}

impl Planted {
    /// How it may be written.
    fn needles(&self) -> Vec<String> {
        let digits = forms::digits(&self.core);
        let escapes = forms::escaped(&self.core);
        let mut needles = vec![self.core.clone(), hex::encode(&self.core), digits, escapes];
        for login in ["", "user:", "u:"] {
            needles.push(STANDARD.encode(format!("{login}{}", self.secret)).trim_end_matches('=').to_owned());
        }
        if self.core != self.core.to_uppercase() && self.core.len() == 32 {
            needles.push(self.core.to_uppercase());
        }
        needles
    }
}

/// A secret for each form, drawn at random, all different.
fn draw(runner: &mut TestRunner, carries: Carries, count: usize) -> (String, String) {
    let core = ("[a-z]{3}[0-9]{3}[A-Z]{2}", "[a-z]{2,4}")
        .prop_map(move |(one, two)| format!("{one}{count:03}{two}"));
    let plain = prop_oneof![
        Just(("", "")),
        Just(("Ab-", "")),
        Just(("x!", "~1")),
        Just(("", "$%2")),
        Just(("a.b_", "*"))
    ];
    let text = prop_oneof![plain.clone(), Just(("pa ss\"é", "")), Just(("", "\\n'<&")), Just(("ü:x:", ":y"))];
    let around = if carries == Carries::Text { text.boxed() } else { plain.boxed() };
    let (core, (before, after)) = (core, around).new_tree(runner).unwrap().current();
    (format!("{before}{core}{after}"), core)
}

/// API keys that nobody was shown but this test.
async fn keys(client: &Client, program: &Program, count: usize) -> Vec<String> {
    let mut keys = Vec::new();
    while keys.len() < count {
        let created = client.post(format!("{}/_sandbox/sandboxes", program.url()));
        let created: Value = created.json(&serde_json::json!({})).send().await.unwrap().json().await.unwrap();
        let suppliers = created["suppliers"].as_array().unwrap();
        keys.extend(suppliers.iter().map(|supplier| supplier["key"].as_str().unwrap().to_owned()));
    }
    keys
}

/// Plants secrets in each form so often. Returns them with what the server answered.
async fn plant(program: &Program, rounds: usize) -> (Vec<Planted>, Vec<Sink>) {
    let mut runner = TestRunner::default();
    let key = program.key("aurora").to_owned();
    let ground = Ground { client: connections(), server: program.url().to_owned(), key };
    let of_keys = forms::all().filter(|(_, carries, _)| *carries == Carries::Key).count();
    let mut keys = keys(&ground.client, program, of_keys * rounds).await;
    let (mut planted, mut answers) = (Vec::new(), Vec::new());
    for (name, carries, call) in (0..rounds).flat_map(|_| forms::all()) {
        let (secret, core) = match carries {
            Carries::Key => {
                let key = keys.pop().unwrap();
                let digits = key.strip_prefix("test_").unwrap().to_owned();
                (key, digits)
            }
            _ => draw(&mut runner, *carries, planted.len()),
        };
        let response = call(&ground, &secret).send().await.unwrap();
        assert!(response.status().as_u16() < 500, "{name}: {response:?}");
        let head = format!("{:?}", response.headers()).into_bytes();
        let body = response.bytes().await.unwrap().to_vec();
        answers.push((format!("the answer to {name}"), [head, body].concat()));
        planted.push(Planted { form: name, core, secret });
    }
    (planted, answers)
}

/// Fails for each secret that stands in any of the texts.
fn assert_none_shows(planted: &[Planted], key: &str, sinks: &[Sink]) {
    let needles = planted.iter().flat_map(|planted| {
        planted
            .needles()
            .into_iter()
            .map(move |needle| (format!("{} ({})", planted.form, planted.secret), needle))
    });
    let needles: Vec<_> = needles.chain([("the caller's key".to_owned(), key.to_owned())]).collect();
    let finder = AhoCorasick::new(needles.iter().map(|(_, needle)| needle)).unwrap();
    let mut shown = Vec::new();
    for (name, bytes) in sinks {
        assert!(!bytes.is_empty(), "{name} was not read");
        for found in finder.find_iter(bytes) {
            let around = String::from_utf8_lossy(&bytes[found.start().saturating_sub(60)..found.end()]);
            shown.push(format!("{} in {name}: …{around}", needles[found.pattern()].0));
        }
    }
    shown.sort();
    let count = shown.len();
    assert!(shown.is_empty(), "{count} found of {} planted:\n{}", planted.len(), shown.join("\n"));
}

/// Plants, reads everything over HTTP, and stops the server. Returns what was planted, the caller's key, and what was read.
async fn misuse(launch: Launch, rounds: usize) -> (Vec<Planted>, String, Vec<Sink>) {
    let program = launch.set("log", "trace").start();
    let key = program.key("aurora").to_owned();
    let (planted, answers) = plant(&program, rounds).await;
    let (mut sinks, calls) = Reader::new(program.url()).await.all().await;
    assert_eq!(calls + NOT_KEPT * rounds, planted.len(), "every call of the Supplier API is in the journal");
    sinks.extend(answers);
    let ended = program.stop();
    let lines = ended.stderr.matches("answered").count();
    assert!(lines >= planted.len(), "the log has {lines} lines: {}", ended.stderr);
    sinks.push(("the log".to_owned(), ended.stderr.into_bytes()));
    (planted, key, sinks)
}

/// Rules: `update.secret`.
#[tokio::test]
async fn no_planted_secret_is_shown_logged_or_kept_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sandbox.db");
    let (planted, key, mut sinks) = misuse(Launch::new().set("data", file.to_str().unwrap()), 3).await;
    let kept = files(directory.path());
    assert!(kept.iter().any(|(_, bytes)| bytes.len() > 100_000), "the data file was not read");
    sinks.extend(kept);
    assert!(planted.len() >= 200, "{} were planted", planted.len());
    assert_none_shows(&planted, &key, &sinks);
    println!("{} secrets planted, {} texts read, none found", planted.len(), sinks.len());
}

/// Rules: `update.secret`.
#[tokio::test]
async fn no_planted_secret_is_kept_in_a_database() {
    let Some(cluster) = Cluster::start() else { return };
    let url = cluster.url("postgres");
    let (planted, key, mut sinks) = misuse(Launch::new().set("database-url", &url), 1).await;
    let dumped = run(Command::new(cluster.program("pg_dump")).args([
        "--data-only",
        "--column-inserts",
        "--dbname",
        &url,
    ]));
    assert_eq!(dumped.code, Some(0), "{dumped:?}");
    assert!(
        dumped.stdout.contains("12345") && dumped.stdout.contains("orders-update"),
        "the tables were not read"
    );
    sinks.push(("the database".to_owned(), dumped.stdout.into_bytes()));
    assert_none_shows(&planted, &key, &sinks);
    println!("{} secrets planted, {} texts read, none found", planted.len(), sinks.len());
}

//! A server that gets everything that a client may send, and much that none should.

use std::thread;

use proptest::prelude::Strategy;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Method};
use tokio::runtime::Runtime;

use super::fragments::{self, fragments};
use super::requests::{Call, Key, calls};
use super::{figure, tally::Tally};
use crate::client::{Supplier, connections, numbers};
use crate::program::{Launch, Program};

/// Clients at once, each with a connection.
const CLIENTS: usize = 16;
/// One in so many of what is sent is no HTTP.
const FRAGMENT_EVERY: usize = 20;

/// Samples of a strategy, the same on every run for the same `seed`.
struct Samples<S> {
    strategy: S,
    runner: TestRunner,
}

impl<S: Strategy> Samples<S> {
    fn new(strategy: S, seed: u8) -> Self {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        Self { strategy, runner: TestRunner::new_with_rng(Config::default(), rng) }
    }

    fn next(&mut self) -> S::Value {
        self.strategy.new_tree(&mut self.runner).unwrap().current()
    }
}

/// Where a client's requests go.
struct Target {
    url: String,
    address: String,
    key: String,
    tally: Tally,
}

impl Target {
    /// Sends a call, and notes the answer's status.
    async fn send(&self, client: &Client, call: &Call) {
        let method = Method::from_bytes(call.method.as_bytes()).unwrap();
        let mut request =
            client.request(method, format!("{}{}", self.url, call.target)).body(call.body.clone());
        if let Some(content_type) = call.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let keys = match &call.key {
            Key::Missing => vec![],
            Key::Valid => vec![self.key.as_str()],
            Key::Twice => vec![self.key.as_str(); 2],
            Key::Other(key) => vec![key.as_str()],
        };
        for key in keys {
            request = request.header("X-Api-Key", HeaderValue::from_bytes(key.as_bytes()).unwrap());
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{error:?} after {call:?}"));
        let status = response.status();
        assert!(!status.is_server_error(), "{status} after {call:?}");
        let body =
            response.bytes().await.unwrap_or_else(|error| panic!("{error:?} in the answer to {call:?}"));
        if status.is_client_error() && call.method != "HEAD" {
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert!(body["error"].is_string() && body["message"].is_string(), "{body} after {call:?}");
        }
        self.tally.note(call.kind, status.as_str());
    }
}

/// Sends `count` of everything, one after the other.
async fn make_noise(target: &Target, count: usize, seed: u8) {
    let client = connections();
    let (mut calls, mut fragments) = (Samples::new(calls(), seed), Samples::new(fragments(), seed));
    for number in 1..=count {
        if number % FRAGMENT_EVERY == 0 {
            let answer = fragments::send(&target.address, &fragments.next()).await;
            assert!(!answer.starts_with('5'), "{answer}");
            target.tally.note("no HTTP", answer);
        } else {
            target.send(&client, &calls.next()).await;
        }
    }
}

/// Rules: `error.no-5xx`, `error.envelope`.
#[test]
fn nothing_that_a_client_sends_makes_the_server_fail_or_hang() {
    let count = figure(2_000, 200_000);
    // Without a window, so that a page holds orders on every call.
    let program = Launch::new().set("log", "warn").set("window-minutes", "0").start();
    let target = Target {
        url: program.url().to_owned(),
        address: program.address().to_owned(),
        key: program.key("aurora").to_owned(),
        tally: Tally::default(),
    };
    // A thread for each client, since what generates its requests cannot change threads.
    thread::scope(|scope| {
        for seed in (1..).take(CLIENTS) {
            let target = &target;
            scope.spawn(move || runtime().block_on(make_noise(target, count.div_ceil(CLIENTS), seed)));
        }
    });

    let tally = &target.tally;
    print!("{tally}");
    // What is meant to be valid is, so that all of this reaches the rules.
    assert!(tally.count("valid list", "200") > 0 && tally.count("valid update", "200") > 0, "{tally}");
    for (kind, status) in [("invalid list", "400"), ("invalid update", "400"), ("large body", "413")] {
        assert!(tally.count(kind, status) > 0, "{tally}");
    }
    runtime().block_on(assert_still_serves(program));
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The server answers as ever, has nothing to complain about, and ends well.
async fn assert_still_serves(program: Program) {
    // An order of the only supplier that made no noise.
    let page = Supplier::of(&program, "birch").poll(500).await;
    assert!(numbers(&page).contains(&40_301), "{page}");
    let ended = program.stop();
    assert_eq!(ended.code, Some(0));
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    assert_eq!(ended.stderr, "", "nothing here is the server's fault");
}

//! Clients that take and never give: what they can take is bounded, and others are served meanwhile.

use std::fs;
use std::future::pending;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};

use super::{figure, frames};
use crate::client::connections;
use crate::program::{Launch, Program};

/// The most memory that a storm may cost, in kibibytes.
const MOST_KIB: u64 = 300 << 10;
/// How many files a storm in full needs.
const FILES: usize = 16_384;
/// Clients of each kind that are answered, at once.
const AT_ONCE: usize = 8;
/// How long who is cut off stays away: it is memory that is stormed, not the processor.
const COMES_BACK: Duration = Duration::from_secs(1);
const SCRIPT: &str = "/docs/reference.js";
const PAGE: &str = "/api/admin/v2/orders?productType=manual,auto,inventory&limit=500";

/// How long the server may take to say that it is there. On a machine that runs other tests too, longer.
fn health_bound() -> Duration {
    if is_full() { Duration::from_secs(1) } else { Duration::from_secs(20) }
}

fn is_full() -> bool {
    std::env::var("SUPPLIER_SOAK").is_ok_and(|told| told == "full")
}

/// A sandbox of its own, and its key of aurora.
struct World {
    id: String,
    key: String,
}

impl World {
    async fn new(client: &Client, program: &Program) -> Self {
        let new = json!({ "scenario": "default", "windowMinutes": 0 });
        let made = client.post(control(program, "")).json(&new).send().await.unwrap();
        let made: Value = made.json().await.unwrap();
        let aurora = &made["suppliers"].as_array().unwrap()[0];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self { id: text(&made["id"]), key: text(&aurora["key"]) }
    }
}

fn control(program: &Program, rest: &str) -> String {
    format!("{}/_sandbox/sandboxes{rest}", program.url())
}

/// Lets this process, and those that it starts, open as many files as the storm needs, if the system does.
fn allow_files() {
    let me = std::process::id().to_string();
    let _ = Command::new("prlimit").args(["--pid", &me, &format!("--nofile={FILES}:")]).output();
}

/// How much of the memory is the process's, in kibibytes; nothing where the system does not say.
fn resident(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix(" kB")?.parse().ok()
}

/// What is shared by all who take part.
struct Storm {
    url: String,
    address: String,
    process: u32,
    loud: World,
    calm: World,
    is_over: AtomicBool,
    most_resident: AtomicU64,
    slowest_health: AtomicU64,
    looks: AtomicUsize,
}

impl Storm {
    /// Sends `bytes`, and reads nothing. If `is_endless` it sends them again and again, and comes back when it is cut off.
    async fn deaf(self: Arc<Self>, bytes: Vec<u8>, is_endless: bool) {
        loop {
            if let Ok(mut stream) = TcpStream::connect(&self.address).await {
                while stream.write_all(&bytes).await.is_ok() {
                    if !is_endless {
                        // It stays open until the storm is over.
                        pending::<()>().await;
                    }
                }
            }
            tokio::time::sleep(COMES_BACK).await;
        }
    }

    /// The same by HTTP/2, without room for a single byte of any answer.
    async fn deaf_to_frames(self: Arc<Self>, path: &'static str, streams: u32) {
        let mut bytes = frames::preface(0);
        for stream in 0..streams {
            bytes.extend(frames::get(1 + 2 * stream, path, &[("x-api-key", &self.loud.key)]));
        }
        loop {
            if let Ok(mut stream) = TcpStream::connect(&self.address).await
                && stream.write_all(&bytes).await.is_ok()
            {
                // What is no body is read, as a client has to.
                let mut sink = [0; 4_096];
                while stream.read(&mut sink).await.is_ok_and(|length| length > 0) {}
            }
            tokio::time::sleep(COMES_BACK).await;
        }
    }

    /// Makes calls by `request`, several at once, `count` in all. Returns how many failed on the server's side.
    async fn many(
        self: &Arc<Self>,
        count: usize,
        request: impl Fn(&Client, &Self) -> reqwest::RequestBuilder,
    ) -> usize {
        let client = connections();
        let mut failed = 0;
        for batch in (0..count).collect::<Vec<_>>().chunks(AT_ONCE) {
            let mut calls = JoinSet::new();
            for _ in batch {
                let request = request(&client, self);
                calls.spawn(async move {
                    match request.send().await {
                        Ok(answer) => {
                            let status = answer.status().as_u16();
                            let _ = answer.bytes().await;
                            // To be told to come again later is an answer.
                            status >= 500 && status != 503
                        }
                        // Whoever takes too much is cut off.
                        Err(_) => false,
                    }
                });
            }
            failed += calls.join_all().await.into_iter().filter(|failed| *failed).count();
        }
        failed
    }

    /// Asks for the server's health and reads its memory, until the storm is over.
    async fn watch(self: Arc<Self>) {
        let client = connections();
        while !self.is_over.load(Ordering::Relaxed) {
            let asked = Instant::now();
            let health = client.get(format!("{}/_sandbox/health", self.url)).send();
            let health =
                timeout(health_bound(), health).await.expect("the server says in time that it is there");
            assert_eq!(health.unwrap().status(), 200);
            let took = u64::try_from(asked.elapsed().as_millis()).unwrap();
            self.slowest_health.fetch_max(took, Ordering::Relaxed);
            if let Some(resident) = resident(self.process) {
                self.most_resident.fetch_max(resident, Ordering::Relaxed);
            }
            self.looks.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How long calls of the other sandbox take, at the 99th percentile, in microseconds.
    async fn calm_p99(self: Arc<Self>, calls: usize) -> u64 {
        let client = connections();
        let mut took = Vec::with_capacity(calls);
        for _ in 0..calls {
            let asked = Instant::now();
            let request = client.get(format!("{}{PAGE}", self.url)).header("X-Api-Key", &self.calm.key);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.bytes().await.unwrap();
            took.push(u64::try_from(asked.elapsed().as_micros()).unwrap());
        }
        took.sort_unstable();
        took[(took.len() - 1) * 99 / 100]
    }
}

/// Runs `measure` on a thread and a runtime of its own, so that it measures the server and not the queue of this process's tasks.
fn apart<T: Send + 'static>(measure: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::task::spawn_blocking(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("the system gives a runtime").block_on(measure)
    })
}

/// Lets all of those who do not read begin.
fn deaf_clients(storm: &Arc<Storm>) -> JoinSet<()> {
    let mut deaf = JoinSet::new();
    let ahead = |path: &str| {
        let key = &storm.loud.key;
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\nX-Api-Key: {key}\r\n\r\n", storm.address)
            .repeat(20)
            .into_bytes()
    };
    let export = format!("/_sandbox/sandboxes/{}/snapshot", storm.loud.id);
    let events = format!("/_sandbox/sandboxes/{}/events?after=0", storm.loud.id);
    for (path, count) in [
        (SCRIPT, figure(40, 1_000)),
        (PAGE, figure(40, 1_000)),
        (&export, figure(4, 100)),
        (&events, figure(10, 600)),
    ] {
        for number in 0..count {
            deaf.spawn(Arc::clone(storm).deaf(ahead(path), number % 2 == 0));
        }
    }
    for (path, count) in [(SCRIPT, figure(4, 64)), (PAGE, figure(4, 256))] {
        for _ in 0..count {
            deaf.spawn(Arc::clone(storm).deaf_to_frames(path, 126));
        }
    }
    deaf
}

/// Has everything that is answered sent at once. Returns how often the server failed.
async fn busy_clients(storm: &Arc<Storm>) -> usize {
    let large = "x".repeat(2_000_000);
    let updates = storm.many(figure(40, 2_000), |client, storm| {
        let update = client.post(format!("{}/api/admin/v2/orders-update", storm.url));
        let update = update.header("X-Api-Key", &storm.loud.key).header("Content-Type", "application/json");
        update.body(format!(r#"{{"order":12345,"supplierOrderId":"{large}"}}"#))
    });
    let logins = storm.many(figure(20, 1_000), |client, storm| {
        let form = "email=aurora%40example.com&password=not-the-password";
        let login = client.post(format!("{}/login", storm.url));
        login.header("Content-Type", "application/x-www-form-urlencoded").body(form)
    });
    let exports = storm.many(figure(20, 100), |client, storm| {
        client.get(format!("{}/_sandbox/sandboxes/{}/snapshot", storm.url, storm.loud.id))
    });
    let (updates, logins, exports) = tokio::join!(updates, logins, exports);
    updates + logins + exports
}

/// Rules: `error.no-5xx`.
#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_clients_that_do_not_read_costs_bounded_memory_and_nobody_else_notices_much() {
    allow_files();
    let program = Launch::new().set("log", "off").start();
    let client = connections();
    let (loud, calm) = (World::new(&client, &program).await, World::new(&client, &program).await);
    let orders = json!({ "supplier": "aurora", "count": figure(500, 2_000) });
    let placed =
        client.post(control(&program, &format!("/{}/orders", loud.id))).json(&orders).send().await.unwrap();
    assert_eq!(placed.status(), 201, "{:?}", placed.text().await);
    let storm = Arc::new(Storm {
        url: program.url().to_owned(),
        address: program.address().to_owned(),
        process: program.running.id(),
        loud,
        calm,
        is_over: AtomicBool::new(false),
        most_resident: AtomicU64::new(0),
        slowest_health: AtomicU64::new(0),
        looks: AtomicUsize::new(0),
    });
    let calls = figure(200, 5_000);
    let before = apart(Arc::clone(&storm).calm_p99(calls)).await.unwrap();
    let at_rest = resident(storm.process);

    let watching = apart(Arc::clone(&storm).watch());
    let mut deaf = deaf_clients(&storm);
    let (failed, during) = tokio::join!(busy_clients(&storm), apart(Arc::clone(&storm).calm_p99(calls)));
    let during = during.unwrap();
    storm.is_over.store(true, Ordering::Relaxed);
    watching.await.unwrap();
    deaf.shutdown().await;

    let most = storm.most_resident.load(Ordering::Relaxed);
    println!(
        "storm: {} looks, slowest health {} ms, memory {} MiB at rest and {} MiB at most, p99 of others {} us before and \
         {} us during",
        storm.looks.load(Ordering::Relaxed),
        storm.slowest_health.load(Ordering::Relaxed),
        at_rest.unwrap_or_default() >> 10,
        most >> 10,
        before,
        during
    );
    assert_eq!(failed, 0, "the server failed");
    if let Some(at_rest) = at_rest {
        assert!(most < at_rest + MOST_KIB, "{at_rest} KiB at rest, {most} KiB in the storm");
    }
    let health = client.get(format!("{}/_sandbox/health", program.url())).send().await.unwrap();
    assert_eq!(health.status(), 200, "it serves as before");
    let ended = program.stop();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

//! Sandboxes made: what one costs in time, and in memory while it lives and has not changed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use serde_json::value::RawValue;
use supplier_domain::{AccountDedup, FingerprintKey, Timestamp, Window};
use supplier_seed::Scenario;
use supplier_store::{MemoryStore, NewFork, NewSandbox, SandboxId, Sandboxes as _, Settings, StoreOptions};
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::load::{Connection, to_f64};
use crate::process::Server;
use crate::requests::post;
use crate::table::{Rounds, Row, Target};
use crate::{Failure, scenario};

const FORKS: u64 = 1_000;
/// Fewer than a server holds at the most.
const CREATED: u64 = 9_000;
const CALLERS: u64 = 16;
const ROUNDS: usize = 5;
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const SETTINGS: Settings = Settings { window: Window::STANDARD, account_dedup: AccountDedup::Order };

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let directory = directory.path();
    let small = forked(directory, 10_000).await?;
    let large = forked(directory, 1_000_000).await?;
    let ratio = Rounds::new(vec![large.median() / small.median()]);
    let (mut per_second, mut kilobytes) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let server = Server::sandbox(directory, "default", 30)?;
        // The first one makes what all others are forks of.
        create(&server, 1, 1).await?;
        let before = server.resident_bytes()?;
        create(&server, FORKS, 1).await?;
        let taken = server.resident_bytes()?.saturating_sub(before);
        kilobytes.push(to_f64(taken) / 1_024.0 / to_f64(FORKS));
        let began = Instant::now();
        create(&server, CREATED - FORKS, CALLERS).await?;
        per_second.push(to_f64(CREATED - FORKS) / began.elapsed().as_secs_f64());
    }
    Ok(vec![
        Row::new("Fork of 10,000 orders, in process", &small, 1, " µs", Target::AtMost(50.0)),
        Row::new("Fork of 1,000,000 orders, in process", &large, 1, " µs", Target::Told),
        Row::new("Fork of 1,000,000 orders, of one of 10,000", &ratio, 2, "", Target::AtMost(2.0)),
        Row::new(
            "POST /_sandbox/sandboxes, 16 callers",
            &Rounds::new(per_second),
            0,
            "/s",
            Target::AtLeast(5_000.0),
        ),
        Row::new(
            "Memory per live fork of `default`",
            &Rounds::new(kilobytes),
            1,
            " KB",
            Target::AtMost(20.0),
        ),
    ])
}

/// How long it takes to fork a sandbox of so many orders, in microseconds.
async fn forked(directory: &Path, orders: u64) -> Result<Rounds, Failure> {
    let text = std::fs::read_to_string(scenario::write(directory, orders)?)?;
    let scenario = Scenario::parse("measured.toml", &text).map_err(|errors| errors.to_string())?;
    let fingerprint_key = FingerprintKey([1; 32]);
    let store = MemoryStore::new(StoreOptions::new(|view| {
        // Of the length that an order has.
        let text = format!("\"{:300}\"", view.order().id);
        Arc::from(RawValue::from_string(text).unwrap_or_default())
    }));
    let from: SandboxId = "original".parse()?;
    let world = scenario.seed(1, &fingerprint_key);
    let new = NewSandbox {
        id: from.clone(),
        scenario: "measured".into(),
        seed: 1,
        world,
        settings: SETTINGS,
        fingerprint_key,
        keys: Vec::new(),
        expires_at: None,
    };
    store.create(new, NOW).await?;
    let mut micros = Vec::new();
    for index in 0..FORKS {
        let fork = NewFork { id: format!("fork-{index}").parse()?, settings: SETTINGS, expires_at: None };
        let began = Instant::now();
        store.fork(&from, fork, NOW).await?;
        micros.push(began.elapsed().as_secs_f64() * 1e6);
    }
    // The first ones are slow for want of memory, and some for a neighbour's sake: what lies between is told by the
    // median, and the middle nine tenths.
    micros.sort_by(f64::total_cmp);
    let edge = micros.len() / 20;
    Ok(Rounds::new(micros[edge..micros.len() - edge].to_vec()))
}

/// Makes so many sandboxes, by so many callers at once.
async fn create(server: &Server, count: u64, callers: u64) -> Result<(), Failure> {
    let request = post(server, "/_sandbox/sandboxes", &json!({}));
    let local = LocalSet::new();
    let mut tasks = Vec::new();
    for _ in 0..callers {
        let (mut connection, request) = (Connection::open(server).await?, request.clone());
        tasks.push(local.spawn_local(async move {
            for _ in 0..count / callers {
                connection.call(&request).await?;
            }
            Ok::<_, Failure>(())
        }));
    }
    let all = async {
        for task in tasks {
            task.await??;
        }
        Ok(())
    };
    tokio::time::timeout(Duration::from_mins(1), local.run_until(all)).await?
}

//! How many rehearsals a second take place, in process: what a run costs beside the work of the worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use supplier_sandbox::SandboxServer;
use supplier_sandbox::rehearsal::{Environment, Mode, Plan, WorldRecipe};

use crate::Failure;
use crate::table::{Rounds, Row, Target};

const ROUNDS: usize = 5;
/// Rehearsals of a round.
const REHEARSALS: usize = 2_000;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    // A runtime of its own, on all cores: server, rehearsals and worker share them.
    let rates = tokio::task::spawn_blocking(|| {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(rates())
    });
    let rates = rates.await??;
    Ok(vec![Row::new(
        "rehearsals per second, a function as the worker, 3 orders".to_owned(),
        &Rounds::new(rates),
        0,
        "",
        Target::AtLeast(1_500.0),
    )])
}

async fn rates() -> Result<Vec<f64>, Failure> {
    let server = SandboxServer::builder().start().await?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build()?;
    let taken = Arc::new(AtomicUsize::new(0));
    let worker = move |environment: Environment| {
        let (client, taken) = (client.clone(), Arc::clone(&taken));
        async move {
            // A worker goes on at its next start.
            let _ = work(&client, &environment, &taken).await;
        }
    };
    let mut rates = Vec::new();
    for seed in 0..ROUNDS as u64 {
        let world = WorldRecipe { orders: Some(3), ..WorldRecipe::default() };
        // Late answers are waited for, and say nothing about the speed: without a time-out none is.
        let plan = Plan {
            world,
            budget: REHEARSALS,
            time: None,
            mode: Some(Mode::OneShot),
            seed,
            jobs: 8,
            ..Plan::default()
        };
        let began = tokio::time::Instant::now();
        let report = server.rehearse(&plan, worker.clone()).await?;
        rates.push(f64::from(u32::try_from(report.rehearsals.done)?) / began.elapsed().as_secs_f64());
    }
    Ok(rates)
}

/// Polls once, and delivers.
async fn work(
    client: &reqwest::Client,
    environment: &Environment,
    taken: &AtomicUsize,
) -> Result<(), reqwest::Error> {
    let (url, key) = (&environment.url, &environment.key);
    let orders =
        client.get(format!("{url}/api/admin/v2/orders?status=pending,processing&productType=manual"));
    let page: Value = orders.header("X-Api-Key", key).send().await?.error_for_status()?.json().await?;
    for order in page["orders"].as_array().into_iter().flatten() {
        let count = usize::try_from(order["quantity"].as_u64().unwrap_or(1)).unwrap_or(1);
        let first = taken.fetch_add(count, Ordering::Relaxed);
        let accounts: Vec<_> =
            (first..first + count).map(|n| format!("user{n}@example.com:secret-{n}")).collect();
        let body = json!({ "order": order["order"], "status": "completed", "accounts": accounts });
        let update = client.post(format!("{url}/api/admin/v2/orders-update")).header("X-Api-Key", key);
        update.json(&body).send().await?.error_for_status()?;
    }
    Ok(())
}

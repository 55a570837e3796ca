//! What it costs the Supplier API that calls are kept, judged, and may be struck by a fault.

use std::time::Duration;

use serde_json::json;

use super::throughput::{ORDERS, pages, updates};
use crate::Failure;
use crate::load::{Connection, drive};
use crate::process::Server;
use crate::requests::post;
use crate::scenario;
use crate::table::{Rounds, Row, Target};

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(2);

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let directory = directory.path();
    let scenario = scenario::write(directory, ORDERS)?;
    let with = Server::sandbox(directory, &scenario, 0)?;
    let without = Server::sandbox_with(directory, &scenario, 0, &["--journal", "off"])?;
    // A fault that matches every call and never fires: each call asks it.
    let fault = json!({ "effect": { "kind": "garbage" }, "every": 1_000_000_000_000_u64 });
    let path = "/_sandbox/sandboxes/default/faults";
    Connection::open(&with).await?.call(&post(&with, path, &fault)).await?;
    let mut rows = Vec::new();
    for what in ["GET a page of 50 of 100,000 orders", "POST a status update"] {
        let is_page = what.starts_with("GET");
        let (ours, theirs) = if is_page {
            (pages(&with, directory).await?, pages(&without, directory).await?)
        } else {
            (updates(&with, directory).await?, updates(&without, directory).await?)
        };
        let (mut ratios, mut micros, mut bare_micros) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let theirs = drive(&without, &theirs, ROUND).await?;
            let ours = drive(&with, &ours, ROUND).await?;
            ratios.push(ours.per_second() / theirs.per_second());
            micros.push(ours.processor_micros());
            bare_micros.push(theirs.processor_micros());
        }
        let told = |figure: &str, values| {
            Row::new(format!("{what}: {figure}"), &Rounds::new(values), 1, " µs", Target::Told)
        };
        rows.extend([
            Row::new(
                format!("{what}: with journal, scorecard and a fault, of without"),
                &Rounds::new(ratios),
                2,
                "",
                Target::AtLeast(0.90),
            ),
            told("processor time with", micros),
            told("processor time without", bare_micros),
        ]);
    }
    Ok(rows)
}

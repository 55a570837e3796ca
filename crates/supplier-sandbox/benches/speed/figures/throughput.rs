//! Requests per second, as a share of the bare server's.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::load::{CONNECTIONS, Connection, Exchange, drive};
use crate::process::Server;
use crate::requests::{POLL, list, update};
use crate::table::{Rounds, Row, Target};
use crate::{Failure, bare, scenario};

pub(super) const ORDERS: u64 = 100_000;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);
/// How many orders each connection updates in turn.
const UPDATED: u64 = 64;
/// What an order's status is set to in turn: words of one length, so that its answers are of one length too.
const STATUSES: [&str; 2] = ["partial", "pending"];

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let directory = directory.path();
    let sandbox = Server::sandbox(directory, &scenario::write(directory, ORDERS)?, 0)?;
    // In this order: an update changes what a page shows.
    let updates = updates(&sandbox, directory).await?;
    let pages = pages(&sandbox, directory).await?;
    let bare = Server::bare(directory)?;
    let same = |request: Vec<u8>, file: &str| -> Result<Vec<Vec<Exchange>>, Failure> {
        let answer_len = usize::try_from(fs::metadata(directory.join(file))?.len())?;
        Ok(vec![vec![Exchange { request, answer_len }]; CONNECTIONS])
    };
    let bare_pages = same(list(&bare, POLL), bare::PAGE_FILE)?;
    let bare_updates = same(update(&bare, scenario::FIRST_ORDER, STATUSES[0]), bare::UPDATED_FILE)?;
    let mut rows = Vec::new();
    for (what, target, ours, theirs) in [
        ("GET a page of 50 of 100,000 orders", 0.80, &pages, &bare_pages),
        ("POST a status update", 0.70, &updates, &bare_updates),
    ] {
        let (mut ratios, mut per_second, mut bare_per_second) = (Vec::new(), Vec::new(), Vec::new());
        let (mut micros, mut bare_micros) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let theirs = drive(&bare, theirs, ROUND).await?;
            let ours = drive(&sandbox, ours, ROUND).await?;
            ratios.push(ours.per_second() / theirs.per_second());
            per_second.push(ours.per_second());
            bare_per_second.push(theirs.per_second());
            micros.push(ours.processor_micros());
            bare_micros.push(theirs.processor_micros());
        }
        let told = |figure: &str, values, decimals, unit| {
            Row::new(format!("{what}: {figure}"), &Rounds::new(values), decimals, unit, Target::Told)
        };
        rows.extend([
            Row::new(format!("{what}, of bare axum"), &Rounds::new(ratios), 2, "", Target::AtLeast(target)),
            told("sandbox", per_second, 0, "/s"),
            told("bare axum", bare_per_second, 0, "/s"),
            told("processor time of the sandbox", micros, 1, " µs"),
            told("processor time of bare axum", bare_micros, 1, " µs"),
        ]);
    }
    Ok(rows)
}

/// The same page for every connection. What it holds is what the bare server answers.
pub(super) async fn pages(sandbox: &Server, directory: &Path) -> Result<Vec<Vec<Exchange>>, Failure> {
    let request = list(sandbox, POLL);
    let mut connection = Connection::open(sandbox).await?;
    let page = connection.call(&request).await?;
    let read: Value = serde_json::from_slice(page)?;
    if read["count"] != 50 {
        return Err(format!("a page of {} orders, where 50 were expected", read["count"]).into());
    }
    fs::write(directory.join(bare::PAGE_FILE), page)?;
    Ok(vec![vec![Exchange { request, answer_len: page.len() }]; CONNECTIONS])
}

/// Orders of its own for every connection. Each answer was read once, and later ones must be as long.
pub(super) async fn updates(sandbox: &Server, directory: &Path) -> Result<Vec<Vec<Exchange>>, Failure> {
    let mut connection = Connection::open(sandbox).await?;
    let mut scripts = Vec::new();
    let mut order = scenario::FIRST_ORDER;
    for _ in 0..CONNECTIONS {
        let mut script = Vec::new();
        for order in order..order + UPDATED {
            for status in STATUSES {
                let request = update(sandbox, order, status);
                let updated = connection.call(&request).await?;
                let read: Value = serde_json::from_slice(updated)?;
                if read["order"] != order || read["status"] != status {
                    return Err(format!("order {order} was to be {status}, and is {}", read["status"]).into());
                }
                fs::write(directory.join(bare::UPDATED_FILE), updated)?;
                script.push(Exchange { answer_len: updated.len(), request });
            }
        }
        order += UPDATED;
        // All of them to one status, then all to the other: no order is updated twice in a row.
        let (first, second): (Vec<_>, Vec<_>) =
            script.into_iter().enumerate().partition(|(index, _)| index.is_multiple_of(STATUSES.len()));
        scripts.push(first.into_iter().chain(second).map(|(_, exchange)| exchange).collect());
    }
    Ok(scripts)
}

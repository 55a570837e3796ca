//! Many pollers, one list of orders.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tokio::task::JoinSet;

use super::figure;
use crate::client::{Supplier, numbers};
use crate::cluster::Cluster;
use crate::program::{Launch, Program};

const POLLERS: usize = 64;

/// A supplier, and `count` open orders for it.
fn scenario(count: usize) -> String {
    format!(
        r#"title = "Many orders"
description = "One supplier, and open orders for it alone."
epoch = "2026-01-05T00:00:00.000Z"
buyers = 50
[[suppliers]]
id = "aurora"
name = "Aurora Digital Goods"
email = "aurora@example.com"
[[products]]
id = "aged-mail"
supplier = "aurora"
name = "Aged mail account"
product_type = "manual"
entity_type = "product"
sub_category = "Mail accounts"
unit_price = "1.25"
[[orders]]
group = "open"
first_number = 100001
count = {count}
statuses = {{ pending = 3, processing = 1 }}
products = ["aged-mail"]
quantity = [1, 100]
age_hours = [1, 720]
"#
    )
}

/// A server of such orders, in memory or on a database.
fn start(count: usize, database: Option<&Cluster>) -> Program {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("many.toml");
    fs::write(&file, scenario(count)).unwrap();
    let launch = Launch::new().set("log", "warn").set("scenario", file.to_str().unwrap());
    // The file is read before the server serves.
    match database {
        Some(cluster) => launch.set("database-url", cluster.url("postgres")).start(),
        None => launch.start(),
    }
}

/// Polls until nothing comes any more. Returns the numbers that came, and how many polls there were.
///
/// # Panics
/// If `most` orders were not all after as many polls: each poll but the last brings one at least.
async fn drain(supplier: Supplier, limit: u32, most: usize) -> (Vec<u64>, usize) {
    let mut came = Vec::new();
    for polls in 1..=most + 1 {
        let page: Value = supplier.poll(limit).await;
        if page["count"] == 0 {
            return (came, polls);
        }
        came.extend(numbers(&page));
    }
    panic!("orders come again and again: {came:?}")
}

/// Pollers at once, each at one of the servers, until there is no order left.
async fn assert_each_comes_once(count: usize, programs: Vec<Program>) {
    let suppliers: Vec<_> = programs.iter().map(|program| Supplier::of(program, "aurora")).collect();
    let mut pollers = JoinSet::new();
    for (index, limit) in (0..POLLERS).zip([1, 3, 7, 20].into_iter().cycle()) {
        let supplier = &suppliers[index / 4 % suppliers.len()];
        // A few share connections, most have their own.
        let caller = if index % 8 == 0 { supplier.clone() } else { supplier.elsewhere() };
        pollers.spawn(drain(caller, limit, count));
    }
    let (mut came, mut polls) = (Vec::with_capacity(count), 0);
    for (numbers, polled) in pollers.join_all().await {
        came.extend(numbers);
        polls += polled;
    }
    let unique: BTreeSet<u64> = came.iter().copied().collect();
    println!(
        "{POLLERS} pollers of {} servers, {polls} polls, {} orders, {} of them twice",
        programs.len(),
        unique.len(),
        came.len() - unique.len()
    );
    assert_eq!(came.len(), unique.len(), "an order was handed out twice");
    let expected: BTreeSet<u64> = (100_001..).take(count).collect();
    assert_eq!(expected.difference(&unique).count(), 0, "an order was never handed out");
    assert_eq!(unique.len(), count);
    for program in programs {
        let ended = program.stop();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    }
}

/// Rules: `list.window-race`, `list.no-duplicates`, `list.limit`.
#[tokio::test(flavor = "multi_thread")]
async fn pollers_at_once_get_every_order_exactly_once() {
    let count = figure(2_000, 10_000);
    assert_each_comes_once(count, vec![start(count, None)]).await;
}

/// Rules: `list.window-race`, `list.no-duplicates`, `list.limit`.
#[tokio::test(flavor = "multi_thread")]
async fn pollers_of_two_servers_on_one_database_get_every_order_exactly_once() {
    let Some(cluster) = Cluster::start() else { return };
    let count = figure(2_000, 20_000);
    let programs = (0..2).map(|_| start(count, Some(&cluster))).collect();
    assert_each_comes_once(count, programs).await;
}

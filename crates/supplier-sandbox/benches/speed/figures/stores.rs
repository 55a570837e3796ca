//! What it costs that sandboxes outlast the server, or are shared by several.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::throughput::{ORDERS, pages, updates};
use crate::database::Database;
use crate::load::{CONNECTIONS, Connection, Exchange, Stretch, drive, drive_all};
use crate::process::Server;
use crate::requests::{POLL, list, post, update};
use crate::table::{Rounds, Row, Target};
use crate::{Failure, scenario};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const FEW: u64 = 10_000;
const MANY: u64 = 1_000_000;
const NAMES: [&str; 3] = ["memory", "SQLite", "PostgreSQL"];

/// A server of each kind on the same orders.
struct Trio {
    servers: [Server; 3],
    _database: Database,
}

impl Trio {
    fn start(directory: &Path, name: &str, scenario: &str, window_minutes: u32) -> Result<Self, Failure> {
        let directory = directory.join(name);
        let database = Database::new(name)?;
        let start = |kind: &str, options: &[&str]| {
            let directory = directory.join(kind);
            fs::create_dir_all(&directory)?;
            Server::sandbox_with(&directory, scenario, window_minutes, options)
        };
        let file = directory.join("data.db").display().to_string();
        let servers = [
            start("memory", &[])?,
            start("file", &["--data", &file])?,
            start("database", &["--database-url", &database.url()])?,
        ];
        Ok(Self { servers, _database: database })
    }
}

fn told(figure: impl Into<String>, values: Vec<f64>, decimals: usize, unit: &str) -> Row {
    Row::new(figure, &Rounds::new(values), decimals, unit, Target::Told)
}

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let directory = directory.path();
    let mut rows = throughput(directory).await?;
    rows.extend(contention(directory).await?);
    Ok(rows)
}

/// What the rounds of a call came to with a server of each kind.
#[derive(Default)]
struct Kinds([Vec<f64>; 3], [Vec<f64>; 3]);

impl Kinds {
    fn note(&mut self, kind: usize, stretch: &Stretch) {
        self.0[kind].push(stretch.per_second());
        self.1[kind].push(stretch.p99_millis());
    }

    fn ratios(&self, kind: usize) -> Rounds {
        Rounds::new(self.0[kind].iter().zip(&self.0[0]).map(|(ours, memory)| ours / memory).collect())
    }

    fn rows(self, what: &str) -> impl Iterator<Item = Row> {
        let Self(per_second, p99) = self;
        per_second.into_iter().zip(p99).zip(NAMES).flat_map(move |((per_second, p99), name)| {
            [
                told(format!("{what}, {name}"), per_second, 0, "/s"),
                told(format!("{what}, {name}: 99 of 100 within"), p99, 1, " ms"),
            ]
        })
    }
}

/// Requests per second with each, over one sandbox, and what two servers on one database serve.
async fn throughput(directory: &Path) -> Result<Vec<Row>, Failure> {
    let scenario = scenario::write(directory, ORDERS)?;
    let trio = Trio::start(directory, "throughput", &scenario, 0)?;
    let pgbench = Database::new("pgbench")?;
    pgbench.make_pgbench()?;
    let (mut posts, mut gets, mut of_pgbench, mut tps) =
        (Kinds::default(), Kinds::default(), Vec::new(), Vec::new());
    // In this order: an update changes what a page shows.
    let mut scripts = Vec::new();
    for server in &trio.servers {
        scripts.push(updates(server, directory).await?);
    }
    for _ in 0..ROUNDS {
        for (kind, (server, scripts)) in trio.servers.iter().zip(&scripts).enumerate() {
            posts.note(kind, &drive(server, scripts, ROUND).await?);
        }
        tps.push(pgbench.pgbench(ROUND.as_secs())?);
        of_pgbench.extend(posts.0[2].last().zip(tps.last()).map(|(ours, theirs)| ours / theirs));
    }
    scripts.clear();
    for server in &trio.servers {
        scripts.push(pages(server, directory).await?);
    }
    for _ in 0..ROUNDS {
        for (kind, (server, scripts)) in trio.servers.iter().zip(&scripts).enumerate() {
            gets.note(kind, &drive(server, scripts, ROUND).await?);
        }
    }
    let get = "GET a page of 50 of 100,000 orders";
    let mut rows = vec![
        Row::new(format!("{get}: SQLite, of memory"), &gets.ratios(1), 2, "", Target::AtLeast(0.25)),
        Row::new(format!("{get}: PostgreSQL, of memory"), &gets.ratios(2), 2, "", Target::Told),
        Row::new("POST a status update: SQLite, of memory", &posts.ratios(1), 2, "", Target::Told),
        Row::new("POST a status update: PostgreSQL, of memory", &posts.ratios(2), 2, "", Target::Told),
        Row::new(
            "POST a status update: PostgreSQL, of pgbench -N",
            &Rounds::new(of_pgbench),
            2,
            "",
            Target::AtLeast(0.5),
        ),
        told("pgbench -N -c 32 -j 2", tps, 0, "/s"),
    ];
    rows.extend(gets.rows(get));
    rows.extend(posts.rows("POST a status update"));
    Ok(rows)
}

/// One server on a database by 32 connections, beside two by 16 each, and two by 32 each.
pub(crate) async fn measure_two_servers() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let directory = directory.path();
    let (database, scenario) = (Database::new("two")?, scenario::write(directory, ORDERS)?);
    let start = |name: &str| {
        let directory = directory.join(name);
        fs::create_dir_all(&directory)?;
        Server::sandbox_with(&directory, &scenario, 0, &["--database-url", &database.url()])
    };
    let (one, other) = (&start("one")?, &start("other")?);
    let mut rows = Vec::new();
    for what in ["POST a status update over 32 sandboxes", "POST a status update", "GET a page of 50"] {
        let scripts = if what.ends_with("sandboxes") {
            apart(one).await?
        } else if what.starts_with("POST") {
            updates(one, directory).await?
        } else {
            pages(one, directory).await?
        };
        let halves = scripts.split_at(CONNECTIONS / 2);
        let (mut ratios, mut p99, mut of_more) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let alone = drive(one, &scripts, ROUND).await?;
            let both = drive_all(&[(one, halves.0), (other, halves.1)], ROUND).await?;
            ratios.push(both.per_second() / alone.per_second());
            p99.push(both.p99_millis());
            let more = drive_all(&[(one, &scripts), (other, &scripts)], ROUND).await?;
            of_more.push(more.per_second() / alone.per_second());
        }
        rows.extend([
            Row::new(
                format!("{what}: two servers on one database, of one, by as many connections"),
                &Rounds::new(ratios),
                2,
                "",
                Target::AtLeast(1.0),
            ),
            told(format!("{what}: two servers, each by as many connections as the one"), of_more, 2, ""),
            told(format!("{what}: two servers: 99 of 100 within"), p99, 1, " ms"),
        ]);
    }
    Ok(rows)
}

/// Updates of 32 connections: over one sandbox, beside a sandbox for each.
async fn contention(directory: &Path) -> Result<Vec<Row>, Failure> {
    let trio = Trio::start(directory, "contention", "default", 0)?;
    let mut rows = Vec::new();
    for (server, name) in trio.servers.iter().zip(NAMES) {
        let apart = apart(server).await?;
        let together = vec![script(server, &server.key).await?; CONNECTIONS];
        let (mut ratios, mut per_second) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let together = drive(server, &together, ROUND).await?.per_second();
            ratios.push(drive(server, &apart, ROUND).await?.per_second() / together);
            per_second.push(together);
        }
        let what = format!("POST a status update over 32 sandboxes, of over one: {name}");
        rows.push(told(what, ratios, 2, ""));
        rows.push(told(format!("POST a status update of 4 orders by all, {name}"), per_second, 0, "/s"));
    }
    Ok(rows)
}

/// For each connection updates in a sandbox of its own.
async fn apart(server: &Server) -> Result<Vec<Vec<Exchange>>, Failure> {
    let mut scripts = Vec::new();
    for _ in 0..CONNECTIONS {
        let key = sandbox(server).await?;
        scripts.push(script(server, &key).await?);
    }
    Ok(scripts)
}

/// A new sandbox's key.
async fn sandbox(server: &Server) -> Result<String, Failure> {
    let mut connection = Connection::open(server).await?;
    let made =
        connection.call(&post(server, "/_sandbox/sandboxes", &json!({ "scenario": "default" }))).await?;
    let made: Value = serde_json::from_slice(made)?;
    let suppliers = made["suppliers"].as_array().ok_or("a sandbox without suppliers")?;
    let aurora = suppliers.iter().find(|supplier| supplier["id"] == "aurora");
    Ok(aurora.and_then(|supplier| supplier["key"].as_str()).ok_or("no key")?.to_owned())
}

/// Updates of its first orders.
async fn script(server: &Server, key: &str) -> Result<Vec<Exchange>, Failure> {
    let (mut connection, mut script) = (Connection::open(server).await?, Vec::new());
    for status in ["partial", "pending"] {
        for order in 12_345..12_349 {
            let request = update(server, order, status);
            let request = String::from_utf8(request)?.replace(&server.key, key).into_bytes();
            let answer_len = connection.call(&request).await?.len();
            script.push(Exchange { request, answer_len });
        }
    }
    Ok(script)
}

/// The first page of 1,000,000 orders beside that of 10,000, while up to 10,000 are withheld; and the last page.
pub(crate) async fn measure_sizes() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let directory = directory.path();
    let few = Trio::start(directory, "few", &scenario::write(directory, FEW)?, 30)?;
    let many = Trio::start(directory, "many", &scenario::write(directory, MANY)?, 30)?;
    let mut rows = Vec::new();
    for ((few, many), name) in few.servers.iter().zip(&many.servers).zip(NAMES) {
        let (mut growth, mut first, mut depth) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let of_few = withholding(few).await?;
            let of_many = withholding(many).await?;
            growth.push(of_many.first / of_few.first);
            first.push(of_many.first);
            depth.push(of_many.last / of_many.first);
        }
        rows.extend([
            Row::new(
                format!("First page of 1,000,000 orders, of that of 10,000: {name}"),
                &Rounds::new(growth),
                2,
                "",
                Target::AtMost(2.0),
            ),
            told(format!("First page of 1,000,000 orders, {name}"), first, 0, " µs"),
            told(format!("Last page of 1,000,000 orders, of the first: {name}"), depth, 2, ""),
        ]);
    }
    Ok(rows)
}

/// How long a page took from one connection, in microseconds.
struct PageTimes {
    first: f64,
    last: f64,
}

/// Has half of what may be withheld handed out, then takes the time of pages that have the rest handed out.
async fn withholding(server: &Server) -> Result<PageTimes, Failure> {
    const MEASURED: u32 = 40;
    let mut connection = Connection::open(server).await?;
    // What was handed out before is back.
    let path = "/_sandbox/sandboxes/default/clock/advance";
    connection.call(&post(server, path, &json!({ "seconds": 1_860 }))).await?;
    let mut total = 0;
    for _ in 0..4 {
        let page: Value =
            serde_json::from_slice(connection.call(&list(server, &format!("{POLL}&limit=500"))).await?)?;
        total = page["total"].as_u64().ok_or("a page without a total")?;
    }
    let first = list(server, &format!("{POLL}&limit=50"));
    let began = Instant::now();
    for _ in 0..MEASURED {
        connection.call(&first).await?;
    }
    let first = began.elapsed();
    // What these pages hand out shortens the list.
    let began = Instant::now();
    for page in 1..=MEASURED {
        let left = total - 500 - u64::from(MEASURED + page) * 50;
        connection.call(&list(server, &format!("{POLL}&limit=50&offset={left}"))).await?;
    }
    let micros = |elapsed: Duration| elapsed.as_secs_f64() * 1e6 / f64::from(MEASURED);
    Ok(PageTimes { first: micros(first), last: micros(began.elapsed()) })
}

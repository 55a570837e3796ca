//! What a page costs the server, whatever the number of orders, and what an order takes of memory.

use std::time::Duration;

use serde_json::Value;

use crate::load::{CONNECTIONS, Connection, Exchange, drive, to_f64};
use crate::process::Server;
use crate::requests::{POLL, list};
use crate::table::{Rounds, Row, Target};
use crate::{Failure, scenario};

const FEW: u64 = 1_000;
const MANY: u64 = 1_000_000;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const PAGE: u64 = 50;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let directory = directory.path();
    let few = Server::sandbox(directory, &scenario::write(directory, FEW)?, 0)?;
    let many = Server::sandbox(directory, &scenario::write(directory, MANY)?, 0)?;
    let bytes = to_f64(many.resident_bytes()? - few.resident_bytes()?) / to_f64(MANY - FEW);
    let of_few = page(&few, 0).await?;
    let first = page(&many, 0).await?;
    let last = page(&many, first.total - PAGE).await?;
    let (mut growth, mut depth, mut of_first, mut of_last) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let few = drive(&few, &of_few.scripts, ROUND).await?.processor_micros();
        let first = drive(&many, &first.scripts, ROUND).await?.processor_micros();
        let last = drive(&many, &last.scripts, ROUND).await?.processor_micros();
        growth.push(first / few);
        depth.push(last / first);
        of_first.push(first);
        of_last.push(last);
    }
    Ok(vec![
        Row::new(
            "Processor time of a page at 1,000,000 orders, of that at 1,000",
            &Rounds::new(growth),
            2,
            "",
            Target::AtMost(1.3),
        ),
        Row::new(
            "Processor time of the last page, of the first's",
            &Rounds::new(depth),
            2,
            "",
            Target::AtMost(3.0),
        ),
        Row::new("The first page of 1,000,000 orders", &Rounds::new(of_first), 1, " µs", Target::Told),
        Row::new("The last page of 1,000,000 orders", &Rounds::new(of_last), 1, " µs", Target::Told),
        Row::new(
            "Memory per order at 1,000,000 orders",
            &Rounds::new(vec![bytes / 1_024.0]),
            2,
            " KB",
            Target::AtMost(1.2),
        ),
    ])
}

/// A page, to be asked for on every connection.
struct Asked {
    scripts: Vec<Vec<Exchange>>,
    total: u64,
}

async fn page(server: &Server, offset: u64) -> Result<Asked, Failure> {
    let request = list(server, &format!("{POLL}&limit={PAGE}&offset={offset}"));
    let mut connection = Connection::open(server).await?;
    let answer = connection.call(&request).await?;
    let read: Value = serde_json::from_slice(answer)?;
    let total = read["total"].as_u64().filter(|_| read["count"] == PAGE).ok_or("a page is not full")?;
    Ok(Asked { scripts: vec![vec![Exchange { request, answer_len: answer.len() }]; CONNECTIONS], total })
}

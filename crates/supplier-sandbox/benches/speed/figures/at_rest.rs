//! The scenario that everybody starts with: how soon it answers, and what it takes.

use tokio::time::Instant;

use crate::Failure;
use crate::load::{Connection, to_f64};
use crate::process::Server;
use crate::requests::{POLL, list};
use crate::table::{Rounds, Row, Target};

const ROUNDS: usize = 11;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let (mut millis, mut megabytes) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let server = Server::sandbox(directory.path(), "default", 30)?;
        let mut connection = Connection::open(&server).await?;
        connection.call(&list(&server, POLL)).await?;
        millis.push(began.elapsed().as_secs_f64() * 1_000.0);
        megabytes.push(to_f64(server.resident_bytes()?) / 1_048_576.0);
    }
    Ok(vec![
        Row::new(
            "Start to first answer with `default`",
            &Rounds::new(millis),
            1,
            " ms",
            Target::AtMost(60.0),
        ),
        Row::new("Memory at rest with `default`", &Rounds::new(megabytes), 1, " MB", Target::AtMost(40.0)),
    ])
}

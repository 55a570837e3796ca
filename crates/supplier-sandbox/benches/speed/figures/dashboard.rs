//! The dashboard's pages: how long each takes, with the scenario that everybody starts with and with 100,000 orders.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::Failure;
use crate::load::Connection;
use crate::process::Server;
use crate::requests::{POLL, list};
use crate::scenario;
use crate::table::{Rounds, Row, Target};

/// How often each page is asked for.
const ROUNDS: usize = 101;
const PAGES: [&str; 7] =
    ["/", "/api-settings", "/orders", "/orders?status=completed&page=3", "/requests", "/scorecard", "/lab"];

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let directory = tempfile::tempdir()?;
    let many = scenario::write(directory.path(), 100_000)?;
    let mut rows = Vec::new();
    for (name, scenario, most) in [("default", "default", 10.0), ("100,000 orders", many.as_str(), 20.0)] {
        let server = Server::sandbox(directory.path(), scenario, 30)?;
        let cookie = log_in(&server).await?;
        let mut connection = Connection::open(&server).await?;
        for _ in 0..20 {
            connection.call(&list(&server, POLL)).await?;
        }
        for path in PAGES {
            let address = &server.address;
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n").into_bytes();
            let mut millis = Vec::new();
            for _ in 0..ROUNDS {
                let began = Instant::now();
                connection.call(&request).await?;
                millis.push(began.elapsed().as_secs_f64() * 1_000.0);
            }
            let figure = format!("Page {path} with {name}");
            rows.push(Row::new(figure, &Rounds::new(millis), 2, " ms", Target::AtMost(most)));
        }
    }
    Ok(rows)
}

/// The cookie of a session that was opened in one click.
async fn log_in(server: &Server) -> Result<String, Failure> {
    let mut stream = TcpStream::connect(&server.address).await?;
    let (address, form) = (&server.address, "supplier=aurora");
    let request = format!(
        "POST /login/open HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    cookie.map(str::to_owned).ok_or_else(|| format!("no session: {answer}").into())
}

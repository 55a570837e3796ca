//! The load generator: raw HTTP/1.1 over connections that are kept open, and no more than that.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Failure;
use crate::process::Server;

/// How many connections call at once.
pub(crate) const CONNECTIONS: usize = 32;

/// A request, and the length of the body that answers it.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) request: Vec<u8>,
    pub(crate) answer_len: usize,
}

/// A connection that is kept open.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What a stretch of load came to.
pub(crate) struct Stretch {
    pub(crate) requests: u64,
    pub(crate) elapsed: Duration,
    /// The servers'.
    pub(crate) processor_time: Duration,
    /// How long each request took, in microseconds, from the shortest to the longest.
    latencies: Vec<u32>,
}

impl Stretch {
    pub(crate) fn per_second(&self) -> f64 {
        to_f64(self.requests) / self.elapsed.as_secs_f64()
    }

    /// What all but one in a hundred requests took no longer than, in milliseconds.
    pub(crate) fn p99_millis(&self) -> f64 {
        let place = self.latencies.len() * 99 / 100;
        self.latencies.get(place).map_or(f64::NAN, |micros| f64::from(*micros) / 1e3)
    }

    /// Of the servers' processor time, what one request took, in microseconds.
    pub(crate) fn processor_micros(&self) -> f64 {
        self.processor_time.as_secs_f64() * 1e6 / to_f64(self.requests)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
pub(crate) fn to_f64(count: u64) -> f64 {
    count as f64
}

impl Connection {
    pub(crate) async fn open(server: &Server) -> Result<Self, Failure> {
        let stream = TcpStream::connect(&server.address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 1 << 20] })
    }

    /// Sends a request, and returns the body of its answer, which must be a success.
    pub(crate) async fn call(&mut self, request: &[u8]) -> Result<&[u8], Failure> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        let mut body = None;
        loop {
            if let Some((start, end)) = body
                && filled >= end
            {
                // One request is one answer: what is beyond it is nobody's.
                return if filled == end {
                    Ok(&self.buffer[start..end])
                } else {
                    Err("an answer is too long".into())
                };
            }
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            if read == 0 {
                return Err("the server closed a connection".into());
            }
            filled += read;
            if body.is_none() {
                body = body_range(&self.buffer[..filled])?;
            }
            if body.is_some_and(|(_, end)| end > self.buffer.len()) {
                return Err("an answer is longer than a page can be".into());
            }
        }
    }
}

/// Where the body of an answer is, once its head is there.
fn body_range(answer: &[u8]) -> Result<Option<(usize, usize)>, Failure> {
    const END: &[u8] = b"\r\n\r\n";
    let Some(head_len) = answer.windows(END.len()).position(|window| window == END) else { return Ok(None) };
    let head = std::str::from_utf8(&answer[..head_len])?;
    if !head.starts_with("HTTP/1.1 20") {
        return Err(format!("no success: {}", String::from_utf8_lossy(answer)).into());
    }
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).ok_or("no content-length")?;
    let start = head_len + END.len();
    Ok(Some((start, start + length.parse::<usize>()?)))
}

/// Calls `server` for `duration`, each connection with its own exchanges, over and over.
pub(crate) async fn drive(
    server: &Server,
    scripts: &[Vec<Exchange>],
    duration: Duration,
) -> Result<Stretch, Failure> {
    drive_all(&[(server, scripts)], duration).await
}

/// Calls several servers at once, each with scripts of its own.
pub(crate) async fn drive_all(
    servers: &[(&Server, &[Vec<Exchange>])],
    duration: Duration,
) -> Result<Stretch, Failure> {
    let mut connections = Vec::new();
    for (server, scripts) in servers {
        for script in *scripts {
            let mut connection = Connection::open(server).await?;
            // Everything is warm, and the connection accepted, before time is taken.
            repeat(&mut connection, script, Instant::now() + WARM_UP).await?;
            connections.push((connection, script.clone()));
        }
    }
    let busy = || servers.iter().map(|(server, _)| server.processor_time()).sum::<Result<Duration, _>>();
    let (began, busy_before) = (Instant::now(), busy()?);
    let mut callers = JoinSet::new();
    for (mut connection, script) in connections {
        callers.spawn(async move { repeat(&mut connection, &script, began + duration).await });
    }
    let mut latencies = Vec::new();
    while let Some(done) = callers.join_next().await {
        latencies.append(&mut done??);
    }
    let elapsed = began.elapsed();
    latencies.sort_unstable();
    Ok(Stretch {
        requests: latencies.len() as u64,
        elapsed,
        processor_time: busy()?.saturating_sub(busy_before),
        latencies,
    })
}

/// How long each connection calls, alone, before all of them are measured.
const WARM_UP: Duration = Duration::from_millis(10);

/// Returns how long each request took, in microseconds.
async fn repeat(
    connection: &mut Connection,
    script: &[Exchange],
    until: Instant,
) -> Result<Vec<u32>, Failure> {
    let (mut latencies, mut began) = (Vec::new(), Instant::now());
    loop {
        for exchange in script {
            let length = connection.call(&exchange.request).await?.len();
            if length != exchange.answer_len {
                return Err(format!(
                    "an answer of {length} bytes, where {} were expected",
                    exchange.answer_len
                )
                .into());
            }
            let now = Instant::now();
            latencies.push(u32::try_from((now - began).as_micros())?);
            began = now;
            if now >= until {
                return Ok(latencies);
            }
        }
    }
}

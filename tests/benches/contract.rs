//! How fast the contract suite is, against the sandbox on this machine, beside its targets.
//!
//! `cargo bench -p supplier-e2e` after `cargo build --release`. With a path to Schemathesis in `SUPPLIER_BENCH_SCHEMATHESIS`,
//! that is run against the same server too.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use supplier_contract::Config;
use tokio::time::Instant;

type Failure = Box<dyn Error + Send + Sync>;

/// How often each figure is taken: the median is told, with the least and the most.
const ROUNDS: usize = 5;

fn main() -> Result<(), Failure> {
    // Cargo passes `--bench` to what it runs as a benchmark, and not to what it runs as a test.
    if !env::args().any(|arg| arg == "--bench") {
        writeln!(io::stderr(), "nothing is measured: that is for `cargo bench -p supplier-e2e`")?;
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure())
}

/// The sandbox's program; it is killed when this is dropped.
struct Server {
    child: Child,
    url: String,
    key: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended, and that is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    async fn start() -> Result<Self, Failure> {
        // This program is in `target/release/deps/`.
        let program = env::current_exe()?.ancestors().nth(2).map(PathBuf::from).unwrap_or_default();
        let program = program.join("supplier-sandbox");
        let directory = tempfile::tempdir()?;
        let ready = directory.path().join("ready.json");
        let child = Command::new(&program)
            .args(["--listen", "127.0.0.1:0", "--log", "warn", "--ready-file"])
            .arg(&ready)
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}; `cargo build --release` makes it", program.display()))?;
        let mut server = Self { child, url: String::new(), key: String::new() };
        for _ in 0..500 {
            if let Ok(text) = fs::read_to_string(&ready) {
                let ready: serde_json::Value = serde_json::from_str(&text)?;
                ready["url"].as_str().unwrap_or_default().clone_into(&mut server.url);
                ready["suppliers"][0]["key"].as_str().unwrap_or_default().clone_into(&mut server.key);
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("the sandbox has not started within 10 s".into())
    }

    /// How many calls of the Supplier API it has answered.
    async fn answered(&self) -> Result<f64, Failure> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let text = reqwest::get(format!("{}/_sandbox/metrics", self.url)).await?.text().await?;
        let counts = text.lines().filter(|line| {
            line.contains("requests_total") && (line.contains("listOrders") || line.contains("updateOrder"))
        });
        Ok(counts.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }
}

async fn measure() -> Result<(), Failure> {
    let server = Server::start().await?;
    let mut out = io::stdout();
    let mut whole = Vec::new();
    let mut machine = Vec::new();
    for round in 0..ROUNDS {
        let mut config = Config::new(&server.url);
        config.seed = round as u64 + 1;
        let started = Instant::now();
        let report = supplier_contract::run(config.clone()).await?;
        whole.push(started.elapsed().as_secs_f64());
        if !report.conforms() {
            return Err("the sandbox does not conform: its speed says nothing".into());
        }
        config.only = vec!["state-machine".to_owned()];
        config.cases = Some(500);
        let started = Instant::now();
        let report = supplier_contract::run(config).await?;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        machine.push(report.calls as f64 / started.elapsed().as_secs_f64());
    }
    writeln!(out, "a full run: {} s (target: at most 15)", told(whole))?;
    writeln!(out, "the state machine: {} calls of the API a second (target: at least 2000)", told(machine))?;
    match env::var_os("SUPPLIER_BENCH_SCHEMATHESIS") {
        Some(program) => schemathesis(&server, &PathBuf::from(program)).await?,
        None => writeln!(out, "Schemathesis: not measured (SUPPLIER_BENCH_SCHEMATHESIS names its program)")?,
    }
    Ok(())
}

async fn schemathesis(server: &Server, program: &PathBuf) -> Result<(), Failure> {
    let mut rates = Vec::new();
    // It leaves files where it is started.
    let directory = tempfile::tempdir()?;
    for seed in 1..=3 {
        let before = server.answered().await?;
        let started = Instant::now();
        // It ends with another code when it finds something, which is not the question here.
        Command::new(program)
            .args(["run", &format!("{}/openapi.json", server.url), "--url", &server.url])
            .args(["--header", &format!("X-Api-Key: {}", server.key), "--seed", &seed.to_string()])
            .args(["--phases", "fuzzing", "--max-examples", "200", "--workers", "2"])
            .current_dir(directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        rates.push((server.answered().await? - before) / started.elapsed().as_secs_f64());
    }
    writeln!(io::stdout(), "Schemathesis, 2 workers: {} calls a second", told(rates))?;
    Ok(())
}

/// The median, with the least and the most.
fn told(mut figures: Vec<f64>) -> String {
    figures.sort_by(f64::total_cmp);
    let digits = if figures.last().is_some_and(|most| *most < 100.0) { 2 } else { 0 };
    let (least, most) = (figures[0], figures[figures.len() - 1]);
    format!("{:.digits$} ({least:.digits$} to {most:.digits$})", figures[figures.len() / 2])
}

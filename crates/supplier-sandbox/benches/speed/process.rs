//! The servers: processes of their own, so that their processor time and memory are theirs alone.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::{BARE_SERVER, Failure};

/// What `/proc` counts processor time in: `USER_HZ`, which is 100 on every Linux that is in use.
const TICKS_PER_SECOND: u64 = 100;

/// A server that serves; it is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens: `HOST:PORT`.
    pub(crate) address: String,
    /// The key of the supplier `aurora`; empty for the bare server.
    pub(crate) key: String,
}

impl Server {
    /// The real program, which logs warnings only. Returns once it serves.
    pub(crate) fn sandbox(directory: &Path, scenario: &str, window_minutes: u32) -> Result<Self, Failure> {
        Self::sandbox_with(directory, scenario, window_minutes, &[])
    }

    /// The same with more options.
    pub(crate) fn sandbox_with(
        directory: &Path,
        scenario: &str,
        window_minutes: u32,
        options: &[&str],
    ) -> Result<Self, Failure> {
        let ready_file = directory.join("ready.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_supplier-sandbox"));
        for (name, _) in
            env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SUPPLIER_SANDBOX_"))
        {
            command.env_remove(name);
        }
        command.args(["--listen", "127.0.0.1:0", "--log", "warn", "--scenario", scenario]).args(options);
        command.args(["--window-minutes", &window_minutes.to_string()]).arg("--ready-file").arg(&ready_file);
        // The banner is the last step of the start, after the ready file.
        let child = started(&mut command, |line| line == "Stop the server with Ctrl-C.")?.0;
        let ready: Value = serde_json::from_str(&fs::read_to_string(&ready_file)?)?;
        let address = ready["url"].as_str().and_then(|url| url.strip_prefix("http://"));
        let mut suppliers = ready["suppliers"].as_array().into_iter().flatten();
        let key = suppliers
            .find(|supplier| supplier["id"] == "aurora")
            .and_then(|supplier| supplier["key"].as_str());
        let (Some(address), Some(key)) = (address, key) else {
            return Err("the ready file is not as documented".into());
        };
        Ok(Self { child, address: address.to_owned(), key: key.to_owned() })
    }

    /// The bare server, with the answers that are in `directory`.
    pub(crate) fn bare(directory: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(env::current_exe()?);
        command.arg(BARE_SERVER).arg(directory);
        let (child, address) = started(&mut command, |_| true)?;
        Ok(Self { child, address, key: String::new() })
    }

    /// The processor time it took since it started, in user and in kernel mode.
    pub(crate) fn processor_time(&self) -> Result<Duration, Failure> {
        let stat = self.proc("stat")?;
        // The name of the program stands in parentheses, and may hold anything.
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let (Some(user), Some(system)) = (fields.get(11), fields.get(12)) else {
            return Err("/proc/PID/stat is short".into());
        };
        let ticks: u64 = user.parse::<u64>()? + system.parse::<u64>()?;
        Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
    }

    /// Its resident memory, in bytes.
    pub(crate) fn resident_bytes(&self) -> Result<u64, Failure> {
        let status = self.proc("status")?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .ok_or("no VmRSS in /proc/PID/status")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? * 1_024)
    }

    fn proc(&self, file: &str) -> Result<String, Failure> {
        let path = format!("/proc/{}/{file}", self.child.id());
        fs::read_to_string(&path).map_err(|error| format!("{path}: {error}; these figures need Linux").into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended, and that is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a program and waits for a line of its output that `fits`.
fn started(command: &mut Command, fits: impl Fn(&str) -> bool) -> Result<(Child, String), Failure> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().ok_or("a program without an output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        if fits(&line) {
            return Ok((child, line));
        }
    }
    Err(format!("{} ended before it served: {}", command.get_program().display(), child.wait()?).into())
}

//! Databases of the PostgreSQL server that figures are measured on.

use std::env;
use std::process::Command;

use crate::Failure;

/// A database of a figure's own; it is gone when this is dropped.
pub(crate) struct Database {
    server: String,
    name: String,
}

fn run(command: &mut Command) -> Result<String, Failure> {
    let program = command.get_program().display().to_string();
    let done =
        command.output().map_err(|error| format!("{program}: {error}; install PostgreSQL's clients"))?;
    if !done.status.success() {
        return Err(format!("{program}: {}", String::from_utf8_lossy(&done.stderr)).into());
    }
    Ok(String::from_utf8(done.stdout)?)
}

impl Database {
    /// A new one, on the server that `SUPPLIER_TEST_DATABASE_URL` names.
    pub(crate) fn new(name: &str) -> Result<Self, Failure> {
        let usual = || "postgres://postgres@127.0.0.1:5432/postgres".to_owned();
        let server = env::var("SUPPLIER_TEST_DATABASE_URL").unwrap_or_else(|_| usual());
        let name = format!("supplier_speed_{}_{name}", std::process::id());
        let database = Self { server, name };
        database.psql(&format!("CREATE DATABASE {}", database.name))?;
        Ok(database)
    }

    fn psql(&self, statement: &str) -> Result<(), Failure> {
        run(Command::new("psql").args(["-qX", "-v", "ON_ERROR_STOP=1", "-c", statement, &self.server]))
            .map(drop)
    }

    pub(crate) fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap_or((&self.server, ""));
        format!("{server}/{}", self.name)
    }

    /// Makes the tables of `pgbench`.
    pub(crate) fn make_pgbench(&self) -> Result<(), Failure> {
        run(Command::new("pgbench").args(["-i", "-q", "-s", "10", &self.url()])).map(drop)
    }

    /// Transactions per second of `pgbench -N` by 32 clients: an update, a select and an insert each, over other rows.
    pub(crate) fn pgbench(&self, seconds: u64) -> Result<f64, Failure> {
        let seconds = seconds.to_string();
        let told = run(Command::new("pgbench").args([
            "-n",
            "-N",
            "-c",
            "32",
            "-j",
            "2",
            "-T",
            &seconds,
            &self.url(),
        ]))?;
        let tps = told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
        Ok(tps.ok_or("pgbench told no tps")?.parse()?)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = self.psql(&format!("DROP DATABASE {} (FORCE)", self.name));
    }
}

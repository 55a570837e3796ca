//! A PostgreSQL server of a test's own, which may be killed.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Outcome, Running, run};
use crate::tools::postgres;

/// A database server under way, with its data; both are gone when this is dropped.
pub(crate) struct Cluster {
    programs: PathBuf,
    account: Option<Account>,
    directory: TempDir,
    running: Option<Running>,
}

/// Whom PostgreSQL runs as where a test is run by root: it refuses to be root.
#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

fn id(args: &[&str]) -> u32 {
    let told = run(Command::new("id").args(args));
    told.stdout.trim().parse().unwrap_or_else(|_| panic!("id {args:?}: {told:?}"))
}

impl Cluster {
    /// A new one that lets in whoever asks; nothing, where there is no PostgreSQL.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&["--auth=trust"])
    }

    /// A new one that asks user `postgres` for this password.
    pub(crate) fn start_with_password(password: &str) -> Option<Self> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, password).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        Self::start_with(&["--auth=scram-sha-256", &format!("--pwfile={}", file.path().display())])
    }

    fn start_with(options: &[&str]) -> Option<Self> {
        let programs = postgres()?;
        let is_root = id(&["-u"]) == 0;
        let account =
            is_root.then(|| Account { user: id(&["-u", "postgres"]), group: id(&["-g", "postgres"]) });
        let directory = tempfile::tempdir().unwrap();
        if let Some(Account { user, group }) = account {
            chown(directory.path(), Some(user), Some(group)).unwrap();
        }
        let mut cluster = Self { programs, account, directory, running: None };
        let mut make = cluster.command("initdb");
        let made = run(make.args(["--username=postgres", "--encoding=UTF8", "--no-sync"]).args(options));
        assert_eq!(made.code, Some(0), "{made:?}");
        cluster.restart();
        Some(cluster)
    }

    /// A program of PostgreSQL on these data.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.arg("-D").arg(self.directory.path().join("data")).current_dir("/").env("LC_ALL", "C");
        if let Some(Account { user, group }) = self.account {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts it again, and returns once it serves.
    pub(crate) fn restart(&mut self) {
        let mut command = self.command("postgres");
        // By a socket in its directory alone: no port to agree on.
        let sockets = format!("unix_socket_directories={}", self.directory.path().display());
        // What a killed process has written is with the system: only a power cut would need it on the disk.
        let settings = ["listen_addresses=", &sockets, "fsync=off"];
        let settings = settings.into_iter().flat_map(|setting| ["-c", setting]);
        let mut running = Running::start(command.args(settings));
        let serves = running.stderr.wait_for(|line| line.ends_with("is ready to accept connections"));
        assert!(serves, "{:?}", running.outcome());
        self.running = Some(running);
    }

    /// A session of its superuser in which `statements` are run, each answered on a line.
    pub(crate) fn session(&self, statements: &str) -> Running {
        let beside = self.programs.join("psql");
        let mut command = Command::new(if beside.is_file() { beside } else { "psql".into() });
        command.args(["-h", self.directory.path().to_str().unwrap(), "-U", "postgres", "-q", "-A", "-t"]);
        // One after the other, each answered before the next.
        for statement in statements.split("; ") {
            command.args(["-c", statement]);
        }
        Running::start(command.current_dir("/"))
    }

    /// The same, run to its end.
    pub(crate) fn sql(&self, statements: &str) -> Outcome {
        self.session(statements).outcome()
    }

    /// Kills it, and returns once all of its processes are gone.
    pub(crate) fn kill(&mut self) {
        let running = self.running.take().unwrap();
        running.signal("KILL");
        running.outcome();
    }

    /// A client program of PostgreSQL's.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        // The server's may be linked to from where the others are not.
        let server = self.programs.join("initdb").canonicalize().unwrap();
        server.with_file_name(name)
    }

    /// Its one database, for a user and, before an `@`, a password.
    pub(crate) fn url(&self, user: &str) -> String {
        format!("postgres://{user}@localhost/postgres?host={}", self.directory.path().display())
    }
}

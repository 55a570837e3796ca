//! Opening of a data file.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");

/// The application id in the header of a data file: four letters.
const APPLICATION_ID: i64 = 0x5375_7042;

/// How durable a change is when its call is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The change is on the disk: it survives a power cut.
    #[default]
    Full,
    /// The operating system has the change: it survives the end of the process. A power cut may undo the last changes,
    /// whole calls at a time.
    Normal,
}

/// Why a data file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is no database.
    #[error("{} is not a data file: choose another file, or a name that is free", .0.display())]
    NotADatabase(PathBuf),
    /// The file is a database of another program.
    #[error("{} is a database of another program: choose another file, or a name that is free", .0.display())]
    NotOurs(PathBuf),
    /// Another process uses the file.
    #[error("{} is in use by another process: stop that one first, or choose another file", .0.display())]
    InUse(PathBuf),
    /// A newer version of this program has written the file.
    #[error("{} was written by a newer version of this program: use that version, or choose another file", .0.display())]
    Newer(PathBuf),
    /// The file is damaged.
    #[error("{} is damaged ({cause}): put a backup in its place, or choose another file", .file.display())]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// The damage.
        cause: String,
    },
    /// The file cannot be written.
    #[error("{} cannot be written to: let this user write to it and to its directory", .0.display())]
    ReadOnly(PathBuf),
    /// The disk is full.
    #[error("there is no space left on the disk of {}: make some, or choose another disk", .0.display())]
    Full(PathBuf),
    /// The file cannot be opened or created.
    #[error("{} cannot be opened: its directory must exist and let this user write to it", .0.display())]
    CannotOpen(PathBuf),
    /// Another error.
    #[error("{} cannot be used: {cause}", .file.display())]
    Other {
        /// The file.
        file: PathBuf,
        /// The error.
        cause: sqlx::Error,
    },
}

impl OpenError {
    /// The error that `cause` stands for. The numbers are SQLite's primary result codes.
    pub(super) fn of(file: &Path, cause: sqlx::Error) -> Self {
        let path = file.to_owned();
        let code = cause.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        match code.map(|code| code & 0xff) {
            Some(5 | 6) => Self::InUse(path),
            Some(8) => Self::ReadOnly(path),
            // A failed lock on a read-only file system.
            Some(10) if !may_write(file) => Self::ReadOnly(path),
            Some(11) => Self::Corrupt { file: path, cause: cause.to_string() },
            Some(13) => Self::Full(path),
            Some(14) => Self::CannotOpen(path),
            Some(26) => Self::NotADatabase(path),
            _ if matches!(cause, sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. }) => {
                Self::Corrupt { file: path, cause: cause.to_string() }
            }
            _ => Self::Other { file: path, cause },
        }
    }

    fn of_migration(file: &Path, cause: MigrateError) -> Self {
        match cause {
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => {
                Self::Newer(file.to_owned())
            }
            MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => Self::of(file, cause),
            other => Self::Other { file: file.to_owned(), cause: sqlx::Error::Migrate(Box::new(other)) },
        }
    }
}

/// Whether a file can be opened for writing. Not to be called while this process has the file open: SQLite would lose its
/// locks.
fn may_write(file: &Path) -> bool {
    OpenOptions::new().append(true).open(file).is_ok()
}

/// Opens a file for this process alone, and migrates its tables.
pub(super) async fn open(file: &Path, durability: Durability) -> Result<SqliteConnection, OpenError> {
    let failed = |cause| OpenError::of(file, cause);
    // No option writes to the file, so that a file of another program stays as it is.
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .locking_mode(SqliteLockingMode::Exclusive)
        .synchronous(match durability {
            Durability::Full => SqliteSynchronous::Full,
            Durability::Normal => SqliteSynchronous::Normal,
        })
        .busy_timeout(Duration::from_millis(500))
        .disable_statement_logging();
    let mut connection = options.connect().await.map_err(failed)?;
    let id: i64 =
        sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut connection).await.map_err(failed)?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut connection)
        .await
        .map_err(failed)?;
    if id != APPLICATION_ID && (id != 0 || tables > 0) {
        return Err(OpenError::NotOurs(file.to_owned()));
    }
    for statement in
        ["BEGIN EXCLUSIVE", "COMMIT", "PRAGMA journal_mode = WAL", "PRAGMA application_id = 1400205378"]
    {
        sqlx::query(statement).execute(&mut connection).await.map_err(failed)?;
    }
    let found: String =
        sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut connection).await.map_err(failed)?;
    if found != "ok" {
        return Err(OpenError::Corrupt { file: file.to_owned(), cause: found });
    }
    // Closes the connection, so that another process can open the file at once.
    if let Err(cause) = MIGRATOR.run_direct(&mut connection).await {
        let _ = connection.close().await;
        return Err(OpenError::of_migration(file, cause));
    }
    Ok(connection)
}

//! Connecting to a database.

use std::borrow::Cow;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use crate::error::MOST_CONNECTIONS;

static MIGRATOR: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a call waits for a connection.
const PATIENCE: Duration = Duration::from_secs(2);
/// For how long after its last use a connection counts as alive.
const TRUSTED: Duration = Duration::from_millis(250);

/// Why a database cannot be used. No message shows the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The URL cannot be read.
    #[error("the URL is not that of a database; write postgres://USER:PASSWORD@HOST:PORT/NAME")]
    InvalidUrl,
    /// No server answers at the address.
    #[error(
        "the database at {address} cannot be reached ({cause}): is it running, and is the address right?"
    )]
    Unreachable {
        /// Host and port.
        address: String,
        /// The error.
        cause: String,
    },
    /// The user or the password is wrong.
    #[error("the database at {address} refuses the user {user:?}: give the right user and password")]
    Refused {
        /// Host and port.
        address: String,
        /// The user.
        user: String,
    },
    /// The database does not exist.
    #[error("there is no database of that name at {0}: create one (createdb), or name another")]
    NoDatabase(String),
    /// The server accepts no more connections.
    #[error(
        "the database at {0} accepts no more connections: allow its user {MOST_CONNECTIONS} for each server \
         (max_connections, CONNECTION LIMIT), or start fewer servers"
    )]
    TooManyConnections(String),
    /// The user may not create tables.
    #[error("this user may not create tables in the database: make it the owner of the database")]
    NotAllowed,
    /// The tables belong to another program.
    #[error("the database has tables of another program: use an empty one")]
    NotOurs,
    /// A newer version of this program has written the tables.
    #[error(
        "the database was written by a newer version of this program: use that version, or another database"
    )]
    Newer,
    /// The server is too old.
    #[error("the database server is PostgreSQL {0}: 14 or later is needed")]
    TooOld(String),
    /// Another error.
    #[error("the database cannot be used: {0}")]
    Other(#[source] sqlx::Error),
}

/// The address and the user of a connection, for errors.
struct At {
    address: String,
    user: String,
}

impl At {
    /// The error that `cause` stands for. The codes are in appendix A of PostgreSQL's manual.
    fn explain(&self, cause: sqlx::Error) -> DatabaseError {
        let address = self.address.clone();
        let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code).map(Cow::into_owned);
        match code.as_deref() {
            Some("28P01" | "28000") => DatabaseError::Refused { address, user: self.user.clone() },
            Some("3D000") => DatabaseError::NoDatabase(address),
            Some("42501") => DatabaseError::NotAllowed,
            Some("42P07") => DatabaseError::NotOurs,
            Some("53300") => DatabaseError::TooManyConnections(address),
            None if matches!(cause, sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut) => {
                DatabaseError::Unreachable { address, cause: cause.to_string() }
            }
            _ => DatabaseError::Other(cause),
        }
    }

    fn explain_migration(&self, cause: MigrateError) -> DatabaseError {
        match cause {
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => DatabaseError::Newer,
            MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => self.explain(cause),
            other => DatabaseError::Other(sqlx::Error::Migrate(Box::new(other))),
        }
    }
}

/// Connects, and migrates the tables; under a lock, since several servers may start at once.
pub(super) async fn open(url: &str) -> Result<PgPool, DatabaseError> {
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let options = PgConnectOptions::from_str(url).ok().filter(|_| is_url).ok_or(DatabaseError::InvalidUrl)?;
    let options = options
        .application_name("supplier-sandbox")
        .disable_statement_logging()
        // A server that has vanished must not keep its locks, and no call waits forever.
        .options([
            ("idle_in_transaction_session_timeout", "15000"),
            ("statement_timeout", "60000"),
            ("lock_timeout", "10000"),
        ]);
    let at = At {
        address: format!("{}:{}", options.get_host(), options.get_port()),
        user: options.get_username().to_owned(),
    };
    let mut connection = PgConnection::connect_with(&options).await.map_err(|cause| at.explain(cause))?;
    let version: (String, i32) = sqlx::query_as(
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(|cause| at.explain(cause))?;
    if version.1 < 140_000 {
        return Err(DatabaseError::TooOld(version.0));
    }
    MIGRATOR.run(&mut connection).await.map_err(|cause| at.explain_migration(cause))?;
    connection.close().await.map_err(|cause| at.explain(cause))?;
    let pool = PgPoolOptions::new()
        .max_connections(MOST_CONNECTIONS)
        .acquire_timeout(PATIENCE)
        // A connection is tested only if it was idle for some time.
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                let is_fresh = about.idle_for < TRUSTED;
                Ok(is_fresh || connection.ping().await.is_ok())
            })
        });
    Ok(pool.connect_lazy_with(options))
}

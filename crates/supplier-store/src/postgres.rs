//! Everything in a PostgreSQL database that any number of servers share.
//!
//! A server caches sandboxes. Before a call gets access to one, the server locks its row, compares its version with the cached one,
//! and reads what other servers have changed. All calls that wait for a sandbox share one such [batch](batches), so that many of
//! them cost one commit.

mod batches;
mod deferred;
mod journal;
mod listen;
mod lookup;
mod open;
mod rows;
mod sessions;
mod store;

use std::sync::Arc;

pub use open::DatabaseError;

use crate::StoreOptions;

/// A store in a database.
pub struct PostgresStore {
    shared: Arc<batches::Shared>,
}

impl PostgresStore {
    /// The store in the database at `url` (`postgres://USER:PASSWORD@HOST:PORT/NAME`), whose tables are made or brought up to
    /// date first. The journal and when keys were used follow in a moment.
    ///
    /// # Errors
    /// The database cannot be used; nothing in it has changed.
    pub async fn connect(url: &str, options: StoreOptions) -> Result<Self, DatabaseError> {
        let pool = open::open(url).await?;
        let shared = Arc::new(batches::Shared::new(pool, options));
        tokio::spawn(journal::write_behind(Arc::downgrade(&shared)));
        tokio::spawn(listen::listen(Arc::downgrade(&shared)));
        Ok(Self { shared })
    }
}

#[cfg(test)]
mod tests;

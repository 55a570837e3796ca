//! PostgreSQL backend: a database that any number of servers share.
//!
//! A server caches sandboxes. Before a call gets access to one, the server locks its row, compares its version with the cached one,
//! and reads what other servers have changed. All calls that wait for a sandbox share one such [batch](batches), so that many of
//! them cost one commit.

mod background;
mod batches;
mod cache;
mod journal;
mod keys;
mod layer;
mod listeners;
mod open;
mod rows;
mod sessions;
mod sql;
mod store;

use std::sync::Arc;

use sqlx::postgres::PgPool;

pub use open::DatabaseError;

use batches::Batches;
use journal::writer::JournalWriter;
use keys::KeyCache;
use listeners::Listeners;

use crate::StoreOptions;

/// A store in a database.
pub struct PostgresStore {
    options: StoreOptions,
    pool: PgPool,
    batches: Arc<Batches>,
    journal: Arc<JournalWriter>,
    keys: Arc<KeyCache>,
    listeners: Arc<Listeners>,
}

impl PostgresStore {
    /// The store in the database at `url` (`postgres://USER:PASSWORD@HOST:PORT/NAME`), whose tables are created or migrated
    /// first. The journal and the last use of keys are written within a second.
    ///
    /// # Errors
    /// The database cannot be used; nothing in it has changed.
    pub async fn connect(url: &str, options: StoreOptions) -> Result<Self, DatabaseError> {
        let pool = open::open(url).await?;
        let listeners = Arc::new(Listeners::default());
        let batches = Arc::new(Batches::new(pool.clone(), options, Arc::clone(&listeners)));
        let journal = Arc::new(JournalWriter::new(pool.clone(), Arc::clone(&listeners)));
        let keys = Arc::new(KeyCache::new(pool.clone()));
        tokio::spawn(background::run(
            pool.clone(),
            Arc::downgrade(&batches),
            Arc::downgrade(&journal),
            Arc::downgrade(&keys),
        ));
        tokio::spawn(listeners::listen(pool.clone(), Arc::downgrade(&listeners)));
        Ok(Self { options, pool, batches, journal, keys, listeners })
    }
}

#[cfg(test)]
mod tests;

//! Writer of the journals: commits a server's calls after they are answered (deferred writes).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sqlx::postgres::PgPool;
use supplier_domain::{CallRecord, Observation};

use super::pending::Pending;
use super::rows;
use crate::lock::lock;
use crate::postgres::listeners::Listeners;
use crate::postgres::sql::begin_deferred;
use crate::{Epoch, SandboxId};

/// In how many rounds of the background task a journal is written once.
const WRITE_EVERY: u64 = 10;

/// The calls of a server that are not written yet.
pub(in crate::postgres) struct JournalWriter {
    pool: PgPool,
    listeners: Arc<Listeners>,
    pending: Mutex<HashMap<SandboxId, Pending>>,
    /// How many calls were dropped before they were written.
    lost: AtomicU64,
    /// Held while a journal is written, so that a reader waits for all of it.
    writing: tokio::sync::Mutex<()>,
}

impl JournalWriter {
    pub(in crate::postgres) fn new(pool: PgPool, listeners: Arc<Listeners>) -> Self {
        let writing = tokio::sync::Mutex::default();
        Self { pool, listeners, pending: Mutex::default(), lost: AtomicU64::default(), writing }
    }

    /// Queues a call.
    pub(super) fn keep(
        &self,
        sandbox: &SandboxId,
        epoch: Option<Epoch>,
        record: CallRecord,
        observed: Option<Observation>,
    ) {
        let mut pending = lock(&self.pending);
        self.lose(pending.entry(sandbox.clone()).or_default().keep(epoch, record, observed));
    }

    fn lose(&self, calls: u64) {
        self.lost.fetch_add(calls, Ordering::Relaxed);
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Drops the calls of a sandbox.
    pub(in crate::postgres) fn forget(&self, sandbox: &SandboxId) {
        lock(&self.pending).remove(sandbox);
    }

    /// Writes the calls of a sandbox.
    pub(super) async fn catch_up(&self, sandbox: &SandboxId) -> Result<(), sqlx::Error> {
        let _writing = self.writing.lock().await;
        let Some(pending) = lock(&self.pending).remove(sandbox) else { return Ok(()) };
        let written = async {
            let mut transaction = begin_deferred(&self.pool).await?;
            let number = rows::write(sandbox, &pending, &mut transaction).await?;
            transaction.commit().await?;
            Ok(number)
        };
        match written.await {
            Ok(number) => {
                if let Some(number) = number {
                    self.listeners.announce(number);
                }
                Ok(())
            }
            Err(cause) if is_permanent(&cause) => {
                let lost = pending.calls.kept().len();
                self.lose(lost as u64);
                tracing::error!(%cause, %sandbox, lost, "calls cannot be written to the journal: they are lost");
                Ok(())
            }
            Err(cause) => {
                let mut all = lock(&self.pending);
                let later = all.insert(sandbox.clone(), pending).unwrap_or_default();
                self.lose(all.entry(sandbox.clone()).or_default().append(later));
                Err(cause)
            }
        }
    }

    /// Writes the calls of all sandboxes that were not written in the last rounds. `written` has the round in which each was.
    pub(in crate::postgres) async fn write_others(
        &self,
        written: &mut HashMap<SandboxId, u64>,
        round: u64,
    ) -> Result<(), sqlx::Error> {
        written.retain(|_, before| round - *before < WRITE_EVERY);
        let waiting: Vec<_> =
            lock(&self.pending).keys().filter(|id| !written.contains_key(id)).cloned().collect();
        let mut done = Ok(());
        for sandbox in waiting {
            match self.catch_up(&sandbox).await {
                Ok(()) => drop(written.insert(sandbox, round)),
                // The other sandboxes do not wait for this one.
                Err(cause) => done = Err(cause),
            }
        }
        done
    }
}

/// Whether the database refuses the data, and would refuse it again: a value out of its range, a row that breaks a rule or is
/// too large.
fn is_permanent(cause: &sqlx::Error) -> bool {
    let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(cause, sqlx::Error::Encode(_) | sqlx::Error::Decode(_))
        || code.is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
}

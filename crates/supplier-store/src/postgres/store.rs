//! Database backend: the store traits over PostgreSQL.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::Timestamp;

use super::rows::{self, Removal};
use super::{PostgresStore, journal, keys};
use crate::backend::access::Entry;
use crate::backend::{Backend, Insertion, Visit as _};
use crate::engine::journal::JournalState;
use crate::engine::sandbox::Sandbox;
use crate::engine::slot::Slot;
use crate::sandboxes::info::is_over;
use crate::stored::SandboxRow;
use crate::{SandboxId, SandboxInfo, Sandboxes, StoreError, StoreOptions};

#[async_trait]
impl Backend for PostgresStore {
    fn options(&self) -> StoreOptions {
        self.options
    }

    fn enter(&self, id: &SandboxId, server: Timestamp) -> Result<Entry, StoreError> {
        Ok(self.batches.enter(id, server))
    }

    async fn new_number(&self) -> Result<i64, StoreError> {
        let mut connection = self.pool.acquire().await?;
        rows::number(&mut connection).await.map_err(StoreError::from)
    }

    async fn insert(&self, insertion: Insertion, server: Timestamp) -> Result<(), StoreError> {
        let Insertion { sandbox, has_new_base, journal, keys } = insertion;
        let id = sandbox.info.id.clone();
        let mut transaction = self.pool.begin().await?;
        let number = rows::number(&mut transaction).await?;
        if has_new_base {
            // Another call may be creating a sandbox of that name, with many orders.
            let patience = sqlx::query("SET LOCAL lock_timeout = '60s'");
            patience.execute(&mut *transaction).await?;
        }
        let gone = rows::remove(Removal::ExpiredAndNamed(&id), server, &mut transaction).await?;
        if !rows::create(number, &sandbox, has_new_base, &mut transaction).await? {
            return Err(StoreError::SandboxExists(id));
        }
        for key in &keys {
            if !keys::add(number, key, server, &mut transaction).await? {
                return Err(StoreError::KeyExists);
            }
        }
        journal::rows::create(number, &journal, &mut transaction).await?;
        transaction.commit().await?;
        self.listeners.close(&gone);
        self.journal.forget(&id);
        self.batches.insert(number, sandbox);
        Ok(())
    }

    async fn copy(&self, id: &SandboxId, server: Timestamp) -> Result<(Sandbox, JournalState), StoreError> {
        let sandbox = self.within(id, server, Sandbox::copy_at(server)).await?;
        let (journal, _) = self.journal_state(id, None, server).await?;
        Ok((sandbox, journal))
    }

    fn reset_journal(&self, slot: &Arc<Slot>) {
        // Its rows go with the batch; calls that wait to be written must not come after.
        self.journal.forget(&slot.id);
    }
}

impl PostgresStore {
    /// A sandbox's number, and what is to be known of it.
    pub(super) async fn known(
        &self,
        id: &SandboxId,
        server: Timestamp,
    ) -> Result<(i64, SandboxInfo), StoreError> {
        let row = sqlx::query_as("SELECT * FROM sandboxes WHERE name = $1").bind(id.as_str());
        let row: Option<SandboxRow> = row.fetch_optional(&self.pool).await?;
        let row = row.ok_or_else(|| StoreError::NoSandbox(id.clone()))?;
        let info = row.info()?;
        if is_over(info.expires_at, server) {
            return Err(StoreError::NoSandbox(id.clone()));
        }
        Ok((row.number, info))
    }

    async fn remove(&self, removal: Removal<'_>, server: Timestamp) -> Result<usize, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let numbers = rows::remove(removal, server, &mut transaction).await?;
        transaction.commit().await?;
        self.listeners.close(&numbers);
        Ok(numbers.len())
    }
}

#[async_trait]
impl Sandboxes for PostgresStore {
    async fn delete(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        self.journal.forget(id);
        match self.remove(Removal::Named(id), server).await? {
            0 => Err(StoreError::NoSandbox(id.clone())),
            _ => Ok(()),
        }
    }

    async fn expire(&self, server: Timestamp) -> Result<usize, StoreError> {
        self.remove(Removal::Expired, server).await
    }

    async fn sandbox(&self, id: &SandboxId, server: Timestamp) -> Result<SandboxInfo, StoreError> {
        Ok(self.known(id, server).await?.1)
    }

    async fn count(&self, server: Timestamp) -> Result<usize, StoreError> {
        let statement = "SELECT count(*) FROM sandboxes
            WHERE strpos(name, '#') = 0 AND (expires_at IS NULL OR expires_at > $1)";
        let count: i64 = sqlx::query_scalar(statement).bind(server.as_millis()).fetch_one(&self.pool).await?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    async fn sandboxes(&self, server: Timestamp) -> Result<Vec<SandboxInfo>, StoreError> {
        let statement = "SELECT * FROM sandboxes WHERE strpos(name, '#') = 0
            AND (expires_at IS NULL OR expires_at > $1) ORDER BY created_at, name COLLATE \"C\"";
        let rows: Vec<SandboxRow> =
            sqlx::query_as(statement).bind(server.as_millis()).fetch_all(&self.pool).await?;
        rows.iter().map(SandboxRow::info).collect::<Result<_, _>>().map_err(StoreError::from)
    }

    async fn close(&self) -> Result<(), StoreError> {
        let journals = self.journal.write_others(&mut HashMap::new(), 0).await;
        let written = match journals {
            Ok(()) => self.keys.write_used().await,
            failed => failed,
        };
        self.pool.close().await;
        written.map_err(StoreError::from)
    }
}

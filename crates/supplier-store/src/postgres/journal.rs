//! Journals and scorecards in the database.

mod pending;
pub(super) mod rows;
pub(super) mod writer;

use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::{CallRecord, Observation, RequestId, Timestamp};

use super::PostgresStore;
use crate::backend::Visit as _;
use crate::backend::access::AccessMode;
use crate::engine::journal::JournalState;
use crate::engine::sandbox::Sandbox;
use crate::{CallSearch, Changes, Epoch, FoundCalls, Journal, KeptCall, SandboxId, Scorecards, StoreError};

impl PostgresStore {
    /// A sandbox's number, once this server's calls are written to the sandbox's journal.
    async fn number_with_journal(&self, id: &SandboxId, server: Timestamp) -> Result<i64, StoreError> {
        let (number, _) = self.known(id, server).await?;
        self.journal.catch_up(id).await?;
        Ok(number)
    }

    /// A sandbox's journal, calls after the one numbered `after`, and how many calls it has dropped.
    pub(super) async fn journal_state(
        &self,
        id: &SandboxId,
        after: Option<u64>,
        server: Timestamp,
    ) -> Result<(JournalState, u64), StoreError> {
        let number = self.number_with_journal(id, server).await?;
        rows::read_journal(number, after, &self.pool).await.map_err(StoreError::from)
    }
}

#[async_trait]
impl Journal for PostgresStore {
    async fn keep_call(
        &self,
        sandbox: &SandboxId,
        epoch: Option<Epoch>,
        record: CallRecord,
        observed: Option<Observation>,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        self.journal.keep(sandbox, epoch, record, observed);
        self.listeners.notify(|slot| slot.id == *sandbox);
        Ok(())
    }

    async fn calls(
        &self,
        sandbox: &SandboxId,
        search: &CallSearch,
        server: Timestamp,
    ) -> Result<FoundCalls, StoreError> {
        let (journal, dropped) = self.journal_state(sandbox, search.after, server).await?;
        Ok(FoundCalls { dropped, ..journal.calls.find(search) })
    }

    async fn call(
        &self,
        sandbox: &SandboxId,
        id: RequestId,
        server: Timestamp,
    ) -> Result<Option<KeptCall>, StoreError> {
        let number = self.number_with_journal(sandbox, server).await?;
        rows::call(number, id, &self.pool).await.map_err(StoreError::from)
    }

    fn lost(&self) -> u64 {
        self.journal.lost()
    }

    async fn clear_calls(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        let number = self.number_with_journal(sandbox, server).await?;
        let mut transaction = self.pool.begin().await?;
        rows::delete_calls(number, &mut transaction).await?;
        transaction.commit().await?;
        self.listeners.announce(number);
        self.listeners.notify(|slot| slot.number == number);
        Ok(())
    }

    async fn scorecards(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Scorecards, StoreError> {
        let read = |sandbox: &mut Sandbox| (sandbox.clock(server).now, sandbox.info.suppliers.clone());
        let (now, suppliers) = self.within(sandbox, server, read).await?;
        let (journal, dropped) = self.journal_state(sandbox, None, server).await?;
        Ok(Scorecards { dropped, ..journal.scorecards(now, &suppliers) })
    }

    async fn changes(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Changes, StoreError> {
        let slot = |slot: &Arc<_>, _: &mut Sandbox| Arc::clone(slot);
        let slot = self.visit(sandbox, server, AccessMode::Read, slot).await?;
        let changes = slot.listen();
        self.listeners.watch(&slot);
        Ok(changes)
    }
}

//! Journals and scorecards, in the database.

use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::{CallRecord, Observation, RequestId, Scorecard, Supplier, SupplierId, Timestamp};

use super::super::PostgresStore;
use super::super::rows::delete_calls;
use crate::backend::{AccessMode, Backend as _};
use crate::memory::journal::Recorded;
use crate::memory::sandbox::Sandbox;
use crate::stored::read;
use crate::{
    CallSearch, Changes, Epoch, FoundCalls, Journal, KeptCall, SandboxId, Scorecards, SnapshotJournal,
    StoreError,
};

impl PostgresStore {
    /// A sandbox's journal as it stands, those who have just called included, and how many calls are no longer kept.
    pub(super) async fn recorded(
        &self,
        id: &SandboxId,
        after: Option<u64>,
        server: Timestamp,
    ) -> Result<(Recorded, u64), StoreError> {
        let (number, _) = self.known(id, server).await?;
        self.shared.catch_up(id).await?;
        let statement = "SELECT last, (SELECT count(*) FROM calls WHERE sandbox = $1), document
            FROM journals LEFT JOIN calls ON calls.sandbox = journals.sandbox AND number > $2
            WHERE journals.sandbox = $1 ORDER BY number";
        let after = after.map_or(-1, |after| i64::try_from(after).unwrap_or(i64::MAX));
        let rows: Vec<(i64, i64, Option<String>)> =
            sqlx::query_as(statement).bind(number).bind(after).fetch_all(&self.shared.pool).await?;
        let (last, count) = rows.first().map_or((0, 0), |(last, count, _)| (*last, *count));
        let calls: Result<Vec<CallRecord>, _> =
            rows.iter().filter_map(|(.., document)| document.as_deref()).map(read).collect();
        let scorecards: Vec<(String, String)> =
            sqlx::query_as("SELECT supplier, document FROM scorecards WHERE sandbox = $1")
                .bind(number)
                .fetch_all(&self.shared.pool)
                .await?;
        let scorecard =
            |(supplier, document): &(String, String)| -> Result<(SupplierId, Scorecard), sqlx::Error> {
                let supplier = supplier.parse().map_err(|cause| sqlx::Error::Decode(Box::new(cause)))?;
                Ok((supplier, read(document)?))
            };
        let scorecards: Result<_, _> = scorecards.iter().map(scorecard).collect();
        let journal = SnapshotJournal { last: u64::try_from(last).unwrap_or(0), calls: calls? };
        let recorded = Recorded::restored(journal, scorecards?);
        Ok((recorded, u64::try_from(last - count).unwrap_or(0)))
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
        self.shared.deferred.keep(sandbox, epoch, record, observed);
        self.shared.tell_here(|slot| slot.id == *sandbox);
        Ok(())
    }

    async fn calls(
        &self,
        sandbox: &SandboxId,
        search: &CallSearch,
        server: Timestamp,
    ) -> Result<FoundCalls, StoreError> {
        let (recorded, dropped) = self.recorded(sandbox, search.after, server).await?;
        Ok(FoundCalls { dropped, ..recorded.find(search) })
    }

    async fn call(
        &self,
        sandbox: &SandboxId,
        id: RequestId,
        server: Timestamp,
    ) -> Result<Option<KeptCall>, StoreError> {
        let (number, _) = self.known(sandbox, server).await?;
        self.shared.catch_up(sandbox).await?;
        let statement = "SELECT number, document FROM calls WHERE sandbox = $1 AND request = $2
            ORDER BY number DESC LIMIT 1";
        let found: Option<(i64, String)> = sqlx::query_as(statement)
            .bind(number)
            .bind(id.to_string())
            .fetch_optional(&self.shared.pool)
            .await?;
        let Some((number, document)) = found else { return Ok(None) };
        let record: CallRecord = read(&document)?;
        Ok(Some(KeptCall { number: u64::try_from(number).unwrap_or(0), record: Arc::new(record) }))
    }

    fn lost(&self) -> u64 {
        self.shared.deferred.lost()
    }

    async fn clear_calls(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        let (number, _) = self.known(sandbox, server).await?;
        self.shared.catch_up(sandbox).await?;
        let mut transaction = self.shared.pool.begin().await?;
        delete_calls(number, &mut transaction).await?;
        transaction.commit().await?;
        self.shared.deferred.tell(number);
        self.shared.tell_here(|slot| slot.number == number);
        Ok(())
    }

    async fn scorecards(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Scorecards, StoreError> {
        let look = |sandbox: &mut Sandbox| (sandbox.clock(server).now, sandbox.info().suppliers.clone());
        let (now, suppliers) = self.within(sandbox, server, look).await?;
        let (recorded, dropped) = self.recorded(sandbox, None, server).await?;
        let scorecard = |supplier: Supplier| {
            let scorecard = recorded.scorecard(&supplier.id);
            (supplier, scorecard)
        };
        Ok(Scorecards { now, by_supplier: suppliers.into_iter().map(scorecard).collect(), dropped })
    }

    async fn changes(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Changes, StoreError> {
        let slot = |slot: &Arc<_>, _: &mut Sandbox| Arc::clone(slot);
        let slot = self.visit(sandbox, server, AccessMode::Read, slot).await?;
        let changes = slot.changes();
        self.shared.watch(&slot);
        Ok(changes)
    }
}

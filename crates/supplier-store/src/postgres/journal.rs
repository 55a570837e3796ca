//! Writer of the journal: commits the deferred writes of a server.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::{PgConnection, Postgres, Transaction};
use supplier_domain::{CallRecord, Observation, Scorecard, SupplierId};

use super::batches::Shared;
use super::deferred::{Pending, lock};
use super::rows::delete_calls;
use crate::memory::journal::Recorded;
use crate::stored::{read, written};
use crate::{Epoch, MAX_CALLS, MAX_CALLS_BYTES, SandboxId};

/// How long a round takes. What waits of a sandbox is written with the next one, since somebody may look for it at
/// another server,
const ROUND: Duration = Duration::from_millis(20);
/// but only once in so many rounds.
const WRITE_EVERY: u64 = 10;
/// Once in so many rounds, once a second, the uses of keys are written, and sandboxes that nobody asks for looked for.
const LOOK_EVERY: u64 = 50;
/// Those that were found so often are forgotten: after ten minutes.
const IDLE: u32 = 600;
impl Shared {
    /// Writes what waits of a sandbox, so that it can be read.
    pub(super) async fn catch_up(&self, sandbox: &SandboxId) -> Result<(), sqlx::Error> {
        let _writing = self.deferred.writing.lock().await;
        self.write_pending(sandbox).await
    }

    /// Writes when keys were used.
    pub(super) async fn write_used(&self) -> Result<(), sqlx::Error> {
        let _writing = self.deferred.writing.lock().await;
        let used: Vec<_> = lock(&self.deferred.used).drain().collect();
        if used.is_empty() {
            return Ok(());
        }
        let statement = "UPDATE keys SET last_used_at = greatest(last_used_at, used.at)
            FROM unnest($1::bytea[], $2::bigint[]) AS used (hash, at) WHERE keys.hash = used.hash";
        let done = async {
            let mut transaction = self.begin_behind().await?;
            sqlx::query(statement)
                .bind(used.iter().map(|(_, (key, _))| key.as_bytes()).collect::<Vec<_>>())
                .bind(used.iter().map(|(_, (_, at))| at.as_millis()).collect::<Vec<_>>())
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        };
        let done = done.await;
        if done.is_err() {
            let mut again = lock(&self.deferred.used);
            for (bucket, used) in used {
                again.entry(bucket).or_insert(used);
            }
        }
        done
    }

    /// A transaction of what nobody was promised: the disk need not be waited for.
    async fn begin_behind(&self) -> Result<Transaction<'_, Postgres>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// Writes all that waits.
    pub(super) async fn write_all(&self) -> Result<(), sqlx::Error> {
        self.write_others(&mut HashMap::new(), 0).await?;
        self.write_used().await
    }

    /// Writes what waits of all sandboxes but those that were just written; notes in which round others are.
    async fn write_others(
        &self,
        written: &mut HashMap<SandboxId, u64>,
        round: u64,
    ) -> Result<(), sqlx::Error> {
        written.retain(|_, before| round - *before < WRITE_EVERY);
        let waiting: Vec<_> =
            lock(&self.deferred.pending).keys().filter(|id| !written.contains_key(id)).cloned().collect();
        let mut done = Ok(());
        for sandbox in waiting {
            match self.catch_up(&sandbox).await {
                Ok(()) => drop(written.insert(sandbox, round)),
                // The others do not wait for it.
                Err(cause) => done = Err(cause),
            }
        }
        done
    }

    async fn write_pending(&self, sandbox: &SandboxId) -> Result<(), sqlx::Error> {
        let Some(pending) = lock(&self.deferred.pending).remove(sandbox) else { return Ok(()) };
        let written = async {
            let mut transaction = self.begin_behind().await?;
            let number = write(sandbox, &pending, &mut transaction).await?;
            transaction.commit().await?;
            Ok(number)
        };
        match written.await {
            Ok(number) => {
                if let Some(number) = number {
                    self.deferred.tell(number);
                }
                Ok(())
            }
            Err(cause) if is_its_own(&cause) => {
                let lost = pending.calls.len();
                self.deferred.lose(lost as u64);
                tracing::error!(%cause, %sandbox, lost, "calls cannot be written to the journal: they are lost");
                Ok(())
            }
            Err(cause) => {
                let mut all = lock(&self.deferred.pending);
                let later = all.insert(sandbox.clone(), pending).unwrap_or_default();
                self.deferred.lose(all.entry(sandbox.clone()).or_default().append(later));
                Err(cause)
            }
        }
    }
}

/// Whether it is what was to be written that the database refuses, and would again: a value out of its range, a row that
/// breaks a rule or is too large.
fn is_its_own(cause: &sqlx::Error) -> bool {
    let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(cause, sqlx::Error::Encode(_) | sqlx::Error::Decode(_))
        || code.is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
}

/// Writes calls behind those that are there. Returns the sandbox's number, if there is one.
async fn write(
    sandbox: &SandboxId,
    pending: &Pending,
    to: &mut PgConnection,
) -> Result<Option<i64>, sqlx::Error> {
    // From here on whoever else writes to this journal waits, and before that whoever deletes the sandbox: in this order,
    // as a deletion goes.
    let statement = "SELECT sandbox FROM journals WHERE sandbox =
        (SELECT number FROM sandboxes WHERE name = $1 FOR KEY SHARE) FOR NO KEY UPDATE";
    let found: Option<i64> =
        sqlx::query_scalar(statement).bind(sandbox.as_str()).fetch_optional(&mut *to).await?;
    let Some(number) = found else { return Ok(None) };
    // Asked once the journal is locked: a reset that comes later finds it written, and empties it.
    let live = "SELECT live FROM sandboxes WHERE number = $1";
    let live: i64 = sqlx::query_scalar(live).bind(number).fetch_one(&mut *to).await?;
    if pending.epoch.is_some_and(|epoch| epoch != Epoch(live)) {
        return Ok(None);
    }
    let count = pending.dropped + pending.calls.len() as u64;
    let statement = "UPDATE journals SET last = last + $2 WHERE sandbox = $1 RETURNING last";
    let last: i64 = sqlx::query_scalar(statement)
        .bind(number)
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .fetch_one(&mut *to)
        .await?;
    if pending.dropped > 0 {
        // What came before what was dropped goes before it.
        delete_calls(number, to).await?;
    }
    write_calls(number, last, &pending.calls, to).await?;
    let mut suppliers = BTreeMap::<&SupplierId, Vec<&Observation>>::new();
    for (supplier, observation) in &pending.observed {
        suppliers.entry(supplier).or_default().push(observation);
    }
    for (supplier, observed) in suppliers {
        let known: Option<String> =
            sqlx::query_scalar("SELECT document FROM scorecards WHERE sandbox = $1 AND supplier = $2")
                .bind(number)
                .bind(supplier.as_str())
                .fetch_optional(&mut *to)
                .await?;
        let mut scorecard: Scorecard =
            known.map_or_else(|| Ok(Scorecard::default()), |known| read(&known))?;
        for observation in observed {
            scorecard.observe(observation);
        }
        write_scorecard(number, supplier, &scorecard, to).await?;
    }
    Ok(Some(number))
}

async fn write_scorecard(
    sandbox: i64,
    supplier: &SupplierId,
    scorecard: &Scorecard,
    to: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let statement = "INSERT INTO scorecards VALUES ($1, $2, $3)
        ON CONFLICT (sandbox, supplier) DO UPDATE SET document = excluded.document";
    let statement = sqlx::query(statement).bind(sandbox).bind(supplier.as_str()).bind(written(scorecard)?);
    statement.execute(to).await.map(drop)
}

/// Writes calls of which the last has the number `last`, and lets the oldest give way.
async fn write_calls(
    sandbox: i64,
    last: i64,
    calls: &VecDeque<Arc<CallRecord>>,
    to: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let documents = calls.iter().map(|call| written(&**call)).collect::<Result<Vec<_>, _>>()?;
    let first = last.saturating_sub(i64::try_from(calls.len()).unwrap_or(0)).saturating_add(1);
    let statement = "INSERT INTO calls
        SELECT $1, $2 + place - 1, request, size, document
        FROM unnest($3::text[], $4::bigint[], $5::text[]) WITH ORDINALITY AS kept (request, size, document, place)";
    sqlx::query(statement)
        .bind(sandbox)
        .bind(first)
        .bind(calls.iter().map(|call| call.id.to_string()).collect::<Vec<_>>())
        .bind(calls.iter().map(|call| i64::try_from(call.size()).unwrap_or(i64::MAX)).collect::<Vec<_>>())
        .bind(documents)
        .execute(&mut *to)
        .await?;
    let added: usize = calls.iter().map(|call| call.size()).sum();
    let statement = "WITH gone AS (DELETE FROM calls WHERE sandbox = $1 AND number <= $2 RETURNING size)
        UPDATE journals SET bytes = bytes + $3 - (SELECT coalesce(sum(size), 0) FROM gone)
        WHERE sandbox = $1 RETURNING bytes";
    let bytes: i64 = sqlx::query_scalar(statement)
        .bind(sandbox)
        .bind(last - i64::try_from(MAX_CALLS).unwrap_or(i64::MAX))
        .bind(i64::try_from(added).unwrap_or(i64::MAX))
        .fetch_one(&mut *to)
        .await?;
    let most = i64::try_from(MAX_CALLS_BYTES).unwrap_or(i64::MAX);
    if bytes <= most {
        return Ok(());
    }
    // The newest stays, however large.
    let statement = "WITH gone AS (DELETE FROM calls WHERE sandbox = $1 AND number < (
            SELECT min(number) FROM (
                SELECT number, row_number() OVER newest AS place, sum(size) OVER newest AS size
                FROM calls WHERE sandbox = $1 WINDOW newest AS (ORDER BY number DESC)
            ) AS kept WHERE place = 1 OR size <= $2) RETURNING size)
        UPDATE journals SET bytes = bytes - (SELECT coalesce(sum(size), 0) FROM gone) WHERE sandbox = $1";
    sqlx::query(statement).bind(sandbox).bind(most).execute(to).await.map(drop)
}

/// Writes a whole journal of a sandbox that has none yet.
pub(super) async fn write_recorded(
    sandbox: i64,
    recorded: &Recorded,
    to: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let last = i64::try_from(recorded.last()).unwrap_or(i64::MAX);
    let statement = sqlx::query("UPDATE journals SET last = $2 WHERE sandbox = $1").bind(sandbox).bind(last);
    statement.execute(&mut *to).await?;
    let calls = recorded.kept().map(|call| Arc::clone(&call.record)).collect();
    write_calls(sandbox, last, &calls, to).await?;
    for supplier in &recorded.judged {
        write_scorecard(sandbox, supplier, &recorded.scorecard(supplier), to).await?;
    }
    Ok(())
}

/// Writes what waits, again and again, as long as there is a store.
pub(super) async fn write_behind(store: Weak<Shared>) {
    let (mut is_failing, mut written) = (false, HashMap::new());
    for round in 0_u64.. {
        tokio::time::sleep(ROUND).await;
        let Some(shared) = store.upgrade().filter(|shared| !shared.pool.is_closed()) else { return };
        let mut done = shared.write_others(&mut written, round).await;
        if round % LOOK_EVERY == 0 {
            shared.forget_idle(IDLE);
            done = done.and(shared.write_used().await);
        }
        match done {
            Ok(()) => is_failing = false,
            Err(cause) if !is_failing => {
                tracing::warn!(%cause, "the journal could not be written; it is tried again");
                is_failing = true;
            }
            Err(_) => {}
        }
    }
}

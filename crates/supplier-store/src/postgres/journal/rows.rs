//! Rows of journals, calls and scorecards.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sqlx::PgConnection;
use sqlx::postgres::PgPool;
use supplier_domain::{CallRecord, Observation, RequestId, Scorecard, SupplierId};

use super::pending::Pending;
use crate::engine::journal::{CallLog, JournalState};
use crate::postgres::sql::execute_all;
use crate::stored::{journal_of, read, written};
use crate::{Epoch, KeptCall, MAX_CALLS, MAX_CALLS_BYTES, SandboxId};

/// Reads a sandbox's journal, calls after the one numbered `after`, and counts the calls that it has dropped.
pub(super) async fn read_journal(
    sandbox: i64,
    after: Option<u64>,
    from: &PgPool,
) -> Result<(JournalState, u64), sqlx::Error> {
    let statement = "SELECT last, (SELECT count(*) FROM calls WHERE sandbox = $1), document
        FROM journals LEFT JOIN calls ON calls.sandbox = journals.sandbox AND number > $2
        WHERE journals.sandbox = $1 ORDER BY number";
    let after = after.map_or(-1, |after| i64::try_from(after).unwrap_or(i64::MAX));
    let rows: Vec<(i64, i64, Option<String>)> =
        sqlx::query_as(statement).bind(sandbox).bind(after).fetch_all(from).await?;
    let (last, count) = rows.first().map_or((0, 0), |(last, count, _)| (*last, *count));
    let calls: Vec<_> = rows.into_iter().filter_map(|(.., document)| document).collect();
    let scorecards = sqlx::query_as("SELECT supplier, document FROM scorecards WHERE sandbox = $1");
    let scorecards: Vec<_> = scorecards.bind(sandbox).fetch_all(from).await?;
    Ok((journal_of(last, &calls, &scorecards)?, u64::try_from(last - count).unwrap_or(0)))
}

/// Reads one call.
pub(super) async fn call(
    sandbox: i64,
    id: RequestId,
    from: &PgPool,
) -> Result<Option<KeptCall>, sqlx::Error> {
    let statement = "SELECT number, document FROM calls WHERE sandbox = $1 AND request = $2
        ORDER BY number DESC LIMIT 1";
    let found: Option<(i64, String)> =
        sqlx::query_as(statement).bind(sandbox).bind(id.to_string()).fetch_optional(from).await?;
    let Some((number, document)) = found else { return Ok(None) };
    let record: CallRecord = read(&document)?;
    Ok(Some(KeptCall { number: u64::try_from(number).unwrap_or(0), record: Arc::new(record) }))
}

/// Appends calls to a sandbox's journal. Returns the sandbox's number; `None` if the sandbox or the epoch of the calls is gone.
pub(super) async fn write(
    sandbox: &SandboxId,
    pending: &Pending,
    to: &mut PgConnection,
) -> Result<Option<i64>, sqlx::Error> {
    // Locks the sandbox, which must not be deleted, then its journal, which nobody else may write: a deletion locks them in the
    // same order.
    let statement = "SELECT sandbox FROM journals WHERE sandbox =
        (SELECT number FROM sandboxes WHERE name = $1 FOR KEY SHARE) FOR NO KEY UPDATE";
    let found: Option<i64> =
        sqlx::query_scalar(statement).bind(sandbox.as_str()).fetch_optional(&mut *to).await?;
    let Some(number) = found else { return Ok(None) };
    // Read while the journal is locked: a later reset empties the journal.
    let live = "SELECT live FROM sandboxes WHERE number = $1";
    let live: i64 = sqlx::query_scalar(live).bind(number).fetch_one(&mut *to).await?;
    if pending.epoch.is_some_and(|epoch| epoch != Epoch(live)) {
        return Ok(None);
    }
    let statement = "UPDATE journals SET last = last + $2 WHERE sandbox = $1 RETURNING last";
    let last: i64 = sqlx::query_scalar(statement)
        .bind(number)
        .bind(i64::try_from(pending.calls.last()).unwrap_or(i64::MAX))
        .fetch_one(&mut *to)
        .await?;
    if pending.calls.dropped() > 0 {
        // The stored calls are older than the dropped ones.
        delete_calls(number, to).await?;
    }
    let mut resends = HashMap::new();
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
            if let Some(resend) = scorecard.observe(observation) {
                resends.insert(observation.request, resend);
            }
        }
        write_scorecard(number, supplier, &scorecard, to).await?;
    }
    let mut calls = pending.calls.clone();
    calls.note_resends(&resends);
    write_calls(number, last, &calls, to).await?;
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

/// Writes calls, the last of which has the number `last`, and deletes the oldest that are too many.
async fn write_calls(
    sandbox: i64,
    last: i64,
    calls: &CallLog,
    to: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let calls = calls.kept().map(|call| &*call.record);
    let first = last.saturating_sub(i64::try_from(calls.len()).unwrap_or(0)).saturating_add(1);
    let sizes = calls.clone().map(CallRecord::size);
    let statement = "INSERT INTO calls
        SELECT $1, $2 + place - 1, request, size, document
        FROM unnest($3::text[], $4::bigint[], $5::text[]) WITH ORDINALITY AS kept (request, size, document, place)";
    sqlx::query(statement)
        .bind(sandbox)
        .bind(first)
        .bind(calls.clone().map(|call| call.id.to_string()).collect::<Vec<_>>())
        .bind(sizes.clone().map(|size| i64::try_from(size).unwrap_or(i64::MAX)).collect::<Vec<_>>())
        .bind(calls.map(written).collect::<Result<Vec<_>, _>>()?)
        .execute(&mut *to)
        .await?;
    let statement = "WITH gone AS (DELETE FROM calls WHERE sandbox = $1 AND number <= $2 RETURNING size)
        UPDATE journals SET bytes = bytes + $3 - (SELECT coalesce(sum(size), 0) FROM gone)
        WHERE sandbox = $1 RETURNING bytes";
    let bytes: i64 = sqlx::query_scalar(statement)
        .bind(sandbox)
        .bind(last - i64::try_from(MAX_CALLS).unwrap_or(i64::MAX))
        .bind(i64::try_from(sizes.sum::<usize>()).unwrap_or(i64::MAX))
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

/// Writes the journal of a new sandbox.
pub(in crate::postgres) async fn create(
    sandbox: i64,
    journal: &JournalState,
    to: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let last = i64::try_from(journal.calls.last()).unwrap_or(i64::MAX);
    let statement = sqlx::query("UPDATE journals SET last = $2 WHERE sandbox = $1").bind(sandbox).bind(last);
    statement.execute(&mut *to).await?;
    write_calls(sandbox, last, &journal.calls, to).await?;
    for supplier in &journal.changed {
        write_scorecard(sandbox, supplier, &journal.scorecard(supplier), to).await?;
    }
    Ok(())
}

/// Deletes the calls of a sandbox. Their numbers are not given again.
pub(super) async fn delete_calls(sandbox: i64, from: &mut PgConnection) -> Result<(), sqlx::Error> {
    let statements =
        ["UPDATE journals SET bytes = 0 WHERE sandbox = $1", "DELETE FROM calls WHERE sandbox = $1"];
    execute_all(statements, sandbox, from).await
}

/// Empties the journal and the scorecards of a sandbox.
pub(in crate::postgres) async fn reset(sandbox: i64, from: &mut PgConnection) -> Result<(), sqlx::Error> {
    let statements =
        ["UPDATE journals SET last = 0 WHERE sandbox = $1", "DELETE FROM scorecards WHERE sandbox = $1"];
    execute_all(statements, sandbox, from).await?;
    delete_calls(sandbox, from).await
}

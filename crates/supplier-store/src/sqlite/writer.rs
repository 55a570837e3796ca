//! Background writer: group-commits queued changes to SQLite.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use sqlx::{Connection as _, Executor as _, SqliteConnection};
use supplier_domain::Timestamp;

use super::layer;
use super::watched::Watched;
use crate::memory::directory::Change;
use crate::memory::directory::{Directory, Slot, StoredKey};
use crate::memory::queue::{Batch, DeferredWrites, Queue};
use crate::memory::sandbox::Sandbox;
use crate::memory::store;
use crate::stored::{Layer, StateDocument, written};
use crate::work::discard;

/// How long what nobody waits for may wait.
const BEHIND: Duration = Duration::from_millis(200);
/// How long it takes to try again when nothing could be written.
const RETRY: Duration = Duration::from_millis(500);

/// How far a journal is written.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Written {
    resets: u64,
    last: u64,
    /// Of the first call that is kept.
    first: u64,
}

pub(super) struct Writer {
    connection: SqliteConnection,
    file: Watched,
    directory: Arc<RwLock<Directory>>,
    queue: Arc<Queue>,
    /// What the file says of each sandbox.
    persisted: HashMap<i64, Sandbox>,
    /// What it says of their journals, as far as they changed since it was opened.
    journals: HashMap<i64, Written>,
}

/// What a transaction makes of sandboxes, once it is committed: `None` if they are gone.
type Pending = HashMap<i64, Option<Sandbox>>;

impl Writer {
    pub(super) fn new(
        (connection, file): (SqliteConnection, &Path),
        directory: Arc<RwLock<Directory>>,
        queue: Arc<Queue>,
        persisted: HashMap<i64, Sandbox>,
    ) -> Self {
        let journals = store::read(&directory).all().map(|slot| (slot.number, Written::of(slot))).collect();
        Self { connection, file: Watched::new(file), directory, queue, persisted, journals }
    }

    /// Writes until the queue is closed.
    pub(super) async fn run(mut self) {
        let mut deferred = tokio::time::interval(BEHIND);
        deferred.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let queue = Arc::clone(&self.queue);
        loop {
            let is_time = tokio::select! {
                () = queue.wake.notified() => false,
                _ = deferred.tick() => true,
            };
            let is_closed = queue.is_closed();
            let Batch { changes, touched, waiting } = queue.take();
            if let Err(cause) = self.write(&changes, &touched).await {
                drop(waiting);
                tracing::error!(%cause, "the data file cannot be written to: calls fail until it can");
                self.queue.set_gone(self.file.check().is_err());
                self.undo(changes);
                while !queue.is_closed() && self.probe().await.is_err() {
                    tokio::time::sleep(RETRY).await;
                }
                if queue.is_closed() {
                    // Whoever waits for the end, waits in vain.
                    drop(queue.take());
                    return;
                }
                queue.set_gone(false);
                queue.set_down(false);
                tracing::info!("the data file can be written to again");
                continue;
            }
            if is_time || is_closed {
                self.write_behind().await;
            }
            self.file.look();
            if is_closed {
                // What fails here fails for the last time: the file holds all, and is read again when it is next opened.
                let _ = self.connection.close().await;
                queue.written(waiting);
                return;
            }
            queue.written(waiting);
            // What was removed may be large.
            if !changes.is_empty() {
                discard(changes);
            }
        }
    }

    async fn write(&mut self, changes: &[Change], touched: &[Arc<Slot>]) -> Result<(), sqlx::Error> {
        // Also when there is nothing to write: whoever asks whether the server is ready is told.
        self.watch()?;
        if changes.is_empty() && touched.is_empty() {
            return Ok(());
        }
        let mut pending = Pending::new();
        let mut journals = Vec::new();
        let mut transaction = self.connection.begin().await?;
        for change in changes {
            match change {
                Change::Made(slot) => {
                    let sandbox = slot.lock().clone();
                    make(slot.number, &sandbox, &mut transaction).await?;
                    journals.push((slot.number, write_journal(slot, None, &mut transaction).await?));
                    pending.insert(slot.number, Some(sandbox));
                }
                Change::Removed(slot, _) => {
                    remove(slot.number, &mut transaction).await?;
                    pending.insert(slot.number, None);
                }
                Change::KeyAdded(key) => add_key(key, &mut transaction).await?,
                Change::KeyRevoked(key) => {
                    let statement = sqlx::query("DELETE FROM keys WHERE hash = ?").bind(key.hash.as_bytes());
                    transaction.execute(statement).await?;
                }
            }
        }
        for slot in touched {
            let known = match pending.get(&slot.number) {
                Some(pending) => pending.as_ref(),
                None => self.persisted.get(&slot.number),
            };
            // One that is removed by now is none of the file's.
            let Some(known) = known else { continue };
            let sandbox = slot.lock().clone();
            change(slot.number, known, &sandbox, &mut transaction).await?;
            pending.insert(slot.number, Some(sandbox));
        }
        transaction.commit().await?;
        self.journals.extend(journals);
        for change in changes {
            if let Change::Removed(slot, _) = change {
                slot.close();
            }
        }
        for (number, sandbox) in pending {
            if let Some(sandbox) = sandbox {
                self.persisted.insert(number, sandbox);
            } else {
                discard(self.persisted.remove(&number));
                self.journals.remove(&number);
            }
        }
        Ok(())
    }

    /// Takes back all that is not in the file, and lets nothing happen until [`Queue::set_down`] says otherwise.
    fn undo(&mut self, mut changes: Vec<Change>) {
        self.queue.set_down(true);
        let mut directory = store::write(&self.directory);
        changes.append(&mut self.queue.take().changes);
        for change in changes.into_iter().rev() {
            directory.undo(change);
        }
        for slot in directory.all() {
            // Whoever had the lock before is waiting in the queue by now, and whoever gets it later finds it down.
            if let Some(persisted) = self.persisted.get(&slot.number) {
                slot.undo(persisted);
            }
        }
        drop(directory);
        // Those calls fail by this.
        drop(self.queue.take());
    }

    /// Fails if the file is no longer what it was: what is written to it is lost.
    fn watch(&self) -> Result<(), sqlx::Error> {
        self.file.check().map_err(|gone| sqlx::Error::Io(std::io::Error::other(gone)))
    }

    /// Whether something can be written again.
    async fn probe(&mut self) -> Result<(), sqlx::Error> {
        self.watch()?;
        let mut transaction = self.connection.begin().await?;
        // More than a page, so that a disk that is full says so.
        transaction
            .execute("INSERT INTO journals VALUES (0, 0) ON CONFLICT DO UPDATE SET last = last")
            .await?;
        transaction.execute("INSERT OR REPLACE INTO calls VALUES (0, 0, hex(zeroblob(65536)))").await?;
        transaction.execute("DELETE FROM calls WHERE sandbox = 0").await?;
        transaction.execute("DELETE FROM journals WHERE sandbox = 0").await?;
        transaction.commit().await?;
        self.file.look();
        Ok(())
    }

    /// Writes journals, scorecards and when keys were used. What cannot be written is tried again with what comes next.
    async fn write_behind(&mut self) {
        let DeferredWrites { recorded, used } = self.queue.take_deferred();
        if recorded.is_empty() && used.is_empty() {
            return;
        }
        if self.try_behind(&recorded, &used).await.is_ok() {
            return;
        }
        // One of them may be what cannot be written: the others do not wait for it.
        for slot in recorded {
            slot.recorded().judge_all();
            let Err(cause) = self.try_behind(std::slice::from_ref(&slot), &[]).await else { continue };
            if self.probe().await.is_ok() {
                let known = self.journals.get(&slot.number).copied().unwrap_or_default();
                let now = Written::of(&slot);
                let lost = if known.resets == now.resets { now.last - known.last } else { now.last };
                self.queue.lose(lost.min(now.last + 1 - now.first));
                self.journals.insert(slot.number, now);
                tracing::error!(%cause, sandbox = %slot.id, lost, "calls cannot be written to the journal: they are lost");
            } else {
                tracing::warn!(%cause, "the journal could not be written; it is tried again");
                slot.recorded().judge_all();
                self.queue.touch_recorded(&slot);
            }
        }
        if self.try_behind(&[], &used).await.is_err() {
            for key in &used {
                self.queue.use_key(key);
            }
        }
    }

    async fn try_behind(
        &mut self,
        recorded: &[Arc<Slot>],
        used: &[Arc<StoredKey>],
    ) -> Result<(), sqlx::Error> {
        let mut journals = Vec::new();
        let mut transaction = self.connection.begin().await?;
        for slot in recorded.iter().filter(|slot| self.persisted.contains_key(&slot.number)) {
            let known = self.journals.get(&slot.number).copied().unwrap_or_default();
            journals.push((slot.number, write_journal(slot, Some(known), &mut transaction).await?));
        }
        for key in used {
            let statement = sqlx::query("UPDATE keys SET last_used_at = ? WHERE hash = ?");
            let last_used_at = key.last_used_at().map(Timestamp::as_millis);
            transaction.execute(statement.bind(last_used_at).bind(key.hash.as_bytes())).await?;
        }
        transaction.commit().await?;
        self.journals.extend(journals);
        Ok(())
    }
}

async fn make(number: i64, sandbox: &Sandbox, to: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let Sandbox { info, fingerprint_key, state, origin, base, .. } = sandbox;
    let statement = sqlx::query("INSERT INTO grounds VALUES (?, ?) ON CONFLICT DO NOTHING");
    let is_new =
        statement.bind(base.number).bind(written(&base.suppliers)?).execute(&mut *to).await?.rows_affected();
    if is_new == 1 {
        let nothing = crate::memory::state::State::new(&[], state.options, Timestamp::from_millis(0));
        layer::write(&Layer::between_at_length(&nothing, &base.state).await?, base.number, to).await?;
    }
    sqlx::query("INSERT INTO sandboxes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(number)
        .bind(base.number)
        .bind(info.id.as_str())
        .bind(&*info.scenario)
        .bind(info.seed.to_string())
        .bind(i64::try_from(info.settings.window.minutes()).unwrap_or(i64::MAX))
        .bind(written(&info.settings.account_dedup)?)
        .bind(fingerprint_key.to_hex())
        .bind(written(&info.suppliers)?)
        .bind(info.created_at.as_millis())
        .bind(info.expires_at.map(Timestamp::as_millis))
        .bind(written(&StateDocument::of(origin))?)
        .bind(written(&StateDocument::of(state))?)
        .execute(&mut *to)
        .await?;
    layer::write(&Layer::between_at_length(&base.state, origin).await?, -number, to).await?;
    layer::write(&Layer::between_at_length(origin, state).await?, number, to).await
}

async fn change(
    number: i64,
    from: &Sandbox,
    sandbox: &Sandbox,
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let is_reset = from.epoch != sandbox.epoch;
    if is_reset {
        layer::delete(number, to).await?;
    }
    if from.info.suppliers != sandbox.info.suppliers {
        let statement = sqlx::query("UPDATE sandboxes SET suppliers = ? WHERE number = ?");
        statement.bind(written(&sandbox.info.suppliers)?).bind(number).execute(&mut *to).await?;
    }
    if is_reset || !StateDocument::is_same(&from.state, &sandbox.state) {
        let statement = sqlx::query("UPDATE sandboxes SET state = ? WHERE number = ?");
        let document = written(&StateDocument::of(&sandbox.state))?;
        statement.bind(document).bind(number).execute(&mut *to).await?;
    }
    let below = if is_reset { &*sandbox.origin } else { &from.state };
    layer::write(&Layer::between_at_length(below, &sandbox.state).await?, number, to).await
}

async fn remove(number: i64, from: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    layer::delete(number, from).await?;
    layer::delete(-number, from).await?;
    let base: Option<i64> = sqlx::query_scalar("DELETE FROM sandboxes WHERE number = ? RETURNING ground")
        .bind(number)
        .fetch_optional(&mut *from)
        .await?;
    for statement in [
        "DELETE FROM keys WHERE sandbox = ?",
        "DELETE FROM journals WHERE sandbox = ?",
        "DELETE FROM calls WHERE sandbox = ?",
        "DELETE FROM scorecards WHERE sandbox = ?",
    ] {
        sqlx::query(statement).bind(number).execute(&mut *from).await?;
    }
    let statement = "DELETE FROM grounds WHERE number = ?1
        AND NOT EXISTS (SELECT 1 FROM sandboxes WHERE ground = ?1) RETURNING number";
    let unused: Option<i64> = sqlx::query_scalar(statement).bind(base).fetch_optional(&mut *from).await?;
    match unused {
        Some(base) => layer::delete(base, from).await,
        None => Ok(()),
    }
}

async fn add_key(key: &StoredKey, to: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let statement = "INSERT INTO keys (hash, id, prefix, sandbox, supplier, created_at, last_used_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)";
    sqlx::query(statement)
        .bind(key.hash.as_bytes())
        .bind(&*key.id.0)
        .bind(&*key.prefix)
        .bind(key.sandbox)
        .bind(key.caller.supplier.as_str())
        .bind(key.created_at.as_millis())
        .bind(key.last_used_at().map(Timestamp::as_millis))
        .execute(to)
        .await
        .map(drop)
}

impl Written {
    fn of(slot: &Slot) -> Self {
        let recorded = slot.recorded();
        let last = recorded.last();
        Self {
            resets: recorded.resets,
            last,
            first: recorded.kept().next().map_or(last + 1, |call| call.number),
        }
    }
}

/// Writes what of a journal is not in the file; `known` says what is, and nothing is if it is `None`.
async fn write_journal(
    slot: &Slot,
    known: Option<Written>,
    to: &mut SqliteConnection,
) -> Result<Written, sqlx::Error> {
    let number = slot.number;
    let (now, calls, scorecards) = {
        let mut recorded = slot.recorded();
        let known = known.filter(|known| known.resets == recorded.resets).unwrap_or_default();
        let calls = recorded.kept().filter(|call| call.number > known.last);
        let calls: Vec<_> = calls.map(|call| (call.number, Arc::clone(&call.record))).collect();
        let judged = std::mem::take(&mut recorded.judged);
        let scorecards: Vec<_> =
            judged.into_iter().map(|supplier| (recorded.scorecard(&supplier), supplier)).collect();
        drop(recorded);
        (Written::of(slot), calls, scorecards)
    };
    if known.is_some_and(|known| known.resets != now.resets) {
        for statement in ["DELETE FROM calls WHERE sandbox = ?", "DELETE FROM scorecards WHERE sandbox = ?"] {
            sqlx::query(statement).bind(number).execute(&mut *to).await?;
        }
    }
    if known.is_some_and(|known| known.first != now.first) {
        let statement = sqlx::query("DELETE FROM calls WHERE sandbox = ? AND number < ?");
        statement.bind(number).bind(column(now.first)).execute(&mut *to).await?;
    }
    let rows: Vec<_> = calls
        .iter()
        .map(|(number, call)| Ok((number, written(&**call)?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let statement = "INSERT OR REPLACE INTO calls SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)";
    sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
    let rows: Vec<_> = scorecards
        .iter()
        .map(|(scorecard, supplier)| Ok((supplier.as_str(), written(scorecard)?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let statement = "INSERT OR REPLACE INTO scorecards SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)";
    sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
    let statement = "INSERT OR REPLACE INTO journals VALUES (?, ?)";
    sqlx::query(statement).bind(number).bind(column(now.last)).execute(&mut *to).await?;
    Ok(now)
}

fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

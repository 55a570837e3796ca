//! Background writer: group-commits queued changes to SQLite.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use sqlx::{Connection as _, Executor as _, SqliteConnection};
use supplier_domain::Timestamp;

use super::file_watch::FileWatch;
use super::journal::{self, JournalProgress};
use super::rows;
use crate::engine::sandbox::Sandbox;
use crate::engine::slot::Slot;
use crate::lock;
use crate::memory::directory::{Change, Directory, StoredKey};
use crate::memory::queue::{Batch, DeferredWrites, Queue};
use crate::work::discard;

/// Time between two commits of deferred writes.
const DEFERRED_EVERY: Duration = Duration::from_millis(200);
/// Pause before the next try to write.
const RETRY: Duration = Duration::from_millis(500);

pub(super) struct Writer {
    connection: SqliteConnection,
    file: FileWatch,
    directory: Arc<RwLock<Directory>>,
    queue: Arc<Queue>,
    /// The sandboxes as they are in the file, by number.
    persisted: HashMap<i64, Sandbox>,
    /// How much of their journals is in the file.
    journals: HashMap<i64, JournalProgress>,
}

/// The sandboxes as a transaction will leave them; `None` for a removed one.
type Pending = HashMap<i64, Option<Sandbox>>;

impl Writer {
    pub(super) fn new(
        (connection, file): (SqliteConnection, &Path),
        directory: Arc<RwLock<Directory>>,
        queue: Arc<Queue>,
        persisted: HashMap<i64, Sandbox>,
    ) -> Self {
        let journals =
            lock::read(&directory).all().map(|slot| (slot.number, JournalProgress::of(slot))).collect();
        Self { connection, file: FileWatch::new(file), directory, queue, persisted, journals }
    }

    /// Writes until the queue is closed.
    pub(super) async fn run(mut self) {
        let mut deferred = tokio::time::interval(DEFERRED_EVERY);
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
                    // The call of `close` fails.
                    drop(queue.take());
                    return;
                }
                queue.set_gone(false);
                queue.set_down(false);
                tracing::info!("the data file can be written to again");
                continue;
            }
            if is_time || is_closed {
                self.write_deferred().await;
            }
            self.file.remember();
            if is_closed {
                // A failure here has no effect: everything is in the file, which is read when it is next opened.
                let _ = self.connection.close().await;
                queue.written(waiting);
                return;
            }
            queue.written(waiting);
            // A removed sandbox may be large.
            if !changes.is_empty() {
                discard(changes);
            }
        }
    }

    async fn write(&mut self, changes: &[Change], touched: &[Arc<Slot>]) -> Result<(), sqlx::Error> {
        // Without changes too, so that the server's readiness shows a lost file.
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
                    rows::create(slot.number, &sandbox, &mut transaction).await?;
                    journals.push((slot.number, journal::write(slot, None, &mut transaction).await?));
                    pending.insert(slot.number, Some(sandbox));
                }
                Change::Removed(slot, keys) => {
                    rows::remove(slot.number, &mut transaction).await?;
                    for key in keys {
                        rows::end_key(key, &mut transaction).await?;
                    }
                    pending.insert(slot.number, None);
                }
                Change::KeyAdded(key) => rows::add_key(key, &mut transaction).await?,
                Change::KeyRevoked(key) => {
                    let statement = sqlx::query("DELETE FROM keys WHERE hash = ?").bind(key.hash.as_bytes());
                    transaction.execute(statement).await?;
                    rows::end_key(key, &mut transaction).await?;
                }
            }
        }
        for slot in touched {
            let known = match pending.get(&slot.number) {
                Some(pending) => pending.as_ref(),
                None => self.persisted.get(&slot.number),
            };
            // A sandbox that is removed by now is not in the file.
            let Some(known) = known else { continue };
            let sandbox = slot.lock().clone();
            rows::change(slot.number, known, &sandbox, &mut transaction).await?;
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

    /// Undoes everything that is not in the file, and makes calls fail until [`Queue::set_down`] lifts it.
    fn undo(&mut self, mut changes: Vec<Change>) {
        self.queue.set_down(true);
        let mut directory = lock::write(&self.directory);
        changes.append(&mut self.queue.take().changes);
        for change in changes.into_iter().rev() {
            directory.undo(change);
        }
        for slot in directory.all() {
            // A call that had the lock before waits in the queue by now. A call that gets the lock later finds the queue
            // down.
            if let Some(persisted) = self.persisted.get(&slot.number) {
                slot.roll_back(persisted);
            }
        }
        drop(directory);
        // Their calls fail.
        drop(self.queue.take());
    }

    /// Fails if the file was replaced: what is written to it would be lost.
    fn watch(&self) -> Result<(), sqlx::Error> {
        self.file.check().map_err(|gone| sqlx::Error::Io(std::io::Error::other(gone)))
    }

    /// Tries to write to the file.
    async fn probe(&mut self) -> Result<(), sqlx::Error> {
        self.watch()?;
        let mut transaction = self.connection.begin().await?;
        // More than a page, so that a full disk fails.
        transaction
            .execute("INSERT INTO journals VALUES (0, 0) ON CONFLICT DO UPDATE SET last = last")
            .await?;
        transaction.execute("INSERT OR REPLACE INTO calls VALUES (0, 0, hex(zeroblob(65536)))").await?;
        transaction.execute("DELETE FROM calls WHERE sandbox = 0").await?;
        transaction.execute("DELETE FROM journals WHERE sandbox = 0").await?;
        transaction.commit().await?;
        self.file.remember();
        Ok(())
    }

    /// Writes the deferred writes: journals, scorecards and the last use of keys. Those that fail are queued again.
    async fn write_deferred(&mut self) {
        let DeferredWrites { journals, used } = self.queue.take_deferred();
        if journals.is_empty() && used.is_empty() {
            return;
        }
        if self.try_deferred(&journals, &used).await.is_ok() {
            return;
        }
        // One journal may be what cannot be written: the others do not wait for it.
        for slot in journals {
            slot.journal().mark_all_changed();
            let Err(cause) = self.try_deferred(std::slice::from_ref(&slot), &[]).await else { continue };
            if self.probe().await.is_ok() {
                let known = self.journals.get(&slot.number).copied().unwrap_or_default();
                let now = JournalProgress::of(&slot);
                let lost = now.since(known);
                self.queue.lose(lost);
                self.journals.insert(slot.number, now);
                tracing::error!(%cause, sandbox = %slot.id, lost, "calls cannot be written to the journal: they are lost");
            } else {
                tracing::warn!(%cause, "the journal could not be written; it is tried again");
                slot.journal().mark_all_changed();
                self.queue.queue_journal(&slot);
            }
        }
        if self.try_deferred(&[], &used).await.is_err() {
            for key in &used {
                self.queue.use_key(key);
            }
        }
    }

    async fn try_deferred(
        &mut self,
        slots: &[Arc<Slot>],
        used: &[Arc<StoredKey>],
    ) -> Result<(), sqlx::Error> {
        let mut journals = Vec::new();
        let mut transaction = self.connection.begin().await?;
        for slot in slots.iter().filter(|slot| self.persisted.contains_key(&slot.number)) {
            let known = self.journals.get(&slot.number).copied().unwrap_or_default();
            journals.push((slot.number, journal::write(slot, Some(known), &mut transaction).await?));
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

//! Transaction batches: one transaction runs every call that waits for a sandbox.
//!
//! The server caches a copy of each sandbox. A batch locks the sandbox's row, compares the row's version with the cached one,
//! refreshes the copy if another server has changed the sandbox, runs the waiting calls, writes the difference, and commits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sqlx::postgres::PgPool;
use sqlx::{PgConnection, Row as _};
use supplier_domain::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::deferred::DeferredWrites;
use super::lookup::Lookup;
use super::rows::{self, RowVersion};
use crate::backend::{Access, BatchTicket, Storage};
use crate::memory::directory::Slot;
use crate::memory::journal::Recorded;
use crate::memory::sandbox::{BaseState, Sandbox};
use crate::stored::{Layers, StateDocument, read};
use crate::{Authenticated, Epoch, KeyHash, SandboxId, StoreError, StoreOptions};

/// Whom a key authenticates, and until when.
pub(super) type Found = Option<(Authenticated, Option<Timestamp>)>;

/// How far ahead a server records the time that it has shown, so that not every call has to write it.
const SHOWN_AHEAD: Duration = Duration::from_millis(50);

/// The connections of a server, its wait queues and caches.
pub(super) struct Shared {
    pub(super) pool: PgPool,
    pub(super) options: StoreOptions,
    queues: Mutex<HashMap<SandboxId, Arc<WaitQueue>>>,
    /// Sandboxes with live listeners, by number.
    watched: Mutex<HashMap<i64, Weak<Slot>>>,
    /// The base states of cached sandboxes, by number.
    base_states: Mutex<HashMap<i64, Weak<BaseState>>>,
    pub(super) callers: Arc<Lookup<KeyHash, Found>>,
    pub(super) deferred: DeferredWrites,
}

/// The calls that wait for a sandbox's next batch.
pub(super) struct WaitQueue {
    id: SandboxId,
    waiting: Mutex<Waiting>,
    /// Locked by the task that runs the batches.
    cached: tokio::sync::Mutex<Option<Cached>>,
}

#[derive(Default)]
struct Waiting {
    calls: Vec<Call>,
    is_taken: bool,
    /// Number of eviction rounds without a call.
    idle: u32,
}

/// A call that waits for a batch.
struct Call {
    server: Timestamp,
    enters: oneshot::Sender<Result<Access, StoreError>>,
}

/// The cached copy of a sandbox, as the database holds it.
struct Cached {
    slot: Arc<Slot>,
    sandbox: Sandbox,
    row: RowVersion,
}

// A panic under the lock is a defect, but one call's: it must not turn every later call away.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(pool: PgPool, options: StoreOptions) -> Self {
        Self {
            pool,
            options,
            queues: Mutex::default(),
            watched: Mutex::default(),
            base_states: Mutex::default(),
            callers: Arc::default(),
            deferred: DeferredWrites::default(),
        }
    }

    /// Waits for a place in a batch.
    pub(super) async fn enter(
        self: &Arc<Self>,
        id: &SandboxId,
        server: Timestamp,
    ) -> Result<Access, StoreError> {
        let (enters, entered) = oneshot::channel();
        let queue = {
            let mut queues = lock(&self.queues);
            let queue = queues.entry(id.clone()).or_insert_with(|| Arc::new(WaitQueue::new(id.clone())));
            let queue = Arc::clone(queue);
            let mut waiting = lock(&queue.waiting);
            waiting.calls.push(Call { server, enters });
            waiting.idle = 0;
            let is_taken = std::mem::replace(&mut waiting.is_taken, true);
            drop(waiting);
            (!is_taken).then_some(queue)
        };
        if let Some(queue) = queue {
            // On its own: the call may go away, and others wait in the queue.
            tokio::spawn(Arc::clone(self).run_batches(queue));
        }
        let gone = || StoreError::Unavailable("the database could not be asked".into());
        entered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Runs batches until no call waits.
    async fn run_batches(self: Arc<Self>, queue: Arc<WaitQueue>) {
        let mut cached = queue.cached.lock().await;
        loop {
            if lock(&queue.waiting).leave() {
                if cached.is_none() {
                    self.clear_away(&queue);
                }
                return;
            }
            if let Err(cause) = self.run_batch(&queue, &mut cached).await {
                tracing::warn!(%cause, "the database could not be used; the calls that needed it are answered 503");
                // Calls that have arrived since get a new batch.
            }
        }
    }

    /// Removes the queue of a sandbox that does not exist: callers can make up names without end.
    fn clear_away(&self, queue: &Arc<WaitQueue>) {
        let mut queues = lock(&self.queues);
        let is_it = queues.get(&queue.id).is_some_and(|known| Arc::ptr_eq(known, queue));
        // A call that has arrived since uses it.
        if is_it && !lock(&queue.waiting).is_taken {
            queues.remove(&queue.id);
        }
    }

    /// Runs one batch: locks the row, runs the waiting calls, commits what they changed.
    async fn run_batch(&self, queue: &WaitQueue, cached: &mut Option<Cached>) -> Result<(), sqlx::Error> {
        let begun = async {
            let mut transaction = self.pool.begin().await?;
            let seen = self.refresh_cache(&queue.id, cached, &mut transaction).await?;
            Ok::<_, sqlx::Error>((transaction, seen))
        };
        let begun = begun.await;
        // Success or failure counts for every call that has arrived by now.
        let calls = std::mem::take(&mut lock(&queue.waiting).calls);
        let (mut transaction, seen) = begun?;
        let Some(it) = cached else {
            for call in calls {
                let _ = call.enters.send(Err(StoreError::NoSandbox(queue.id.clone())));
            }
            return transaction.rollback().await;
        };
        // A clock never goes back behind a time that another server has shown.
        it.slot.lock().state.clock.read(seen);
        let committed = run_calls(queue, it, calls).await;
        let mut sandbox = it.slot.lock().clone();
        let written = async {
            let row = rows::change(&it.sandbox, &sandbox, it.row, &mut transaction).await?;
            let shown = sandbox.state.clock.asked();
            // Without a change there is no commit, which would wait for the disk.
            if row != it.row {
                transaction.commit().await?;
            } else if shown > seen && !queue.id.is_baseline() {
                rows::note_seen(row.number, shown.plus(SHOWN_AHEAD), &mut transaction).await?;
                transaction.commit().await?;
            } else {
                transaction.rollback().await?;
            }
            Ok(row)
        };
        match written.await {
            Ok(row) => {
                let is_changed = row != it.row;
                if row.live != it.row.live {
                    // The batch reset the sandbox: later calls belong to the new epoch.
                    sandbox.epoch = Epoch(row.live);
                    it.slot.lock().epoch = sandbox.epoch;
                }
                (it.sandbox, it.row) = (sandbox, row);
                for call in committed {
                    let _ = call.send(());
                }
                if is_changed && it.slot.was_told() {
                    self.deferred.tell(row.number);
                }
                Ok(())
            }
            Err(cause) => {
                // The next batch sees by the row's version whether this one was committed.
                it.slot.lock().clone_from(&it.sandbox);
                Err(cause)
            }
        }
    }

    /// Locks a sandbox's row and brings the cached copy up to date; without a row, the copy is dropped. Returns the latest
    /// time, by a server's clock, that the sandbox's clock may have been shown for.
    async fn refresh_cache(
        &self,
        id: &SandboxId,
        cached: &mut Option<Cached>,
        from: &mut PgConnection,
    ) -> Result<Timestamp, sqlx::Error> {
        // A baseline never changes, and is never locked.
        let statement = if id.is_baseline() {
            "SELECT number, version, live, seen, suppliers, state FROM sandboxes WHERE name = $1"
        } else {
            "SELECT number, version, live, seen, suppliers, state FROM sandboxes WHERE name = $1 FOR NO KEY UPDATE"
        };
        let found: Option<(i64, i64, i64, i64, String, String)> =
            sqlx::query_as(statement).bind(id.as_str()).fetch_optional(&mut *from).await?;
        let Some((number, version, live, seen, suppliers, state)) = found else {
            if let Some(gone) = cached.take() {
                gone.slot.close();
            }
            return Ok(Timestamp::from_millis(0));
        };
        let seen = Timestamp::from_millis(seen);
        let row = RowVersion { number, version, live };
        match cached {
            Some(it) if it.row == row => {}
            Some(it) if it.row.number == number => {
                self.refresh(it, row, (&suppliers, &state), from).await?;
            }
            _ => {
                if let Some(gone) = cached.take() {
                    gone.slot.close();
                }
                let sandbox = self.load(number, from).await?;
                let slot = Arc::new(Slot::new(number, sandbox.clone(), Recorded::default()));
                *cached = Some(Cached { slot, sandbox, row });
            }
        }
        Ok(seen)
    }

    async fn load(&self, number: i64, from: &mut PgConnection) -> Result<Sandbox, sqlx::Error> {
        let row = sqlx::query("SELECT * FROM sandboxes WHERE number = $1").bind(number);
        let row = row.fetch_one(&mut *from).await?;
        let (mut layers, base) = (Layers::default(), row.try_get("ground")?);
        let known = lock(&self.base_states).get(&base).and_then(Weak::upgrade);
        let base = if let Some(known) = known {
            known
        } else {
            let read = Arc::new(rows::base(base, &mut layers, self.options, from).await?);
            self.cache_base_state(&read);
            read
        };
        rows::sandbox(&row, base, &mut layers, from).await
    }

    pub(super) fn cache_base_state(&self, base: &Arc<BaseState>) {
        let mut base_states = lock(&self.base_states);
        base_states.retain(|_, known| known.strong_count() > 0);
        base_states.insert(base.number, Arc::downgrade(base));
    }

    /// Reads into the cached copy what other servers have changed.
    async fn refresh(
        &self,
        it: &mut Cached,
        row: RowVersion,
        (suppliers, state): (&str, &str),
        from: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        let mut sandbox = it.sandbox.clone();
        let is_reset = it.row.live != row.live;
        if is_reset {
            sandbox.state = (*sandbox.origin).clone();
            sandbox.epoch = Epoch(row.live);
        }
        sandbox.info.suppliers = read(suppliers)?;
        for supplier in &sandbox.info.suppliers {
            sandbox.state.add_supplier(&supplier.id);
        }
        read::<StateDocument>(state)?.put_into(&mut sandbox.state);
        let since = if is_reset { -1 } else { it.row.version };
        let layer = rows::layer(row.live, since, from).await?;
        Layers::default().put_at_length(layer, &mut sandbox.state).await?;
        it.slot.lock().clone_from(&sandbox);
        (it.sandbox, it.row) = (sandbox, row);
        Ok(())
    }

    /// Evicts sandboxes that had no call in the last rounds.
    pub(super) fn forget_idle(&self, rounds: u32) {
        lock(&self.queues).retain(|_, queue| {
            let mut waiting = lock(&queue.waiting);
            waiting.idle += 1;
            let is_watched = || match queue.cached.try_lock() {
                Ok(cached) => cached.as_ref().is_some_and(|it| it.slot.is_watched()),
                Err(_) => true,
            };
            waiting.is_taken || waiting.idle <= rounds || is_watched()
        });
    }

    /// Registers a sandbox that has a live listener.
    pub(super) fn watch(&self, slot: &Arc<Slot>) {
        let mut watched = lock(&self.watched);
        watched.retain(|_, slot| slot.upgrade().is_some_and(|slot| slot.is_watched()));
        watched.insert(slot.number, Arc::downgrade(slot));
    }

    /// The sandboxes that have live listeners at this server.
    pub(super) fn watched(&self) -> Vec<Arc<Slot>> {
        lock(&self.watched).values().filter_map(Weak::upgrade).collect()
    }

    /// Notifies the listeners of changed sandboxes.
    pub(super) fn tell_here(&self, is_it: impl Fn(&Slot) -> bool) {
        self.watched().iter().filter(|slot| is_it(slot)).for_each(|slot| slot.tell());
    }

    /// Caches a sandbox that was just created.
    pub(super) fn remember(&self, number: i64, sandbox: Sandbox) {
        let sandbox = Sandbox { epoch: Epoch(number), ..sandbox };
        let id = sandbox.info().id.clone();
        self.cache_base_state(&sandbox.base);
        let queue = {
            let mut queues = lock(&self.queues);
            Arc::clone(queues.entry(id.clone()).or_insert_with(|| Arc::new(WaitQueue::new(id))))
        };
        // A batch that is under way reads the row itself.
        if let Ok(mut cached) = queue.cached.try_lock()
            && cached.is_none()
        {
            let slot = Arc::new(Slot::new(number, sandbox.clone(), Recorded::default()));
            *cached = Some(Cached { slot, sandbox, row: RowVersion { number, version: 0, live: number } });
        }
    }

    /// Ends the live listeners of removed sandboxes.
    pub(super) fn close(&self, numbers: &[i64]) {
        for slot in self.watched().iter().filter(|slot| numbers.contains(&slot.number)) {
            slot.close();
        }
    }
}

/// Gives calls access to their sandbox, and waits until all of them are done. Returns the senders that tell them of the commit.
async fn run_calls(queue: &WaitQueue, it: &Cached, calls: Vec<Call>) -> Vec<oneshot::Sender<()>> {
    let (open, mut all_done) = mpsc::channel(1);
    let mut committed = Vec::with_capacity(calls.len());
    for Call { server, enters } in calls {
        if it.sandbox.expires_at().is_some_and(|end| end <= server) {
            let _ = enters.send(Err(StoreError::NoSandbox(queue.id.clone())));
            continue;
        }
        let (sender, receiver) = oneshot::channel();
        let ticket = BatchTicket { open: open.clone(), committed: receiver };
        // A call whose client has gone away does nothing.
        if enters.send(Ok(Access { slot: Arc::clone(&it.slot), storage: Storage::Database(ticket) })).is_ok()
        {
            committed.push(sender);
        }
    }
    drop(open);
    // Nothing is ever sent: the channel closes when the last ticket is dropped.
    let _ = all_done.recv().await;
    committed
}

impl WaitQueue {
    fn new(id: SandboxId) -> Self {
        Self { id, waiting: Mutex::default(), cached: tokio::sync::Mutex::default() }
    }
}

impl Waiting {
    /// Returns whether no call waits; then the task that runs the batches ends.
    fn leave(&mut self) -> bool {
        self.is_taken = !self.calls.is_empty();
        !self.is_taken
    }
}

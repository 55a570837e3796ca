//! Transaction batches: one transaction runs every call that waits for a sandbox.
//!
//! The server caches a copy of each sandbox. A batch locks the sandbox's row, compares the row's version with the cached one,
//! refreshes the copy if another server has changed the sandbox, runs the waiting calls, writes the difference, and commits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sqlx::postgres::PgPool;
use supplier_domain::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::cache::{BaseStates, Cached, lock_and_refresh};
use super::listeners::Listeners;
use crate::backend::access::{Access, BatchTicket, Entry, Storage};
use crate::engine::sandbox::Sandbox;
use crate::lock::lock;
use crate::sandboxes::info::is_over;
use crate::{SandboxId, StoreError, StoreOptions};

/// The wait queues of a server's sandboxes, each with the cached copy.
pub(super) struct Batches {
    pool: PgPool,
    base_states: BaseStates,
    listeners: Arc<Listeners>,
    queues: Mutex<HashMap<SandboxId, Arc<WaitQueue>>>,
}

/// The calls that wait for a sandbox's next batch.
struct WaitQueue {
    id: SandboxId,
    waiting: Mutex<Waiting>,
    /// Locked by the task that runs the batches.
    cached: tokio::sync::Mutex<Option<Cached>>,
}

#[derive(Default)]
struct Waiting {
    calls: Vec<Call>,
    /// Whether a task runs batches.
    is_taken: bool,
    /// Number of eviction rounds without a call.
    idle: u32,
}

/// A call that waits for a batch.
struct Call {
    server: Timestamp,
    enters: oneshot::Sender<Result<Access, StoreError>>,
}

impl Batches {
    pub(super) fn new(pool: PgPool, options: StoreOptions, listeners: Arc<Listeners>) -> Self {
        Self { pool, base_states: BaseStates::new(options), listeners, queues: Mutex::default() }
    }

    /// Queues a call for the next batch.
    pub(super) fn enter(self: &Arc<Self>, id: &SandboxId, server: Timestamp) -> Entry {
        let (enters, entered) = oneshot::channel();
        let queue = {
            let mut queues = lock(&self.queues);
            let queue = Arc::clone(queues.entry(id.clone()).or_insert_with(|| WaitQueue::new(id)));
            let mut waiting = lock(&queue.waiting);
            waiting.calls.push(Call { server, enters });
            waiting.idle = 0;
            let is_taken = std::mem::replace(&mut waiting.is_taken, true);
            drop(waiting);
            (!is_taken).then_some(queue)
        };
        if let Some(queue) = queue {
            // A task of its own: this call's client may go away, and other calls wait in the queue.
            tokio::spawn(Arc::clone(self).run_batches(queue));
        }
        Entry::Queued(entered)
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
            let seen = lock_and_refresh(&queue.id, cached, &self.base_states, &mut transaction).await?;
            Ok::<_, sqlx::Error>((transaction, seen))
        };
        let begun = begun.await;
        // Success or failure counts for every call that has arrived by now.
        let calls = std::mem::take(&mut lock(&queue.waiting).calls);
        let (transaction, seen) = begun?;
        let Some(cached) = cached else {
            for call in calls {
                let _ = call.enters.send(Err(StoreError::NoSandbox(queue.id.clone())));
            }
            return transaction.rollback().await;
        };
        // A clock never goes back behind a time that another server has shown.
        cached.slot.lock().state.clock.read(seen);
        let committed = run_calls(cached, calls).await;
        let is_changed = cached.commit(seen, transaction).await?;
        for call in committed {
            let _ = call.send(());
        }
        if is_changed && cached.slot.take_notified() {
            self.listeners.announce(cached.slot.number);
        }
        Ok(())
    }

    /// Evicts sandboxes that had no call in the last `rounds` calls of this function, unless they have live listeners.
    pub(super) fn evict_idle(&self, rounds: u32) {
        lock(&self.queues).retain(|_, queue| {
            let mut waiting = lock(&queue.waiting);
            waiting.idle += 1;
            let is_watched = || match queue.cached.try_lock() {
                Ok(cached) => cached.as_ref().is_some_and(|cached| cached.slot.has_listeners()),
                Err(_) => true,
            };
            waiting.is_taken || waiting.idle <= rounds || is_watched()
        });
    }

    /// Caches a sandbox that was just created.
    pub(super) fn insert(&self, number: i64, sandbox: Sandbox) {
        let id = sandbox.info.id.clone();
        self.base_states.insert(&sandbox.base);
        let queue = {
            let mut queues = lock(&self.queues);
            Arc::clone(queues.entry(id.clone()).or_insert_with(|| WaitQueue::new(&id)))
        };
        // A batch that is under way reads the row itself.
        if let Ok(mut cached) = queue.cached.try_lock()
            && cached.is_none()
        {
            *cached = Some(Cached::created(number, sandbox));
        }
    }
}

/// Gives calls access to their sandbox, and waits until all of them are done. Returns the senders that tell them of the commit.
async fn run_calls(cached: &Cached, calls: Vec<Call>) -> Vec<oneshot::Sender<()>> {
    let (open, mut all_done) = mpsc::channel(1);
    let mut committed = Vec::with_capacity(calls.len());
    let slot = &cached.slot;
    for Call { server, enters } in calls {
        if is_over(slot.expires_at, server) {
            let _ = enters.send(Err(StoreError::NoSandbox(slot.id.clone())));
            continue;
        }
        let (sender, receiver) = oneshot::channel();
        let ticket = BatchTicket { open: open.clone(), committed: receiver };
        // A call whose client has gone away does nothing.
        if enters.send(Ok(Access { slot: Arc::clone(slot), storage: Storage::Database(ticket) })).is_ok() {
            committed.push(sender);
        }
    }
    drop(open);
    // Nothing is ever sent: the channel closes when the last ticket is dropped.
    let _ = all_done.recv().await;
    committed
}

impl WaitQueue {
    fn new(id: &SandboxId) -> Arc<Self> {
        Arc::new(Self { id: id.clone(), waiting: Mutex::default(), cached: tokio::sync::Mutex::default() })
    }
}

impl Waiting {
    /// Returns whether no call waits; then the task that runs the batches ends.
    fn leave(&mut self) -> bool {
        self.is_taken = !self.calls.is_empty();
        !self.is_taken
    }
}

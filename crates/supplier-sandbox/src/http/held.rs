//! The memory that connections hold, and how long they may hold it.
//!
//! An answer is held until its client has read it, which a client may put off for ever. So each connection counts what it
//! holds, and a watch over all of them closes those whose answers make no progress, and, when all together hold too much,
//! those that hold most for longest. A client that reads holds next to nothing, and is never chosen.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Limits;

/// After closing connections, so much of the bound is in use at most: the next answers find room.
const IN_USE_AFTERWARDS: (usize, usize) = (3, 4);
/// How often the progress of answers is looked at while one may make none.
const LOOKS_A_TIMEOUT: u32 = 4;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What all connections of a server hold.
#[derive(Debug)]
pub(super) struct Held {
    limit: usize,
    stall_timeout: Duration,
    began: Instant,
    bytes: AtomicUsize,
    exceeded: Notify,
    next: AtomicU64,
    connections: Mutex<HashMap<u64, Arc<Holder>>>,
}

/// What one connection holds.
#[derive(Debug)]
pub(crate) struct Holder {
    all: Arc<Held>,
    bytes: AtomicUsize,
    /// Since when it has held something without a break, in milliseconds.
    since: AtomicU64,
    /// When each answer last made progress, in milliseconds.
    answers: Mutex<Vec<Weak<AtomicU64>>>,
    is_closing: AtomicBool,
    close: Notify,
}

/// A connection among those that are watched; it is taken out when this is dropped.
#[derive(Debug)]
pub(super) struct Watched {
    number: u64,
    holder: Arc<Holder>,
}

/// Bytes that a connection holds, until this is dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    holder: Arc<Holder>,
    bytes: usize,
}

impl Held {
    /// Bounded by `limits`.
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            limit: limits.held_bytes,
            stall_timeout: limits.stall_timeout,
            began: Instant::now(),
            bytes: AtomicUsize::new(0),
            exceeded: Notify::new(),
            next: AtomicU64::new(0),
            connections: Mutex::default(),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Watches one more connection.
    pub(super) fn watch(self: &Arc<Self>) -> Watched {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let holder = Arc::new(Holder {
            all: Arc::clone(self),
            bytes: AtomicUsize::new(0),
            since: AtomicU64::new(0),
            answers: Mutex::default(),
            is_closing: AtomicBool::new(false),
            close: Notify::new(),
        });
        lock(&self.connections).insert(number, Arc::clone(&holder));
        Watched { number, holder }
    }

    fn holders(&self) -> Vec<Arc<Holder>> {
        lock(&self.connections).values().cloned().collect()
    }

    /// Closes connections that hold too much or for too long, as long as it is polled.
    pub(super) async fn keep_within_bounds(&self) {
        // A timer that is never due would only be in the way.
        let interval = (self.stall_timeout / LOOKS_A_TIMEOUT).max(Duration::from_millis(1));
        loop {
            tokio::select! {
                () = self.exceeded.notified() => self.make_room(),
                () = tokio::time::sleep(interval) => self.close_stalled(),
            }
        }
    }

    fn close_stalled(&self) {
        let (now, most) = (self.now(), u64::try_from(self.stall_timeout.as_millis()).unwrap_or(u64::MAX));
        for holder in self.holders() {
            let is_stalled = |last: Arc<AtomicU64>| now.saturating_sub(last.load(Ordering::Relaxed)) >= most;
            if lock(&holder.answers).iter().filter_map(Weak::upgrade).any(is_stalled) {
                tracing::debug!("a connection is closed: its client does not read");
                holder.close();
            }
        }
    }

    fn make_room(&self) {
        if self.bytes.load(Ordering::Relaxed) <= self.limit {
            return;
        }
        let now = self.now();
        let (closing, mut open): (Vec<_>, Vec<_>) =
            self.holders().into_iter().partition(|holder| holder.is_closing.load(Ordering::Relaxed));
        // What the closing ones hold is as good as free.
        let closing: usize = closing.iter().map(|holder| holder.bytes.load(Ordering::Relaxed)).sum();
        let most = self.limit / IN_USE_AFTERWARDS.1 * IN_USE_AFTERWARDS.0;
        let mut used = self.bytes.load(Ordering::Relaxed).saturating_sub(closing);
        open.sort_by_cached_key(|holder| std::cmp::Reverse(holder.burden(now)));
        for holder in open {
            if used <= most {
                break;
            }
            used = used.saturating_sub(holder.bytes.load(Ordering::Relaxed));
            holder.close();
        }
        tracing::warn!(
            held_bytes = self.limit,
            "clients hold too much that they do not read: the connections that hold most for longest are closed"
        );
    }
}

impl Holder {
    /// Milliseconds since the server began.
    pub(super) fn now(&self) -> u64 {
        self.all.now()
    }

    /// Notes that it holds so many bytes more.
    pub(crate) fn charge(self: &Arc<Self>, bytes: usize) -> Charge {
        let mut charge = Charge { holder: Arc::clone(self), bytes: 0 };
        charge.add(bytes);
        charge
    }

    /// Has it looked at when an answer last made progress.
    pub(super) fn follow(&self, last: &Arc<AtomicU64>) {
        lock(&self.answers).push(Arc::downgrade(last));
    }

    /// Looks no longer at that of an answer which is sent.
    pub(super) fn forget(&self, last: &Arc<AtomicU64>) {
        lock(&self.answers).retain(|known| !std::ptr::eq(known.as_ptr(), Arc::as_ptr(last)));
    }

    /// How much it holds, by how long.
    fn burden(&self, now: u64) -> u128 {
        let age = now.saturating_sub(self.since.load(Ordering::Relaxed)) + 1;
        u128::from(age) * self.bytes.load(Ordering::Relaxed) as u128
    }

    fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
        self.close.notify_one();
    }
}

impl Watched {
    /// What the connection holds.
    pub(super) fn holder(&self) -> &Arc<Holder> {
        &self.holder
    }

    /// Waits until the connection is to be closed.
    pub(super) async fn closed(&self) {
        self.holder.close.notified().await;
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        lock(&self.holder.all.connections).remove(&self.number);
    }
}

impl Charge {
    /// Notes so many bytes more.
    pub(crate) fn add(&mut self, bytes: usize) {
        let Holder { all, bytes: held, since, .. } = &*self.holder;
        self.bytes += bytes;
        if held.fetch_add(bytes, Ordering::Relaxed) == 0 {
            since.store(all.now(), Ordering::Relaxed);
        }
        if all.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > all.limit {
            all.exceeded.notify_one();
        }
    }

    /// Whose bytes they are.
    pub(super) fn holder(&self) -> &Arc<Holder> {
        &self.holder
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.holder.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.holder.all.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

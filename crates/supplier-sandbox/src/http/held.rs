//! Memory that connections hold, and how long they may hold it.
//!
//! A connection holds an answer until its client has read the answer, which a client may never do. So each connection counts
//! what it holds. A watch over all connections closes those whose answers make no progress. When all together hold too much, it
//! closes those that hold most for longest. A client that reads holds next to nothing, and is never chosen.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use supplier_store::{Permit, Permits, SandboxId};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Limits;
use super::eviction::{Candidate, PATIENCE, choose, is_blamed};
use super::steps::Steps;

/// Maximum share of the bound in use after closing connections, which leaves room for the next answers.
const IN_USE_AFTERWARDS: (usize, usize) = (3, 4);
/// Maximum share of the bound that large answers hold, plus one answer.
const LARGE: usize = 8;
/// Maximum share that large answers hold after closing connections for a waiting one.
const LARGE_AFTERWARDS: usize = 16;
/// Maximum number of large answers that are prepared at once; one for each sandbox.
const LARGE_AT_ONCE: usize = 4;
/// Share of the bound in use from which memory is scarce. Then a connection that holds more than its share gets no further
/// answer until its client has read.
const SCARCE: (usize, usize) = (1, 2);
/// A connection's share is the bound divided by this.
const SHARES: usize = 128;
/// Size of a connection's buffers while it sends answers, in bytes.
const BUFFERS: usize = 32 << 10;
/// Number of checks for progress in one stall timeout.
const LOOKS_A_TIMEOUT: u32 = 4;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Memory of all connections of a server.
#[derive(Debug)]
pub(super) struct Held {
    limit: usize,
    stall_timeout: Duration,
    began: Instant,
    bytes: AtomicUsize,
    /// Bytes of large answers.
    large_bytes: AtomicUsize,
    exceeded: Notify,
    large: Permits,
    /// Number of large answers that wait for memory.
    large_waiting: AtomicUsize,
    large_released: Notify,
    next: AtomicU64,
    connections: Mutex<HashMap<u64, Arc<Holder>>>,
}

/// Memory of one connection.
#[derive(Debug)]
pub(crate) struct Holder {
    all: Arc<Held>,
    bytes: AtomicUsize,
    large_bytes: AtomicUsize,
    /// Number of answers under way.
    sending: AtomicUsize,
    /// Number of request bodies under way, and since when without a break, in milliseconds.
    bodies: AtomicUsize,
    bodies_since: AtomicU64,
    answers: Mutex<Vec<Weak<Steps>>>,
    is_closing: AtomicBool,
    close: Notify,
    released: Notify,
}

/// Watched connection. It is removed on drop.
#[derive(Debug)]
pub(super) struct Watched {
    number: u64,
    holder: Arc<Holder>,
}

/// Permit of one large answer, from before it is prepared until its bytes are counted.
#[derive(Debug, Clone)]
pub(crate) struct LargeAnswerPermit {
    _permit: Arc<Permit>,
}

/// Counts a large answer that waits for memory, until this is dropped.
struct LargeWaiting<'a>(&'a AtomicUsize);

/// Bytes that a connection holds, until this is dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    holder: Arc<Holder>,
    bytes: usize,
    is_answer: bool,
    is_body: bool,
    is_large: bool,
}

impl Held {
    /// Counters with the bounds of `limits`.
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            limit: limits.held_bytes,
            stall_timeout: limits.stall_timeout,
            began: Instant::now(),
            bytes: AtomicUsize::new(0),
            large_bytes: AtomicUsize::new(0),
            exceeded: Notify::new(),
            large: Permits::new(LARGE_AT_ONCE, 1),
            large_waiting: AtomicUsize::new(0),
            large_released: Notify::new(),
            next: AtomicU64::new(0),
            connections: Mutex::default(),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Adds a connection to the watch.
    pub(super) fn watch(self: &Arc<Self>) -> Watched {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let holder = Arc::new(Holder {
            all: Arc::clone(self),
            bytes: AtomicUsize::new(0),
            large_bytes: AtomicUsize::new(0),
            sending: AtomicUsize::new(0),
            bodies: AtomicUsize::new(0),
            bodies_since: AtomicU64::new(0),
            answers: Mutex::default(),
            is_closing: AtomicBool::new(false),
            close: Notify::new(),
            released: Notify::new(),
        });
        lock(&self.connections).insert(number, Arc::clone(&holder));
        Watched { number, holder }
    }

    fn holders(&self) -> Vec<Arc<Holder>> {
        lock(&self.connections).values().cloned().collect()
    }

    /// Runs the watch: closes connections that hold too much or for too long.
    pub(super) async fn keep_within_bounds(&self) {
        // Without answers, no timer is needed.
        let interval = (self.stall_timeout / LOOKS_A_TIMEOUT).max(Duration::from_millis(1));
        loop {
            tokio::select! {
                () = self.exceeded.notified() => {
                    while self.make_room() {
                        tokio::time::sleep(PATIENCE).await;
                        self.close_stalled();
                    }
                }
                () = tokio::time::sleep(interval) => self.close_stalled(),
            }
        }
    }

    fn close_stalled(&self) {
        let now = self.now();
        for holder in self.holders().into_iter().filter(|holder| holder.is_stalled(now)) {
            tracing::debug!("a connection is closed: its client does not read");
            holder.close();
        }
    }

    fn is_scarce(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.limit / SCARCE.1 * SCARCE.0
    }

    fn is_large_full(&self) -> bool {
        self.large_bytes.load(Ordering::Relaxed) > self.limit / LARGE
    }

    /// Closes connections if all hold too much, or if large answers do while one more waits. Returns whether to check again.
    fn make_room(&self) -> bool {
        let is_exceeded = self.bytes.load(Ordering::Relaxed) > self.limit;
        let is_large_exceeded = self.large_waiting.load(Ordering::Relaxed) > 0 && self.is_large_full();
        let most = self.limit / IN_USE_AFTERWARDS.1 * IN_USE_AFTERWARDS.0;
        // Not `||`: both must run.
        (is_exceeded && self.close_some(&self.bytes, |holder| &holder.bytes, most))
            | (is_large_exceeded
                && self.close_some(
                    &self.large_bytes,
                    |holder| &holder.large_bytes,
                    self.limit / LARGE_AFTERWARDS,
                ))
    }

    /// Closes connections until at most `most` bytes remain, counted by `all` in total and by `held` for each. Returns
    /// whether more remain.
    fn close_some(&self, all: &AtomicUsize, held: fn(&Holder) -> &AtomicUsize, most: usize) -> bool {
        let held = |holder: &Holder| held(holder).load(Ordering::Relaxed);
        let now = self.now();
        let (closing, open): (Vec<_>, Vec<_>) =
            self.holders().into_iter().partition(|holder| holder.is_closing.load(Ordering::Relaxed));
        // Closing connections count as freed.
        let closing: usize = closing.iter().map(|holder| held(holder)).sum();
        let mut used = all.load(Ordering::Relaxed).saturating_sub(closing);
        let waiting = |holder: &Arc<Holder>| Candidate { held: held(holder), waited: holder.waited(now) };
        let candidates: Vec<_> = open.iter().map(waiting).collect();
        let chosen = choose(&candidates, used, most);
        let closed = chosen.len();
        for index in chosen {
            used = used.saturating_sub(candidates[index].held);
            open[index].close();
        }
        if closed > 0 {
            tracing::warn!(
                held_bytes = self.limit,
                closed,
                "clients hold too much that they do not read: the connections that hold most for longest are closed"
            );
        }
        used > most
    }
}

impl Holder {
    /// Milliseconds since the server began.
    pub(super) fn now(&self) -> u64 {
        self.all.now()
    }

    /// Waits until the connection may hold one more answer: while memory is scarce, until it holds less than its share.
    pub(super) async fn room(&self) {
        while self.holds_its_share() {
            // Other connections may release memory too, without a notice to this one.
            let _ = tokio::time::timeout(PATIENCE, self.released.notified()).await;
        }
    }

    fn holds_its_share(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.all.limit / SHARES && self.all.is_scarce()
    }

    /// Waits for the permit of a large answer of `sandbox`: until no other large answer of this sandbox is prepared, and
    /// unread large answers hold at most an eighth of the bound. Closes connections whose clients do not read such answers.
    pub(crate) async fn large_answer(&self, sandbox: &SandboxId) -> LargeAnswerPermit {
        let permit = self.all.large.acquire(sandbox).await;
        let _waiting = LargeWaiting::of(&self.all);
        loop {
            let released = self.all.large_released.notified();
            if !self.all.is_large_full() {
                return LargeAnswerPermit { _permit: Arc::new(permit) };
            }
            self.all.exceeded.notify_one();
            // A client that was chosen may read after all. Then others are chosen.
            let _ = tokio::time::timeout(PATIENCE, released).await;
        }
    }

    /// Counts an answer of `bytes`, and the buffers that send it.
    pub(super) fn charge_answer(self: &Arc<Self>, bytes: usize, is_large: bool) -> Charge {
        let mut charge =
            Charge { holder: Arc::clone(self), bytes: 0, is_answer: true, is_body: false, is_large };
        if self.sending.fetch_add(1, Ordering::Relaxed) == 0 {
            self.bytes.fetch_add(BUFFERS, Ordering::Relaxed);
            self.all.bytes.fetch_add(BUFFERS, Ordering::Relaxed);
        }
        charge.add(bytes);
        charge
    }

    /// Notes that a request body is being read.
    pub(super) fn charge_body(self: &Arc<Self>) -> Charge {
        if self.bodies.fetch_add(1, Ordering::Relaxed) == 0 {
            self.bodies_since.store(self.now(), Ordering::Relaxed);
        }
        Charge { holder: Arc::clone(self), bytes: 0, is_answer: false, is_body: true, is_large: false }
    }

    /// Watches the steps of an answer.
    pub(super) fn follow(&self, steps: &Arc<Steps>) {
        lock(&self.answers).push(Arc::downgrade(steps));
    }

    /// Stops watching the steps of an answer.
    pub(super) fn forget(&self, steps: &Arc<Steps>) {
        lock(&self.answers).retain(|known| !std::ptr::eq(known.as_ptr(), Arc::as_ptr(steps)));
    }

    /// Milliseconds that the server has waited for the client, at least 1; 0 if it does not wait.
    fn waited(&self, now: u64) -> u64 {
        let answers = lock(&self.answers).iter().filter_map(Weak::upgrade).collect::<Vec<_>>();
        let waits = answers.iter().filter(|answer| answer.is_waiting());
        let waited = waits.map(|answer| answer.age(now) + 1).max().unwrap_or(0);
        let is_sending = self.bodies.load(Ordering::Relaxed) > 0;
        let sends = now.saturating_sub(self.bodies_since.load(Ordering::Relaxed)) + 1;
        if is_sending { waited.max(sends) } else { waited }
    }

    /// Whether one of its answers has made no progress for too long.
    fn is_stalled(&self, now: u64) -> bool {
        let most = self.all.stall_timeout.as_millis();
        lock(&self.answers).iter().filter_map(Weak::upgrade).any(|answer| u128::from(answer.age(now)) >= most)
    }

    fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
        self.close.notify_one();
    }
}

impl<'a> LargeWaiting<'a> {
    fn of(all: &'a Held) -> Self {
        all.large_waiting.fetch_add(1, Ordering::Relaxed);
        Self(&all.large_waiting)
    }
}

impl Drop for LargeWaiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Watched {
    /// What the connection holds.
    pub(super) fn holder(&self) -> &Arc<Holder> {
        &self.holder
    }

    /// Waits until the connection must close. Poll the connection first: it then writes what its client has room for, and a
    /// client that made progress keeps its connection.
    pub(super) async fn closed(&self) {
        loop {
            self.holder.close.notified().await;
            let now = self.holder.now();
            if self.holder.is_stalled(now) || is_blamed(self.holder.waited(now)) {
                return;
            }
            self.holder.is_closing.store(false, Ordering::Relaxed);
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        lock(&self.holder.all.connections).remove(&self.number);
    }
}

impl Charge {
    /// Counts further bytes.
    pub(super) fn add(&mut self, bytes: usize) {
        let Holder { all, bytes: held, large_bytes, .. } = &*self.holder;
        self.bytes += bytes;
        held.fetch_add(bytes, Ordering::Relaxed);
        if self.is_large {
            large_bytes.fetch_add(bytes, Ordering::Relaxed);
            all.large_bytes.fetch_add(bytes, Ordering::Relaxed);
        }
        if all.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > all.limit {
            all.exceeded.notify_one();
        }
    }

    /// Notes that the body has arrived, so that the server no longer waits for the client.
    pub(super) fn arrived(&mut self) {
        if std::mem::take(&mut self.is_body) {
            self.holder.bodies.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Connection that holds the bytes.
    pub(super) fn holder(&self) -> &Arc<Holder> {
        &self.holder
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.arrived();
        let Holder { all, bytes: held, large_bytes, .. } = &*self.holder;
        held.fetch_sub(self.bytes, Ordering::Relaxed);
        all.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        if self.is_large {
            large_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
            all.large_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
            all.large_released.notify_waiters();
        }
        if self.is_answer && self.holder.sending.fetch_sub(1, Ordering::Relaxed) == 1 {
            held.fetch_sub(BUFFERS, Ordering::Relaxed);
            all.bytes.fetch_sub(BUFFERS, Ordering::Relaxed);
        }
        self.holder.released.notify_one();
    }
}

#[cfg(test)]
mod tests;

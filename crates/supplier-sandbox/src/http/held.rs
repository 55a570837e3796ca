//! The memory that connections hold, and how long they may hold it.
//!
//! An answer is held until its client has read it, which a client may put off for ever. So each connection counts what it
//! holds, and a watch over all of them closes those whose answers make no progress, and, when all together hold too much,
//! those that hold most for longest. A client that reads holds next to nothing, and is never chosen.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::time::Instant;

use super::Limits;

/// After closing connections, so much of the bound is in use at most: the next answers find room.
const IN_USE_AFTERWARDS: (usize, usize) = (3, 4);
/// Large answers hold so much of the bound at most, and one answer more.
const LARGE: usize = 8;
/// After closing connections for a large answer that waits, large answers hold so much of the bound at most.
const LARGE_AFTERWARDS: usize = 16;
/// How often a large answer that waits looks for room.
const LOOKS_FOR_ROOM: Duration = Duration::from_millis(10);
/// When more of the bound is in use, memory is scarce: a connection that holds more than its share gets no further answer
/// until its client has read.
const SCARCE: (usize, usize) = (1, 2);
/// A connection's share is the bound divided by this.
const SHARES: usize = 128;
/// What the buffers of a connection take while it sends answers, in bytes.
const BUFFERS: usize = 32 << 10;
/// Who has been waited for for less is not closed to make room: every client is waited for, now and then.
const A_MOMENT: Duration = Duration::from_millis(100);
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
    /// What large answers hold of that.
    large_bytes: AtomicUsize,
    exceeded: Notify,
    /// Whoever has this may hold a large answer next.
    large: Arc<tokio::sync::Mutex<()>>,
    is_large_waiting: AtomicBool,
    next: AtomicU64,
    connections: Mutex<HashMap<u64, Arc<Holder>>>,
}

/// What one connection holds.
#[derive(Debug)]
pub(crate) struct Holder {
    all: Arc<Held>,
    bytes: AtomicUsize,
    large_bytes: AtomicUsize,
    /// How many answers it is sent.
    sending: AtomicUsize,
    /// How many bodies of requests it is sending, and since when it has been without a break, in milliseconds.
    bodies: AtomicUsize,
    bodies_since: AtomicU64,
    answers: Mutex<Vec<Weak<Steps>>>,
    is_closing: AtomicBool,
    close: Notify,
    released: Notify,
}

/// The steps of an answer to its client.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// When it last made one, in milliseconds.
    last: AtomicU64,
    /// How many of its pieces wait for the client to read.
    waiting: AtomicUsize,
}

/// A connection among those that are watched; it is taken out when this is dropped.
#[derive(Debug)]
pub(super) struct Watched {
    number: u64,
    holder: Arc<Holder>,
}

/// Leave to hold a large answer, which one connection has at a time: from before the answer is made until it is counted.
#[derive(Debug, Clone)]
pub(crate) struct LargeAnswer {
    _only: Arc<OwnedMutexGuard<()>>,
}

/// A large answer waits for memory, until this is dropped.
struct LargeWaiting<'a>(&'a AtomicBool);

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
    /// Bounded by `limits`.
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            limit: limits.held_bytes,
            stall_timeout: limits.stall_timeout,
            began: Instant::now(),
            bytes: AtomicUsize::new(0),
            large_bytes: AtomicUsize::new(0),
            exceeded: Notify::new(),
            large: Arc::default(),
            is_large_waiting: AtomicBool::new(false),
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

    /// Closes connections that hold too much or for too long, as long as it is polled.
    pub(super) async fn keep_within_bounds(&self) {
        // A timer that is never due would only be in the way.
        let interval = (self.stall_timeout / LOOKS_A_TIMEOUT).max(Duration::from_millis(1));
        loop {
            tokio::select! {
                () = self.exceeded.notified() => {
                    while self.make_room() {
                        tokio::time::sleep(A_MOMENT).await;
                        self.close_stalled();
                    }
                }
                () = tokio::time::sleep(interval) => self.close_stalled(),
            }
        }
    }

    fn close_stalled(&self) {
        let (now, most) = (self.now(), u64::try_from(self.stall_timeout.as_millis()).unwrap_or(u64::MAX));
        for holder in self.holders() {
            let is_stalled = |answer: Arc<Steps>| answer.age(now) >= most;
            if lock(&holder.answers).iter().filter_map(Weak::upgrade).any(is_stalled) {
                tracing::debug!("a connection is closed: its client does not read");
                holder.close();
            }
        }
    }

    fn is_scarce(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.limit / SCARCE.1 * SCARCE.0
    }

    fn is_large_full(&self) -> bool {
        self.large_bytes.load(Ordering::Relaxed) > self.limit / LARGE
    }

    /// Closes connections if all hold too much, or large answers do and one more waits. Returns whether that has to be
    /// looked at again.
    fn make_room(&self) -> bool {
        let is_exceeded = self.bytes.load(Ordering::Relaxed) > self.limit;
        let is_large_exceeded = self.is_large_waiting.load(Ordering::Relaxed) && self.is_large_full();
        let most = self.limit / IN_USE_AFTERWARDS.1 * IN_USE_AFTERWARDS.0;
        // Not `||`: each is looked at.
        (is_exceeded && self.close_some(&self.bytes, |holder| &holder.bytes, most))
            | (is_large_exceeded
                && self.close_some(
                    &self.large_bytes,
                    |holder| &holder.large_bytes,
                    self.limit / LARGE_AFTERWARDS,
                ))
    }

    /// Closes connections until they hold `most` of what is counted by `all` and of each by `held`. Returns whether
    /// they hold more.
    fn close_some(&self, all: &AtomicUsize, held: fn(&Holder) -> &AtomicUsize, most: usize) -> bool {
        let held = |holder: &Holder| held(holder).load(Ordering::Relaxed);
        let now = self.now();
        let (closing, mut open): (Vec<_>, Vec<_>) =
            self.holders().into_iter().partition(|holder| holder.is_closing.load(Ordering::Relaxed));
        // What the closing ones hold is as good as free.
        let closing: usize = closing.iter().map(|holder| held(holder)).sum();
        let mut used = all.load(Ordering::Relaxed).saturating_sub(closing);
        // Closing a connection that holds little frees nothing: all that hold less than half of the average hold less than
        // half of the memory together.
        let little = (used / (2 * open.len().max(1))).max(1);
        // A client that reads, or waits for the server, is not to blame; and an answer that has ended may hold memory for a
        // moment more.
        open.retain(|holder| held(holder) >= little && holder.is_waited_for(now));
        open.sort_by_cached_key(|holder| {
            std::cmp::Reverse(u128::from(holder.waited(now)) * held(holder) as u128)
        });
        let mut closed = 0_usize;
        // Those who have just begun hold too, and cannot be chosen yet: a client that was only slow for a moment, and
        // comes late in this order, has time to read before they can.
        let at_once = open.len().div_ceil(2);
        for holder in open.into_iter().take(at_once) {
            if used <= most {
                break;
            }
            used = used.saturating_sub(held(&holder));
            holder.close();
            closed += 1;
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
            // Others may release memory too, of which nobody tells this connection.
            let _ = tokio::time::timeout(A_MOMENT, self.released.notified()).await;
        }
    }

    fn holds_its_share(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.all.limit / SHARES && self.all.is_scarce()
    }

    /// Waits until the connection may have a large answer made: until all large answers hold an eighth of the bound at most.
    /// Connections whose clients do not read such answers are closed for that.
    pub(crate) async fn large_answer(&self) -> LargeAnswer {
        let only = Arc::clone(&self.all.large).lock_owned().await;
        let waiting = LargeWaiting::of(&self.all);
        while self.all.is_large_full() {
            self.all.exceeded.notify_one();
            tokio::time::sleep(LOOKS_FOR_ROOM).await;
        }
        drop(waiting);
        LargeAnswer { _only: Arc::new(only) }
    }

    /// Notes that it holds an answer of so many bytes, and the buffers to send it.
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

    /// Notes that a request's body is read.
    pub(super) fn charge_body(self: &Arc<Self>) -> Charge {
        if self.bodies.fetch_add(1, Ordering::Relaxed) == 0 {
            self.bodies_since.store(self.now(), Ordering::Relaxed);
        }
        Charge { holder: Arc::clone(self), bytes: 0, is_answer: false, is_body: true, is_large: false }
    }

    /// Has the steps of an answer looked at.
    pub(super) fn follow(&self, steps: &Arc<Steps>) {
        lock(&self.answers).push(Arc::downgrade(steps));
    }

    /// Looks no longer at those of an answer which is sent.
    pub(super) fn forget(&self, steps: &Arc<Steps>) {
        lock(&self.answers).retain(|known| !std::ptr::eq(known.as_ptr(), Arc::as_ptr(steps)));
    }

    /// For how long its client has been waited for, in milliseconds and at least 1; 0 if it is not.
    fn waited(&self, now: u64) -> u64 {
        let answers = lock(&self.answers).iter().filter_map(Weak::upgrade).collect::<Vec<_>>();
        let waits = answers.iter().filter(|answer| answer.waiting.load(Ordering::Relaxed) > 0);
        let waited = waits.map(|answer| answer.age(now) + 1).max().unwrap_or(0);
        let is_sending = self.bodies.load(Ordering::Relaxed) > 0;
        let sends = now.saturating_sub(self.bodies_since.load(Ordering::Relaxed)) + 1;
        if is_sending { waited.max(sends) } else { waited }
    }

    /// Whether its client has been waited for so long that the connection may be closed.
    fn is_waited_for(&self, now: u64) -> bool {
        u128::from(self.waited(now)) >= A_MOMENT.as_millis()
    }

    fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
        self.close.notify_one();
    }
}

impl<'a> LargeWaiting<'a> {
    fn of(all: &'a Held) -> Self {
        all.is_large_waiting.store(true, Ordering::Relaxed);
        Self(&all.is_large_waiting)
    }
}

impl Drop for LargeWaiting<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Steps {
    /// Notes a step at `now`.
    pub(super) fn step(&self, now: u64) {
        self.last.store(now, Ordering::Relaxed);
    }

    /// Notes a piece that waits for the client to read.
    pub(super) fn hand_over(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes at `now` that a piece has left.
    pub(super) fn leave(&self, now: u64) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.step(now);
    }

    fn age(&self, now: u64) -> u64 {
        now.saturating_sub(self.last.load(Ordering::Relaxed))
    }
}

impl Watched {
    /// What the connection holds.
    pub(super) fn holder(&self) -> &Arc<Holder> {
        &self.holder
    }

    /// Waits until the connection is to be closed. The connection must be polled before this is: what its client has read
    /// while the server was busy is written then, and a client that made progress keeps its connection.
    pub(super) async fn closed(&self) {
        loop {
            self.holder.close.notified().await;
            if self.holder.is_waited_for(self.holder.now()) {
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
    /// Notes so many bytes more.
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

    /// Notes that the body has arrived: its client is waited for no longer.
    pub(super) fn arrived(&mut self) {
        if std::mem::take(&mut self.is_body) {
            self.holder.bodies.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whose bytes they are.
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
        }
        if self.is_answer && self.holder.sending.fetch_sub(1, Ordering::Relaxed) == 1 {
            held.fetch_sub(BUFFERS, Ordering::Relaxed);
            all.bytes.fetch_sub(BUFFERS, Ordering::Relaxed);
        }
        self.holder.released.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    /// A connection of many requests does not take what there is while its client reads nothing.
    #[tokio::test]
    async fn while_memory_is_scarce_a_connection_gets_no_more_than_its_share() {
        let limits = Limits { held_bytes: 1 << 20, ..Limits::default() };
        let held = Held::new(&limits);
        let (greedy, modest) = (held.watch(), held.watch());
        let unread = greedy.holder().charge_answer(limits.held_bytes / 4, false);
        assert!(greedy.holder().room().now_or_never().is_some(), "there is plenty");
        let more = greedy.holder().charge_answer(limits.held_bytes / 2, false);
        assert!(greedy.holder().room().now_or_never().is_none());
        assert!(modest.holder().room().now_or_never().is_some(), "others are served");
        tokio::join!(greedy.holder().room(), async { drop(more) });
        drop(unread);
    }

    /// Large answers are made one after the other, and none while those that are not read hold their part of the bound. One
    /// that waits has such connections closed; the others keep theirs.
    #[tokio::test(start_paused = true)]
    async fn a_large_answer_waits_until_those_who_do_not_read_are_closed() {
        let limits = Limits { held_bytes: 1 << 20, ..Limits::default() };
        let held = Held::new(&limits);
        let (deaf, reading, asking) = (held.watch(), held.watch(), held.watch());
        let unread = deaf.holder().charge_answer(limits.held_bytes / 4 * 3, true);
        let steps = Arc::<Steps>::default();
        steps.hand_over();
        deaf.holder().follow(&steps);
        assert!(asking.holder().large_answer().now_or_never().is_none(), "large answers hold their part");
        let deaf = async {
            deaf.closed().await;
            drop((deaf, unread));
        };
        let leave = tokio::select! {
            () = held.keep_within_bounds() => unreachable!("it has no end"),
            (leave, ()) = async { tokio::join!(asking.holder().large_answer(), deaf) } => leave,
        };
        assert!(reading.closed().now_or_never().is_none());
        assert!(reading.holder().large_answer().now_or_never().is_none(), "one at a time");
        drop(leave);
        assert!(reading.holder().large_answer().now_or_never().is_some());
    }

    /// A client that is slow because the server is keeps its connection once it has read.
    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_before_its_connection_is_closed_keeps_it() {
        let held = Held::new(&Limits { held_bytes: 1 << 20, ..Limits::default() });
        let slow = held.watch();
        let _unread = slow.holder().charge_answer(2 << 20, false);
        let steps = Arc::<Steps>::default();
        steps.hand_over();
        slow.holder().follow(&steps);
        tokio::time::advance(A_MOMENT).await;
        held.make_room();
        steps.leave(held.now());
        assert!(slow.closed().now_or_never().is_none(), "it has read");
        steps.hand_over();
        tokio::time::advance(A_MOMENT).await;
        held.make_room();
        assert!(slow.closed().now_or_never().is_some());
    }
}

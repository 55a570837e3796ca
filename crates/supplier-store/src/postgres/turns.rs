//! Turns: while a sandbox's row is locked, it is this server's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sqlx::postgres::PgPool;
use sqlx::{PgConnection, Row as _};
use supplier_domain::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::journal::Behind;
use super::lookup::Lookup;
use super::rows::{self, Stand};
use crate::memory::directory::Slot;
use crate::memory::journal::Recorded;
use crate::memory::sandbox::{Ground, Sandbox};
use crate::place::{Pass, Visit, Way};
use crate::stored::{Layers, StateDocument, read};
use crate::{Authenticated, Epoch, KeyHash, SandboxId, StoreError, StoreOptions};

pub(super) fn unavailable(cause: sqlx::Error) -> StoreError {
    StoreError::Unavailable(Box::new(cause))
}

/// Whom a key leads to, and until when.
pub(super) type Found = Option<(Authenticated, Option<Timestamp>)>;

/// For how long ahead a server says that it has shown a clock, so that it need not say it with every call.
const SHOWN_AHEAD: Duration = Duration::from_millis(50);

/// What a server remembers, and its connections.
pub(super) struct Shared {
    pub(super) pool: PgPool,
    pub(super) options: StoreOptions,
    desks: Mutex<HashMap<SandboxId, Arc<Desk>>>,
    /// Of sandboxes that somebody waits for changes of.
    watched: Mutex<HashMap<i64, Weak<Slot>>>,
    /// The grounds of sandboxes that are remembered.
    grounds: Mutex<HashMap<i64, Weak<Ground>>>,
    pub(super) callers: Arc<Lookup<KeyHash, Found>>,
    pub(super) behind: Behind,
}

/// Where calls of one sandbox wait for their turn.
pub(super) struct Desk {
    id: SandboxId,
    waiting: Mutex<Waiting>,
    /// Whoever takes turns holds it.
    remembered: tokio::sync::Mutex<Option<Remembered>>,
}

#[derive(Default)]
struct Waiting {
    calls: Vec<Call>,
    is_taken: bool,
    /// How many rounds of forgetting it was not asked for.
    idle: u32,
}

/// A call that waits.
struct Call {
    server: Timestamp,
    enters: oneshot::Sender<Result<Visit, StoreError>>,
}

/// A sandbox as the database said it was.
struct Remembered {
    slot: Arc<Slot>,
    sandbox: Sandbox,
    stand: Stand,
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
            desks: Mutex::default(),
            watched: Mutex::default(),
            grounds: Mutex::default(),
            callers: Arc::default(),
            behind: Behind::default(),
        }
    }

    /// Waits for a part in a turn.
    pub(super) async fn enter(
        self: &Arc<Self>,
        id: &SandboxId,
        server: Timestamp,
    ) -> Result<Visit, StoreError> {
        let (enters, entered) = oneshot::channel();
        let desk = {
            let mut desks = lock(&self.desks);
            let desk = desks.entry(id.clone()).or_insert_with(|| Arc::new(Desk::new(id.clone())));
            let desk = Arc::clone(desk);
            let mut waiting = lock(&desk.waiting);
            waiting.calls.push(Call { server, enters });
            waiting.idle = 0;
            let is_taken = std::mem::replace(&mut waiting.is_taken, true);
            drop(waiting);
            (!is_taken).then_some(desk)
        };
        if let Some(desk) = desk {
            // On its own: the call may go away, and others wait at the desk.
            tokio::spawn(Arc::clone(self).take_turns(desk));
        }
        let gone = || StoreError::Unavailable("the database could not be asked".into());
        entered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Takes turns until nobody waits.
    async fn take_turns(self: Arc<Self>, desk: Arc<Desk>) {
        let mut remembered = desk.remembered.lock().await;
        loop {
            if lock(&desk.waiting).leave() {
                if remembered.is_none() {
                    self.clear_away(&desk);
                }
                return;
            }
            if let Err(cause) = self.turn(&desk, &mut remembered).await {
                tracing::warn!(%cause, "the database could not be used; the calls that needed it are answered 503");
                // Those that have come since are asked for anew.
            }
        }
    }

    /// Forgets the desk of a sandbox that is not there: names can be made up without end.
    fn clear_away(&self, desk: &Arc<Desk>) {
        let mut desks = lock(&self.desks);
        let is_it = desks.get(&desk.id).is_some_and(|known| Arc::ptr_eq(known, desk));
        // Whoever has come since holds on to it.
        if is_it && !lock(&desk.waiting).is_taken {
            desks.remove(&desk.id);
        }
    }

    /// One turn: the row is locked, those who wait do what they came for, what they did is committed.
    async fn turn(&self, desk: &Desk, remembered: &mut Option<Remembered>) -> Result<(), sqlx::Error> {
        let begun = async {
            let mut transaction = self.pool.begin().await?;
            let seen = self.recall(&desk.id, remembered, &mut transaction).await?;
            Ok::<_, sqlx::Error>((transaction, seen))
        };
        let begun = begun.await;
        // Whatever came of it, it is for all who have come by now.
        let calls = std::mem::take(&mut lock(&desk.waiting).calls);
        let (mut transaction, seen) = begun?;
        let Some(it) = remembered else {
            for call in calls {
                let _ = call.enters.send(Err(StoreError::NoSandbox(desk.id.clone())));
            }
            return transaction.rollback().await;
        };
        // No clock goes back behind what another server has shown.
        it.slot.lock().state.clock.read(seen);
        let committed = let_in(desk, it, calls).await;
        let mut sandbox = it.slot.lock().clone();
        let written = async {
            let stand = rows::change(&it.sandbox, &sandbox, it.stand, &mut transaction).await?;
            let shown = sandbox.state.clock.asked();
            // What nobody changed needs no commit, which would wait for the disk.
            if stand != it.stand {
                transaction.commit().await?;
            } else if shown > seen && !desk.id.is_baseline() {
                rows::note_seen(stand.number, shown.plus(SHOWN_AHEAD), &mut transaction).await?;
                transaction.commit().await?;
            } else {
                transaction.rollback().await?;
            }
            Ok(stand)
        };
        match written.await {
            Ok(stand) => {
                let is_changed = stand != it.stand;
                if stand.live != it.stand.live {
                    // It was put back in this turn: whoever comes from now on belongs to what it is now.
                    sandbox.epoch = Epoch(stand.live);
                    it.slot.lock().epoch = sandbox.epoch;
                }
                (it.sandbox, it.stand) = (sandbox, stand);
                for call in committed {
                    let _ = call.send(());
                }
                if is_changed && it.slot.was_told() {
                    self.behind.tell(stand.number);
                }
                Ok(())
            }
            Err(cause) => {
                // Whether it was committed shows at the next turn, by the version.
                it.slot.lock().clone_from(&it.sandbox);
                Err(cause)
            }
        }
    }

    /// Locks a sandbox's row, and remembers what it says; nothing, if there is no such row. Returns up to when, by a server's
    /// time, its clock may have been shown.
    async fn recall(
        &self,
        id: &SandboxId,
        remembered: &mut Option<Remembered>,
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
            if let Some(gone) = remembered.take() {
                gone.slot.close();
            }
            return Ok(Timestamp::from_millis(0));
        };
        let seen = Timestamp::from_millis(seen);
        let stand = Stand { number, version, live };
        match remembered {
            Some(it) if it.stand == stand => {}
            Some(it) if it.stand.number == number => {
                self.refresh(it, stand, (&suppliers, &state), from).await?;
            }
            _ => {
                if let Some(gone) = remembered.take() {
                    gone.slot.close();
                }
                let sandbox = self.load(number, from).await?;
                let slot = Arc::new(Slot::new(number, sandbox.clone(), Recorded::default()));
                *remembered = Some(Remembered { slot, sandbox, stand });
            }
        }
        Ok(seen)
    }

    async fn load(&self, number: i64, from: &mut PgConnection) -> Result<Sandbox, sqlx::Error> {
        let row = sqlx::query("SELECT * FROM sandboxes WHERE number = $1").bind(number);
        let row = row.fetch_one(&mut *from).await?;
        let (mut layers, ground) = (Layers::default(), row.try_get("ground")?);
        let known = lock(&self.grounds).get(&ground).and_then(Weak::upgrade);
        let ground = if let Some(known) = known {
            known
        } else {
            let read = Arc::new(rows::ground(ground, &mut layers, self.options, from).await?);
            self.remember_ground(&read);
            read
        };
        rows::sandbox(&row, ground, &mut layers, from).await
    }

    pub(super) fn remember_ground(&self, ground: &Arc<Ground>) {
        let mut grounds = lock(&self.grounds);
        grounds.retain(|_, known| known.strong_count() > 0);
        grounds.insert(ground.number, Arc::downgrade(ground));
    }

    /// Reads what other servers have changed.
    async fn refresh(
        &self,
        it: &mut Remembered,
        stand: Stand,
        (suppliers, state): (&str, &str),
        from: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        let mut sandbox = it.sandbox.clone();
        let is_reset = it.stand.live != stand.live;
        if is_reset {
            sandbox.state = (*sandbox.origin).clone();
            sandbox.epoch = Epoch(stand.live);
        }
        sandbox.info.suppliers = read(suppliers)?;
        for supplier in &sandbox.info.suppliers {
            sandbox.state.add_supplier(&supplier.id);
        }
        read::<StateDocument>(state)?.put_into(&mut sandbox.state);
        let since = if is_reset { -1 } else { it.stand.version };
        let layer = rows::layer(stand.live, since, from).await?;
        Layers::default().put_at_length(layer, &mut sandbox.state).await?;
        it.slot.lock().clone_from(&sandbox);
        (it.sandbox, it.stand) = (sandbox, stand);
        Ok(())
    }

    /// Lets go of sandboxes that were not asked for in the last rounds.
    pub(super) fn forget_idle(&self, rounds: u32) {
        lock(&self.desks).retain(|_, desk| {
            let mut waiting = lock(&desk.waiting);
            waiting.idle += 1;
            let is_watched = || match desk.remembered.try_lock() {
                Ok(remembered) => remembered.as_ref().is_some_and(|it| it.slot.is_watched()),
                Err(_) => true,
            };
            waiting.is_taken || waiting.idle <= rounds || is_watched()
        });
    }

    /// Somebody waits for changes of a sandbox.
    pub(super) fn watch(&self, slot: &Arc<Slot>) {
        let mut watched = lock(&self.watched);
        watched.retain(|_, slot| slot.upgrade().is_some_and(|slot| slot.is_watched()));
        watched.insert(slot.number, Arc::downgrade(slot));
    }

    /// The sandboxes that somebody here waits for changes of.
    pub(super) fn watched(&self) -> Vec<Arc<Slot>> {
        lock(&self.watched).values().filter_map(Weak::upgrade).collect()
    }

    /// Tells those here who wait for changes of such a sandbox that there is one.
    pub(super) fn tell_here(&self, is_it: impl Fn(&Slot) -> bool) {
        self.watched().iter().filter(|slot| is_it(slot)).for_each(|slot| slot.tell());
    }

    /// Remembers a sandbox that was just made.
    pub(super) fn remember(&self, number: i64, sandbox: Sandbox) {
        let sandbox = Sandbox { epoch: Epoch(number), ..sandbox };
        let id = sandbox.info().id.clone();
        self.remember_ground(&sandbox.ground);
        let desk = {
            let mut desks = lock(&self.desks);
            Arc::clone(desks.entry(id.clone()).or_insert_with(|| Arc::new(Desk::new(id))))
        };
        // Whoever has a turn already reads it for himself.
        if let Ok(mut remembered) = desk.remembered.try_lock()
            && remembered.is_none()
        {
            let slot = Arc::new(Slot::new(number, sandbox.clone(), Recorded::default()));
            *remembered =
                Some(Remembered { slot, sandbox, stand: Stand { number, version: 0, live: number } });
        }
    }

    /// Those here who wait for changes of removed sandboxes need wait no more.
    pub(super) fn close(&self, numbers: &[i64]) {
        for slot in self.watched().iter().filter(|slot| numbers.contains(&slot.number)) {
            slot.close();
        }
    }
}

/// Lets calls do what they came for, and waits until they have. Returns how they are told what became of it.
async fn let_in(desk: &Desk, it: &Remembered, calls: Vec<Call>) -> Vec<oneshot::Sender<()>> {
    let (open, mut all_done) = mpsc::channel(1);
    let mut committed = Vec::with_capacity(calls.len());
    for Call { server, enters } in calls {
        if it.sandbox.expires_at().is_some_and(|end| end <= server) {
            let _ = enters.send(Err(StoreError::NoSandbox(desk.id.clone())));
            continue;
        }
        let (sender, receiver) = oneshot::channel();
        let pass = Pass { open: open.clone(), committed: receiver };
        // One whose client has gone away does nothing.
        if enters.send(Ok(Visit { slot: Arc::clone(&it.slot), way: Way::Turn(pass) })).is_ok() {
            committed.push(sender);
        }
    }
    drop(open);
    // Nothing is ever sent: it ends when the last pass is dropped.
    let _ = all_done.recv().await;
    committed
}

impl Desk {
    fn new(id: SandboxId) -> Self {
        Self { id, waiting: Mutex::default(), remembered: tokio::sync::Mutex::default() }
    }
}

impl Waiting {
    /// Whether nobody waits; then nobody takes turns any more.
    fn leave(&mut self) -> bool {
        self.is_taken = !self.calls.is_empty();
        !self.is_taken
    }
}

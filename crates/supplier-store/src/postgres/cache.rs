//! Cache of sandboxes: a server's copies, each with the row version that it was read at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use sqlx::{PgConnection, Postgres, Transaction};
use supplier_domain::Timestamp;

use super::layer;
use super::rows::{self, RowVersion};
use crate::engine::journal::JournalState;
use crate::engine::sandbox::{BaseState, Sandbox};
use crate::engine::slot::Slot;
use crate::lock::lock;
use crate::stored::{Rebuild, SandboxRow, StateDocument, read};
use crate::{Epoch, SandboxId, StoreOptions};

/// How far ahead a server records the time that it has shown, so that not every call has to write it.
const SHOWN_AHEAD: Duration = Duration::from_millis(50);

/// The cached copy of a sandbox.
pub(super) struct Cached {
    /// The copy that calls change.
    pub(super) slot: Arc<Slot>,
    /// The sandbox as the database holds it.
    sandbox: Sandbox,
    row: RowVersion,
}

/// The base states of cached sandboxes, by number.
pub(super) struct BaseStates {
    options: StoreOptions,
    known: Mutex<HashMap<i64, Weak<BaseState>>>,
}

impl BaseStates {
    pub(super) fn new(options: StoreOptions) -> Self {
        Self { options, known: Mutex::default() }
    }

    pub(super) fn insert(&self, base: &Arc<BaseState>) {
        let mut known = lock(&self.known);
        known.retain(|_, base| base.strong_count() > 0);
        known.insert(base.number, Arc::downgrade(base));
    }

    /// The base state of that number: a cached one, or else the database's.
    async fn get(
        &self,
        number: i64,
        rebuild: &mut Rebuild,
        from: &mut PgConnection,
    ) -> Result<Arc<BaseState>, sqlx::Error> {
        if let Some(known) = lock(&self.known).get(&number).and_then(Weak::upgrade) {
            return Ok(known);
        }
        let suppliers = sqlx::query_scalar("SELECT suppliers FROM grounds WHERE number = $1").bind(number);
        let suppliers: String = suppliers.fetch_one(&mut *from).await?;
        let layer = layer::read(number, -1, from).await?;
        let base = rebuild.base(number, &suppliers, layer, self.options).await?;
        self.insert(&base);
        Ok(base)
    }
}

/// Locks a sandbox's row and brings the cached copy up to date; without a row, the copy is dropped. Returns the latest time, by
/// a server's clock, that the sandbox's clock may have been shown for.
pub(super) async fn lock_and_refresh(
    id: &SandboxId,
    cached: &mut Option<Cached>,
    base_states: &BaseStates,
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
    if let Some(gone) =
        cached.take_if(|it| found.as_ref().is_none_or(|(number, ..)| it.row.number != *number))
    {
        gone.slot.close();
    }
    let Some((number, version, live, seen, suppliers, state)) = found else {
        return Ok(Timestamp::from_millis(0));
    };
    let row = RowVersion { number, version, live };
    match cached {
        Some(it) if it.row == row => {}
        Some(it) => it.refresh(row, (&suppliers, &state), from).await?,
        None => *cached = Some(Cached::new(row, load(number, base_states, from).await?)),
    }
    Ok(Timestamp::from_millis(seen))
}

async fn load(
    number: i64,
    base_states: &BaseStates,
    from: &mut PgConnection,
) -> Result<Sandbox, sqlx::Error> {
    let row = sqlx::query_as("SELECT * FROM sandboxes WHERE number = $1").bind(number);
    let row: SandboxRow = row.fetch_one(&mut *from).await?;
    let mut rebuild = Rebuild::default();
    let base = base_states.get(row.base, &mut rebuild, from).await?;
    let layers = (layer::read(-number, -1, from).await?, layer::read(row.live, -1, from).await?);
    row.sandbox(base, layers, &mut rebuild).await
}

impl Cached {
    fn new(row: RowVersion, sandbox: Sandbox) -> Self {
        let slot = Arc::new(Slot::new(row.number, sandbox.clone(), JournalState::default()));
        Self { slot, sandbox, row }
    }

    /// The copy of a sandbox that was just created.
    pub(super) fn created(number: i64, sandbox: Sandbox) -> Self {
        let row = RowVersion { number, version: 0, live: number };
        Self::new(row, Sandbox { epoch: Epoch(number), ..sandbox })
    }

    /// Reads what other servers have changed.
    async fn refresh(
        &mut self,
        row: RowVersion,
        (suppliers, state): (&str, &str),
        from: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        let mut sandbox = self.sandbox.clone();
        let is_reset = self.row.live != row.live;
        if is_reset {
            sandbox.state = (*sandbox.origin).clone();
            sandbox.epoch = Epoch(row.live);
        }
        sandbox.info.suppliers = read(suppliers)?;
        for supplier in &sandbox.info.suppliers {
            sandbox.state.add_supplier(&supplier.id);
        }
        read::<StateDocument>(state)?.put_into(&mut sandbox.state);
        let since = if is_reset { -1 } else { self.row.version };
        let layer = layer::read(row.live, since, from).await?;
        Rebuild::default().apply(layer, &mut sandbox.state).await?;
        self.slot.lock().clone_from(&sandbox);
        (self.sandbox, self.row) = (sandbox, row);
        Ok(())
    }

    /// Writes and commits what calls have changed, and returns whether they have. If that fails, the changes are undone.
    pub(super) async fn commit(
        &mut self,
        seen: Timestamp,
        transaction: Transaction<'_, Postgres>,
    ) -> Result<bool, sqlx::Error> {
        let mut sandbox = self.slot.lock().clone();
        let row = match self.write(&sandbox, seen, transaction).await {
            Ok(row) => row,
            Err(cause) => {
                // The next batch sees by the row's version whether this one was committed.
                self.slot.lock().clone_from(&self.sandbox);
                return Err(cause);
            }
        };
        if row.live != self.row.live {
            // The batch reset the sandbox: later calls belong to the new epoch.
            sandbox.epoch = Epoch(row.live);
            self.slot.lock().epoch = sandbox.epoch;
        }
        let is_changed = row != self.row;
        (self.sandbox, self.row) = (sandbox, row);
        Ok(is_changed)
    }

    async fn write(
        &self,
        sandbox: &Sandbox,
        seen: Timestamp,
        mut transaction: Transaction<'_, Postgres>,
    ) -> Result<RowVersion, sqlx::Error> {
        let row = rows::change(&self.sandbox, sandbox, self.row, &mut transaction).await?;
        let shown = sandbox.state.clock.asked();
        // Without a change there is no commit, which would wait for the disk.
        if row != self.row {
            transaction.commit().await?;
        } else if shown > seen && !self.slot.id.is_baseline() {
            rows::record_seen(row.number, shown.plus(SHOWN_AHEAD), &mut transaction).await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(row)
    }
}

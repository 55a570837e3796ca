//! Database backend: the store traits over PostgreSQL.

mod journal;

use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use supplier_domain::{ClockChange, ClockRefusal, ClockState, Supplier, SupplierId, Timestamp};

use super::PostgresStore;
use super::journal::write_recorded;
use super::rows::{self, Which};
use crate::backend::{Access, Backend};
use crate::memory::journal::Recorded;
use crate::memory::sandbox::Sandbox;
use crate::work::{discard, work_for};
use crate::{
    Authenticated, Caller, Epoch, KeyHash, KeyId, KeyInfo, NewFork, NewKey, NewSandbox, SandboxId,
    SandboxInfo, Sandboxes, Snapshot, StoreError,
};

/// What a key leads to: a sandbox's name, a supplier, whether a fault is armed, in which layer it stands, when it ends.
type CallerRow = (Option<String>, Option<String>, Option<bool>, Option<i64>, Option<i64>);

/// Logs why nobody's key can be looked up: those who ask are told only that it could not be.
fn not_asked(cause: sqlx::Error) {
    let error = StoreError::from(cause);
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    tracing::warn!(cause, remedy = error.remedy(), "the database could not be asked for a key");
}

fn is_over(end: Option<Timestamp>, server: Timestamp) -> bool {
    end.is_some_and(|end| end <= server)
}

fn moment(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}

impl Backend for PostgresStore {
    async fn enter(&self, id: &SandboxId, server: Timestamp) -> Result<Access, StoreError> {
        self.shared.enter(id, server).await
    }
}

impl PostgresStore {
    /// A sandbox's number, and what is to be known of it.
    async fn known(&self, id: &SandboxId, server: Timestamp) -> Result<(i64, SandboxInfo), StoreError> {
        let row = sqlx::query("SELECT * FROM sandboxes WHERE name = $1").bind(id.as_str());
        let row = row.fetch_optional(&self.shared.pool).await?;
        let row = row.ok_or_else(|| StoreError::NoSandbox(id.clone()))?;
        let info = rows::info(&row)?;
        if is_over(info.expires_at, server) {
            return Err(StoreError::NoSandbox(id.clone()));
        }
        Ok((row.try_get("number")?, info))
    }

    /// The number of a sandbox that has that supplier.
    async fn number_with(
        &self,
        id: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<i64, StoreError> {
        let (number, info) = self.known(id, server).await?;
        demand_supplier(&info, supplier)?;
        Ok(number)
    }

    async fn number(&self) -> Result<i64, StoreError> {
        let mut connection = self.shared.pool.acquire().await?;
        rows::number(&mut connection).await.map_err(StoreError::from)
    }

    /// Writes a sandbox that is not there yet.
    async fn make(
        &self,
        sandbox: Sandbox,
        is_new_ground: bool,
        keys: &[NewKey],
        recorded: &Recorded,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        let id = sandbox.info().id.clone();
        let mut transaction = self.shared.pool.begin().await?;
        let number = rows::number(&mut transaction).await?;
        if is_new_ground {
            // Somebody may be making one of that name, with many orders.
            let patience = sqlx::query("SET LOCAL lock_timeout = '60s'");
            patience.execute(&mut *transaction).await?;
        }
        let gone = rows::remove(Which::OverAndNamed(&id), server, &mut transaction).await?;
        match rows::make(number, &sandbox, is_new_ground, &mut transaction).await {
            Ok(true) => {}
            Ok(false) => return Err(StoreError::SandboxExists(id)),
            Err(cause) => return Err(cause.into()),
        }
        for key in keys {
            if !rows::add_key(number, key, server, &mut transaction).await? {
                return Err(StoreError::KeyExists);
            }
        }
        write_recorded(number, recorded, &mut transaction).await?;
        transaction.commit().await?;
        self.gone(&gone);
        self.shared.deferred.forget(&id);
        self.shared.remember(number, sandbox);
        Ok(())
    }

    /// Tells those who wait for changes of sandboxes that they are gone.
    fn gone(&self, numbers: &[i64]) {
        self.shared.close(numbers);
        for number in numbers {
            self.shared.deferred.tell(-number);
        }
    }

    async fn remove(&self, which: Which<'_>, server: Timestamp) -> Result<usize, StoreError> {
        let mut transaction = self.shared.pool.begin().await?;
        let numbers = rows::remove(which, server, &mut transaction).await?;
        transaction.commit().await?;
        self.gone(&numbers);
        Ok(numbers.len())
    }
}

/// Refuses a supplier that the sandbox does not have.
fn demand_supplier(info: &SandboxInfo, supplier: &SupplierId) -> Result<(), StoreError> {
    if info.suppliers.iter().any(|known| known.id == *supplier) {
        return Ok(());
    }
    Err(StoreError::NoSupplier(info.id.clone(), supplier.clone()))
}

fn key_info(row: &PgRow) -> Result<KeyInfo, sqlx::Error> {
    let supplier: String = row.try_get("supplier")?;
    Ok(KeyInfo {
        id: KeyId(row.try_get::<String, _>("id")?.into()),
        supplier: supplier.parse().map_err(|cause| sqlx::Error::Decode(Box::new(cause)))?,
        prefix: row.try_get::<String, _>("prefix")?.into(),
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        last_used_at: moment(row.try_get("last_used_at")?),
    })
}

#[async_trait]
impl Sandboxes for PostgresStore {
    async fn create(&self, mut sandbox: NewSandbox, server: Timestamp) -> Result<(), StoreError> {
        let keys = std::mem::take(&mut sandbox.keys);
        let base = self.number().await?;
        let options = self.shared.options;
        let id = sandbox.id.clone();
        let sandbox = work_for(&id, move || Sandbox::new(sandbox, options, base, server)).await;
        for key in &keys {
            demand_supplier(sandbox.info(), &key.supplier)?;
        }
        self.make(sandbox, true, &keys, &Recorded::default(), server).await
    }

    async fn fork(&self, from: &SandboxId, fork: NewFork, server: Timestamp) -> Result<(), StoreError> {
        let copy = self.within(from, server, |sandbox| sandbox.fork(fork, server)).await?;
        self.make(copy, false, &[], &Recorded::default(), server).await
    }

    async fn export(&self, id: &SandboxId, server: Timestamp) -> Result<Snapshot, StoreError> {
        let mut sandbox = self.within(id, server, Sandbox::copy_at(server)).await?;
        let (recorded, _) = self.recorded(id, None, server).await?;
        let export = move || {
            let mut snapshot = sandbox.export(server);
            (snapshot.journal, snapshot.scorecards) = recorded.export();
            snapshot
        };
        Ok(work_for(id, export).await)
    }

    async fn restore(&self, snapshot: Snapshot, fork: NewFork, server: Timestamp) -> Result<(), StoreError> {
        let (base, options, id) = (self.number().await?, self.shared.options, fork.id.clone());
        let restore = move || Sandbox::restored(snapshot, fork, options, base, server);
        let (sandbox, recorded) = work_for(&id, restore).await;
        self.make(sandbox, true, &[], &recorded, server).await
    }

    async fn reset(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        // The calls of before go with the others, and do not come after.
        self.shared.deferred.forget(id);
        discard(self.change(id, server, |sandbox| sandbox.reset(server)).await?);
        Ok(())
    }

    async fn delete(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        self.shared.deferred.forget(id);
        match self.remove(Which::Named(id), server).await? {
            0 => Err(StoreError::NoSandbox(id.clone())),
            _ => Ok(()),
        }
    }

    async fn expire(&self, server: Timestamp) -> Result<usize, StoreError> {
        self.remove(Which::Over, server).await
    }

    async fn sandbox(&self, id: &SandboxId, server: Timestamp) -> Result<SandboxInfo, StoreError> {
        Ok(self.known(id, server).await?.1)
    }

    async fn count(&self, server: Timestamp) -> Result<usize, StoreError> {
        let statement = "SELECT count(*) FROM sandboxes
            WHERE strpos(name, '#') = 0 AND (expires_at IS NULL OR expires_at > $1)";
        let count: i64 =
            sqlx::query_scalar(statement).bind(server.as_millis()).fetch_one(&self.shared.pool).await?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    async fn sandboxes(&self, server: Timestamp) -> Result<Vec<SandboxInfo>, StoreError> {
        let statement = "SELECT * FROM sandboxes WHERE strpos(name, '#') = 0
            AND (expires_at IS NULL OR expires_at > $1) ORDER BY created_at, name COLLATE \"C\"";
        let rows = sqlx::query(statement).bind(server.as_millis()).fetch_all(&self.shared.pool).await?;
        rows.iter().map(rows::info).collect::<Result<_, _>>().map_err(StoreError::from)
    }

    async fn add_supplier(
        &self,
        sandbox: &SandboxId,
        supplier: Supplier,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        let id = supplier.id.clone();
        let is_new = self.change_quietly(sandbox, server, |sandbox| sandbox.add_supplier(supplier)).await?;
        if is_new { Ok(()) } else { Err(StoreError::SupplierExists(sandbox.clone(), id)) }
    }

    async fn add_key(&self, sandbox: &SandboxId, key: NewKey, server: Timestamp) -> Result<(), StoreError> {
        let number = self.number_with(sandbox, &key.supplier, server).await?;
        let mut connection = self.shared.pool.acquire().await?;
        let added = rows::add_key(number, &key, server, &mut connection).await;
        if added? { Ok(()) } else { Err(StoreError::KeyExists) }
    }

    async fn keys(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<Vec<KeyInfo>, StoreError> {
        let number = self.number_with(sandbox, supplier, server).await?;
        self.shared.write_used().await?;
        let statement = "SELECT * FROM keys WHERE sandbox = $1 AND supplier = $2 ORDER BY position";
        let rows =
            sqlx::query(statement).bind(number).bind(supplier.as_str()).fetch_all(&self.shared.pool).await?;
        rows.iter().map(key_info).collect::<Result<_, _>>().map_err(StoreError::from)
    }

    async fn revoke_key(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        key: &KeyId,
        server: Timestamp,
    ) -> Result<bool, StoreError> {
        let number = self.number_with(sandbox, supplier, server).await?;
        let revoked = sqlx::query("DELETE FROM keys WHERE sandbox = $1 AND supplier = $2 AND id = $3")
            .bind(number)
            .bind(supplier.as_str())
            .bind(&*key.0)
            .execute(&self.shared.pool)
            .await?;
        Ok(revoked.rows_affected() > 0)
    }

    async fn authenticate(
        &self,
        key: &KeyHash,
        server: Timestamp,
    ) -> Result<Option<Authenticated>, StoreError> {
        let pool = self.shared.pool.clone();
        let ask = move |keys: Vec<KeyHash>| {
            let pool = pool.clone();
            async move {
                let hashes: Vec<_> = keys.iter().map(KeyHash::as_bytes).collect();
                let statement =
                    "SELECT sandboxes.name, keys.supplier, sandboxes.is_armed, sandboxes.live, sandboxes.expires_at
                    FROM unnest($1::bytea[]) WITH ORDINALITY AS asked (hash, place)
                    LEFT JOIN keys ON keys.hash = asked.hash
                    LEFT JOIN sandboxes ON sandboxes.number = keys.sandbox ORDER BY place";
                let rows: Vec<CallerRow> =
                    sqlx::query_as(statement).bind(hashes).fetch_all(&pool).await.map_err(not_asked).ok()?;
                let found = |(name, supplier, is_armed, live, end): CallerRow| {
                    let caller = Caller {
                        sandbox: SandboxId::kept(&name?),
                        supplier: supplier?.parse().ok()?,
                        epoch: Some(Epoch(live?)),
                    };
                    Some((Authenticated { caller, is_armed: is_armed? }, moment(end)))
                };
                Some(rows.into_iter().map(found).collect())
            }
        };
        let found = self.shared.callers.ask(*key, ask).await;
        let found = found.ok_or_else(|| StoreError::Unavailable("the database could not be asked".into()))?;
        let Some((known, _)) = found.filter(|(_, end)| !is_over(*end, server)) else { return Ok(None) };
        self.shared.deferred.use_key(*key, server);
        Ok(Some(known))
    }

    async fn clock(&self, sandbox: &SandboxId, server: Timestamp) -> Result<ClockState, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.clock(server)).await
    }

    async fn change_clock(
        &self,
        sandbox: &SandboxId,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<Result<ClockState, ClockRefusal>, StoreError> {
        self.change_quietly(sandbox, server, |sandbox| sandbox.change_clock(change, server)).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        let written = self.shared.write_all().await.map_err(StoreError::from);
        self.shared.pool.close().await;
        written
    }
}

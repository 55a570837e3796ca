//! API keys in the database: rows, lookups for the calls that wait at the same time, and the last use of keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{PgConnection, Row as _};
use supplier_domain::{SupplierId, Timestamp};
use tokio::sync::oneshot;

use super::PostgresStore;
use super::sql::{begin_deferred, time};
use crate::lock::lock;
use crate::sandboxes::info::is_over;
use crate::stored::invalid;
use crate::{
    Authenticated, Caller, EndedKey, Epoch, KeyHash, KeyId, KeyInfo, Keys, NewKey, SandboxId, StoreError,
};

/// The result of a lookup: whom a key authenticates, and until when.
type Found = Option<(Authenticated, Option<Timestamp>)>;

/// A row of a lookup: a sandbox's name, a supplier, whether a fault is armed, the epoch, when the sandbox expires.
type CallerRow = (Option<String>, Option<String>, Option<bool>, Option<i64>, Option<i64>);

/// Lookups and uses of keys. Keys that calls ask for while a query runs share the next query.
pub(super) struct KeyCache {
    pool: PgPool,
    waiting: Mutex<Waiting>,
    /// Uses that are not written yet, by [`KeyHash::bucket`], which distinguishes keys well enough for this.
    used: Mutex<HashMap<u64, (KeyHash, Timestamp)>>,
    /// Held while uses are written, so that a reader waits for all of them.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    keys: Vec<KeyHash>,
    /// The sender of each key's result.
    senders: Vec<oneshot::Sender<Found>>,
    is_asking: bool,
}

impl KeyCache {
    pub(super) fn new(pool: PgPool) -> Self {
        let writing = tokio::sync::Mutex::default();
        Self { pool, waiting: Mutex::default(), used: Mutex::default(), writing }
    }

    /// Looks a key up; `None` if the database could not be asked.
    async fn find(self: &Arc<Self>, key: KeyHash) -> Option<Found> {
        let (sender, found) = oneshot::channel();
        let is_asking = {
            let mut waiting = lock(&self.waiting);
            waiting.keys.push(key);
            waiting.senders.push(sender);
            std::mem::replace(&mut waiting.is_asking, true)
        };
        if !is_asking {
            // A task of its own: this call's client may go away, and other calls wait for the same query.
            tokio::spawn(Arc::clone(self).find_all());
        }
        found.await.ok()
    }

    async fn find_all(self: Arc<Self>) {
        loop {
            let Waiting { keys, senders, .. } = {
                let mut waiting = lock(&self.waiting);
                waiting.is_asking = !waiting.keys.is_empty();
                if !waiting.is_asking {
                    return;
                }
                std::mem::replace(&mut *waiting, Waiting { is_asking: true, ..Waiting::default() })
            };
            let found = find(&self.pool, &keys).await.unwrap_or_default();
            for (sender, found) in senders.into_iter().zip(found) {
                let _ = sender.send(found);
            }
        }
    }

    /// Writes the last uses of keys.
    pub(super) async fn write_used(&self) -> Result<(), sqlx::Error> {
        let _writing = self.writing.lock().await;
        let used: Vec<_> = lock(&self.used).drain().collect();
        if used.is_empty() {
            return Ok(());
        }
        let statement = "UPDATE keys SET last_used_at = greatest(last_used_at, used.at)
            FROM unnest($1::bytea[], $2::bigint[]) AS used (hash, at) WHERE keys.hash = used.hash";
        let done = async {
            let mut transaction = begin_deferred(&self.pool).await?;
            sqlx::query(statement)
                .bind(used.iter().map(|(_, (key, _))| key.as_bytes()).collect::<Vec<_>>())
                .bind(used.iter().map(|(_, (_, at))| at.as_millis()).collect::<Vec<_>>())
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        };
        let done = done.await;
        if done.is_err() {
            let mut again = lock(&self.used);
            for (bucket, used) in used {
                again.entry(bucket).or_insert(used);
            }
        }
        done
    }
}

impl PostgresStore {
    /// The number of a sandbox that has that supplier.
    async fn number_with(
        &self,
        id: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<i64, StoreError> {
        let (number, info) = self.known(id, server).await?;
        info.demand_supplier(supplier)?;
        Ok(number)
    }
}

#[async_trait]
impl Keys for PostgresStore {
    async fn add_key(&self, sandbox: &SandboxId, key: NewKey, server: Timestamp) -> Result<(), StoreError> {
        let number = self.number_with(sandbox, &key.supplier, server).await?;
        let mut connection = self.pool.acquire().await?;
        let added = add(number, &key, server, &mut connection).await;
        if added? { Ok(()) } else { Err(StoreError::KeyExists) }
    }

    async fn keys(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<Vec<KeyInfo>, StoreError> {
        let number = self.number_with(sandbox, supplier, server).await?;
        self.keys.write_used().await?;
        let statement = "SELECT * FROM keys WHERE sandbox = $1 AND supplier = $2 ORDER BY position";
        let rows = sqlx::query(statement).bind(number).bind(supplier.as_str()).fetch_all(&self.pool).await?;
        rows.iter().map(info).collect::<Result<_, _>>().map_err(StoreError::from)
    }

    async fn revoke_key(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        key: &KeyId,
        server: Timestamp,
    ) -> Result<bool, StoreError> {
        let number = self.number_with(sandbox, supplier, server).await?;
        let statement = "WITH revoked AS
            (DELETE FROM keys WHERE sandbox = $1 AND supplier = $2 AND id = $3 RETURNING hash, sandbox, supplier)
            INSERT INTO ended_keys (hash, sandbox, name, supplier)
            SELECT revoked.hash, revoked.sandbox, sandboxes.name, revoked.supplier
            FROM revoked JOIN sandboxes ON sandboxes.number = revoked.sandbox
            ON CONFLICT (hash) DO UPDATE SET sandbox = excluded.sandbox, name = excluded.name, supplier = excluded.supplier";
        let revoked = sqlx::query(statement)
            .bind(number)
            .bind(supplier.as_str())
            .bind(&*key.0)
            .execute(&self.pool)
            .await?;
        Ok(revoked.rows_affected() > 0)
    }

    async fn authenticate(
        &self,
        key: &KeyHash,
        server: Timestamp,
    ) -> Result<Option<Authenticated>, StoreError> {
        let found = self.keys.find(*key).await;
        let found = found.ok_or_else(|| StoreError::Unavailable("the database could not be asked".into()))?;
        let Some((known, _)) = found.filter(|(_, end)| !is_over(*end, server)) else { return Ok(None) };
        lock(&self.keys.used).insert(key.bucket(), (*key, server));
        Ok(Some(known))
    }

    async fn ended_key(&self, key: &KeyHash, server: Timestamp) -> Result<Option<EndedKey>, StoreError> {
        // A key that is there is asked for when its sandbox has expired, and is not removed yet.
        let statement = "SELECT ended_keys.name, ended_keys.supplier, sandboxes.number IS NOT NULL
            FROM ended_keys LEFT JOIN sandboxes ON sandboxes.number = ended_keys.sandbox
                AND (sandboxes.expires_at IS NULL OR sandboxes.expires_at > $2)
            WHERE ended_keys.hash = $1
            UNION ALL SELECT sandboxes.name, keys.supplier, false
            FROM keys JOIN sandboxes ON sandboxes.number = keys.sandbox
            WHERE keys.hash = $1 AND sandboxes.expires_at <= $2";
        let row: Option<(String, String, bool)> = sqlx::query_as(statement)
            .bind(key.as_bytes())
            .bind(server.as_millis())
            .fetch_optional(&self.pool)
            .await?;
        let Some((name, supplier, is_live)) = row else { return Ok(None) };
        if !is_live {
            return Ok(Some(EndedKey::SandboxGone));
        }
        let supplier = supplier.parse().map_err(invalid)?;
        Ok(Some(EndedKey::Revoked(Caller { sandbox: SandboxId::kept(&name), supplier, epoch: None })))
    }
}

/// Adds a key. Returns whether it is new.
pub(super) async fn add(
    sandbox: i64,
    key: &NewKey,
    server: Timestamp,
    to: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    let statement = "INSERT INTO keys (hash, id, prefix, sandbox, supplier, created_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO NOTHING";
    let added = sqlx::query(statement)
        .bind(key.hash.as_bytes())
        .bind(&*key.id.0)
        .bind(&*key.prefix)
        .bind(sandbox)
        .bind(key.supplier.as_str())
        .bind(server.as_millis())
        .execute(to)
        .await?;
    Ok(added.rows_affected() == 1)
}

/// Finds the callers of many keys, in the order of the keys. A failure is logged: the calls are answered without its cause.
async fn find(pool: &PgPool, keys: &[KeyHash]) -> Option<Vec<Found>> {
    let statement =
        "SELECT sandboxes.name, keys.supplier, sandboxes.is_armed, sandboxes.live, sandboxes.expires_at
        FROM unnest($1::bytea[]) WITH ORDINALITY AS asked (hash, place)
        LEFT JOIN keys ON keys.hash = asked.hash
        LEFT JOIN sandboxes ON sandboxes.number = keys.sandbox ORDER BY place";
    let hashes: Vec<_> = keys.iter().map(KeyHash::as_bytes).collect();
    let log = |cause: sqlx::Error| {
        let error = StoreError::from(cause);
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::warn!(cause, remedy = error.remedy(), "the database could not be asked for a key");
    };
    let rows: Vec<CallerRow> =
        sqlx::query_as(statement).bind(hashes).fetch_all(pool).await.map_err(log).ok()?;
    let found = |(name, supplier, is_armed, live, end): CallerRow| {
        let caller = Caller {
            sandbox: SandboxId::kept(&name?),
            supplier: supplier?.parse().ok()?,
            epoch: Some(Epoch(live?)),
        };
        Some((Authenticated { caller, is_armed: is_armed? }, time(end)))
    };
    Some(rows.into_iter().map(found).collect())
}

fn info(row: &PgRow) -> Result<KeyInfo, sqlx::Error> {
    Ok(KeyInfo {
        id: KeyId(row.try_get::<String, _>("id")?.into()),
        supplier: row.try_get::<String, _>("supplier")?.parse().map_err(invalid)?,
        prefix: row.try_get::<String, _>("prefix")?.into(),
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        last_used_at: time(row.try_get("last_used_at")?),
    })
}

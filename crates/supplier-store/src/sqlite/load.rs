//! Loading of a data file into memory.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use supplier_domain::Timestamp;

use super::layer;
use crate::engine::journal::JournalState;
use crate::engine::sandbox::Sandbox;
use crate::engine::slot::Slot;
use crate::memory::directory::{Directory, StoredKey};
use crate::memory::ended_keys::FormerKey;
use crate::stored::{Rebuild, SandboxRow, invalid, journal_of};
use crate::{Caller, KeyHash, KeyId, NewKey, SandboxId, StoreOptions};

/// The contents of a data file.
pub(super) struct Contents {
    pub(super) directory: Directory,
    /// The same sandboxes as they are in the file, by number.
    pub(super) persisted: HashMap<i64, Sandbox>,
    /// The greatest number of a sandbox or a base state.
    pub(super) last_number: i64,
}

pub(super) async fn load(
    from: &mut SqliteConnection,
    options: StoreOptions,
) -> Result<Contents, sqlx::Error> {
    let mut loaded = Contents { directory: Directory::default(), persisted: HashMap::new(), last_number: 0 };
    let (mut rebuild, mut base_states) = (Rebuild::default(), HashMap::new());
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT number, suppliers FROM grounds").fetch_all(&mut *from).await?;
    for (number, suppliers) in rows {
        let layer = layer::read(number, from).await?;
        loaded.last_number = loaded.last_number.max(number);
        base_states.insert(number, rebuild.base(number, &suppliers, layer, options).await?);
    }
    let rows: Vec<SandboxRow> = sqlx::query_as("SELECT * FROM sandboxes").fetch_all(&mut *from).await?;
    let mut slots = HashMap::new();
    for row in rows {
        let (number, base) = (row.number, base_states.get(&row.base).cloned());
        let base = base.ok_or_else(|| invalid("a sandbox without a base state"))?;
        let layers = (layer::read(-number, from).await?, layer::read(number, from).await?);
        let sandbox = row.sandbox(base, layers, &mut rebuild).await?;
        loaded.persisted.insert(number, sandbox.clone());
        let slot = Arc::new(Slot::new(number, sandbox, journal(number, from).await?));
        loaded.last_number = loaded.last_number.max(number);
        loaded.directory.put(Arc::clone(&slot));
        slots.insert(number, slot);
    }
    let rows = sqlx::query("SELECT * FROM keys ORDER BY position").fetch_all(&mut *from).await?;
    for row in rows {
        if let Some(slot) = slots.get(&row.try_get("sandbox")?) {
            loaded.directory.put_key(Arc::new(key(slot, &row)?));
        }
    }
    for row in sqlx::query("SELECT * FROM ended_keys ORDER BY position").fetch_all(from).await? {
        loaded.directory.put_ended(former_key(&row)?);
    }
    Ok(loaded)
}

fn former_key(row: &SqliteRow) -> Result<FormerKey, sqlx::Error> {
    let supplier = row.try_get::<String, _>("supplier")?.parse().map_err(invalid)?;
    Ok(FormerKey {
        hash: hash(row)?,
        sandbox: row.try_get("sandbox")?,
        caller: Caller {
            sandbox: SandboxId::kept(&row.try_get::<String, _>("name")?),
            supplier,
            epoch: None,
        },
    })
}

fn hash(row: &SqliteRow) -> Result<KeyHash, sqlx::Error> {
    let hash: Vec<u8> = row.try_get("hash")?;
    let hash = hash.try_into().map_err(|_| invalid("a key's hash is not 32 bytes long"))?;
    Ok(KeyHash::from_bytes(hash))
}

async fn journal(number: i64, from: &mut SqliteConnection) -> Result<JournalState, sqlx::Error> {
    let last = sqlx::query_scalar("SELECT last FROM journals WHERE sandbox = ?");
    let last: Option<i64> = last.bind(number).fetch_optional(&mut *from).await?;
    let calls = sqlx::query_scalar("SELECT document FROM calls WHERE sandbox = ? ORDER BY number");
    let calls: Vec<String> = calls.bind(number).fetch_all(&mut *from).await?;
    let scorecards = sqlx::query_as("SELECT supplier, document FROM scorecards WHERE sandbox = ?");
    let scorecards: Vec<_> = scorecards.bind(number).fetch_all(from).await?;
    journal_of(last.unwrap_or(0), &calls, &scorecards)
}

fn key(slot: &Slot, row: &SqliteRow) -> Result<StoredKey, sqlx::Error> {
    let new = NewKey {
        id: KeyId(row.try_get::<String, _>("id")?.into()),
        supplier: row.try_get::<String, _>("supplier")?.parse().map_err(invalid)?,
        hash: hash(row)?,
        prefix: row.try_get::<String, _>("prefix")?.into(),
    };
    let last_used_at: Option<i64> = row.try_get("last_used_at")?;
    let created_at = Timestamp::from_millis(row.try_get("created_at")?);
    Ok(StoredKey::new(slot, new, created_at, last_used_at.map(Timestamp::from_millis)))
}

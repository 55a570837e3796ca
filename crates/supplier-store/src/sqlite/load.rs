//! Loading of a data file into memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use supplier_domain::{CallRecord, FingerprintKey, Scorecard, SupplierId, Timestamp, Window};

use super::layer;
use crate::memory::directory::{Directory, Slot, StoredKey};
use crate::memory::journal::Recorded;
use crate::memory::sandbox::{BaseState, Sandbox};
use crate::memory::state::State;
use crate::stored::{Layers, StateDocument, read};
use crate::{Epoch, KeyHash, KeyId, NewKey, SandboxInfo, Settings, SnapshotJournal, StoreOptions};

/// What was read.
pub(super) struct Loaded {
    pub(super) directory: Directory,
    /// The same sandboxes by their numbers, as they stand in the file.
    pub(super) persisted: HashMap<i64, Sandbox>,
    /// The greatest number that was given.
    pub(super) last_number: i64,
}

fn wrong(cause: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(cause))
}

pub(super) async fn load(from: &mut SqliteConnection, options: StoreOptions) -> Result<Loaded, sqlx::Error> {
    let mut loaded = Loaded { directory: Directory::default(), persisted: HashMap::new(), last_number: 0 };
    let (mut layers, mut base_states) = (Layers::default(), HashMap::new());
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT number, suppliers FROM grounds").fetch_all(&mut *from).await?;
    for (number, suppliers) in rows {
        let suppliers: Vec<_> = read(&suppliers)?;
        let mut state = State::new(&suppliers, options, Timestamp::from_millis(0));
        layers.put_at_length(layer::read(number, from).await?, &mut state).await?;
        loaded.last_number = loaded.last_number.max(number);
        base_states.insert(number, Arc::new(BaseState::new(number, suppliers, state)));
    }
    let rows = sqlx::query("SELECT * FROM sandboxes").fetch_all(&mut *from).await?;
    let mut slots = HashMap::new();
    for row in rows {
        let (number, base): (i64, i64) = (row.try_get("number")?, row.try_get("ground")?);
        let base = base_states.get(&base).cloned();
        let base = base.ok_or_else(|| sqlx::Error::Decode("a sandbox without a base state".into()))?;
        let sandbox = sandbox(number, &row, base, &mut layers, from).await?;
        loaded.persisted.insert(number, sandbox.clone());
        let slot = Arc::new(Slot::new(number, sandbox, recorded(number, from).await?));
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
    Ok(loaded)
}

async fn sandbox(
    number: i64,
    row: &SqliteRow,
    base: Arc<BaseState>,
    layers: &mut Layers,
    from: &mut SqliteConnection,
) -> Result<Sandbox, sqlx::Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let minutes: u32 = row.try_get("window_minutes")?;
    let info = SandboxInfo {
        id: crate::SandboxId::kept(&text("name")?),
        scenario: text("scenario")?.into(),
        seed: text("seed")?.parse().map_err(wrong)?,
        settings: Settings {
            window: Window::from_minutes(minutes),
            account_dedup: read(&text("account_dedup")?)?,
        },
        suppliers: read(&text("suppliers")?)?,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(Timestamp::from_millis),
    };
    let mut origin = base.state.clone();
    for supplier in &info.suppliers {
        origin.add_supplier(&supplier.id);
    }
    read::<StateDocument>(&text("origin")?)?.put_into(&mut origin);
    layers.put_at_length(layer::read(-number, from).await?, &mut origin).await?;
    let mut state = origin.clone();
    read::<StateDocument>(&text("state")?)?.put_into(&mut state);
    layers.put_at_length(layer::read(number, from).await?, &mut state).await?;
    let fingerprint_key = FingerprintKey::from_hex(&text("fingerprint_key")?).map_err(wrong)?;
    Ok(Sandbox { info, fingerprint_key, state, origin: Arc::new(origin), base, epoch: Epoch(0) })
}

async fn recorded(number: i64, from: &mut SqliteConnection) -> Result<Recorded, sqlx::Error> {
    let last: Option<i64> = sqlx::query_scalar("SELECT last FROM journals WHERE sandbox = ?")
        .bind(number)
        .fetch_optional(&mut *from)
        .await?;
    let calls: Vec<String> =
        sqlx::query_scalar("SELECT document FROM calls WHERE sandbox = ? ORDER BY number")
            .bind(number)
            .fetch_all(&mut *from)
            .await?;
    let calls = calls.iter().map(|call| read::<CallRecord>(call)).collect::<Result<Vec<_>, _>>()?;
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT supplier, document FROM scorecards WHERE sandbox = ?")
            .bind(number)
            .fetch_all(&mut *from)
            .await?;
    let mut scorecards = BTreeMap::<SupplierId, Scorecard>::new();
    for (supplier, scorecard) in rows {
        scorecards.insert(supplier.parse().map_err(wrong)?, read(&scorecard)?);
    }
    let last = last.map_or(0, |last| u64::try_from(last).unwrap_or(0)).max(calls.len() as u64);
    Ok(Recorded::restored(SnapshotJournal { last, calls }, scorecards))
}

fn key(slot: &Slot, row: &SqliteRow) -> Result<StoredKey, sqlx::Error> {
    let hash: Vec<u8> = row.try_get("hash")?;
    let hash =
        hash.try_into().map_err(|_| sqlx::Error::Decode("a key's hash is not 32 bytes long".into()))?;
    let new = NewKey {
        id: KeyId(row.try_get::<String, _>("id")?.into()),
        supplier: row.try_get::<String, _>("supplier")?.parse().map_err(wrong)?,
        hash: KeyHash::from_bytes(hash),
        prefix: row.try_get::<String, _>("prefix")?.into(),
    };
    let last_used_at: Option<i64> = row.try_get("last_used_at")?;
    let created_at = Timestamp::from_millis(row.try_get("created_at")?);
    Ok(StoredKey::new(slot, new, created_at, last_used_at.map(Timestamp::from_millis)))
}

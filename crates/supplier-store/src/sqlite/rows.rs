//! Rows of sandboxes and API keys in a SQLite file.

use sqlx::SqliteConnection;
use supplier_domain::Timestamp;

use super::layer;
use crate::MAX_ENDED_KEYS;
use crate::engine::sandbox::Sandbox;
use crate::engine::state::State;
use crate::memory::directory::StoredKey;
use crate::stored::{Layer, StateDocument, written};

pub(super) async fn create(
    number: i64,
    sandbox: &Sandbox,
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let Sandbox { info, fingerprint_key, state, origin, base, .. } = sandbox;
    let statement = sqlx::query("INSERT INTO grounds VALUES (?, ?) ON CONFLICT DO NOTHING");
    let is_new =
        statement.bind(base.number).bind(written(&base.suppliers)?).execute(&mut *to).await?.rows_affected();
    if is_new == 1 {
        let nothing = State::new(&[], state.options, Timestamp::from_millis(0));
        layer::write(&Layer::between_at_length(&nothing, &base.state).await?, base.number, to).await?;
    }
    sqlx::query("INSERT INTO sandboxes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(number)
        .bind(base.number)
        .bind(info.id.as_str())
        .bind(&*info.scenario)
        .bind(info.seed.to_string())
        .bind(i64::try_from(info.settings.window.minutes()).unwrap_or(i64::MAX))
        .bind(written(&info.settings.account_dedup)?)
        .bind(fingerprint_key.to_hex())
        .bind(written(&info.suppliers)?)
        .bind(info.created_at.as_millis())
        .bind(info.expires_at.map(Timestamp::as_millis))
        .bind(written(&StateDocument::of(origin))?)
        .bind(written(&StateDocument::of(state))?)
        .execute(&mut *to)
        .await?;
    layer::write(&Layer::between_at_length(&base.state, origin).await?, -number, to).await?;
    layer::write(&Layer::between_at_length(origin, state).await?, number, to).await
}

pub(super) async fn change(
    number: i64,
    from: &Sandbox,
    sandbox: &Sandbox,
    to: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let is_reset = from.epoch != sandbox.epoch;
    if is_reset {
        layer::delete(number, to).await?;
    }
    if from.info.suppliers != sandbox.info.suppliers {
        let statement = sqlx::query("UPDATE sandboxes SET suppliers = ? WHERE number = ?");
        statement.bind(written(&sandbox.info.suppliers)?).bind(number).execute(&mut *to).await?;
    }
    if is_reset || !StateDocument::is_same(&from.state, &sandbox.state) {
        let statement = sqlx::query("UPDATE sandboxes SET state = ? WHERE number = ?");
        let document = written(&StateDocument::of(&sandbox.state))?;
        statement.bind(document).bind(number).execute(&mut *to).await?;
    }
    let below = if is_reset { &*sandbox.origin } else { &from.state };
    layer::write(&Layer::between_at_length(below, &sandbox.state).await?, number, to).await
}

pub(super) async fn remove(number: i64, from: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    layer::delete(number, from).await?;
    layer::delete(-number, from).await?;
    let base: Option<i64> = sqlx::query_scalar("DELETE FROM sandboxes WHERE number = ? RETURNING ground")
        .bind(number)
        .fetch_optional(&mut *from)
        .await?;
    for statement in [
        "DELETE FROM keys WHERE sandbox = ?",
        "DELETE FROM journals WHERE sandbox = ?",
        "DELETE FROM calls WHERE sandbox = ?",
        "DELETE FROM scorecards WHERE sandbox = ?",
    ] {
        sqlx::query(statement).bind(number).execute(&mut *from).await?;
    }
    let statement = "DELETE FROM grounds WHERE number = ?1
        AND NOT EXISTS (SELECT 1 FROM sandboxes WHERE ground = ?1) RETURNING number";
    let unused: Option<i64> = sqlx::query_scalar(statement).bind(base).fetch_optional(&mut *from).await?;
    match unused {
        Some(base) => layer::delete(base, from).await,
        None => Ok(()),
    }
}

pub(super) async fn add_key(key: &StoredKey, to: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let statement = "INSERT INTO keys (hash, id, prefix, sandbox, supplier, created_at, last_used_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)";
    sqlx::query(statement)
        .bind(key.hash.as_bytes())
        .bind(&*key.id.0)
        .bind(&*key.prefix)
        .bind(key.sandbox)
        .bind(key.caller.supplier.as_str())
        .bind(key.created_at.as_millis())
        .bind(key.last_used_at().map(Timestamp::as_millis))
        .execute(to)
        .await
        .map(drop)
}

/// Remembers a key that authenticates nobody any more, and forgets the oldest of too many.
pub(super) async fn end_key(key: &StoredKey, to: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let statement = "INSERT OR REPLACE INTO ended_keys (hash, sandbox, name, supplier) VALUES (?, ?, ?, ?)
        RETURNING position";
    let position: i64 = sqlx::query_scalar(statement)
        .bind(key.hash.as_bytes())
        .bind(key.sandbox)
        .bind(key.caller.sandbox.as_str())
        .bind(key.caller.supplier.as_str())
        .fetch_one(&mut *to)
        .await?;
    let most = i64::try_from(MAX_ENDED_KEYS).unwrap_or(i64::MAX);
    let statement = sqlx::query("DELETE FROM ended_keys WHERE position <= ?").bind(position - most);
    statement.execute(to).await.map(drop)
}

//! Rows of sandboxes and base states.

use std::collections::HashSet;

use sqlx::PgConnection;
use supplier_domain::Timestamp;

use super::{journal, layer};
use crate::engine::sandbox::Sandbox;
use crate::engine::state::State;
use crate::stored::{Layer, StateDocument, written};
use crate::{MAX_ENDED_KEYS, SandboxId};

/// A new number of the sequence.
pub(super) async fn number(from: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT nextval('numbers')").fetch_one(from).await
}

/// Writes a new sandbox. Returns whether its name was free.
pub(super) async fn create(
    number: i64,
    sandbox: &Sandbox,
    has_new_base: bool,
    to: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    let Sandbox { info, fingerprint_key, state, origin, base, .. } = sandbox;
    if has_new_base {
        let statement = sqlx::query("INSERT INTO grounds VALUES ($1, $2)");
        statement.bind(base.number).bind(written(&base.suppliers)?).execute(&mut *to).await?;
    }
    let statement = "INSERT INTO sandboxes (number, name, version, live, is_armed, expires_at, ground, scenario, seed,
            window_minutes, account_dedup, fingerprint_key, suppliers, created_at, origin, state)
        VALUES ($1, $2, 0, $1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (name) DO NOTHING";
    let made = sqlx::query(statement)
        .bind(number)
        .bind(info.id.as_str())
        .bind(sandbox.is_armed())
        .bind(info.expires_at.map(Timestamp::as_millis))
        .bind(base.number)
        .bind(&*info.scenario)
        .bind(info.seed.to_string())
        .bind(i64::try_from(info.settings.window.minutes()).unwrap_or(i64::MAX))
        .bind(written(&info.settings.account_dedup)?)
        .bind(fingerprint_key.to_hex())
        .bind(written(&info.suppliers)?)
        .bind(info.created_at.as_millis())
        .bind(written(&StateDocument::of(origin))?)
        .bind(written(&StateDocument::of(state))?)
        .execute(&mut *to)
        .await?;
    if made.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("INSERT INTO journals VALUES ($1, 0, 0)").bind(number).execute(&mut *to).await?;
    if has_new_base {
        let nothing = State::new(&[], state.options, Timestamp::from_millis(0));
        layer::create(&Layer::between_at_length(&nothing, &base.state).await?, base.number, to).await?;
    }
    layer::create(&Layer::between_at_length(&base.state, origin).await?, -number, to).await?;
    layer::create(&Layer::between_at_length(origin, state).await?, number, to).await?;
    Ok(true)
}

/// Optimistic version check: a cached copy is current while the row has the same version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowVersion {
    pub(super) number: i64,
    pub(super) version: i64,
    pub(super) live: i64,
}

/// Writes the difference between two states of a sandbox whose row is locked. Returns the row's new version, or the old one
/// if nothing differs.
pub(super) async fn change(
    from: &Sandbox,
    sandbox: &Sandbox,
    row: RowVersion,
    to: &mut PgConnection,
) -> Result<RowVersion, sqlx::Error> {
    let is_reset = from.epoch != sandbox.epoch;
    let below = if is_reset { &*sandbox.origin } else { &from.state };
    let layer = Layer::between_at_length(below, &sandbox.state).await?;
    let suppliers = (from.info.suppliers != sandbox.info.suppliers).then_some(&sandbox.info.suppliers);
    let is_same = !is_reset && StateDocument::is_same(&from.state, &sandbox.state);
    if is_same && suppliers.is_none() && layer.is_empty() {
        return Ok(row);
    }
    let mut row = RowVersion { version: row.version + 1, ..row };
    if is_reset {
        layer::delete(row.live, to).await?;
        row.live = number(to).await?;
        journal::rows::reset(row.number, to).await?;
    }
    let change = layer::RowChange {
        number: Some(row.number),
        is_armed: sandbox.is_armed(),
        state: (!is_same).then(|| written(&StateDocument::of(&sandbox.state))).transpose()?,
        suppliers: suppliers.map(written).transpose()?,
        seen: sandbox.state.clock.asked().as_millis(),
    };
    layer::write(&layer, (row.live, row.version), change, to).await?;
    Ok(row)
}

/// Records the latest time, by a server's clock, that a sandbox's clock may have shown. No caller relies on it, so the commit does
/// not wait for the disk.
pub(super) async fn record_seen(
    sandbox: i64,
    seen: Timestamp,
    to: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let statement = "WITH unhurried AS (SELECT set_config('synchronous_commit', 'off', true))
        UPDATE sandboxes SET seen = greatest(seen, $2) FROM unhurried WHERE number = $1";
    sqlx::query(statement).bind(sandbox).bind(seen.as_millis()).execute(to).await.map(drop)
}

/// The sandboxes to remove.
#[derive(Debug, Clone, Copy)]
pub(super) enum Removal<'a> {
    /// The sandbox of that name, unless it has expired.
    Named(&'a SandboxId),
    /// All that have expired.
    Expired,
    /// The sandbox of that name, if it has expired.
    ExpiredAndNamed(&'a SandboxId),
}

/// Removes sandboxes with their data, and base states without a sandbox. Returns the sandboxes' numbers.
pub(super) async fn remove(
    removal: Removal<'_>,
    server: Timestamp,
    from: &mut PgConnection,
) -> Result<Vec<i64>, sqlx::Error> {
    let (condition, name) = match removal {
        Removal::Named(name) => ("name = $2 AND (expires_at IS NULL OR expires_at > $1)", Some(name)),
        Removal::Expired => ("expires_at <= $1 AND $2::text IS NULL", None),
        Removal::ExpiredAndNamed(name) => ("name = $2 AND expires_at <= $1", Some(name)),
    };
    // Their keys go with them, and are remembered as ended.
    let statement = format!(
        "INSERT INTO ended_keys (hash, sandbox, name, supplier)
        SELECT keys.hash, keys.sandbox, sandboxes.name, keys.supplier
        FROM keys JOIN sandboxes ON sandboxes.number = keys.sandbox WHERE {condition}
        ON CONFLICT (hash) DO UPDATE SET sandbox = excluded.sandbox, name = excluded.name, supplier = excluded.supplier"
    );
    let statement = sqlx::query(&statement).bind(server.as_millis()).bind(name.map(SandboxId::as_str));
    if statement.execute(&mut *from).await?.rows_affected() > 0 {
        forget_ended(from).await?;
    }
    let statement = format!("DELETE FROM sandboxes WHERE {condition} RETURNING number, live, ground");
    let statement = sqlx::query_as(&statement).bind(server.as_millis()).bind(name.map(SandboxId::as_str));
    let removed: Vec<(i64, i64, i64)> = statement.fetch_all(&mut *from).await?;
    let mut base_states = HashSet::new();
    for (number, live, base) in &removed {
        layer::delete(-number, from).await?;
        layer::delete(*live, from).await?;
        base_states.insert(*base);
    }
    for base in base_states {
        // The row is locked first: a fork that is made at this moment holds it, or finds it gone.
        let locked = sqlx::query("SELECT 1 FROM grounds WHERE number = $1 FOR UPDATE").bind(base);
        locked.execute(&mut *from).await?;
        let statement = "DELETE FROM grounds WHERE number = $1
            AND NOT EXISTS (SELECT 1 FROM sandboxes WHERE ground = $1)";
        if sqlx::query(statement).bind(base).execute(&mut *from).await?.rows_affected() == 1 {
            layer::delete(base, from).await?;
        }
    }
    Ok(removed.into_iter().map(|(number, ..)| number).collect())
}

/// Forgets the oldest of too many ended keys.
async fn forget_ended(from: &mut PgConnection) -> Result<(), sqlx::Error> {
    let most = i64::try_from(MAX_ENDED_KEYS).unwrap_or(i64::MAX);
    let statement = "DELETE FROM ended_keys WHERE position <= (SELECT max(position) FROM ended_keys) - $1";
    sqlx::query(statement).bind(most).execute(from).await.map(drop)
}

//! Sandboxes in a database: read, written, removed.

use std::collections::HashSet;
use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use supplier_domain::{FingerprintKey, Timestamp, Window};

use crate::memory::sandbox::{BaseState, Sandbox};
use crate::memory::state::State;
use crate::stored::{Layer, Layers, StateDocument, parts, read, written};
use crate::{Epoch, NewKey, SandboxId, SandboxInfo, Settings, StoreOptions};

fn wrong(cause: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(cause))
}

/// A row of the table `sandboxes`.
pub(super) fn info(row: &PgRow) -> Result<SandboxInfo, sqlx::Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let minutes: i64 = row.try_get("window_minutes")?;
    Ok(SandboxInfo {
        id: SandboxId::kept(&text("name")?),
        scenario: text("scenario")?.into(),
        seed: text("seed")?.parse().map_err(wrong)?,
        settings: Settings {
            window: Window::from_minutes(u32::try_from(minutes).map_err(wrong)?),
            account_dedup: read(&text("account_dedup")?)?,
        },
        suppliers: read(&text("suppliers")?)?,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(Timestamp::from_millis),
    })
}

/// The rows of a layer that were written after `version`.
pub(super) async fn layer(number: i64, version: i64, from: &mut PgConnection) -> Result<Layer, sqlx::Error> {
    let mut layer = Layer::default();
    let statement = "SELECT 0, '', number, document, 0::bigint FROM orders WHERE layer = $1 AND version > $2
        UNION ALL SELECT 1, supplier, number, document, 0 FROM handed_out WHERE layer = $1 AND version > $2
        UNION ALL SELECT 2, supplier, number, fingerprint, 0 FROM delivered WHERE layer = $1 AND version > $2
        UNION ALL SELECT 3, '', number, document, first FROM accounts WHERE layer = $1 AND version > $2";
    let rows: Vec<(i32, String, i64, String, i64)> =
        sqlx::query_as(statement).bind(number).bind(version).fetch_all(from).await?;
    for (kind, supplier, number, text, first) in rows {
        match kind {
            0 => layer.orders.push((number, text)),
            1 => layer.interaction.push((supplier, number, text)),
            2 => layer.delivered.push((supplier, text, number)),
            _ => layer.accounts.push((number, first, text)),
        }
    }
    // What comes in by number is put by number, as in any other store.
    layer.orders.sort_unstable_by_key(|(number, _)| *number);
    Ok(layer)
}

/// The change of a sandbox's row.
#[derive(Default)]
struct RowChange {
    /// The row to change; none without it.
    number: Option<i64>,
    is_armed: bool,
    state: Option<String>,
    suppliers: Option<String>,
    /// The latest time that the sandbox's clock has shown.
    seen: i64,
}

/// Writes rows of a layer. The last statement changes the sandbox's row as well.
async fn write(
    layer: &Layer,
    (live, version): (i64, i64),
    change: RowChange,
    to: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let mut orders = parts(&layer.orders, |(_, document)| document.len()).into_iter();
    let mut accounts = parts(&layer.accounts, |(.., document)| document.len()).into_iter();
    let mut interaction = parts(&layer.interaction, |(.., document)| document.len()).into_iter();
    let mut delivered = parts(&layer.delivered, |(_, account, _)| account.len()).into_iter();
    let mut change = Some(change);
    while change.is_some() {
        let rows = (orders.next(), interaction.next(), delivered.next(), accounts.next());
        let is_last = orders.len() + interaction.len() + delivered.len() + accounts.len() == 0;
        let with_it = if is_last { change.take() } else { None }.unwrap_or_default();
        let (orders, interaction, delivered, accounts) = (
            rows.0.unwrap_or_default(),
            rows.1.unwrap_or_default(),
            rows.2.unwrap_or_default(),
            rows.3.unwrap_or_default(),
        );
        let statement = "WITH
            o AS (INSERT INTO orders SELECT $1, number, $2, document
                FROM unnest($3::bigint[], $4::text[]) AS rows (number, document)
                ON CONFLICT (layer, number)
                DO UPDATE SET version = excluded.version, document = excluded.document),
            h AS (INSERT INTO handed_out SELECT $1, supplier, number, $2, document
                FROM unnest($5::text[], $6::bigint[], $7::text[]) AS rows (supplier, number, document)
                ON CONFLICT (layer, supplier, number)
                DO UPDATE SET version = excluded.version, document = excluded.document),
            d AS (INSERT INTO delivered SELECT $1, supplier, fingerprint, $2, number
                FROM unnest($8::text[], $9::text[], $10::bigint[]) AS rows (supplier, fingerprint, number)
                ON CONFLICT (layer, supplier, fingerprint)
                DO UPDATE SET version = excluded.version, number = excluded.number),
            a AS (INSERT INTO accounts SELECT $1, number, first, $2, document
                FROM unnest($15::bigint[], $16::bigint[], $17::text[]) AS rows (number, first, document)
                ON CONFLICT (layer, number, first)
                DO UPDATE SET version = excluded.version, document = excluded.document)
            UPDATE sandboxes SET version = $2, live = $1, is_armed = $12, state = coalesce($13, state),
                suppliers = coalesce($14, suppliers), seen = greatest(seen, $18) WHERE number = $11";
        sqlx::query(statement)
            .bind(live)
            .bind(version)
            .bind(orders.iter().map(|(order, _)| *order).collect::<Vec<_>>())
            .bind(orders.iter().map(|(_, document)| document.as_str()).collect::<Vec<_>>())
            .bind(interaction.iter().map(|(supplier, ..)| supplier.as_str()).collect::<Vec<_>>())
            .bind(interaction.iter().map(|(_, order, _)| *order).collect::<Vec<_>>())
            .bind(interaction.iter().map(|(.., document)| document.as_str()).collect::<Vec<_>>())
            .bind(delivered.iter().map(|(supplier, ..)| supplier.as_str()).collect::<Vec<_>>())
            .bind(delivered.iter().map(|(_, account, _)| account.as_str()).collect::<Vec<_>>())
            .bind(delivered.iter().map(|(.., order)| *order).collect::<Vec<_>>())
            .bind(with_it.number)
            .bind(with_it.is_armed)
            .bind(with_it.state)
            .bind(with_it.suppliers)
            .bind(accounts.iter().map(|(order, ..)| *order).collect::<Vec<_>>())
            .bind(accounts.iter().map(|(_, first, _)| *first).collect::<Vec<_>>())
            .bind(accounts.iter().map(|(.., document)| document.as_str()).collect::<Vec<_>>())
            .bind(with_it.seen)
            .execute(&mut *to)
            .await?;
    }
    Ok(())
}

/// Writes a new layer.
async fn write_layer(layer: &Layer, number: i64, to: &mut PgConnection) -> Result<(), sqlx::Error> {
    if layer.is_empty() { Ok(()) } else { write(layer, (number, 0), RowChange::default(), to).await }
}

async fn delete_layer(number: i64, from: &mut PgConnection) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM orders WHERE layer = $1",
        "DELETE FROM accounts WHERE layer = $1",
        "DELETE FROM handed_out WHERE layer = $1",
        "DELETE FROM delivered WHERE layer = $1",
    ] {
        sqlx::query(statement).bind(number).execute(&mut *from).await?;
    }
    Ok(())
}

/// A new number of the sequence.
pub(super) async fn number(from: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT nextval('numbers')").fetch_one(from).await
}

/// Reads a base state.
pub(super) async fn base(
    number: i64,
    layers: &mut Layers,
    options: StoreOptions,
    from: &mut PgConnection,
) -> Result<BaseState, sqlx::Error> {
    let suppliers: String = sqlx::query_scalar("SELECT suppliers FROM grounds WHERE number = $1")
        .bind(number)
        .fetch_one(&mut *from)
        .await?;
    let suppliers: Vec<_> = read(&suppliers)?;
    let mut state = State::new(&suppliers, options, Timestamp::from_millis(0));
    layers.put_at_length(layer(number, -1, from).await?, &mut state).await?;
    Ok(BaseState::new(number, suppliers, state))
}

/// Reads a sandbox from its row and layers. While the row is locked, no other server changes them.
pub(super) async fn sandbox(
    row: &PgRow,
    base: Arc<BaseState>,
    layers: &mut Layers,
    from: &mut PgConnection,
) -> Result<Sandbox, sqlx::Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let (number, live): (i64, i64) = (row.try_get("number")?, row.try_get("live")?);
    let info = info(row)?;
    let mut origin = base.state.clone();
    for supplier in &info.suppliers {
        origin.add_supplier(&supplier.id);
    }
    read::<StateDocument>(&text("origin")?)?.put_into(&mut origin);
    layers.put_at_length(layer(-number, -1, from).await?, &mut origin).await?;
    let mut state = origin.clone();
    read::<StateDocument>(&text("state")?)?.put_into(&mut state);
    layers.put_at_length(layer(live, -1, from).await?, &mut state).await?;
    let fingerprint_key = FingerprintKey::from_hex(&text("fingerprint_key")?).map_err(wrong)?;
    Ok(Sandbox { info, fingerprint_key, state, origin: Arc::new(origin), base, epoch: Epoch(live) })
}

/// Writes a new sandbox. Returns whether its name was free.
pub(super) async fn make(
    number: i64,
    sandbox: &Sandbox,
    is_new_ground: bool,
    to: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    let Sandbox { info, fingerprint_key, state, origin, base, .. } = sandbox;
    if is_new_ground {
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
    if is_new_ground {
        let nothing = State::new(&[], state.options, Timestamp::from_millis(0));
        write_layer(&Layer::between_at_length(&nothing, &base.state).await?, base.number, to).await?;
    }
    write_layer(&Layer::between_at_length(&base.state, origin).await?, -number, to).await?;
    write_layer(&Layer::between_at_length(origin, state).await?, number, to).await?;
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
        delete_layer(row.live, to).await?;
        row.live = number(to).await?;
        forget_calls(row.number, to).await?;
    }
    let change = RowChange {
        number: Some(row.number),
        is_armed: sandbox.is_armed(),
        state: (!is_same).then(|| written(&StateDocument::of(&sandbox.state))).transpose()?,
        suppliers: suppliers.map(written).transpose()?,
        seen: sandbox.state.clock.asked().as_millis(),
    };
    write(&layer, (row.live, row.version), change, to).await?;
    Ok(row)
}

/// Records the latest time, by a server's clock, that a sandbox's clock may have shown. No caller relies on it, so the commit does
/// not wait for the disk.
pub(super) async fn note_seen(
    sandbox: i64,
    seen: Timestamp,
    to: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let statement = "WITH unhurried AS (SELECT set_config('synchronous_commit', 'off', true))
        UPDATE sandboxes SET seen = greatest(seen, $2) FROM unhurried WHERE number = $1";
    sqlx::query(statement).bind(sandbox).bind(seen.as_millis()).execute(to).await.map(drop)
}

/// Clears a sandbox's journal and scorecards.
async fn forget_calls(sandbox: i64, from: &mut PgConnection) -> Result<(), sqlx::Error> {
    for statement in
        ["UPDATE journals SET last = 0 WHERE sandbox = $1", "DELETE FROM scorecards WHERE sandbox = $1"]
    {
        sqlx::query(statement).bind(sandbox).execute(&mut *from).await?;
    }
    delete_calls(sandbox, from).await
}

/// Removes sandboxes with their data, and base states without a sandbox. Returns the sandboxes' numbers.
pub(super) async fn remove(
    which: Which<'_>,
    server: Timestamp,
    from: &mut PgConnection,
) -> Result<Vec<i64>, sqlx::Error> {
    let now = server.as_millis();
    let statement = match which {
        Which::Named(name) => sqlx::query_as(
            "DELETE FROM sandboxes WHERE name = $2 AND (expires_at IS NULL OR expires_at > $1)
             RETURNING number, live, ground",
        )
        .bind(now)
        .bind(name.as_str()),
        Which::Over => {
            sqlx::query_as("DELETE FROM sandboxes WHERE expires_at <= $1 RETURNING number, live, ground")
                .bind(now)
        }
        Which::OverAndNamed(name) => sqlx::query_as(
            "DELETE FROM sandboxes WHERE name = $2 AND expires_at <= $1 RETURNING number, live, ground",
        )
        .bind(now)
        .bind(name.as_str()),
    };
    let removed: Vec<(i64, i64, i64)> = statement.fetch_all(&mut *from).await?;
    let mut base_states = HashSet::new();
    for (number, live, base) in &removed {
        delete_layer(-number, from).await?;
        delete_layer(*live, from).await?;
        base_states.insert(*base);
    }
    for base in base_states {
        // The row is locked first: a fork that is made at this moment holds it, or finds it gone.
        let locked = sqlx::query("SELECT 1 FROM grounds WHERE number = $1 FOR UPDATE").bind(base);
        locked.execute(&mut *from).await?;
        let statement = "DELETE FROM grounds WHERE number = $1
            AND NOT EXISTS (SELECT 1 FROM sandboxes WHERE ground = $1)";
        if sqlx::query(statement).bind(base).execute(&mut *from).await?.rows_affected() == 1 {
            delete_layer(base, from).await?;
        }
    }
    Ok(removed.into_iter().map(|(number, ..)| number).collect())
}

/// Which sandboxes to remove.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'a> {
    /// The sandbox of that name, unless it has expired.
    Named(&'a SandboxId),
    /// All that have expired.
    Over,
    /// The sandbox of that name, if it has expired.
    OverAndNamed(&'a SandboxId),
}

pub(super) async fn add_key(
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

/// Deletes the calls of a sandbox. Their numbers are not given again.
pub(super) async fn delete_calls(sandbox: i64, from: &mut PgConnection) -> Result<(), sqlx::Error> {
    for statement in
        ["UPDATE journals SET bytes = 0 WHERE sandbox = $1", "DELETE FROM calls WHERE sandbox = $1"]
    {
        sqlx::query(statement).bind(sandbox).execute(&mut *from).await?;
    }
    Ok(())
}

//! Layers in the database: the rows in which a state differs from the state below it.

use sqlx::PgConnection;

use super::sql::execute_all;
use crate::stored::{Layer, parts};

/// The rows of a layer that were written after `version`.
pub(super) async fn read(number: i64, version: i64, from: &mut PgConnection) -> Result<Layer, sqlx::Error> {
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
    // Orders are placed in the order of their numbers, as by every backend.
    layer.orders.sort_unstable_by_key(|(number, _)| *number);
    Ok(layer)
}

/// The change of a sandbox's row.
#[derive(Default)]
pub(super) struct RowChange {
    /// The number of the row; `None` for no change.
    pub(super) number: Option<i64>,
    pub(super) is_armed: bool,
    pub(super) state: Option<String>,
    pub(super) suppliers: Option<String>,
    /// The latest time that the sandbox's clock has shown.
    pub(super) seen: i64,
}

/// Writes rows of a layer. The last statement changes the sandbox's row as well.
pub(super) async fn write(
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
pub(super) async fn create(layer: &Layer, number: i64, to: &mut PgConnection) -> Result<(), sqlx::Error> {
    if layer.is_empty() { Ok(()) } else { write(layer, (number, 0), RowChange::default(), to).await }
}

pub(super) async fn delete(number: i64, from: &mut PgConnection) -> Result<(), sqlx::Error> {
    let statements = [
        "DELETE FROM orders WHERE layer = $1",
        "DELETE FROM accounts WHERE layer = $1",
        "DELETE FROM handed_out WHERE layer = $1",
        "DELETE FROM delivered WHERE layer = $1",
    ];
    execute_all(statements, number, from).await
}

//! Helpers for SQL statements.

use sqlx::postgres::PgPool;
use sqlx::{PgConnection, Postgres, Transaction};
use supplier_domain::Timestamp;

pub(super) fn time(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}

/// Executes statements whose only parameter is `number`.
pub(super) async fn execute_all<const N: usize>(
    statements: [&'static str; N],
    number: i64,
    to: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    for statement in statements {
        sqlx::query(statement).bind(number).execute(&mut *to).await?;
    }
    Ok(())
}

/// Begins a transaction for deferred writes, whose commit does not wait for the disk.
pub(super) async fn begin_deferred(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *transaction).await?;
    Ok(transaction)
}

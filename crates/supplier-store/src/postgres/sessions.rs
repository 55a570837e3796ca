//! Sessions in the database: a login at one server is valid at all of them.

use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use supplier_domain::Timestamp;

use super::PostgresStore;
use crate::stored::invalid;
use crate::{KeyHash, SESSION_LASTS, SandboxId, Session, Sessions, StoreError};

fn session(row: &PgRow) -> Result<Session, sqlx::Error> {
    Ok(Session {
        sandbox: SandboxId::kept(&row.try_get::<String, _>("sandbox")?),
        supplier: row.try_get::<String, _>("supplier")?.parse().map_err(invalid)?,
        is_admin: row.try_get("is_admin")?,
        notice: row.try_get("notice")?,
    })
}

/// A session that was last used before this time is over.
fn over(server: Timestamp) -> i64 {
    server.as_millis().saturating_sub(i64::try_from(SESSION_LASTS.as_millis()).unwrap_or(i64::MAX))
}

#[async_trait]
impl Sessions for PostgresStore {
    async fn begin_session(
        &self,
        id: KeyHash,
        session: Session,
        most: usize,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        // The new session counts among `most`.
        let statement = "WITH gone AS (DELETE FROM sessions WHERE used_at < $7 OR hash IN
                (SELECT hash FROM sessions ORDER BY used_at DESC OFFSET $8))
            INSERT INTO sessions VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(statement)
            .bind(id.as_bytes())
            .bind(server.as_millis())
            .bind(session.sandbox.as_str())
            .bind(session.supplier.as_str())
            .bind(session.is_admin)
            .bind(session.notice)
            .bind(over(server))
            .bind(i64::try_from(most.saturating_sub(1)).unwrap_or(i64::MAX))
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::from)
    }

    async fn session(&self, id: &KeyHash, server: Timestamp) -> Result<Option<Session>, StoreError> {
        let statement = "UPDATE sessions SET used_at = greatest(used_at, $2)
            WHERE hash = $1 AND used_at >= $3 RETURNING *";
        let row = sqlx::query(statement)
            .bind(id.as_bytes())
            .bind(server.as_millis())
            .bind(over(server))
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(session).transpose().map_err(StoreError::from)
    }

    async fn change_session(&self, id: &KeyHash, session: Session) -> Result<(), StoreError> {
        let statement = "UPDATE sessions SET sandbox = $2, supplier = $3, is_admin = $4, notice = $5
            WHERE hash = $1";
        sqlx::query(statement)
            .bind(id.as_bytes())
            .bind(session.sandbox.as_str())
            .bind(session.supplier.as_str())
            .bind(session.is_admin)
            .bind(session.notice)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::from)
    }

    async fn end_session(&self, id: &KeyHash) -> Result<(), StoreError> {
        let ended = sqlx::query("DELETE FROM sessions WHERE hash = $1").bind(id.as_bytes());
        ended.execute(&self.pool).await.map(drop).map_err(StoreError::from)
    }
}

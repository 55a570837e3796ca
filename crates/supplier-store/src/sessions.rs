//! Sessions of the dashboard.

use std::time::Duration;

use async_trait::async_trait;
use supplier_domain::{SupplierId, Timestamp};

use crate::{KeyHash, SandboxId, StoreError};

/// How long a session lasts after its last use.
pub const SESSION_LASTS: Duration = Duration::from_hours(12);

/// A login to the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The sandbox that the visitor looks at; it may be removed by now.
    pub sandbox: SandboxId,
    /// The supplier.
    pub supplier: SupplierId,
    /// Whether the visitor may change the sandbox, and look at other sandboxes.
    pub is_admin: bool,
    /// A notice for the next page, about what the visitor has just done.
    pub notice: Option<String>,
}

/// Sessions, each under the hash of an id that nobody can guess. A session need not outlast its server.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Keeps a new session. Of more than `most` sessions, those that were used longest ago are dropped.
    async fn begin_session(
        &self,
        id: KeyHash,
        session: Session,
        most: usize,
        server: Timestamp,
    ) -> Result<(), StoreError>;

    /// The session of that id, if it was used within [`SESSION_LASTS`]. Counts as a use.
    async fn session(&self, id: &KeyHash, server: Timestamp) -> Result<Option<Session>, StoreError>;

    /// Replaces the session of that id by `session`, if there is one.
    async fn change_session(&self, id: &KeyHash, session: Session) -> Result<(), StoreError>;

    /// Ends a session.
    async fn end_session(&self, id: &KeyHash) -> Result<(), StoreError>;
}

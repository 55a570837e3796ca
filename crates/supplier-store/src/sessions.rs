//! Who is logged in to the dashboard.

use std::time::Duration;

use async_trait::async_trait;
use supplier_domain::{SupplierId, Timestamp};

use crate::{KeyHash, SandboxId, StoreError};

/// How long a session lasts without being used.
pub const SESSION_LASTS: Duration = Duration::from_hours(12);

/// Who looks at the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The sandbox that is looked at; it may be gone by now.
    pub sandbox: SandboxId,
    /// The supplier.
    pub supplier: SupplierId,
    /// Whether it may change the sandbox, and look at others.
    pub is_admin: bool,
    /// What was done a moment ago, to be told on the next page.
    pub notice: Option<String>,
}

/// Sessions, each under the hash of an id that nobody can guess. They need not outlast the servers that know them.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Keeps a new session. There are at most `most`: those that were used longest ago give way.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn begin_session(
        &self,
        id: KeyHash,
        session: Session,
        most: usize,
        server: Timestamp,
    ) -> Result<(), StoreError>;

    /// The session of that id, if it was used within [`SESSION_LASTS`]. This uses it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn session(&self, id: &KeyHash, server: Timestamp) -> Result<Option<Session>, StoreError>;

    /// Puts `session` in the place of the one of that id, if that is there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn change_session(&self, id: &KeyHash, session: Session) -> Result<(), StoreError>;

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn end_session(&self, id: &KeyHash) -> Result<(), StoreError>;
}

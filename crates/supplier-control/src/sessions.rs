//! Sessions of the dashboard.

use supplier_domain::Timestamp;
use supplier_store::{KeyHash, Session};

use crate::{Control, ControlError};

/// Maximum number of sessions.
const MOST: usize = 10_000;

fn hash(id: &str) -> KeyHash {
    KeyHash::of(id.as_bytes())
}

impl Control {
    /// Begins a session, and returns its unpredictable id.
    ///
    /// # Errors
    /// [`ControlError::NoRandomness`], [`ControlError::Store`].
    pub async fn begin_session(&self, session: Session, server: Timestamp) -> Result<String, ControlError> {
        let id = self.random_name::<24>("")?;
        self.store.begin_session(hash(&id), session, MOST, server).await?;
        Ok(id)
    }

    /// The session of this id, if it has not ended. A session ends 12 hours after its last use.
    ///
    /// # Errors
    /// [`ControlError::Store`].
    pub async fn session(&self, id: &str, server: Timestamp) -> Result<Option<Session>, ControlError> {
        Ok(self.store.session(&hash(id), server).await?)
    }

    /// Replaces the session of this id, if it exists.
    ///
    /// # Errors
    /// [`ControlError::Store`].
    pub async fn change_session(&self, id: &str, session: Session) -> Result<(), ControlError> {
        Ok(self.store.change_session(&hash(id), session).await?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`ControlError::Store`].
    pub async fn end_session(&self, id: &str) -> Result<(), ControlError> {
        Ok(self.store.end_session(&hash(id)).await?)
    }
}

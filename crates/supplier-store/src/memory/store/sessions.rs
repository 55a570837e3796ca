//! Sessions in memory. They are not written to a file: a visitor can log in again.

use std::collections::HashMap;
use std::sync::MutexGuard;

use async_trait::async_trait;
use supplier_domain::Timestamp;

use super::MemoryStore;
use crate::lock::lock;
use crate::{KeyHash, SESSION_LASTS, Session, Sessions, StoreError};

/// Sessions with their last use, by [`KeyHash::bucket`]; the whole hash is compared then.
pub(super) type SessionMap = HashMap<u64, (KeyHash, Timestamp, Session)>;

impl MemoryStore {
    fn sessions(&self) -> MutexGuard<'_, SessionMap> {
        lock(&self.sessions)
    }
}

#[async_trait]
impl Sessions for MemoryStore {
    async fn begin_session(
        &self,
        id: KeyHash,
        session: Session,
        most: usize,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        let mut sessions = self.sessions();
        while sessions.len() >= most
            && let Some(oldest) =
                sessions.iter().min_by_key(|(_, (_, used, _))| *used).map(|(bucket, _)| *bucket)
        {
            sessions.remove(&oldest);
        }
        sessions.insert(id.bucket(), (id, server, session));
        Ok(())
    }

    async fn session(&self, id: &KeyHash, server: Timestamp) -> Result<Option<Session>, StoreError> {
        let mut sessions = self.sessions();
        let Some((_, used, session)) = sessions.get_mut(&id.bucket()).filter(|(known, ..)| known == id)
        else {
            return Ok(None);
        };
        if used.plus(SESSION_LASTS) < server {
            sessions.remove(&id.bucket());
            return Ok(None);
        }
        *used = server;
        Ok(Some(session.clone()))
    }

    async fn change_session(&self, id: &KeyHash, session: Session) -> Result<(), StoreError> {
        if let Some((_, _, known)) = self.sessions().get_mut(&id.bucket()).filter(|(known, ..)| known == id) {
            *known = session;
        }
        Ok(())
    }

    async fn end_session(&self, id: &KeyHash) -> Result<(), StoreError> {
        let mut sessions = self.sessions();
        if sessions.get(&id.bucket()).is_some_and(|(known, ..)| known == id) {
            sessions.remove(&id.bucket());
        }
        Ok(())
    }
}

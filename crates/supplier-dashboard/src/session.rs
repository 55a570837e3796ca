//! Who is logged in: kept on the server, so that a session can be ended.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use supplier_control::{NoRandomness, Random, SandboxId};
use supplier_domain::{SupplierId, Timestamp};

/// How long a session lasts without being used.
const LASTS: Duration = Duration::from_hours(12);
/// The most sessions there are: the one that was used longest ago gives way.
const MOST: usize = 10_000;

/// Who looks at the dashboard.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The sandbox.
    pub(crate) sandbox: SandboxId,
    /// The supplier.
    pub(crate) supplier: SupplierId,
    /// Whether it may change the sandbox, and look at others.
    pub(crate) is_admin: bool,
    /// What was done a moment ago, to be told on the next page.
    pub(crate) notice: Option<String>,
    used: Timestamp,
}

impl Session {
    pub(crate) fn new(sandbox: SandboxId, supplier: SupplierId, is_admin: bool, now: Timestamp) -> Self {
        Self { sandbox, supplier, is_admin, notice: None, used: now }
    }
}

/// All sessions of a server.
pub(crate) struct Sessions {
    random: Random,
    by_id: Mutex<BTreeMap<String, Session>>,
}

impl Sessions {
    pub(crate) fn new(random: Random) -> Self {
        Self { random, by_id: Mutex::default() }
    }

    /// Begins a session, and says its id, which nobody can guess.
    pub(crate) fn begin(&self, session: Session) -> Result<String, NoRandomness> {
        let mut bytes = [0; 24];
        (self.random)(&mut bytes)?;
        let id = hex::encode(bytes);
        self.with(|sessions| {
            if sessions.len() >= MOST
                && let Some(oldest) =
                    sessions.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| id.clone())
            {
                sessions.remove(&oldest);
            }
            sessions.insert(id.clone(), session);
        });
        Ok(id)
    }

    /// The session of that id, if it lasts.
    pub(crate) fn find(&self, id: &str, now: Timestamp) -> Option<Session> {
        self.with(|sessions| {
            let session = sessions.get_mut(id)?;
            if session.used.plus(LASTS) < now {
                sessions.remove(id);
                return None;
            }
            session.used = now;
            Some(session.clone())
        })
    }

    /// Takes what is to be told once.
    pub(crate) fn take_notice(&self, id: &str) -> Option<String> {
        self.with(|sessions| sessions.get_mut(id).and_then(|session| session.notice.take()))
    }

    /// Changes a session.
    pub(crate) fn change(&self, id: &str, change: impl FnOnce(&mut Session)) {
        self.with(|sessions| {
            if let Some(session) = sessions.get_mut(id) {
                change(session);
            }
        });
    }

    /// Ends a session.
    pub(crate) fn end(&self, id: &str) {
        self.with(|sessions| sessions.remove(id));
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Session>) -> T) -> T {
        act(&mut self.by_id.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

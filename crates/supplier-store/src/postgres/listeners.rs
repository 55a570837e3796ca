//! Live listeners of a server, and the notices between servers: a listener sees what another server has changed.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::Notify;

use crate::engine::slot::Slot;
use crate::lock::lock;

const CHANNEL: &str = "supplier_sandbox_changes";
/// For how long changes are collected before other servers are notified.
const COLLECTED: Duration = Duration::from_millis(20);
/// Numbers in one notice: PostgreSQL takes up to 8,000 bytes.
const AT_ONCE: usize = 300;
/// Pause before the next try to connect.
const RETRY: Duration = Duration::from_millis(500);

/// The live listeners of a server, and what other servers' listeners are to be notified of.
#[derive(Default)]
pub(super) struct Listeners {
    /// Sandboxes with live listeners at this server, by number.
    watched: Mutex<HashMap<i64, Weak<Slot>>>,
    /// Numbers of changed sandboxes, to be announced to other servers; negative for removed ones.
    announced: Mutex<HashSet<i64>>,
    wake: Notify,
}

impl Listeners {
    /// Registers a sandbox that has a live listener.
    pub(super) fn watch(&self, slot: &Arc<Slot>) {
        let mut watched = lock(&self.watched);
        watched.retain(|_, slot| slot.upgrade().is_some_and(|slot| slot.has_listeners()));
        watched.insert(slot.number, Arc::downgrade(slot));
    }

    fn watched(&self) -> Vec<Arc<Slot>> {
        lock(&self.watched).values().filter_map(Weak::upgrade).collect()
    }

    /// Notifies this server's listeners of changed sandboxes.
    pub(super) fn notify(&self, is_changed: impl Fn(&Slot) -> bool) {
        self.watched().iter().filter(|slot| is_changed(slot)).for_each(|slot| slot.notify());
    }

    /// Announces to other servers that a sandbox has changed.
    pub(super) fn announce(&self, number: i64) {
        lock(&self.announced).insert(number);
        self.wake.notify_one();
    }

    /// Ends the live listeners of removed sandboxes, at all servers.
    pub(super) fn close(&self, numbers: &[i64]) {
        for slot in self.watched().iter().filter(|slot| numbers.contains(&slot.number)) {
            slot.close();
        }
        for number in numbers {
            self.announce(-number);
        }
    }

    /// Handles the notice of another server, or of this one.
    fn receive(&self, notice: &str) {
        let watched = self.watched();
        for number in notice.split(',').filter_map(|number| number.parse::<i64>().ok()) {
            for slot in watched.iter().filter(|slot| slot.number == number.abs()) {
                if number < 0 { slot.close() } else { slot.notify() }
            }
        }
    }

    /// Sends what is announced to all servers.
    async fn send(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let list = |numbers: &[i64]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let numbers: Vec<_> = lock(&self.announced).drain().collect();
        let notices: Vec<_> = numbers.chunks(AT_ONCE).map(list).collect();
        // The commit need not wait for the disk: after a crash every server looks anew.
        let statement = "SELECT set_config('synchronous_commit', 'off', TRUE), pg_notify($1, numbers)
            FROM unnest($2::text[]) AS told (numbers)";
        sqlx::query(statement).bind(CHANNEL).bind(notices).execute(pool).await.map(drop)
    }
}

/// Exchanges notices with other servers, until the store is dropped or closed.
pub(super) async fn listen(pool: PgPool, listeners: Weak<Listeners>) {
    while !pool.is_closed() && listeners.strong_count() > 0 {
        if let Ok(mut listener) = PgListener::connect_with(&pool).await
            && listener.listen(CHANNEL).await.is_ok()
        {
            // Notices that were sent while this server did not listen are lost.
            if let Some(listeners) = listeners.upgrade() {
                listeners.notify(|_| true);
            }
            while exchange(&pool, &listeners, &mut listener).await.is_some() {}
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Receives or sends one notice; `None` once the connection or the store is gone.
async fn exchange(pool: &PgPool, listeners: &Weak<Listeners>, listener: &mut PgListener) -> Option<()> {
    let listeners = listeners.upgrade().filter(|_| !pool.is_closed())?;
    tokio::select! {
        notice = listener.recv() => listeners.receive(notice.ok()?.payload()),
        () = listeners.wake.notified() => {
            tokio::time::sleep(COLLECTED).await;
            listeners.send(pool).await.ok()?;
        }
        // The store may be dropped meanwhile.
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    Some(())
}

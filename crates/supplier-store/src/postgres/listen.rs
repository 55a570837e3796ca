//! Servers tell each other what has changed, so that those who wait at one of them see what was done at another.

use std::sync::Weak;
use std::time::Duration;

use sqlx::postgres::PgListener;

use super::turns::Shared;

const CHANNEL: &str = "supplier_sandbox_changes";
/// How long changes are collected before they are told.
const COLLECTED: Duration = Duration::from_millis(20);
/// How long it takes to try again.
const RETRY: Duration = Duration::from_millis(500);

/// Listens to other servers, and tells them, as long as there is a store.
pub(super) async fn listen(store: Weak<Shared>) {
    loop {
        let Some(shared) = store.upgrade().filter(|shared| !shared.pool.is_closed()) else { return };
        if let Ok(mut listener) = PgListener::connect_with(&shared.pool).await
            && listener.listen(CHANNEL).await.is_ok()
        {
            // What was told while nobody listened is not told again.
            shared.watched().iter().for_each(|slot| slot.tell());
            drop(shared);
            while exchange(&store, &mut listener).await.is_some() {}
        } else {
            drop(shared);
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Waits for something to be told, either way; `None` once the connection or the store is gone.
async fn exchange(store: &Weak<Shared>, listener: &mut PgListener) -> Option<()> {
    let shared = store.upgrade().filter(|shared| !shared.pool.is_closed())?;
    tokio::select! {
        heard = listener.recv() => {
            let number: i64 = heard.ok()?.payload().parse().ok()?;
            for slot in shared.watched().iter().filter(|slot| slot.number == number.abs()) {
                if number < 0 { slot.close() } else { slot.tell() }
            }
        }
        () = shared.behind.wake.notified() => {
            tokio::time::sleep(COLLECTED).await;
            let told: Vec<_> = shared.behind.take_told().iter().map(ToString::to_string).collect();
            // The disk need not be waited for: whoever listens after a crash looks anew.
            let statement = "SELECT set_config('synchronous_commit', 'off', TRUE), pg_notify($1, number)
                FROM unnest($2::text[]) AS told (number)";
            sqlx::query(statement).bind(CHANNEL).bind(told).execute(&shared.pool).await.ok()?;
        }
        // The store may be dropped meanwhile.
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    Some(())
}

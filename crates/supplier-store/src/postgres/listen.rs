//! Servers tell each other what has changed, so that those who wait at one of them see what was done at another.

use std::sync::Weak;
use std::time::Duration;

use sqlx::postgres::PgListener;

use super::batches::Shared;

const CHANNEL: &str = "supplier_sandbox_changes";
/// How long changes are collected before they are told.
const COLLECTED: Duration = Duration::from_millis(20);
/// How many numbers are told at once: PostgreSQL takes up to 8,000 bytes.
const AT_ONCE: usize = 300;
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
            shared.tell_here(|_| true);
            drop(shared);
            while exchange(&store, &mut listener).await.is_some() {}
        } else {
            drop(shared);
        }
        tokio::time::sleep(RETRY).await;
    }
}

fn list(numbers: &[i64]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Waits for something to be told, either way; `None` once the connection or the store is gone.
async fn exchange(store: &Weak<Shared>, listener: &mut PgListener) -> Option<()> {
    let shared = store.upgrade().filter(|shared| !shared.pool.is_closed())?;
    tokio::select! {
        heard = listener.recv() => {
            let watched = shared.watched();
            for number in heard.ok()?.payload().split(',').filter_map(|number| number.parse::<i64>().ok()) {
                for slot in watched.iter().filter(|slot| slot.number == number.abs()) {
                    if number < 0 { slot.close() } else { slot.tell() }
                }
            }
        }
        () = shared.deferred.wake.notified() => {
            tokio::time::sleep(COLLECTED).await;
            let told: Vec<_> = shared.deferred.take_told().chunks(AT_ONCE).map(list).collect();
            // The disk need not be waited for: whoever listens after a crash looks anew.
            let statement = "SELECT set_config('synchronous_commit', 'off', TRUE), pg_notify($1, numbers)
                FROM unnest($2::text[]) AS told (numbers)";
            sqlx::query(statement).bind(CHANNEL).bind(told).execute(&shared.pool).await.ok()?;
        }
        // The store may be dropped meanwhile.
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    Some(())
}

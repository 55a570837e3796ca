//! Background task of a server: commits deferred writes, and evicts idle sandboxes from the cache.

use std::collections::HashMap;
use std::sync::Weak;
use std::time::Duration;

use sqlx::postgres::PgPool;

use super::batches::Batches;
use super::journal::writer::JournalWriter;
use super::keys::KeyCache;

/// Time between two rounds. A round writes the journals, which other servers may read.
const ROUND: Duration = Duration::from_millis(20);
/// Rounds, one second in all, between two writes of key uses, and between two looks for idle sandboxes.
const SECOND: u64 = 50;
/// A sandbox is evicted after so many looks without a call: ten minutes.
const IDLE_LOOKS: u32 = 600;

/// Runs until the store is dropped or closed.
pub(super) async fn run(
    pool: PgPool,
    batches: Weak<Batches>,
    journal: Weak<JournalWriter>,
    keys: Weak<KeyCache>,
) {
    let (mut is_failing, mut written) = (false, HashMap::new());
    for round in 0_u64.. {
        tokio::time::sleep(ROUND).await;
        let (Some(batches), Some(journal), Some(keys)) =
            (batches.upgrade(), journal.upgrade(), keys.upgrade())
        else {
            return;
        };
        if pool.is_closed() {
            return;
        }
        let mut done = journal.write_others(&mut written, round).await;
        if round % SECOND == 0 {
            batches.evict_idle(IDLE_LOOKS);
            done = done.and(keys.write_used().await);
        }
        match done {
            Ok(()) => is_failing = false,
            Err(cause) if !is_failing => {
                tracing::warn!(%cause, "the journal could not be written; it is tried again");
                is_failing = true;
            }
            Err(_) => {}
        }
    }
}

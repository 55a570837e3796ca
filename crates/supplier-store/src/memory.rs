//! Everything in memory.
//!
//! One lock guards a sandbox, held for the time of one call and never across an await. What the lock guards is built of
//! persistent structures, so that a fork is a clone of a few pointers, whatever the number of orders.

mod audit;
pub(crate) mod directory;
pub(crate) mod journal;
mod orders;
mod page;
pub(crate) mod queue;
mod ranked_map;
pub(crate) mod sandbox;
pub(crate) mod shelf;
mod snapshot;
pub(crate) mod state;
pub(crate) mod store;
mod trace;

pub use store::MemoryStore;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::MemoryStore;
    use crate::{StoreOptions, conformance};
    use proptest::prelude::*;

    /// Rules: `auth.invalid-key`, `list.window`, `list.window-end`, `list.window-scope`, `list.window-page`,
    /// `list.window-race`, `list.limit`, `list.offset`, `list.order`, `list.total`, `list.total-withheld`,
    /// `update.visible`, `update.atomic`.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn it_passes_the_suite_of_every_backend() {
        conformance::all(Arc::new(MemoryStore::new(StoreOptions::new(conformance::render)))).await;
    }

    proptest! {
        /// Rules: `list.own-only`, `list.own-items`, `list.paid-only`, `list.status`, `list.product-type`,
        /// `list.entity-type`, `list.sub-category`, `list.limit`, `list.total`, `list.window`, `update.visible`.
        #[test]
        fn any_calls_bring_what_the_model_says(script in conformance::scripts()) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let store = Arc::new(MemoryStore::new(StoreOptions::new(conformance::render)));
            runtime.block_on(conformance::follow(store, script, async |store| store))?;
        }
    }
}

//! Memory backend: sandboxes behind locks in this process.
//!
//! One lock guards a sandbox, held for the time of one call and never across an await.

pub(crate) mod directory;
pub(crate) mod ended_keys;
pub(crate) mod queue;
pub(crate) mod store;

pub use store::MemoryStore;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::MemoryStore;
    use crate::{Bounds, Store, StoreOptions, conformance};
    use proptest::prelude::*;

    /// Rules: `auth.invalid-key`, `list.window`, `list.window-end`, `list.window-scope`, `list.window-page`,
    /// `list.window-race`, `list.limit`, `list.offset`, `list.order`, `list.total`, `list.total-withheld`,
    /// `update.visible`, `update.atomic`.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn it_passes_the_suite_of_every_backend() {
        conformance::all(Arc::new(MemoryStore::new(StoreOptions::new(conformance::render)))).await;
    }

    fn bounded(bounds: Bounds) -> MemoryStore {
        MemoryStore::new(StoreOptions { bounds, ..StoreOptions::new(conformance::render) })
    }

    #[tokio::test]
    async fn a_sandbox_holds_so_many_orders_beside_those_that_it_was_seeded_with() {
        conformance::orders_are_bounded(&bounded(Bounds { orders: 300, ..Bounds::default() }), 300).await;
    }

    /// Rules: `update.accounts-cap`.
    #[tokio::test]
    async fn a_sandbox_holds_so_many_accounts_beside_those_that_it_was_seeded_with() {
        conformance::accounts_are_bounded(&bounded(Bounds { accounts: 5, ..Bounds::default() }), 5).await;
    }

    /// A long operation on a sandbox makes only the sandbox's own calls wait.
    #[tokio::test]
    async fn work_on_a_sandbox_holds_up_no_other() {
        let store = Arc::new(bounded(Bounds::default()));
        let [busy, other] = conformance::a_sandbox_and_what_was_done_with_its_copy(&*store).await;
        let slot = store.slot(&busy);
        let (release, held) = std::sync::mpsc::channel::<()>();
        let work = tokio::spawn(async move { slot.change_copy(move |_| held.recv()).await.replace(|_| ()) });
        tokio::task::yield_now().await;
        let mut own =
            tokio::spawn(conformance::look_at_an_order(Arc::clone(&store) as Arc<dyn Store>, busy.clone()));
        // Every operation on another sandbox, and the operations on the busy one that need no orders.
        conformance::use_all(&*store, &other).await;
        conformance::use_beside_orders(&*store, &busy).await;
        tokio::task::yield_now().await;
        assert!(!own.is_finished(), "it waits for the work");
        release.send(()).unwrap();
        work.await.unwrap().unwrap().0.unwrap();
        (&mut own).await.unwrap();
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

//! Baselines (template sandboxes): seeded sandboxes that exist only to be forked.

use std::sync::{Mutex, PoisonError};

use supplier_store::SandboxId;

/// Number of baselines that are kept. A fork outlives its baseline.
const KEPT: usize = 16;

/// The baselines in the store, most recently used last.
#[derive(Debug, Default)]
pub(crate) struct Baselines(Mutex<Vec<SandboxId>>);

impl Baselines {
    /// Notes that a baseline is used. Returns the baselines to delete.
    pub(crate) fn used(&self, id: &SandboxId) -> Vec<SandboxId> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|known| known != id);
        kept.push(id.clone());
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_used_least_recently_go() {
        let baselines = Baselines::default();
        let id = |seed| SandboxId::baseline("default", seed, 7);
        for seed in 0..KEPT as u64 {
            assert!(baselines.used(&id(seed)).is_empty());
        }
        assert!(baselines.used(&id(0)).is_empty());
        assert_eq!(baselines.used(&id(100)), [id(1)]);
        assert_eq!(baselines.used(&id(101)), [id(2)]);
    }
}

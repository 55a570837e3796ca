//! Baselines: seeded sandboxes that new sandboxes are forked from.

use std::sync::{Mutex, PoisonError};

use supplier_store::SandboxId;

/// How many are kept. What was forked from one that goes stays as it is.
const KEPT: usize = 16;

/// Which baselines the store holds, those used last at the end.
#[derive(Debug, Default)]
pub(crate) struct Baselines(Mutex<Vec<SandboxId>>);

impl Baselines {
    /// Notes that a baseline is used. Returns those that are to go.
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

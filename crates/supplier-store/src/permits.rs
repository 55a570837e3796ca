//! Permits, of which one sandbox gets at most its share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::SandboxId;
use crate::lock::lock;

/// A number of permits, with the most that one sandbox gets.
#[derive(Debug)]
pub struct Permits {
    all: Arc<Semaphore>,
    share: usize,
    sandboxes: Mutex<HashMap<SandboxId, Weak<Semaphore>>>,
}

/// One of the [`Permits`], returned when dropped.
#[derive(Debug)]
pub struct Permit {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

/// Why there is no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPermit {
    /// The sandbox has its share of permits.
    Sandbox,
    /// All permits are in use.
    All,
}

impl Permits {
    /// `all` permits, at most `share` of them for one sandbox.
    pub fn new(all: usize, share: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), share, sandboxes: Mutex::default() }
    }

    fn of(&self, sandbox: &SandboxId) -> Arc<Semaphore> {
        let mut sandboxes = lock(&self.sandboxes);
        if let Some(known) = sandboxes.get(sandbox).and_then(Weak::upgrade) {
            return known;
        }
        sandboxes.retain(|_, permits| permits.strong_count() > 0);
        let permits = Arc::new(Semaphore::new(self.share));
        sandboxes.insert(sandbox.clone(), Arc::downgrade(&permits));
        permits
    }

    /// Waits for a permit for `sandbox`.
    pub async fn acquire(&self, sandbox: &SandboxId) -> Permit {
        let never = || unreachable!("the semaphores are never closed");
        let own = self.of(sandbox).acquire_owned().await.unwrap_or_else(|_| never());
        let all = Arc::clone(&self.all).acquire_owned().await.unwrap_or_else(|_| never());
        Permit { _own: own, _all: all }
    }

    /// A permit for `sandbox`, if one is free.
    ///
    /// # Errors
    /// Whether the sandbox's share or all permits are in use.
    pub fn try_acquire(&self, sandbox: &SandboxId) -> Result<Permit, NoPermit> {
        let own = self.of(sandbox).try_acquire_owned().map_err(|_| NoPermit::Sandbox)?;
        let all = Arc::clone(&self.all).try_acquire_owned().map_err(|_| NoPermit::All)?;
        Ok(Permit { _own: own, _all: all })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_gets_its_share_and_all_get_no_more_than_there_are() {
        let [greedy, other, late] = ["greedy", "other", "late"].map(|id| id.parse::<SandboxId>().unwrap());
        let permits = Permits::new(3, 2);
        let held = [(); 2].map(|()| permits.try_acquire(&greedy).unwrap());
        assert_eq!(permits.try_acquire(&greedy).unwrap_err(), NoPermit::Sandbox);
        let others = permits.try_acquire(&other).unwrap();
        assert_eq!(permits.try_acquire(&late).unwrap_err(), NoPermit::All);
        drop(held);
        let _ = permits.try_acquire(&greedy).unwrap();
        drop(others);
        assert!(permits.try_acquire(&late).is_ok());
    }
}

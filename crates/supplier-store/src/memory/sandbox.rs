//! One sandbox.

use std::collections::HashSet;
use std::sync::Arc;

use supplier_domain::{
    Arrivals, ClockChange, ClockRefusal, ClockState, Faults, FingerprintKey, History, Supplier, SupplierId,
    Timestamp,
};

use super::state::State;
use crate::{Caller, Epoch, NewFork, NewSandbox, SandboxInfo, SandboxSize, StoreError, StoreOptions};

/// What a sandbox and all that were forked from it, or from those, were first made of. It never changes.
pub(crate) struct Ground {
    /// Its number in its store.
    pub(crate) number: i64,
    pub(crate) suppliers: Vec<Supplier>,
    pub(crate) state: State,
}

impl Ground {
    /// The bounds of what is made of it are on top of what it holds.
    pub(crate) fn new(number: i64, suppliers: Vec<Supplier>, mut state: State) -> Self {
        let bounds = &mut state.options.bounds;
        bounds.orders = bounds.orders.saturating_add(state.orders.len());
        bounds.accounts = bounds.accounts.saturating_add(state.accounts);
        Self { number, suppliers, state }
    }
}

/// A sandbox. Cloning it costs a few pointers; the clone and the original then share what neither has changed.
#[derive(Clone)]
pub(crate) struct Sandbox {
    pub(crate) info: SandboxInfo,
    pub(crate) fingerprint_key: FingerprintKey,
    pub(crate) state: State,
    /// What it began as.
    pub(crate) origin: Arc<State>,
    pub(crate) ground: Arc<Ground>,
    /// Another after each time that it was put back to that.
    pub(crate) epoch: Epoch,
}

impl Sandbox {
    /// The sandbox as it begins; `ground` is a number that no other ground has.
    pub(crate) fn new(sandbox: NewSandbox, options: StoreOptions, ground: i64, server: Timestamp) -> Self {
        let mut state = State::new(&sandbox.world.suppliers, options, server);
        // Orders have few different sets of facets: one allocation each serves them all.
        let mut known_facets = HashSet::new();
        for order in sandbox.world.orders {
            state.put(order, History::default(), &mut known_facets);
        }
        state.last_given = Some(state.last_given());
        state.arrivals = sandbox.world.arrivals.map(|plan| Arrivals::new(plan, server));
        let info = SandboxInfo {
            id: sandbox.id,
            scenario: sandbox.scenario,
            seed: sandbox.seed,
            settings: sandbox.settings,
            suppliers: sandbox.world.suppliers,
            created_at: server,
            expires_at: sandbox.expires_at,
        };
        Self::on_new_ground(info, sandbox.fingerprint_key, state, ground)
    }

    /// A sandbox that begins as `state`, which it shares with none.
    pub(crate) fn on_new_ground(
        info: SandboxInfo,
        fingerprint_key: FingerprintKey,
        state: State,
        number: i64,
    ) -> Self {
        let ground = Ground::new(number, info.suppliers.clone(), state);
        let state = ground.state.clone();
        let origin = Arc::new(state.clone());
        Self { info, fingerprint_key, state, origin, ground: Arc::new(ground), epoch: Epoch(0) }
    }

    /// A copy of it as it stands.
    pub(crate) fn fork(&mut self, fork: NewFork, server: Timestamp) -> Self {
        if !self.info.id.is_baseline() {
            self.state.catch_up(server);
        }
        let mut state = self.state.clone();
        // What was forked from a baseline begins now, whenever the baseline was made.
        state.resume_arrivals(server);
        let info = SandboxInfo {
            id: fork.id,
            settings: fork.settings,
            created_at: server,
            expires_at: fork.expires_at,
            ..self.info.clone()
        };
        let (origin, ground) = (Arc::new(state.clone()), Arc::clone(&self.ground));
        Self { info, fingerprint_key: self.fingerprint_key.clone(), state, origin, ground, epoch: Epoch(0) }
    }

    /// Puts it back to how it began. Suppliers that were added stay, without orders, since their keys do. Returns what it
    /// was, which is better let go of once the lock is released.
    pub(crate) fn reset(&mut self, server: Timestamp) -> State {
        let before = std::mem::replace(&mut self.state, State::clone(&self.origin));
        self.epoch.0 += 1;
        self.state.resume_arrivals(server);
        for supplier in &self.info.suppliers {
            self.state.add_supplier(&supplier.id);
        }
        before
    }

    /// Copies a sandbox to be looked at for long. What the copy will show of the clock is what the sandbox has shown.
    pub(crate) fn copy_at(server: Timestamp) -> impl FnOnce(&mut Self) -> Self + Send {
        move |sandbox| {
            sandbox.state.clock.read(server);
            sandbox.clone()
        }
    }

    /// How much it holds.
    pub(crate) fn size(&mut self, server: Timestamp) -> SandboxSize {
        self.state.catch_up(server);
        SandboxSize { orders: self.state.orders.len(), accounts: self.state.accounts }
    }

    /// Refuses a caller who was let in before it was reset.
    pub(crate) fn admit(&self, caller: &Caller) -> Result<(), StoreError> {
        match caller.epoch {
            Some(epoch) if epoch != self.epoch => Err(StoreError::Reset(self.info.id.clone())),
            _ => Ok(()),
        }
    }

    pub(crate) fn info(&self) -> &SandboxInfo {
        &self.info
    }

    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        self.info.expires_at
    }

    pub(crate) fn has_supplier(&self, supplier: &SupplierId) -> bool {
        self.state.shelves.contains_key(supplier)
    }

    /// Returns whether it had no such supplier.
    pub(crate) fn add_supplier(&mut self, supplier: Supplier) -> bool {
        let is_new = self.state.add_supplier(&supplier.id);
        self.info.suppliers.extend(is_new.then_some(supplier));
        is_new
    }

    /// Whether so many orders have come in by now that placing them takes long. Nothing comes into a baseline.
    pub(crate) fn is_far_behind(&self, server: Timestamp) -> bool {
        !self.info.id.is_baseline() && self.state.is_far_behind(server)
    }

    pub(crate) fn is_armed(&self) -> bool {
        !self.state.faults.is_empty()
    }

    /// The faults, to be changed, and what the clock shows.
    pub(crate) fn faults(&mut self, server: Timestamp) -> (&mut Faults, Timestamp) {
        (&mut self.state.faults, self.state.clock.read(server))
    }

    pub(crate) fn clock(&mut self, server: Timestamp) -> ClockState {
        self.state.clock.state(server)
    }

    pub(crate) fn change_clock(
        &mut self,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<ClockState, ClockRefusal> {
        self.state.clock.change(change, server)
    }
}

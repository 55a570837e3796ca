//! One sandbox.

use std::collections::HashSet;
use std::sync::Arc;

use supplier_domain::{
    Arrivals, ClockChange, ClockGoesBack, ClockState, Faults, FingerprintKey, History, Supplier, SupplierId,
    Timestamp,
};

use super::state::State;
use crate::{NewFork, NewSandbox, RenderOrder, SandboxInfo};

/// A sandbox. Cloning it costs a few pointers; the clone and the original then share what neither has changed.
#[derive(Clone)]
pub(super) struct Sandbox {
    pub(super) info: SandboxInfo,
    pub(super) fingerprint_key: FingerprintKey,
    pub(super) state: State,
    /// What it began as.
    pub(super) origin: Arc<State>,
}

impl Sandbox {
    pub(super) fn new(sandbox: NewSandbox, render: RenderOrder, server: Timestamp) -> Self {
        let mut state = State::new(&sandbox.world.suppliers, render, server);
        // Orders have few different sets of facets: one allocation each serves them all.
        let mut known_facets = HashSet::new();
        for order in sandbox.world.orders {
            state.put(order, History::default(), &mut known_facets);
        }
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
        let origin = Arc::new(state.clone());
        Self { info, fingerprint_key: sandbox.fingerprint_key, state, origin }
    }

    /// A copy of it as it stands.
    pub(super) fn fork(&mut self, fork: NewFork, server: Timestamp) -> Self {
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
        let origin = Arc::new(state.clone());
        Self { info, fingerprint_key: self.fingerprint_key.clone(), state, origin }
    }

    /// Puts it back to how it began. Suppliers that were added stay, without orders, since their keys do.
    pub(super) fn reset(&mut self, server: Timestamp) {
        self.state = State::clone(&self.origin);
        self.state.resume_arrivals(server);
        for supplier in &self.info.suppliers {
            self.state.add_supplier(&supplier.id);
        }
    }

    pub(super) fn info(&self) -> &SandboxInfo {
        &self.info
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.info.expires_at
    }

    pub(super) fn has_supplier(&self, supplier: &SupplierId) -> bool {
        self.state.shelves.contains_key(supplier)
    }

    /// Returns whether it had no such supplier.
    pub(super) fn add_supplier(&mut self, supplier: Supplier) -> bool {
        let is_new = self.state.add_supplier(&supplier.id);
        self.info.suppliers.extend(is_new.then_some(supplier));
        is_new
    }

    pub(super) fn is_armed(&self) -> bool {
        !self.state.faults.is_empty()
    }

    /// The faults, to be changed, and what the clock shows.
    pub(super) fn faults(&mut self, server: Timestamp) -> (&mut Faults, Timestamp) {
        (&mut self.state.faults, self.state.clock.read(server))
    }

    pub(super) fn clock(&mut self, server: Timestamp) -> ClockState {
        self.state.clock.state(server)
    }

    pub(super) fn change_clock(
        &mut self,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<ClockState, ClockGoesBack> {
        self.state.clock.change(change, server)
    }
}

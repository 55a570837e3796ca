//! A sandbox: copy-on-write state, base state and reset state.

use std::collections::HashSet;
use std::sync::Arc;

use supplier_domain::fault::{Call, Strike};
use supplier_domain::{
    Arrivals, ClockChange, ClockRefusal, ClockState, Faults, FingerprintKey, History, Supplier, SupplierId,
    Timestamp,
};

use super::state::State;
use crate::{Caller, Epoch, NewFork, NewSandbox, SandboxInfo, SandboxSize, StoreError, StoreOptions};

/// Base state: the immutable state that a sandbox and all its forks were created from.
pub(crate) struct BaseState {
    /// The base state's number in its store.
    pub(crate) number: i64,
    pub(crate) suppliers: Vec<Supplier>,
    pub(crate) state: State,
}

impl BaseState {
    /// The bounds of its sandboxes are raised by the orders and accounts that the base state holds.
    pub(crate) fn new(number: i64, suppliers: Vec<Supplier>, mut state: State) -> Self {
        let bounds = &mut state.options.bounds;
        bounds.orders = bounds.orders.saturating_add(state.orders.len());
        bounds.accounts = bounds.accounts.saturating_add(state.accounts);
        Self { number, suppliers, state }
    }
}

/// A sandbox. A clone is copy-on-write: it costs a few pointers, and shares what neither side has changed.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) info: SandboxInfo,
    pub(crate) fingerprint_key: FingerprintKey,
    pub(crate) state: State,
    /// The state that a reset restores.
    pub(crate) origin: Arc<State>,
    pub(crate) base: Arc<BaseState>,
    /// Changes with every reset.
    pub(crate) epoch: Epoch,
}

impl Sandbox {
    /// A new sandbox; `base` is the unique number of its base state.
    pub(crate) fn new(sandbox: NewSandbox, options: StoreOptions, base: i64, server: Timestamp) -> Self {
        let mut state = State::new(&sandbox.world.suppliers, options, server);
        // Orders have few different sets of facets: each set is allocated once.
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
        Self::with_new_base(info, sandbox.fingerprint_key, state, base)
    }

    /// A sandbox that begins as `state`, with a base state of its own.
    pub(crate) fn with_new_base(
        info: SandboxInfo,
        fingerprint_key: FingerprintKey,
        state: State,
        number: i64,
    ) -> Self {
        let base = BaseState::new(number, info.suppliers.clone(), state);
        let state = base.state.clone();
        let origin = Arc::new(state.clone());
        Self { info, fingerprint_key, state, origin, base: Arc::new(base), epoch: Epoch(0) }
    }

    /// A fork of the sandbox in its present state.
    pub(crate) fn fork(&mut self, fork: NewFork, server: Timestamp) -> Self {
        if !self.info.id.is_baseline() {
            self.state.catch_up(server);
        }
        let mut state = self.state.clone();
        // A fork of a baseline begins now, whenever the baseline was created.
        state.resume_arrivals(server);
        let info = SandboxInfo {
            id: fork.id,
            settings: fork.settings,
            created_at: server,
            expires_at: fork.expires_at,
            ..self.info.clone()
        };
        let (origin, base) = (Arc::new(state.clone()), Arc::clone(&self.base));
        Self { info, fingerprint_key: self.fingerprint_key.clone(), state, origin, base, epoch: Epoch(0) }
    }

    /// Resets the sandbox. Suppliers that were added stay, without orders, since their keys stay. Returns the old state, which
    /// the caller should drop after releasing the lock.
    pub(crate) fn reset(&mut self, server: Timestamp) -> State {
        let before = std::mem::replace(&mut self.state, State::clone(&self.origin));
        self.epoch.0 += 1;
        self.state.resume_arrivals(server);
        for supplier in &self.info.suppliers {
            self.state.add_supplier(&supplier.id);
        }
        before
    }

    /// A copy to read for a long time. The copy shows no later time than the sandbox has shown.
    pub(crate) fn copy_at(server: Timestamp) -> impl FnOnce(&mut Self) -> Self + Send {
        move |sandbox| {
            sandbox.state.clock.read(server);
            sandbox.clone()
        }
    }

    /// How many orders and accounts the sandbox holds.
    pub(crate) fn size(&mut self, server: Timestamp) -> SandboxSize {
        self.state.catch_up(server);
        SandboxSize { orders: self.state.orders.len(), accounts: self.state.accounts }
    }

    /// Refuses a caller who was authenticated before the last reset.
    pub(crate) fn admit(&self, caller: &Caller) -> Result<(), StoreError> {
        match caller.epoch {
            Some(epoch) if epoch != self.epoch => Err(StoreError::Reset(self.info.id.clone())),
            _ => Ok(()),
        }
    }

    pub(crate) fn has_supplier(&self, supplier: &SupplierId) -> bool {
        self.state.shelves.contains_key(supplier)
    }

    /// Adds a supplier. Returns whether the sandbox did not have it yet.
    pub(crate) fn add_supplier(&mut self, supplier: Supplier) -> bool {
        let is_new = self.state.add_supplier(&supplier.id);
        self.info.suppliers.extend(is_new.then_some(supplier));
        is_new
    }

    /// Whether so many orders are due that placing them takes long. A baseline gets no orders.
    pub(crate) fn is_far_behind(&self, server: Timestamp) -> bool {
        !self.info.id.is_baseline() && self.state.is_far_behind(server)
    }

    pub(crate) fn is_armed(&self) -> bool {
        !self.state.faults.is_empty()
    }

    /// The faults, for a change, and the time of the sandbox's clock.
    pub(crate) fn faults(&mut self, server: Timestamp) -> (&mut Faults, Timestamp) {
        (&mut self.state.faults, self.state.clock.read(server))
    }

    /// Decides what goes wrong with a call, and counts it.
    pub(crate) fn strike(&mut self, call: &Call<'_>, server: Timestamp) -> Strike {
        self.state.clock.read(server);
        self.state.faults.decide(call, &self.state.clock)
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

//! The memory backend's face: finds the sandbox, takes its lock, makes one call.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use supplier_domain::fault::{Call, Fault, FaultId, NewFault, Strike, TooManyFaults};
use supplier_domain::{
    ArrivalPlan, Arrivals, CallRecord, ClockChange, ClockGoesBack, ClockState, Fingerprint, ListQuery,
    Observation, OrderDraft, OrderId, OrderPatch, OrderUpdate, RequestId, Supplier, SupplierId, Timestamp,
};

use super::directory::{Directory, Slot};
use super::journal::Recorded;
use super::sandbox::Sandbox;
use crate::{
    AuditRecords, CallSearch, Caller, Changes, FaultPlans, FoundCalls, FoundOrders, Journal, KeptCall,
    KeyHash, KeyId, KeyInfo, NewFork, NewKey, NewSandbox, OrderSearch, OrderState, Orders, Page, RenderOrder,
    SandboxId, SandboxInfo, Sandboxes, Scorecards, Snapshot, StoreError, Updated,
};

/// A store that keeps everything in memory and is gone with it.
pub struct MemoryStore {
    render: RenderOrder,
    directory: RwLock<Directory>,
}

impl MemoryStore {
    /// An empty store that writes orders by `render`.
    pub fn new(render: RenderOrder) -> Self {
        Self { render, directory: RwLock::default() }
    }

    // A panic under the lock is a defect, but one call's: it must not turn every later call away.
    fn read(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `act` with the sandbox locked, and the directory not.
    fn within<T>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T,
    ) -> Result<T, StoreError> {
        self.in_slot(id, server, |_, sandbox| act(sandbox))
    }

    /// The same for what may arm or disarm faults.
    fn rearm<T>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T,
    ) -> Result<T, StoreError> {
        self.in_slot(id, server, |slot, sandbox| {
            let done = act(sandbox);
            slot.note_armed(sandbox);
            done
        })
    }

    /// The same for what changes orders: those who wait for that are told.
    fn change<T>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T,
    ) -> Result<T, StoreError> {
        self.in_slot(id, server, |slot, sandbox| {
            let done = act(sandbox);
            slot.tell();
            done
        })
    }

    fn in_slot<T>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&Slot, &mut Sandbox) -> T,
    ) -> Result<T, StoreError> {
        let slot = Arc::clone(self.read().slot(id, server)?);
        let mut sandbox = slot.lock();
        Ok(act(&slot, &mut sandbox))
    }
}

/// Refuses a supplier that the sandbox does not have.
fn demand_supplier(slot: &Slot, sandbox: &SandboxId, supplier: &SupplierId) -> Result<(), StoreError> {
    let has_supplier = slot.lock().has_supplier(supplier);
    let missing = || StoreError::NoSupplier(sandbox.clone(), supplier.clone());
    has_supplier.then_some(()).ok_or_else(missing)
}

#[async_trait]
impl Sandboxes for MemoryStore {
    async fn create(&self, sandbox: NewSandbox, server: Timestamp) -> Result<(), StoreError> {
        let id = sandbox.id.clone();
        let built = Sandbox::new(sandbox, self.render, server);
        self.write().insert(id, built, server)
    }

    async fn fork(&self, from: &SandboxId, fork: NewFork, server: Timestamp) -> Result<(), StoreError> {
        let mut directory = self.write();
        let id = fork.id.clone();
        let copy = directory.slot(from, server)?.lock().fork(fork, server);
        directory.insert(id, copy, server)
    }

    async fn export(&self, id: &SandboxId, server: Timestamp) -> Result<Snapshot, StoreError> {
        self.in_slot(id, server, |slot, sandbox| {
            let mut snapshot = sandbox.export(server);
            (snapshot.journal, snapshot.scorecards) = slot.recorded().export();
            snapshot
        })
    }

    async fn restore(&self, snapshot: Snapshot, fork: NewFork, server: Timestamp) -> Result<(), StoreError> {
        let id = fork.id.clone();
        let mut snapshot = snapshot.shared();
        let (journal, scorecards) =
            (std::mem::take(&mut snapshot.journal), std::mem::take(&mut snapshot.scorecards));
        let sandbox = Sandbox::restored(snapshot, fork, self.render, server);
        let mut directory = self.write();
        directory.insert(id.clone(), sandbox, server)?;
        *directory.slot(&id, server)?.recorded() = Recorded::restored(journal, scorecards);
        Ok(())
    }

    async fn reset(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        self.in_slot(id, server, |slot, sandbox| {
            sandbox.reset(server);
            slot.note_armed(sandbox);
            *slot.recorded() = Recorded::default();
            slot.tell();
        })
    }

    async fn delete(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        let mut directory = self.write();
        directory.slot(id, server)?;
        directory.remove(id);
        Ok(())
    }

    async fn expire(&self, server: Timestamp) -> Result<usize, StoreError> {
        Ok(self.write().expire(server))
    }

    async fn sandbox(&self, id: &SandboxId, server: Timestamp) -> Result<SandboxInfo, StoreError> {
        self.within(id, server, |sandbox| sandbox.info().clone())
    }

    async fn count(&self, server: Timestamp) -> Result<usize, StoreError> {
        Ok(self.read().count(server))
    }

    async fn sandboxes(&self, server: Timestamp) -> Result<Vec<SandboxInfo>, StoreError> {
        let slots: Vec<_> = self.read().slots(server).cloned().collect();
        let mut all: Vec<_> = slots.iter().map(|slot| slot.lock().info().clone()).collect();
        all.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(all)
    }

    async fn add_supplier(
        &self,
        sandbox: &SandboxId,
        supplier: Supplier,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        let id = supplier.id.clone();
        let is_new = self.within(sandbox, server, |sandbox| sandbox.add_supplier(supplier))?;
        if is_new { Ok(()) } else { Err(StoreError::SupplierExists(sandbox.clone(), id)) }
    }

    async fn add_key(&self, sandbox: &SandboxId, key: NewKey, server: Timestamp) -> Result<(), StoreError> {
        let mut directory = self.write();
        demand_supplier(directory.slot(sandbox, server)?, sandbox, &key.supplier)?;
        directory.add_key(sandbox, key, server)
    }

    async fn keys(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        server: Timestamp,
    ) -> Result<Vec<KeyInfo>, StoreError> {
        let directory = self.read();
        demand_supplier(directory.slot(sandbox, server)?, sandbox, supplier)?;
        Ok(directory.keys(sandbox, supplier))
    }

    async fn revoke_key(
        &self,
        sandbox: &SandboxId,
        supplier: &SupplierId,
        key: &KeyId,
        server: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut directory = self.write();
        demand_supplier(directory.slot(sandbox, server)?, sandbox, supplier)?;
        Ok(directory.revoke_key(sandbox, supplier, key))
    }

    async fn authenticate(&self, key: &KeyHash, server: Timestamp) -> Result<Option<Caller>, StoreError> {
        Ok(self.read().caller(key, server).cloned())
    }

    async fn clock(&self, sandbox: &SandboxId, server: Timestamp) -> Result<ClockState, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.clock(server))
    }

    async fn change_clock(
        &self,
        sandbox: &SandboxId,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<Result<ClockState, ClockGoesBack>, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.change_clock(change, server))
    }
}

#[async_trait]
impl Orders for MemoryStore {
    async fn hand_out(
        &self,
        caller: &Caller,
        query: &ListQuery,
        request: RequestId,
        server: Timestamp,
        json: &mut Vec<u8>,
    ) -> Result<Page, StoreError> {
        self.within(&caller.sandbox, server, |sandbox| {
            sandbox.hand_out(&caller.supplier, query, (request, server), json)
        })?
        .ok_or_else(|| StoreError::NoSupplier(caller.sandbox.clone(), caller.supplier.clone()))
    }

    async fn update(
        &self,
        caller: &Caller,
        update: &OrderUpdate,
        request: RequestId,
        server: Timestamp,
    ) -> Result<Updated, StoreError> {
        self.change(&caller.sandbox, server, |sandbox| {
            sandbox.update(&caller.supplier, update, (request, server))
        })
    }

    async fn order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        server: Timestamp,
    ) -> Result<Option<OrderState>, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.order(id, server))
    }

    async fn place_orders(
        &self,
        sandbox: &SandboxId,
        orders: Vec<OrderDraft>,
        request: RequestId,
        server: Timestamp,
    ) -> Result<Vec<OrderId>, StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.place_orders(orders, (request, server)))?
    }

    async fn amend_order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        patch: OrderPatch,
        request: RequestId,
        server: Timestamp,
    ) -> Result<Option<OrderState>, StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.amend_order(id, patch, (request, server)))
    }

    async fn find_orders(
        &self,
        sandbox: &SandboxId,
        search: &OrderSearch,
        server: Timestamp,
    ) -> Result<FoundOrders, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.find_orders(search, server))
    }

    async fn fingerprints(
        &self,
        sandbox: &SandboxId,
        accounts: &[String],
        server: Timestamp,
    ) -> Result<Vec<Fingerprint>, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.fingerprints(accounts))
    }

    async fn audit(&self, sandbox: &SandboxId, server: Timestamp) -> Result<AuditRecords, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.audit(server))
    }

    async fn set_arrivals(
        &self,
        sandbox: &SandboxId,
        plan: Option<ArrivalPlan>,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.set_arrivals(plan, server))?
    }

    async fn arrivals(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Option<Arrivals>, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.arrivals(server))
    }
}

#[async_trait]
impl FaultPlans for MemoryStore {
    async fn arm_fault(
        &self,
        sandbox: &SandboxId,
        fault: NewFault,
        server: Timestamp,
    ) -> Result<Result<Fault, TooManyFaults>, StoreError> {
        self.rearm(sandbox, server, |sandbox| {
            let (faults, now) = sandbox.faults(server);
            let id = faults.arm(fault, now)?;
            faults.armed(now).find(|fault| fault.id == id).cloned().ok_or(TooManyFaults)
        })
    }

    async fn faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Vec<Fault>, StoreError> {
        self.within(sandbox, server, |sandbox| {
            let (faults, now) = sandbox.faults(server);
            faults.armed(now).cloned().collect()
        })
    }

    async fn disarm_fault(
        &self,
        sandbox: &SandboxId,
        fault: FaultId,
        server: Timestamp,
    ) -> Result<bool, StoreError> {
        self.rearm(sandbox, server, |sandbox| sandbox.faults(server).0.disarm(fault))
    }

    async fn clear_faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        self.rearm(sandbox, server, |sandbox| sandbox.faults(server).0.clear())
    }

    async fn strike(
        &self,
        caller: &Caller,
        call: &Call<'_>,
        server: Timestamp,
    ) -> Result<Strike, StoreError> {
        let slot = Arc::clone(self.read().slot(&caller.sandbox, server)?);
        if !slot.is_armed() {
            return Ok(Strike::default());
        }
        let mut sandbox = slot.lock();
        let (faults, now) = sandbox.faults(server);
        Ok(faults.decide(call, now))
    }
}

#[async_trait]
impl Journal for MemoryStore {
    async fn keep_call(
        &self,
        sandbox: &SandboxId,
        record: CallRecord,
        observed: Option<Observation>,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        slot.recorded().keep(record, observed.as_ref());
        slot.tell();
        Ok(())
    }

    async fn calls(
        &self,
        sandbox: &SandboxId,
        search: &CallSearch,
        server: Timestamp,
    ) -> Result<FoundCalls, StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        let found = slot.recorded().find(search);
        Ok(found)
    }

    async fn call(
        &self,
        sandbox: &SandboxId,
        id: RequestId,
        server: Timestamp,
    ) -> Result<Option<KeptCall>, StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        let call = slot.recorded().call(id);
        Ok(call)
    }

    async fn clear_calls(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        slot.recorded().clear();
        slot.tell();
        Ok(())
    }

    async fn scorecards(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Scorecards, StoreError> {
        self.in_slot(sandbox, server, |slot, sandbox| {
            let (now, recorded) = (sandbox.clock(server).now, slot.recorded());
            let scorecard = |supplier: &Supplier| (supplier.clone(), recorded.scorecard(&supplier.id));
            let by_supplier = sandbox.info().suppliers.iter().map(scorecard).collect();
            Scorecards { now, by_supplier, dropped: recorded.dropped() }
        })
    }

    async fn changes(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Changes, StoreError> {
        Ok(self.read().slot(sandbox, server)?.changes())
    }
}

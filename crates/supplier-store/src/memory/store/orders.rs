//! Orders, in memory.

use async_trait::async_trait;
use supplier_domain::{
    ArrivalPlan, Arrivals, Fingerprint, ListQuery, OrderDraft, OrderId, OrderPatch, OrderUpdate, RequestId,
    Timestamp,
};

use super::MemoryStore;
use crate::{
    AuditRecords, Caller, FoundOrders, OrderSearch, OrderState, Orders, Page, SandboxId, StoreError, Updated,
};

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
        self.change(sandbox, server, |sandbox| sandbox.set_arrivals(plan, server))?
    }

    async fn arrivals(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Option<Arrivals>, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.arrivals(server))
    }
}

//! Orders, wherever they are kept.

use async_trait::async_trait;
use supplier_domain::{
    ArrivalPlan, Arrivals, Fingerprint, ListQuery, OrderDraft, OrderId, OrderPatch, OrderUpdate, RequestId,
    Timestamp,
};

use super::Backend;
use crate::memory::orders::NotYet;
use crate::memory::sandbox::Sandbox;
use crate::{
    AuditRecords, Caller, FoundOrders, OrderSearch, OrderState, Orders, Page, SandboxId, SandboxSize,
    StoreError, Updated,
};

/// So many orders are placed where the call is answered; more take long.
const FEW_ORDERS: usize = 100;
/// So many accounts are looked at where the call is answered.
const FEW_ACCOUNTS: usize = 1_000;

#[async_trait]
impl<P: Backend> Orders for P {
    async fn hand_out(
        &self,
        caller: &Caller,
        query: &ListQuery,
        request: RequestId,
        server: Timestamp,
        json: &mut Vec<u8>,
    ) -> Result<Page, StoreError> {
        let before = json.len();
        loop {
            let handed_out = self
                .change_quietly(&caller.sandbox, server, |sandbox| {
                    sandbox.admit(caller)?;
                    Ok(sandbox.hand_out(&caller.supplier, query, (request, server), json))
                })
                .await
                .flatten();
            if handed_out.is_err() {
                json.truncate(before);
            }
            match handed_out? {
                Ok(page) => return Ok(page),
                Err(NotYet::NoSupplier) => {
                    return Err(StoreError::NoSupplier(caller.sandbox.clone(), caller.supplier.clone()));
                }
                Err(NotYet::ManyDue) => {
                    let (supplier, query) = (caller.supplier.clone(), query.clone());
                    let release = move |sandbox: &mut Sandbox| sandbox.release(&supplier, &query, server);
                    self.change_long(&caller.sandbox, server, release).await?;
                }
            }
        }
    }

    async fn update(
        &self,
        caller: &Caller,
        update: &OrderUpdate,
        request: RequestId,
        server: Timestamp,
    ) -> Result<Updated, StoreError> {
        if update.accounts.as_ref().is_some_and(|accounts| accounts.len() > FEW_ACCOUNTS) {
            let (by, update) = (caller.clone(), update.clone());
            let act = move |sandbox: &mut Sandbox| {
                sandbox.admit(&by)?;
                Ok(sandbox.update(&by.supplier, &update, (request, server)))
            };
            return self.change_long(&caller.sandbox, server, act).await?;
        }
        self.change(&caller.sandbox, server, |sandbox| {
            sandbox.admit(caller)?;
            Ok(sandbox.update(&caller.supplier, update, (request, server)))
        })
        .await?
    }

    async fn order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        server: Timestamp,
    ) -> Result<Option<OrderState>, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.order(id, server)).await
    }

    async fn place_orders(
        &self,
        sandbox: &SandboxId,
        orders: Vec<OrderDraft>,
        request: RequestId,
        server: Timestamp,
    ) -> Result<Vec<OrderId>, StoreError> {
        if orders.len() > FEW_ORDERS {
            let place = move |sandbox: &mut Sandbox| sandbox.place_orders(orders, (request, server));
            return self.change_long(sandbox, server, place).await?;
        }
        self.change(sandbox, server, |sandbox| sandbox.place_orders(orders, (request, server))).await?
    }

    async fn amend_order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        patch: OrderPatch,
        request: RequestId,
        server: Timestamp,
    ) -> Result<Option<OrderState>, StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.amend_order(id, patch, (request, server))).await
    }

    async fn find_orders(
        &self,
        sandbox: &SandboxId,
        search: &OrderSearch,
        server: Timestamp,
    ) -> Result<FoundOrders, StoreError> {
        let search = search.clone();
        self.read_long(sandbox, server, move |sandbox| sandbox.find_orders(&search, server)).await
    }

    async fn size(&self, sandbox: &SandboxId, server: Timestamp) -> Result<SandboxSize, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.size(server)).await
    }

    async fn fingerprints(
        &self,
        sandbox: &SandboxId,
        accounts: &[String],
        server: Timestamp,
    ) -> Result<Vec<Fingerprint>, StoreError> {
        let accounts = accounts.to_vec();
        self.read_long(sandbox, server, move |sandbox| sandbox.fingerprints(&accounts)).await
    }

    async fn audit(&self, sandbox: &SandboxId, server: Timestamp) -> Result<AuditRecords, StoreError> {
        self.read_long(sandbox, server, move |sandbox| sandbox.audit(server)).await
    }

    async fn set_arrivals(
        &self,
        sandbox: &SandboxId,
        plan: Option<ArrivalPlan>,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.set_arrivals(plan, server)).await?
    }

    async fn arrivals(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Option<Arrivals>, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.arrivals(server)).await
    }
}

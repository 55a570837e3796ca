//! Operations on the orders of a sandbox.

mod page;
mod search;

use std::collections::HashSet;

use async_trait::async_trait;
use supplier_domain::{
    ArrivalPlan, Arrivals, Fingerprint, ListQuery, OrderDraft, OrderId, OrderPatch, OrderUpdate, RequestId,
    SupplierId, Timestamp,
};

pub use page::{ListedOrder, LostAnswer, MAX_TRACED, Page, RenderOrder, TracedAccount, Updated};
pub use search::{
    AuditRecord, AuditRecords, FoundOrders, OrderPreview, OrderSearch, OrderState, SandboxSize, UsedTwice,
};

use crate::backend::access::AccessMode;
use crate::backend::{Backend, Visit as _};
use crate::engine::orders::HandOutError;
use crate::engine::sandbox::Sandbox;
use crate::{Caller, SandboxId, StoreError};

/// The most orders that are placed on the thread that answers the call.
const FEW_ORDERS: usize = 100;
/// The most accounts that are looked at on the thread that answers the call.
const FEW_ACCOUNTS: usize = 1_000;

/// The orders of sandboxes. [`Store`](crate::Store) tells what all methods have in common.
///
/// Before a method looks at orders, it places the arrivals that are due by the sandbox's clock ([`Arrivals::due`]). Each gets
/// its own moment, and the next free number after the last one given. Arrivals that the sandbox has no room for are left out
/// and counted. A fork continues the arrivals of its original; a fork of a baseline begins them. A reset restores the
/// arrivals that the sandbox began with, as if no time had passed since.
///
/// `request` is stored with what the call does to an order.
#[async_trait]
pub trait Orders: Backend {
    /// Hands out a page: exactly the orders for which [`supplier_domain::listing::hands_out`] says yes, oldest first,
    /// from `offset` on and up to `limit`. From then on these orders, and no others, are withheld from the caller
    /// (`list.window`, `list.window-page`). No two calls hand out the same order within a window (`list.window-race`).
    ///
    /// Appends to `json` what [`RenderOrder`] made of the orders for the caller, separated by commas.
    ///
    /// # Errors
    /// [`StoreError::NoSupplier`], [`StoreError::Reset`]; then nothing is withheld, and `json` is unchanged.
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
                .visit(&caller.sandbox, server, AccessMode::WriteQuietly, |_, sandbox| {
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
                Err(HandOutError::NoSupplier) => {
                    return Err(StoreError::NoSupplier(caller.sandbox.clone(), caller.supplier.clone()));
                }
                Err(HandOutError::ManyDue) => {
                    let (supplier, query) = (caller.supplier.clone(), query.clone());
                    let release = move |sandbox: &mut Sandbox| sandbox.release(&supplier, &query, server);
                    self.change_long(&caller.sandbox, server, release).await?;
                }
            }
        }
    }

    /// Decides an update by [`supplier_domain::decide`], and stores the result. Concurrent updates of an order happen one
    /// after the other (`update.visible`). An update does not change until when the order is withheld (`list.window-scope`).
    ///
    /// # Errors
    /// [`StoreError::Reset`]; a refusal is no failure of the store.
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

    /// Notes that nobody got the answer of `request`, a call of `caller`: the supplier did not see the orders of the page, or
    /// does not know of its delivery. Orders that the sandbox no longer has are skipped.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::Reset`].
    async fn lose_answer(
        &self,
        caller: &Caller,
        lost: LostAnswer,
        request: RequestId,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(&caller.sandbox, server, |sandbox| {
            sandbox.admit(caller)?;
            sandbox.lose_answer(&caller.supplier, &lost, request);
            Ok(())
        })
        .await?
    }

    /// Those of these orders that still wait for their suppliers: they are paid, and neither done nor called off.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn awaiting(
        &self,
        sandbox: &SandboxId,
        orders: Vec<OrderId>,
        server: Timestamp,
    ) -> Result<HashSet<OrderId>, StoreError> {
        self.read_long(sandbox, server, move |sandbox| sandbox.awaiting(&orders, server)).await
    }

    /// An order with everything that the sandbox knows about it; `None` if the sandbox has no order of that number.
    async fn order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        server: Timestamp,
    ) -> Result<Option<OrderState>, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.order(id, server)).await
    }

    /// An order as a list call by `supplier` for `query` would find it now; `None` if the sandbox has no order of that number.
    /// A preview hands out nothing, and the clock does not step.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::NoSupplier`].
    async fn preview(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        supplier: &SupplierId,
        query: &ListQuery,
        server: Timestamp,
    ) -> Result<Option<OrderPreview>, StoreError> {
        let (supplier, query) = (supplier.clone(), query.clone());
        self.read_long(sandbox, server, move |copy| copy.preview(id, &supplier, &query, server)).await?
    }

    /// Places orders, all of them or none, at the time of the sandbox's clock. Returns their numbers in the same order. An
    /// order without a number gets the next free one after the last one given; numbers that drafts ask for do not count as given.
    ///
    /// # Errors
    /// [`StoreError::NoSupplier`], [`StoreError::OrderExists`], [`StoreError::TooManyOrders`].
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

    /// Changes an order as a buyer or the marketplace does. The patch does not change until when the order is withheld.
    /// Returns the order's new state; `None` if the sandbox has no order of that number.
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

    /// The orders of all suppliers that match a search.
    async fn find_orders(
        &self,
        sandbox: &SandboxId,
        search: &OrderSearch,
        server: Timestamp,
    ) -> Result<FoundOrders, StoreError> {
        let search = search.clone();
        self.read_long(sandbox, server, move |sandbox| sandbox.find_orders(&search, server)).await
    }

    /// The size of a sandbox.
    async fn size(&self, sandbox: &SandboxId, server: Timestamp) -> Result<SandboxSize, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.size(server)).await
    }

    /// The fingerprints that the sandbox's key gives accounts.
    async fn fingerprints(
        &self,
        sandbox: &SandboxId,
        accounts: &[String],
        server: Timestamp,
    ) -> Result<Vec<Fingerprint>, StoreError> {
        let accounts = accounts.to_vec();
        self.read_long(sandbox, server, move |sandbox| sandbox.fingerprints(&accounts)).await
    }

    /// What an audit reads of a sandbox's orders.
    async fn audit(&self, sandbox: &SandboxId, server: Timestamp) -> Result<AuditRecords, StoreError> {
        self.read_long(sandbox, server, move |sandbox| sandbox.audit(server)).await
    }

    /// Replaces the arrivals of a sandbox: from now on, by the sandbox's clock, orders arrive by `plan`; `None` stops them.
    ///
    /// # Errors
    /// [`StoreError::NoSupplier`] if the supplier of an item is missing, [`StoreError::ClockAtEnd`].
    async fn set_arrivals(
        &self,
        sandbox: &SandboxId,
        plan: Option<ArrivalPlan>,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.set_arrivals(plan, server)).await?
    }

    /// The arrivals of a sandbox: their plan, how many there were, and when the next is due; `None` without a plan.
    async fn arrivals(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Option<Arrivals>, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.arrivals(server)).await
    }
}

impl<B: Backend> Orders for B {}

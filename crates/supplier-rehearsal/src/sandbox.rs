//! The sandbox of one rehearsal.

use std::sync::Arc;
use std::time::Duration;

use supplier_control::{Control, ControlError, CreateSandbox, KeyId, OrderSearch, Origin, SandboxId};
use supplier_domain::{
    ClockChange, OrderId, OrderPatch, OrderStatus, PaymentStatus, RequestId, SupplierId, Timestamp,
};

use crate::watch::Watches;
use crate::world::{FinalOrder, WorldOrder};

/// Longest life of a sandbox that a rehearsal could not delete.
const LASTS: Duration = Duration::from_mins(30);
/// Maximum number of orders in a world.
pub(crate) const MAX_ORDERS: usize = 100;

/// A running server, as a rehearsal sees it.
#[derive(Clone)]
pub struct RunningServer {
    /// URL of the server, without a slash at the end.
    pub url: String,
    /// Its use cases.
    pub control: Arc<Control>,
    /// Where it asks who watches a sandbox.
    pub watches: Arc<Watches>,
    /// Its own time.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Request id in the history of orders that a rehearsal changes.
    pub by: RequestId,
}

/// The sandbox of one rehearsal. It is deleted at the end.
pub(crate) struct Sandbox {
    pub(crate) server: RunningServer,
    pub(crate) id: SandboxId,
    pub(crate) supplier: SupplierId,
}

impl Sandbox {
    /// A copy of the sandbox `base`, with a key for `supplier`.
    pub(crate) async fn fork(
        server: &RunningServer,
        base: &SandboxId,
        supplier: &SupplierId,
    ) -> Result<(Self, String), ControlError> {
        let create = CreateSandbox {
            origin: Origin::Fork(base.clone()),
            ttl: Some(LASTS),
            ..CreateSandbox::default()
        };
        let created = server.control.create_sandbox(create, (server.now)()).await?;
        let key = created.keys.into_iter().find(|key| key.supplier == *supplier);
        let sandbox = Self { server: server.clone(), id: created.info.id, supplier: supplier.clone() };
        let missing = || ControlError::NoSupplier(sandbox.id.clone(), supplier.clone());
        let key = key.ok_or_else(missing)?.key;
        Ok((sandbox, key))
    }

    fn now(&self) -> Timestamp {
        (self.server.now)()
    }

    pub(crate) async fn advance(&self, by: Duration) -> Result<(), ControlError> {
        self.server.control.change_clock(&self.id, ClockChange::Advance(by), self.now()).await.map(drop)
    }

    pub(crate) async fn cancel(&self, order: OrderId) -> Result<(), ControlError> {
        self.amend(order, OrderPatch { status: Some(OrderStatus::Cancelled), payment_status: None }).await
    }

    pub(crate) async fn refund(&self, order: OrderId) -> Result<(), ControlError> {
        self.amend(order, OrderPatch { status: None, payment_status: Some(PaymentStatus::Refunded) }).await
    }

    async fn amend(&self, order: OrderId, patch: OrderPatch) -> Result<(), ControlError> {
        self.server.control.amend_order(&self.id, order, patch, self.server.by, self.now()).await.map(drop)
    }

    /// Revokes the supplier's keys, and returns a new one.
    pub(crate) async fn replace_key(&self) -> Result<String, ControlError> {
        let old: Vec<KeyId> = self.keys().await?;
        let new = self.server.control.create_key(&self.id, &self.supplier, self.now()).await?;
        for key in old {
            self.server.control.revoke_key(&self.id, &self.supplier, &key, self.now()).await?;
        }
        Ok(new.key)
    }

    async fn keys(&self) -> Result<Vec<KeyId>, ControlError> {
        let keys = self.server.control.keys(&self.id, &self.supplier, self.now()).await?;
        Ok(keys.into_iter().map(|key| key.id).collect())
    }

    /// The orders of the world as they are, and after how long the first of the open ones is handed out again, if all of
    /// those are withheld.
    pub(crate) async fn orders(
        &self,
        world: &[WorldOrder],
        is_amended: impl Fn(OrderId) -> bool,
    ) -> Result<(Vec<FinalOrder>, Option<Duration>), ControlError> {
        let search = OrderSearch {
            supplier: Some(self.supplier.clone()),
            limit: MAX_ORDERS,
            ..OrderSearch::default()
        };
        let found = self.server.control.find_orders(&self.id, &search, self.now()).await?;
        let clock = self.server.control.clock(&self.id, self.now()).await?.now;
        let (mut orders, mut next, mut is_one_free) = (Vec::new(), None::<Duration>, false);
        for order in world {
            let Some(state) = found.orders.iter().find(|state| state.order.id == order.order) else {
                continue;
            };
            let now = FinalOrder {
                order: order.clone(),
                status: state.order.status,
                payment_status: state.order.payment_status,
                accounts: state.order.accounts.len() as u64,
                is_amended: is_amended(order.order),
            };
            if !now.is_settled() {
                match state.until(&self.supplier).filter(|until| *until > clock) {
                    Some(until) => {
                        let wait = until.since(clock);
                        next = Some(next.map_or(wait, |next| next.min(wait)));
                    }
                    None => is_one_free = true,
                }
            }
            orders.push(now);
        }
        Ok((orders, next.filter(|_| !is_one_free)))
    }

    pub(crate) async fn delete(&self) {
        // One that cannot be deleted ends by itself.
        let _ = self.server.control.delete_sandbox(&self.id, self.now()).await;
    }
}

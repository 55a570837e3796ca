//! Builds the sandbox that each rehearsal gets a copy of.

use std::time::Duration;

use supplier_control::{ControlError, CreateSandbox, NewItem, NewOrders, OrderSearch, Origin, SandboxId};
use supplier_domain::{EntityType, OrderId, OrderPatch, PaymentStatus, Problem, SupplierId};

use crate::plan::Plan;
use crate::rehearsal::{Failure, Setup};
use crate::report::WorldRecipe;
use crate::sandbox::{MAX_ORDERS, RunningServer};
use crate::world::WorldOrder;

/// Scenario with suppliers and no orders.
const EMPTY: &str = "empty";
/// Lifetime of the sandbox that others are copied from: longer than any run.
const LASTS: Duration = Duration::from_hours(12);

impl Setup {
    /// Builds the setup that `plan` describes.
    pub(crate) async fn build(server: &RunningServer, plan: &Plan) -> Result<Self, Failure> {
        let scenario = plan.world.scenario.clone().unwrap_or_else(|| EMPTY.to_owned());
        let create = CreateSandbox {
            origin: Origin::Seeded { scenario: Some(scenario), seed: Some(plan.seed) },
            ttl: Some(LASTS),
            ..CreateSandbox::default()
        };
        let created = server.control.create_sandbox(create, (server.now)()).await?;
        let base = created.info.id;
        let suppliers: Vec<_> = created.keys.into_iter().map(|key| key.supplier).collect();
        let setup = Self::furnish(server, plan, base.clone(), &suppliers).await;
        if setup.is_err() {
            // One that cannot be deleted ends by itself.
            let _ = server.control.delete_sandbox(&base, (server.now)()).await;
        }
        setup
    }

    async fn furnish(
        server: &RunningServer,
        plan: &Plan,
        base: SandboxId,
        suppliers: &[SupplierId],
    ) -> Result<Self, Failure> {
        let supplier = chosen(&plan.world, suppliers)?;
        if let Some(count) = plan.world.orders {
            let other = suppliers.iter().find(|it| **it != supplier);
            for order in mixed(count, &supplier, other) {
                server.control.place_orders(&base, order, server.by, (server.now)()).await?;
            }
        }
        let world = world(server, &base, &supplier).await?;
        if world.is_empty() || world.len() > MAX_ORDERS {
            let problem = format!(
                "must have 1 to {MAX_ORDERS} paid orders of {supplier} that are pending or processing, not {}",
                world.len()
            );
            return Err(ControlError::from(Problem::new("scenario", problem)).into());
        }
        Ok(Self {
            server: server.clone(),
            base,
            supplier,
            world: world.into(),
            pace: plan.pace.clone(),
            copy: plan.copy.clone(),
            in_use: std::sync::Arc::default(),
        })
    }

    /// The same setup with only some of its orders: the others are not paid, so no list has them.
    pub(crate) async fn with_only(&self, orders: &[OrderId]) -> Result<Self, Failure> {
        let is_known = |order: &&OrderId| self.world.iter().any(|known| known.order == **order);
        if let Some(unknown) = orders.iter().find(|order| !is_known(order)) {
            return Err(ControlError::NoOrder(*unknown).into());
        }
        let server = &self.server;
        let create = CreateSandbox {
            origin: Origin::Fork(self.base.clone()),
            ttl: Some(LASTS),
            ..CreateSandbox::default()
        };
        let base = server.control.create_sandbox(create, (server.now)()).await?.info.id;
        let (kept, others): (Vec<_>, Vec<_>) =
            self.world.iter().cloned().partition(|order| orders.contains(&order.order));
        for order in others {
            let patch = OrderPatch { status: None, payment_status: Some(PaymentStatus::Pending) };
            server.control.amend_order(&base, order.order, patch, server.by, (server.now)()).await?;
        }
        Ok(Self { base, world: kept.into(), ..self.clone() })
    }

    /// Deletes the setup's sandbox.
    pub(crate) async fn close(&self) {
        self.clear().await;
        // One that cannot be deleted ends by itself.
        let _ = self.server.control.delete_sandbox(&self.base, (self.server.now)()).await;
    }
}

/// The supplier that the recipe names, or the first.
fn chosen(recipe: &WorldRecipe, suppliers: &[SupplierId]) -> Result<SupplierId, ControlError> {
    let names = || suppliers.iter().map(SupplierId::as_str).collect::<Vec<_>>().join(", ");
    let missing = || ControlError::from(Problem::new("supplier", format!("must be one of {}", names())));
    match &recipe.supplier {
        Some(name) => suppliers.iter().find(|it| it.as_str() == name).cloned().ok_or_else(missing),
        None => suppliers.first().cloned().ok_or_else(missing),
    }
}

/// `count` orders of `supplier`, in turn: one piece, several pieces, shared with `other`, a service.
fn mixed(count: usize, supplier: &SupplierId, other: Option<&SupplierId>) -> Vec<NewOrders> {
    let order = |index: usize| {
        let mut order = NewOrders::of(supplier.clone());
        let item = |quantity| NewItem { quantity: Some(quantity), ..NewItem::default() };
        match index % 4 {
            0 => {}
            1 => order.items = vec![item(4)],
            2 => {
                order.items = vec![item(2)];
                order.shared_with = other.cloned().into_iter().collect();
            }
            _ => {
                order.items = vec![NewItem { entity_type: Some(EntityType::SmmService), ..item(100) }];
            }
        }
        order
    };
    (0..count).map(order).collect()
}

/// What the supplier is to answer, in the order of the numbers.
async fn world(
    server: &RunningServer,
    base: &SandboxId,
    supplier: &SupplierId,
) -> Result<Vec<WorldOrder>, ControlError> {
    let search =
        OrderSearch { supplier: Some(supplier.clone()), limit: MAX_ORDERS + 1, ..OrderSearch::default() };
    let found = server.control.find_orders(base, &search, (server.now)()).await?;
    Ok(found.orders.iter().filter_map(|state| WorldOrder::of(&state.order, supplier)).collect())
}

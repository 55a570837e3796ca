//! Orders placed as a buyer places them, and amended as a buyer or the marketplace amends them.

use std::sync::Arc;

use supplier_domain::{
    EntityType, Facet, Item, MAX_QUANTITY, Money, ObjectId, OrderDraft, OrderId, OrderPatch, OrderStatus,
    PaymentStatus, Problem, Product, ProductType, RequestId, SupplierId, Timestamp, User,
};
use supplier_store::{OrderState, SandboxId};

use crate::{Control, ControlError};

/// Maximum number of items in an order.
const MAX_ITEMS: usize = 20;

/// Item of a new order. By default: one piece for 1.00, of a product that is fulfilled by hand.
#[derive(Debug, Clone, Default)]
pub struct NewItem {
    /// Supplier of the item; `None` for the order's supplier.
    pub supplier: Option<SupplierId>,
    /// Number of pieces, 1 to [`MAX_QUANTITY`].
    pub quantity: Option<u32>,
    /// Price of one piece.
    pub unit_price: Option<Money>,
    /// Product type: how the item is fulfilled.
    pub product_type: Option<ProductType>,
    /// Entity type: a product or a service.
    pub entity_type: Option<EntityType>,
    /// Name of the subcategory.
    pub sub_category: Option<String>,
}

/// New orders, all alike. By default: paid and pending.
#[derive(Debug, Clone)]
pub struct NewOrders {
    /// Supplier of the items.
    pub supplier: SupplierId,
    /// Order number, for a single order.
    pub id: Option<OrderId>,
    /// Number of orders.
    pub count: usize,
    /// Status of the orders.
    pub status: Option<OrderStatus>,
    /// Payment status of the orders.
    pub payment_status: Option<PaymentStatus>,
    /// Further suppliers; each gets an item like the first one.
    pub shared_with: Vec<SupplierId>,
    /// Items, at least one.
    pub items: Vec<NewItem>,
}

impl NewOrders {
    /// The order that each of them becomes.
    ///
    /// # Errors
    /// All problems: the number of items, a quantity, or the name of a subcategory.
    pub fn draft(self) -> Result<OrderDraft, Vec<Problem>> {
        let problems = self.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let Self { supplier, id, count: _, status, payment_status, shared_with, items } = self;
        let first = items.first().cloned().unwrap_or_default();
        let shared = shared_with.into_iter().map(|it| NewItem { supplier: Some(it), ..first.clone() });
        let items: Vec<_> = items.iter().cloned().chain(shared).map(|it| item(it, &supplier)).collect();
        Ok(OrderDraft {
            id,
            status: status.unwrap_or(OrderStatus::Pending),
            payment_status: payment_status.unwrap_or(PaymentStatus::Completed),
            user: buyer().into(),
            items: items.into(),
        })
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !(1..=MAX_ITEMS).contains(&(self.items.len() + self.shared_with.len())) {
            problems.push(Problem::new(
                "items",
                format!("must be 1 to {MAX_ITEMS}, including those of `sharedWith`"),
            ));
        }
        for (index, item) in self.items.iter().enumerate() {
            let field =
                |name: &str| if index == 0 { name.to_owned() } else { format!("items[{index}].{name}") };
            if item.quantity.is_some_and(|quantity| !(1..=MAX_QUANTITY).contains(&quantity)) {
                problems.push(Problem::new(field("quantity"), format!("must be from 1 to {MAX_QUANTITY}")));
            }
            let is_name = |text: &String| (1..=100).contains(&text.trim().chars().count());
            if item.sub_category.as_ref().is_some_and(|name| !is_name(name)) {
                problems.push(Problem::new(field("subCategory"), "must be 1 to 100 characters"));
            }
        }
        problems
    }
}

impl NewOrders {
    /// One order of `supplier`: one piece for 1.00 of a product that is fulfilled by hand, paid and pending.
    pub fn of(supplier: SupplierId) -> Self {
        Self {
            supplier,
            id: None,
            count: 1,
            status: None,
            payment_status: None,
            shared_with: Vec::new(),
            items: vec![NewItem::default()],
        }
    }
}

impl Control {
    /// Places all orders or none, at the time of the sandbox's clock, and returns their numbers.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::NoSandbox`], [`ControlError::NoSupplier`],
    /// [`ControlError::OrderExists`], [`ControlError::TooManyOrders`].
    pub async fn place_orders(
        &self,
        sandbox: &SandboxId,
        new: NewOrders,
        by: RequestId,
        server: Timestamp,
    ) -> Result<Vec<OrderId>, ControlError> {
        let mut problems = Vec::new();
        let (count, most) = (new.count, self.caps.orders_at_once);
        if !(1..=most).contains(&count) {
            problems.push(Problem::new("count", format!("must be from 1 to {most}")));
        }
        if new.id.is_some() && count > 1 {
            problems.push(Problem::new("id", "can be asked for by a single order only; leave out count"));
        }
        let draft = new.draft().map_err(|more| problems.extend(more)).ok();
        let Some(draft) = draft.filter(|_| problems.is_empty()) else { return Err(problems.into()) };
        Ok(self.store.place_orders(sandbox, vec![draft; count], by, server).await?)
    }

    /// Amends an order as a buyer or the marketplace does: pay, refund, cancel. Returns its new state.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoOrder`].
    pub async fn amend_order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        patch: OrderPatch,
        by: RequestId,
        server: Timestamp,
    ) -> Result<OrderState, ControlError> {
        self.store.amend_order(sandbox, id, patch, by, server).await?.ok_or(ControlError::NoOrder(id))
    }
}

/// Buyer of placed orders.
fn buyer() -> User {
    let id = ObjectId([0x50, 0x7f, 0x1f, 0x77, 0xbc, 0xf8, 0x6c, 0xd7, 0x99, 0x43, 0x90, 0x99]);
    User { id, email: "test.buyer@example.com".into(), name: "Test Buyer".into() }
}

fn item(new: NewItem, supplier: &SupplierId) -> Item {
    let supplier = new.supplier.unwrap_or_else(|| supplier.clone());
    let entity_type = new.entity_type.unwrap_or(EntityType::Product);
    let (name, sub_category, kind) = match entity_type {
        EntityType::Product => ("Aged mail account", "Mail accounts", 1),
        EntityType::SmmService => ("Channel followers", "Channel growth", 2),
    };
    let sub_category =
        new.sub_category.map_or_else(|| sub_category.to_owned(), |name| name.trim().to_owned());
    let product_type = new.product_type.unwrap_or(ProductType::Manual);
    let product = Product {
        id: product_id(&supplier, kind),
        supplier,
        name: name.into(),
        facet: Facet { product_type, entity_type, sub_category: sub_category.into() },
    };
    Item {
        product: Arc::new(product),
        quantity: new.quantity.unwrap_or(1),
        unit_price: new.unit_price.unwrap_or(Money::from_units(10_000)),
    }
}

/// Product id: the same in every sandbox for a supplier's products, and for its services.
fn product_id(supplier: &SupplierId, kind: u8) -> ObjectId {
    let mut bytes = [kind; 12];
    for (place, byte) in bytes.iter_mut().skip(1).zip(supplier.as_str().bytes()) {
        *place = byte;
    }
    ObjectId(bytes)
}

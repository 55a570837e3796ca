//! Orders: placed as a buyer places them, and amended as a buyer or the marketplace does.

use std::sync::Arc;

use supplier_domain::{
    EntityType, Facet, Item, MAX_QUANTITY, Money, ObjectId, OrderDraft, OrderId, OrderPatch, OrderStatus,
    PaymentStatus, Problem, Product, ProductType, RequestId, SupplierId, Timestamp, User,
};
use supplier_store::{OrderState, SandboxId};

use crate::{Control, ControlError};

/// The most items of an order.
const MAX_ITEMS: usize = 20;

/// An item to be ordered; what is `None` is as most are: one piece for 1.00, of a product that is fulfilled by hand.
#[derive(Debug, Clone, Default)]
pub struct NewItem {
    /// Whose it is; `None` for the order's supplier.
    pub supplier: Option<SupplierId>,
    /// How many pieces, 1 to [`MAX_QUANTITY`].
    pub quantity: Option<u32>,
    /// The price of one piece.
    pub unit_price: Option<Money>,
    /// How it is fulfilled.
    pub product_type: Option<ProductType>,
    /// What it is.
    pub entity_type: Option<EntityType>,
    /// The name of its subcategory.
    pub sub_category: Option<String>,
}

/// Orders to be placed, all alike; what is `None` is as most are: paid and pending.
#[derive(Debug, Clone)]
pub struct NewOrders {
    /// Whose items they have.
    pub supplier: SupplierId,
    /// The number, for a single order.
    pub id: Option<OrderId>,
    /// How many orders.
    pub count: usize,
    /// How far they are.
    pub status: Option<OrderStatus>,
    /// How far their payment is.
    pub payment_status: Option<PaymentStatus>,
    /// Suppliers who each have an item like the first one.
    pub shared_with: Vec<SupplierId>,
    /// Their items, at least one.
    pub items: Vec<NewItem>,
}

impl NewOrders {
    /// What each of them is, however many there are.
    ///
    /// # Errors
    /// All that is wrong with it: the number of items, a quantity, or the name of a subcategory.
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
                format!("must be 1 to {MAX_ITEMS}, those that are shared included"),
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
    /// One order of `supplier`, as most are: one piece for 1.00 of a product that is fulfilled by hand, paid and pending.
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
    /// Places orders at the moment that the sandbox's clock shows, all of them or none, and returns their numbers.
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

    /// Does to an order what a buyer or the marketplace does: pay, refund, cancel. Returns what is known of it then.
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

/// Who orders what a test asks for.
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

/// The same id for the same supplier's goods, or services, in every sandbox.
fn product_id(supplier: &SupplierId, kind: u8) -> ObjectId {
    let mut bytes = [kind; 12];
    for (place, byte) in bytes.iter_mut().skip(1).zip(supplier.as_str().bytes()) {
        *place = byte;
    }
    ObjectId(bytes)
}

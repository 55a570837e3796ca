//! Sample orders for tests, ordinary in everything that a test does not set.

use std::sync::Arc;

use crate::{
    AccountList, EntityType, Facet, Item, Money, ObjectId, Order, OrderId, OrderStatus, PaymentStatus,
    Product, ProductType, RequestId, Supplier, SupplierId, Timestamp, User,
};

/// The id of the request of that number.
pub fn request(count: u64) -> RequestId {
    RequestId { server: 1, count }
}

/// The supplier of that short name.
///
/// # Panics
/// If `id` is no such name.
pub fn supplier_id(id: &str) -> SupplierId {
    id.parse().expect("a supplier's short name")
}

/// A supplier of that short name.
pub fn supplier(id: &str) -> Supplier {
    Supplier { id: supplier_id(id), name: id.into(), email: format!("{id}@example.com").into() }
}

/// What the filters see of a manual product of the subcategory `sub_category`.
pub fn manual(sub_category: &str) -> Facet {
    facet(ProductType::Manual, EntityType::Product, sub_category)
}

/// What the filters see of an item.
pub fn facet(product_type: ProductType, entity_type: EntityType, sub_category: &str) -> Facet {
    Facet { product_type, entity_type, sub_category: sub_category.into() }
}

/// A paid, pending order without items yet, as old as its number is small.
///
/// # Panics
/// If no order can have that number.
pub fn order(number: i64) -> Order {
    Order {
        id: OrderId::new(number).expect("an order's number"),
        status: OrderStatus::Pending,
        payment_status: PaymentStatus::Completed,
        user: Arc::new(User {
            id: ObjectId([1; 12]),
            email: "customer@example.com".into(),
            name: "Customer".into(),
        }),
        items: Arc::new([]),
        created_at: Timestamp::from_millis(1_700_000_000_000 + number),
        accounts: AccountList::default(),
        supplier_order_id: None,
    }
}

/// Changes to a sample, one after the other.
impl Order {
    /// With one more item, of `supplier`, at 1.25 a piece.
    #[must_use]
    pub fn with_item(mut self, supplier: &str, facet: Facet, quantity: u32) -> Self {
        let product = Product {
            id: ObjectId([2; 12]),
            supplier: supplier_id(supplier),
            name: "Aged mail account".into(),
            facet,
        };
        let item = Item { product: Arc::new(product), quantity, unit_price: Money::from_units(12_500) };
        self.items = self.items.iter().cloned().chain([item]).collect();
        self
    }

    /// With another status.
    #[must_use]
    pub fn with_status(mut self, status: OrderStatus) -> Self {
        self.status = status;
        self
    }

    /// With another payment status.
    #[must_use]
    pub fn with_payment_status(mut self, payment_status: PaymentStatus) -> Self {
        self.payment_status = payment_status;
        self
    }
}

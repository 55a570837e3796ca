//! Who sells what.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::{ObjectId, SupplierId};

closed_set! {
    /// How an order for a product is fulfilled (`list.product-type-values`).
    ProductType {
        /// By the marketplace itself.
        Auto = "auto",
        /// By the supplier, through the API.
        Manual = "manual",
        /// From a stock that the supplier filled beforehand.
        Inventory = "inventory",
    }
}

closed_set! {
    /// What is sold (`list.entity-type`).
    EntityType {
        /// Goods that are delivered as accounts.
        Product = "product",
        /// A service; nothing is delivered.
        SmmService = "smm_service",
    }
}

/// A supplier of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Supplier {
    /// Its short name.
    pub id: SupplierId,
    /// Its name for people.
    pub name: Arc<str>,
    /// Its e-mail address.
    pub email: Arc<str>,
}

/// A product or service of one supplier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Its id, shown to suppliers.
    pub id: ObjectId,
    /// Whose it is.
    pub supplier: SupplierId,
    /// Its name for people.
    pub name: Arc<str>,
    /// What the list's filters see of it.
    pub facet: Facet,
}

/// What the filters `productType`, `entityType` and `subCategory` see of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facet {
    /// How it is fulfilled.
    pub product_type: ProductType,
    /// What it is.
    pub entity_type: EntityType,
    /// The name of its subcategory.
    pub sub_category: Arc<str>,
}

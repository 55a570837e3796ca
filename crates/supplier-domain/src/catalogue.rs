//! Catalogue: suppliers, products and the facets by which lists filter.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::{ObjectId, SupplierId};

closed_set! {
    /// Product type: how an order is fulfilled (`list.product-type-values`).
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
    /// Entity type: what is sold (`list.entity-type`).
    EntityType {
        /// Goods that are delivered as accounts.
        Product = "product",
        /// A service; nothing is delivered.
        SmmService = "smm_service",
    }
}

/// Supplier of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Supplier {
    /// Its id.
    pub id: SupplierId,
    /// Its name for people.
    pub name: Arc<str>,
    /// Its e-mail address.
    pub email: Arc<str>,
}

/// Product or service of one supplier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Its id, shown to suppliers.
    pub id: ObjectId,
    /// Its supplier.
    pub supplier: SupplierId,
    /// Its name for people.
    pub name: Arc<str>,
    /// Its facet, which the list's filters compare.
    pub facet: Facet,
}

/// Facet of an item, which the filters `productType`, `entityType` and `subCategory` compare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facet {
    /// Product type.
    pub product_type: ProductType,
    /// Entity type.
    pub entity_type: EntityType,
    /// Name of the subcategory.
    pub sub_category: Arc<str>,
}

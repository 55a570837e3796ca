//! `[[products]]`: the products.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use supplier_domain::{Facet, Money, ObjectId, Product, SupplierId};

use super::limits;
use crate::reading::{Field, Fields, Register};
use crate::scenario::Offer;

const FIELDS: &[&str] =
    &["id", "object_id", "supplier", "name", "product_type", "entity_type", "sub_category", "unit_price"];

/// Reads the products with their prices, and registers them by name for the orders.
pub(super) fn read(
    file: &Fields<'_>,
    suppliers: &Register<SupplierId>,
) -> (Option<Vec<Offer>>, Register<Offer>) {
    let mut names = Register::new("product");
    let mut object_ids = BTreeMap::new();
    let elements = file.elements("products");
    if let Some(one_more) = elements.get(limits::MAX_PRODUCTS) {
        one_more.refuse::<()>(format_args!("is one too many: at most {} products", limits::MAX_PRODUCTS));
    }
    let read = |element: &Field<'_>| product(element, suppliers, &mut names, &mut object_ids);
    let offers: Vec<_> = elements.iter().map(read).collect();
    (offers.into_iter().collect(), names)
}

fn product(
    element: &Field<'_>,
    suppliers: &Register<SupplierId>,
    names: &mut Register<Offer>,
    object_ids: &mut BTreeMap<ObjectId, String>,
) -> Option<Offer> {
    let Some(fields) = element.fields(FIELDS) else {
        names.enter(None, None);
        return None;
    };
    let id_field = fields.required("id");
    let id = id_field.as_ref().and_then(Field::word);
    let offer = offer(&fields, suppliers, id, object_ids);
    names.enter(id_field.as_ref().zip(id), offer.clone());
    offer
}

fn offer(
    fields: &Fields<'_>,
    suppliers: &Register<SupplierId>,
    id: Option<&str>,
    object_ids: &mut BTreeMap<ObjectId, String>,
) -> Option<Offer> {
    let object_id = fields.or("object_id", id.map(derived_object_id), |field| {
        let object_id = field.parsed()?;
        match object_ids.get(&object_id) {
            None => Some(Some(object_id)),
            Some(owner) => field.refuse(format_args!("is the object id of {owner}; they must differ")),
        }
    });
    if let Some(Some(object_id)) = object_id {
        object_ids.entry(object_id).or_insert_with(|| fields.place().field.clone());
    }
    let supplier = fields.required("supplier").and_then(|field| suppliers.find(&field));
    let name = fields.required("name").and_then(|field| field.line(limits::MAX_NAME_CHARS));
    let product_type = fields.required("product_type").and_then(|field| field.parsed());
    let entity_type = fields.required("entity_type").and_then(|field| field.parsed());
    let sub_category = fields.required("sub_category").and_then(|field| field.line(limits::MAX_NAME_CHARS));
    let unit_price = fields.required("unit_price").and_then(|field| field.parsed::<Money>());
    let facet =
        Facet { product_type: product_type?, entity_type: entity_type?, sub_category: sub_category?.into() };
    let product = Product { id: object_id??, supplier: supplier?, name: name?.into(), facet };
    Some(Offer { product: Arc::new(product), unit_price: unit_price? })
}

/// Object id of a product without one in the file, the same for every seed.
fn derived_object_id(id: &str) -> ObjectId {
    let digest = Sha256::new().chain_update("supplier-seed/product/1\0").chain_update(id).finalize();
    let mut bytes = [0; 12];
    bytes.copy_from_slice(&digest[..12]);
    ObjectId(bytes)
}

//! Template of arriving orders: the fields of `POST …/orders`, and a weight.

use serde::Deserialize;
use serde_json::value::RawValue;
use supplier_control::NewArrivals;
use supplier_domain::{
    EntityType, Money, OrderDraft, OrderStatus, PaymentStatus, Problem, ProductType, SupplierId,
};
use utoipa::ToSchema;

use super::new_orders::{OrderedItem, PlaceOrders};
use crate::wire::fields::{Field, FieldValue, kind, read_object, take};
use crate::wire::sets;

/// A kind of orders that come in. What is left out is as most are: one paid and pending order of one piece for 1.00.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ArrivingOrder {
    /// How common it is compared with the others, 1 to 1000; left out: 1.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    weight: Field<u32>,
    /// Whose items it has: a supplier's id.
    #[serde(default)]
    #[schema(value_type = String, required, example = "aurora")]
    supplier: Field<SupplierId>,
    #[serde(default)]
    #[schema(value_type = Option<sets::OrderStatus>)]
    status: Field<OrderStatus>,
    /// How far the payment is: `pending`, `completed`, `failed` or `refunded`. Suppliers see paid orders only.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "completed")]
    payment_status: Field<PaymentStatus>,
    /// Suppliers who each have an item like the first one.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    shared_with: Field<Vec<SupplierId>>,
    /// The items, in place of the fields below.
    #[serde(default)]
    #[schema(value_type = Option<Vec<OrderedItem>>)]
    items: Field<Vec<OrderedItem>>,
    /// How many pieces, 1 to 100000.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    quantity: Field<u32>,
    /// The price of one piece, of at most 4 decimals.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    unit_price: Field<Money>,
    #[serde(default)]
    #[schema(value_type = Option<sets::ProductType>)]
    product_type: Field<ProductType>,
    #[serde(default)]
    #[schema(value_type = Option<sets::EntityType>)]
    entity_type: Field<EntityType>,
    /// The name of the subcategory.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    sub_category: Field<String>,
}

impl FieldValue for Vec<ArrivingOrder> {
    fn read(json: &str) -> Result<Self, String> {
        let refused = || format!("must be an array of kinds of orders, not {}", kind(json));
        let entries: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| refused())?;
        let entry = |(index, entry): (usize, &&RawValue)| {
            read_object(entry.get().as_bytes()).map_err(|problem| format!("entry {}: {problem}", index + 1))
        };
        entries.iter().enumerate().map(entry).collect()
    }
}

/// The drafts of a mix, each with its weight; what is wrong with one joins `problems`.
pub(super) fn drafts(mix: Vec<ArrivingOrder>, problems: &mut Vec<Problem>) -> Vec<(u32, OrderDraft)> {
    problems.extend(NewArrivals::check_mix(mix.len()));
    let mut drafts = Vec::with_capacity(mix.len());
    for (index, entry) in mix.into_iter().enumerate() {
        let mut own = Vec::new();
        drafts.extend(entry.check(&mut own));
        let named = |it: Problem| Problem::new(format!("mix[{index}].{}", it.field), it.problem);
        problems.extend(own.into_iter().map(named));
    }
    drafts
}

impl ArrivingOrder {
    fn check(self, problems: &mut Vec<Problem>) -> Option<(u32, OrderDraft)> {
        let weight = take("weight", self.weight, problems).unwrap_or(1);
        problems.extend(NewArrivals::check_weight(weight));
        let place = PlaceOrders {
            supplier: self.supplier,
            id: Field::default(),
            count: Field::default(),
            status: self.status,
            payment_status: self.payment_status,
            shared_with: self.shared_with,
            items: self.items,
            quantity: self.quantity,
            unit_price: self.unit_price,
            product_type: self.product_type,
            entity_type: self.entity_type,
            sub_category: self.sub_category,
        };
        let draft = place.check().and_then(supplier_control::NewOrders::draft);
        draft.map(|draft| (weight, draft)).map_err(|more| problems.extend(more)).ok()
    }
}

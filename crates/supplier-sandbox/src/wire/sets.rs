//! The schemas of the domain's closed sets, made from the sets themselves.

use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! closed_set_schema {
    ($name:ident, $words:expr, $description:literal) => {
        #[doc = $description]
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words: &[&str] = $words;
                ObjectBuilder::new()
                    .schema_type(schema::SchemaType::Type(Type::String))
                    .description(Some($description))
                    .enum_values(Some(words.iter().copied()))
                    .into()
            }
        }

        impl ToSchema for $name {}
    };
}

closed_set_schema!(
    OrderStatus,
    supplier_domain::OrderStatus::WORDS,
    "How far an order is (`update.status-values`)."
);
closed_set_schema!(
    ProductType,
    supplier_domain::ProductType::WORDS,
    "How an order is fulfilled: by the marketplace, by the supplier through this API, or from a stock that the supplier \
     filled beforehand (`list.product-type-values`)."
);
closed_set_schema!(
    EntityType,
    supplier_domain::EntityType::WORDS,
    "What is sold: a product, delivered as accounts, or a service (`list.entity-type`)."
);
closed_set_schema!(
    PaymentStatus,
    &[supplier_domain::PaymentStatus::Completed.as_str()],
    "How far the payment is: suppliers see paid orders only (`list.paid-only`)."
);
closed_set_schema!(ErrorCode, supplier_domain::ErrorCode::WORDS, "What went wrong, for programs.");

//! What the guide's example shows, written down by hand: which fields an answer has, and what their values look like.
//!
//! The OpenAPI document is generated from the project's own types, so a field that is renamed there is renamed in the
//! document too. This table is not generated from anything.

use supplier_rulebook::{self as rulebook, RuleId};

use crate::script::Shape;

/// A field.
pub(crate) struct Field {
    /// Where it is: a JSON pointer.
    pub at: &'static str,
    /// What its value looks like.
    pub like: fn() -> Shape,
    /// The rule that another value breaks; [`rulebook::LIST_SHAPE`] is broken where there is none.
    pub rule: RuleId,
}

const fn field(at: &'static str, like: fn() -> Shape, rule: RuleId) -> Field {
    Field { at, like, rule }
}

/// The statuses of an order.
pub(crate) const STATUSES: [&str; 6] =
    ["pending", "processing", "completed", "partial", "cancelled", "error"];
/// The types of what is sold.
pub(crate) const ENTITY_TYPES: [&str; 2] = ["product", "smm_service"];

fn texts(texts: &[&str]) -> Shape {
    Shape::OneOf(texts.iter().map(|&text| text.to_owned()).collect())
}

/// The fields of a page.
pub(crate) const PAGE: &[Field] = &[
    field("/orders", || Shape::List, rulebook::LIST_SHAPE),
    field("/count", || Shape::Integer, rulebook::LIST_TYPES),
    field("/total", || Shape::Integer, rulebook::LIST_TYPES),
];

/// The fields of an order.
pub(crate) const ORDER: &[Field] = &[
    field("/id", || Shape::Integer, rulebook::LIST_TYPES),
    field("/order", || Shape::Integer, rulebook::LIST_TYPES),
    field("/status", || texts(&STATUSES), rulebook::UPDATE_STATUS_VALUES),
    field("/paymentStatus", || texts(&["completed"]), rulebook::LIST_PAID_ONLY),
    field("/quantity", || Shape::Integer, rulebook::LIST_TYPES),
    field("/user", || Shape::Object, rulebook::LIST_SHAPE),
    field("/user/id", || Shape::ObjectId, rulebook::LIST_TYPES),
    field("/user/email", || Shape::Text, rulebook::LIST_SHAPE),
    field("/user/name", || Shape::Text, rulebook::LIST_SHAPE),
    field("/items", || Shape::List, rulebook::LIST_SHAPE),
    field("/createdAt", || Shape::Timestamp, rulebook::LIST_TYPES),
];

/// The fields of an item.
pub(crate) const ITEM: &[Field] = &[
    field("/product", || Shape::Object, rulebook::LIST_SHAPE),
    field("/product/id", || Shape::ObjectId, rulebook::LIST_TYPES),
    field("/product/name", || Shape::Text, rulebook::LIST_SHAPE),
    field("/product/type", || texts(&ENTITY_TYPES), rulebook::LIST_TYPES),
    field("/quantity", || Shape::Integer, rulebook::LIST_TYPES),
    field("/unitPrice", || Shape::Money, rulebook::LIST_TYPES),
    field("/totalPrice", || Shape::Money, rulebook::LIST_TYPES),
];

/// The documented errors: code, and message to the letter.
pub(crate) const ERRORS: [(&str, &str); 4] = [
    ("INVALID_API_KEY", "Invalid API key"),
    ("ORDER_NOT_FOUND", "Order not found"),
    ("ACCESS_DENIED", "You do not have access to this order"),
    ("INVALID_ACCOUNTS", "No valid accounts provided after deduplication"),
];

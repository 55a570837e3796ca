//! An update's request: read field by field, so that all that is wrong is known at once.

use serde::Deserialize;
use serde_json::value::RawValue;
use supplier_domain::{MAX_SUPPLIER_ORDER_ID_CHARS, OrderStatus, OrderUpdate, SubmittedAccount, Violation};
use supplier_rulebook::{
    RuleId, UPDATE_ACCOUNTS, UPDATE_ORDER_NUMBER, UPDATE_ORDER_REQUIRED, UPDATE_STATUS_REFUSED,
    UPDATE_SUPPLIER_ORDER_ID_FORM,
};
use utoipa::ToSchema;

use super::fields::{Field, FieldValue, kind, read_object, words};
use super::sets;

/// What is to change of an order. What is left out, or null, stays as it was (`update.optional-fields`,
/// `update.null`); unknown fields are ignored.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateOrderRequest {
    /// The order's number (`update.order-required`, `update.order-number`).
    #[serde(default)]
    #[schema(value_type = i64, required)]
    order: Field<OrderNumber>,
    /// The new status; any may follow any other (`update.transitions`).
    #[serde(default)]
    #[schema(value_type = Option<sets::OrderStatus>)]
    status: Field<OrderStatus>,
    /// The accounts to deliver, each `username:password` or `email:password` (`update.accounts`). For product orders.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["username1:password1"]))]
    accounts: Field<Vec<SubmittedAccount>>,
    /// The supplier's own id of the order (`update.supplier-order-id`). An API key or an account's password in it is masked
    /// (`update.secret`).
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 255, example = "SUP-ORDER-12345")]
    supplier_order_id: Field<SupplierOrderId>,
}

struct OrderNumber(i64);

struct SupplierOrderId(String);

impl FieldValue for OrderNumber {
    fn read(json: &str) -> Result<Self, String> {
        let digits = json.strip_prefix('-').unwrap_or(json);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!(
                "must be the order's number as a JSON integer, without quotes or fraction, not {}",
                kind(json)
            ));
        }
        // What does not fit is no order's number, and neither is its nearest that does.
        let nearest = if json.starts_with('-') { i64::MIN } else { i64::MAX };
        Ok(Self(json.parse().unwrap_or(nearest)))
    }
}

words!(OrderStatus);

impl FieldValue for Vec<SubmittedAccount> {
    fn read(json: &str) -> Result<Self, String> {
        let entries: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| {
            format!("must be an array of strings such as \"username:password\", not {}", kind(json))
        })?;
        let text = |entry: &RawValue| serde_json::from_str(entry.get());
        Ok(entries
            .into_iter()
            .map(|entry| text(entry).map_or(SubmittedAccount::NotText, SubmittedAccount::Text))
            .collect())
    }
}

impl FieldValue for SupplierOrderId {
    fn read(json: &str) -> Result<Self, String> {
        let text: String =
            serde_json::from_str(json).map_err(|_| format!("must be a string, not {}", kind(json)))?;
        match text.chars().count() {
            0..=MAX_SUPPLIER_ORDER_ID_CHARS => Ok(Self(text)),
            count => Err(format!("must be at most {MAX_SUPPLIER_ORDER_ID_CHARS} characters, not {count}")),
        }
    }
}

/// The value of a field that may be left out; what cannot be used of it breaks `rule`.
fn optional<T>(
    rule: RuleId,
    name: &'static str,
    field: Field<T>,
    violations: &mut Vec<Violation>,
) -> Option<T> {
    field.0.unwrap_or_else(|problem| {
        violations.push(Violation::new(rule, name, problem));
        None
    })
}

impl UpdateOrderRequest {
    /// Reads a body.
    ///
    /// # Errors
    /// What is wrong with the body as a whole: it is not JSON, or not an object.
    pub(crate) fn read(body: &[u8]) -> Result<Self, String> {
        read_object(body)
    }

    /// The update it asks for.
    ///
    /// # Errors
    /// All that is wrong with its fields, each with the rule that it breaks.
    pub(crate) fn check(self) -> Result<OrderUpdate, Vec<Violation>> {
        let mut violations = Vec::new();
        let order = match self.order.0 {
            Ok(Some(OrderNumber(order))) => order,
            Ok(None) => {
                let missing = "is required: the order's number";
                violations.push(Violation::new(UPDATE_ORDER_REQUIRED, "order", missing));
                0
            }
            Err(problem) => {
                violations.push(Violation::new(UPDATE_ORDER_NUMBER, "order", problem));
                0
            }
        };
        let status = optional(UPDATE_STATUS_REFUSED, "status", self.status, &mut violations);
        let accounts = optional(UPDATE_ACCOUNTS, "accounts", self.accounts, &mut violations);
        let id = self.supplier_order_id;
        let id = optional(UPDATE_SUPPLIER_ORDER_ID_FORM, "supplierOrderId", id, &mut violations);
        let update = OrderUpdate { order, status, accounts, supplier_order_id: id.map(|id| id.0) };
        if violations.is_empty() { Ok(update) } else { Err(violations) }
    }
}

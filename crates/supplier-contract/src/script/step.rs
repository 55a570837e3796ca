//! The steps of a case.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::Expect;
use crate::counted::counted;
use crate::http::Call;

/// One of the suite's two suppliers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// The one whose key is asked for first.
    First,
    /// Another.
    Second,
}

impl Who {
    /// Its name, which is also its key's.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// An item of orders to be made; what is left out is as the order says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NewItem {
    /// Whose; the order's supplier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<Who>,
    /// Pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// The price of a piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Number>,
    /// How it is fulfilled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_type: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_type: Option<String>,
    /// The subcategory's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_category: Option<String>,
}

impl NewItem {
    /// An item of so many pieces.
    pub fn pieces(quantity: u32) -> Self {
        Self { quantity: Some(quantity), ..Self::default() }
    }

    /// Sets the supplier.
    #[must_use]
    pub fn of(mut self, supplier: Who) -> Self {
        self.supplier = Some(supplier);
        self
    }

    /// Sets the entity type.
    #[must_use]
    pub fn entity(mut self, kind: &str) -> Self {
        self.entity_type = Some(kind.to_owned());
        self
    }

    /// Sets the subcategory.
    #[must_use]
    pub fn category(mut self, name: &str) -> Self {
        self.sub_category = Some(name.to_owned());
        self
    }
}

/// Orders to be made: the parameters of the hook's `create_orders`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewOrders {
    /// Whose.
    pub supplier: Who,
    /// How many.
    pub count: u32,
    /// The number of the first; the others follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Their status; `pending` if left out, as all below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How far the payment is; `completed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_status: Option<String>,
    /// Pieces of each; one or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// The price of a piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Number>,
    /// `auto`, `manual` or `inventory`; `manual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_type: Option<String>,
    /// `product` or `smm_service`; `product`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_type: Option<String>,
    /// The subcategory's name; any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_category: Option<String>,
    /// Who else has an item in each; nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_with: Option<Who>,
    /// The items of each; one, as the fields above say, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<NewItem>,
}

impl NewOrders {
    /// So many plain orders of the first supplier.
    pub fn some(count: u32) -> Self {
        Self {
            supplier: Who::First,
            count,
            id: None,
            status: None,
            payment_status: None,
            quantity: None,
            unit_price: None,
            product_type: None,
            entity_type: None,
            sub_category: None,
            shared_with: None,
            items: Vec::new(),
        }
    }

    /// Sets the supplier.
    #[must_use]
    pub fn of(mut self, supplier: Who) -> Self {
        self.supplier = supplier;
        self
    }

    /// Sets the number of the first order.
    #[must_use]
    pub fn numbered(mut self, first: u64) -> Self {
        self.id = Some(first);
        self
    }

    /// Sets the status.
    #[must_use]
    pub fn status(mut self, status: &str) -> Self {
        self.status = Some(status.to_owned());
        self
    }

    /// Sets the payment status.
    #[must_use]
    pub fn payment(mut self, status: &str) -> Self {
        self.payment_status = Some(status.to_owned());
        self
    }

    /// Sets the quantity of each item.
    #[must_use]
    pub fn quantity(mut self, quantity: u32) -> Self {
        self.quantity = Some(quantity);
        self
    }

    /// Sets the price of a piece, in ten-thousandths.
    #[must_use]
    pub fn price(mut self, ten_thousandths: u32) -> Self {
        self.unit_price = Number::from_f64(f64::from(ten_thousandths) / 10_000.0);
        self
    }

    /// Sets the product type.
    #[must_use]
    pub fn product_type(mut self, kind: &str) -> Self {
        self.product_type = Some(kind.to_owned());
        self
    }

    /// Sets the entity type.
    #[must_use]
    pub fn entity(mut self, kind: &str) -> Self {
        self.entity_type = Some(kind.to_owned());
        self
    }

    /// Sets the subcategory.
    #[must_use]
    pub fn category(mut self, name: &str) -> Self {
        self.sub_category = Some(name.to_owned());
        self
    }

    /// Sets the items.
    #[must_use]
    pub fn items(mut self, items: impl IntoIterator<Item = NewItem>) -> Self {
        self.items = items.into_iter().collect();
        self
    }

    /// Whether a price has more than two decimals.
    pub fn has_fine_price(&self) -> bool {
        let fine = |price: &Number| price.as_f64().is_some_and(|price| (price * 100.0).fract().abs() > 1e-6);
        self.unit_price.iter().chain(self.items.iter().filter_map(|item| item.unit_price.as_ref())).any(fine)
    }

    /// Shares each order with the other supplier.
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.shared_with = Some(self.supplier.other());
        self
    }

    /// The parameters of the hook's `create_orders`.
    pub fn params(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// One thing that is done to the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Orders are made.
    Place(NewOrders),
    /// An order that was there already is used; its number.
    Use(u64),
    /// The target's clock is moved, or waited for: milliseconds.
    Advance(u64),
    /// A further key is made, which goes by that name.
    NewKey {
        /// Whose.
        supplier: Who,
        /// Its name.
        name: String,
    },
    /// The key of that name is revoked.
    RevokeKey(String),
    /// An order is looked at as its owner sees it: `{status, accounts, supplierOrderId}`, with accounts as a number.
    Look(usize),
    /// A call.
    Call(Call),
    /// Calls at the same time.
    Together(Vec<Call>),
    /// A call again and again, until an answer is wrong, at most so often.
    Repeat(Call, u32),
}

impl Step {
    /// It in a line.
    pub fn words(&self) -> String {
        match self {
            Self::Place(orders) => format!("make orders: {}", orders.params()),
            Self::Use(order) => format!("take the order {order}"),
            Self::Look(order) => format!("look at order {order}"),
            Self::Advance(millis) => {
                let (minutes, seconds, rest) = (millis / 60_000, millis / 1000 % 60, millis % 1000);
                let rest = if rest == 0 { String::new() } else { format!(".{rest:03}") };
                format!("let {minutes:02}:{seconds:02}{rest} minutes pass")
            }
            Self::NewKey { supplier, name } => {
                format!("make a key {name} of the {} supplier", supplier.as_str())
            }
            Self::RevokeKey(name) => format!("revoke the key {name}"),
            Self::Call(call) => call.words(),
            Self::Together(calls) => {
                let first = calls.first().map(Call::words).unwrap_or_default();
                if calls.iter().all(|call| Some(call) == calls.first()) {
                    return format!("{} at once: {first}", counted(calls.len(), "time"));
                }
                let calls: Vec<_> = calls.iter().map(Call::words).collect();
                format!("at the same time: {}", calls.join(" | "))
            }
            Self::Repeat(call, times) => format!("up to {}: {}", counted(*times, "time"), call.words()),
        }
    }

    /// How many calls it makes.
    pub fn calls(&self) -> usize {
        match self {
            Self::Call(_) | Self::Repeat(..) => 1,
            Self::Together(calls) => calls.len(),
            _ => 0,
        }
    }
}

/// Steps, and what is expected of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Script {
    /// What is done, in this order, on a clean state.
    pub steps: Vec<Step>,
    /// The step whose answer is judged, counted from 0.
    pub judged: usize,
    /// What its answer should be.
    pub expect: Expect,
}

impl Script {
    /// How many calls of the API it makes.
    pub fn calls(&self) -> usize {
        self.steps.iter().map(Step::calls).sum()
    }
}

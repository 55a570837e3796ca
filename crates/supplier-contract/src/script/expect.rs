//! What an answer should be, as data: judged here, told in words, and written as a filter for `jq` in a script.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Shape;
use crate::counted::counted;
use crate::http::{Answer, number};

/// What an answer should be. Orders are named by their place in the case, counted from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "expect")]
pub enum Expect {
    /// Any answer at all, and no 5xx.
    Answered,
    /// One of these statuses.
    Status {
        /// The statuses.
        any_of: Vec<u16>,
    },
    /// A status from `from` up to `to`.
    StatusRange {
        /// The lowest.
        from: u16,
        /// The highest.
        to: u16,
    },
    /// 2xx with a JSON object.
    Success,
    /// `{"error": code, "message": text}` as JSON with a 4xx status.
    Envelope,
    /// This code in the envelope.
    Code {
        /// The code.
        code: String,
    },
    /// Any code in the envelope but this.
    NotCode {
        /// The code.
        code: String,
    },
    /// This message in the envelope.
    Message {
        /// The message.
        message: String,
    },
    /// This header, with that in its value.
    Header {
        /// The lower-case name.
        name: String,
        /// What its value contains.
        contains: String,
    },
    /// A page with all of these orders, others too perhaps.
    Lists {
        /// The orders.
        orders: Vec<usize>,
    },
    /// A page with none of these.
    Lacks {
        /// The orders.
        orders: Vec<usize>,
    },
    /// A page with these and no others of the case, in this order.
    Sequence {
        /// The orders.
        orders: Vec<usize>,
    },
    /// A page with these and no others of the case, in any order.
    Exactly {
        /// The orders.
        orders: Vec<usize>,
    },
    /// A page of so many orders.
    Length {
        /// How many at least.
        at_least: usize,
        /// How many at most.
        at_most: usize,
    },
    /// This value at that JSON pointer of the body.
    Is {
        /// The pointer.
        at: String,
        /// The value.
        value: Value,
    },
    /// A value of that shape at that JSON pointer of the body.
    Looks {
        /// The pointer.
        at: String,
        /// What it looks like.
        like: Shape,
    },
    /// In the page, this order has that value at that JSON pointer.
    OrderIs {
        /// The order.
        order: usize,
        /// The pointer, from the order.
        at: String,
        /// The value.
        value: Value,
    },
    /// In the page, this order has nothing at that JSON pointer.
    OrderLacks {
        /// The order.
        order: usize,
        /// The pointer, from the order.
        at: String,
    },
    /// Of all answers of these steps, none hands an order out that another did, or that it has twice itself.
    OnceEach {
        /// The steps, counted from 0; the one that is judged if there are none.
        steps: Vec<usize>,
    },
    /// What only the suite's own model can judge: told in words.
    Law {
        /// The words.
        words: String,
    },
}

/// What was seen of a step: its answers, and the numbers of the case's orders.
pub struct Seen<'a> {
    /// The answers of each step, in order.
    pub answers: &'a [Vec<Rc<Answer>>],
    /// The numbers of the case's orders.
    pub orders: &'a [u64],
}

impl Expect {
    /// One of these statuses.
    pub fn status(any_of: &[u16]) -> Self {
        Self::Status { any_of: any_of.to_vec() }
    }

    /// Any 4xx.
    pub const fn refused() -> Self {
        Self::StatusRange { from: 400, to: 499 }
    }

    /// This code.
    pub fn code(code: &str) -> Self {
        Self::Code { code: code.to_owned() }
    }

    /// This value at that JSON pointer.
    pub fn is(at: &str, value: impl Into<Value>) -> Self {
        Self::Is { at: at.to_owned(), value: value.into() }
    }

    /// So many orders, no more and no fewer.
    pub const fn length(length: usize) -> Self {
        Self::Length { at_least: length, at_most: length }
    }

    /// In the page, this order has that value at that JSON pointer.
    pub fn order_is(order: usize, at: &str, value: impl Into<Value>) -> Self {
        Self::OrderIs { order, at: at.to_owned(), value: value.into() }
    }

    /// Whether the answers of step `judged` are so; if not, what they are instead.
    pub fn judge(&self, judged: usize, seen: &Seen<'_>) -> Result<(), String> {
        if let Self::OnceEach { steps } = self {
            let steps = if steps.is_empty() { &[judged][..] } else { steps };
            return once_each(steps, seen);
        }
        let answers = seen.answers.get(judged).map(Vec::as_slice).unwrap_or_default();
        answers.iter().try_for_each(|answer| self.judge_one(answer, seen.orders))
    }

    /// Whether an answer is so; if not, what it is instead.
    pub fn judge_one(&self, answer: &Answer, orders: &[u64]) -> Result<(), String> {
        let fits = |fits: bool| if fits { Ok(()) } else { Err(answer.summary()) };
        let found = |at: &str| answer.json.as_ref().and_then(|json| json.pointer(at));
        match self {
            Self::Answered => fits(answer.status < 500),
            Self::Status { any_of } => fits(any_of.contains(&answer.status)),
            Self::StatusRange { from, to } => fits((*from..=*to).contains(&answer.status)),
            Self::Success => fits(answer.is_success() && answer.json.as_ref().is_some_and(Value::is_object)),
            Self::Envelope => envelope(answer),
            Self::Code { code } => fits(answer.code() == Some(code)),
            Self::NotCode { code } => fits(answer.code() != Some(code)),
            Self::Message { message } => fits(found("/message").and_then(Value::as_str) == Some(message)),
            Self::Header { name, contains } => match answer.header(name) {
                Some(value) if value.to_ascii_lowercase().contains(&contains.to_ascii_lowercase()) => Ok(()),
                Some(value) => Err(format!("{} with `{name}: {value}`", answer.status)),
                None => Err(format!("{} without `{name}`", answer.status)),
            },
            Self::Lists { .. }
            | Self::Lacks { .. }
            | Self::Sequence { .. }
            | Self::Exactly { .. }
            | Self::Length { .. } => self.judge_page(answer, orders),
            Self::Is { at, value } => match found(at) {
                Some(other) if same(other, value) => Ok(()),
                Some(other) => Err(format!("{at} is {other}")),
                None => Err(answer.summary()),
            },
            Self::Looks { at, like } => match found(at) {
                value if like.fits(value) => Ok(()),
                Some(other) => Err(format!("{at} is {other}")),
                None => Err(format!("nothing at {at}: {}", answer.summary())),
            },
            Self::OrderIs { order, at, value } => {
                let other = listed(answer, numbered(orders, *order)?)?.pointer(at);
                let told =
                    || other.map_or_else(|| format!("nothing at {at}"), |other| format!("{at} is {other}"));
                if other.is_some_and(|other| same(other, value)) { Ok(()) } else { Err(told()) }
            }
            Self::OrderLacks { order, at } => match listed(answer, numbered(orders, *order)?)?.pointer(at) {
                None => Ok(()),
                Some(other) => Err(format!("{at} is {other}")),
            },
            Self::OnceEach { .. } | Self::Law { .. } => Ok(()),
        }
    }

    fn judge_page(&self, answer: &Answer, orders: &[u64]) -> Result<(), String> {
        let listed = answer.numbers();
        let is_listed = |order: &usize| orders.get(*order).is_some_and(|number| listed.contains(number));
        let page = || {
            let most = 12;
            let mut told: Vec<String> = listed.iter().take(most).map(u64::to_string).collect();
            if listed.len() > most {
                told.push(format!("… {} in all", listed.len()));
            }
            format!("{} with the orders [{}]", answer.status, told.join(", "))
        };
        let is_page =
            answer.is_success() && answer.json.as_ref().is_some_and(|json| json["orders"].is_array());
        let fits = is_page
            && match self {
                Self::Lists { orders: named } => named.iter().all(is_listed),
                Self::Lacks { orders: named } => !named.iter().any(is_listed),
                Self::Sequence { orders: named } => {
                    let ours = listed.iter().filter(|number| orders.contains(number));
                    ours.map(Some).eq(named.iter().map(|&order| orders.get(order)))
                }
                Self::Exactly { orders: named } => {
                    let is_named = |number: &u64| named.iter().any(|&order| orders[order] == *number);
                    named.iter().all(|&order| listed.contains(&orders[order]))
                        && listed.iter().filter(|number| orders.contains(number)).all(is_named)
                }
                Self::Length { at_least, at_most } => (*at_least..=*at_most).contains(&answer.orders().len()),
                _ => true,
            };
        if fits {
            Ok(())
        } else if is_page {
            Err(page())
        } else {
            Err(answer.summary())
        }
    }

    /// It in words; `orders` are the numbers of the case's orders.
    pub fn words(&self, orders: &[u64]) -> String {
        let named = |named: &[usize]| {
            let told: Vec<String> = named
                .iter()
                .take(12)
                .map(|&order| orders.get(order).copied().unwrap_or_default().to_string())
                .collect();
            match named.len() {
                1 => format!("order {}", told.join(", ")),
                2..=12 => format!("orders {}", told.join(", ")),
                many => format!("orders {}, … ({many} in all)", told.join(", ")),
            }
        };
        let one = |order: usize| named(&[order]);
        match self {
            Self::Answered => "an answer, and none with 5xx".to_owned(),
            Self::Status { any_of } => {
                format!("status {}", any_of.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "))
            }
            Self::StatusRange { from, to } => format!("a status of {from} to {to}"),
            Self::Success => "2xx with a JSON object".to_owned(),
            Self::Envelope => r#"4xx with {"error": CODE, "message": TEXT} as JSON"#.to_owned(),
            Self::Code { code } => format!("the code {code}"),
            Self::NotCode { code } => format!("no refusal with {code}"),
            Self::Message { message } => format!("the message “{message}”"),
            Self::Header { name, contains } => format!("a header `{name}` with {contains}"),
            Self::Lists { orders } => format!("a page with {}", named(orders)),
            Self::Lacks { orders } => format!("a page without {}", named(orders)),
            Self::Sequence { orders } | Self::Exactly { orders } if orders.is_empty() => {
                "a page with none of the case's orders".to_owned()
            }
            Self::Sequence { orders } => format!("a page with exactly {}, in this order", named(orders)),
            Self::Exactly { orders } => format!("a page with exactly {}", named(orders)),
            Self::Length { at_least, at_most } if at_least == at_most => {
                format!("a page of {}", counted(*at_least, "order"))
            }
            Self::Length { at_least: 0, at_most } => {
                format!("a page of at most {}", counted(*at_most, "order"))
            }
            Self::Length { at_least, at_most } => format!("a page of {at_least} to {at_most} orders"),
            Self::Is { at, value } => format!("{at} is {value}"),
            Self::Looks { at, like } => format!("{at} is {}", like.words()),
            Self::OrderIs { order, at, value } => format!("in {}, {at} is {value}", one(*order)),
            Self::OrderLacks { order, at } => format!("in {}, nothing at {at}", one(*order)),
            Self::OnceEach { .. } => "no order is handed out twice".to_owned(),
            Self::Law { words } => words.clone(),
        }
    }
}

fn envelope(answer: &Answer) -> Result<(), String> {
    let text =
        |name: &str| answer.json.as_ref().and_then(|json| json.get(name)).is_some_and(Value::is_string);
    if !(400..500).contains(&answer.status) || !text("error") || !text("message") {
        return Err(answer.summary());
    }
    if answer.says_json() {
        return Ok(());
    }
    Err(format!("{} as {}", answer.status, answer.header("content-type").unwrap_or("nothing in particular")))
}

/// The number of an order of the case.
fn numbered(orders: &[u64], order: usize) -> Result<u64, String> {
    let number = orders.get(order).copied();
    number.ok_or_else(|| format!("the case has no order {order}, but {}", counted(orders.len(), "order")))
}

/// The order of that number in the page.
fn listed(answer: &Answer, wanted: u64) -> Result<&Value, String> {
    let found = answer.orders().iter().find(|order| number(order) == Some(wanted));
    found.ok_or_else(|| format!("the order is not in the page: {}", answer.summary()))
}

/// Equal, numbers by their value.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        // Integers beyond 2^53 would be rounded.
        (Some(_), Some(_)) if one.is_u64() && other.is_u64() => one == other,
        (Some(one), Some(other)) => (one - other).abs() < f64::EPSILON * one.abs().max(1.0),
        _ => one == other,
    }
}

fn once_each(steps: &[usize], seen: &Seen<'_>) -> Result<(), String> {
    let mut before = std::collections::BTreeSet::new();
    for answer in steps.iter().filter_map(|&step| seen.answers.get(step)).flatten() {
        for number in answer.numbers() {
            if !before.insert(number) {
                return Err(format!("order {number} was handed out twice"));
            }
        }
    }
    Ok(())
}

//! Journal record of a call.
//!
//! Whatever stands here was redacted before: no key and no password is among it (`update.secret`).

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use supplier_rulebook::RuleId;

use crate::fault::{FiredFault, Operation};
use crate::{DropReason, OrderId, OrderStatus, Problem, RequestId, Resend, SupplierId, Timestamp};

/// A text of a call, or its beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Excerpt {
    /// The text, without secrets.
    pub text: Box<str>,
    /// Whether there was more of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

/// What a text begins with that stands for one that is not kept: no JSON and no form does.
const NOT_KEPT: &str = "(not kept: ";

impl Excerpt {
    /// Says of a text that it is not kept, and `what` it was.
    pub fn not_kept(what: &str) -> Self {
        Self { text: format!("{NOT_KEPT}{what})").into(), is_cut: false }
    }

    /// The text, if it was one and is kept.
    pub fn kept(&self) -> Option<&str> {
        Some(&*self.text).filter(|text| !text.is_empty() && !text.starts_with(NOT_KEPT))
    }
}

/// A call of the Supplier API, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// Its id, which its answer carried too.
    pub id: RequestId,
    /// When it was judged, by the sandbox's clock.
    pub at: Timestamp,
    /// When it came, by the server's time.
    pub server_at: Timestamp,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// The operation; `None` if its path or method is of none.
    pub operation: Option<Operation>,
    /// Who called; `None` if its key leads to nobody.
    pub supplier: Option<SupplierId>,
    /// The HTTP method.
    pub method: Box<str>,
    /// The path and the query, as they were sent.
    pub target: Excerpt,
    /// The body.
    pub body: Excerpt,
    /// The answer's status; `None` if the connection closed without an answer.
    pub status: Option<u16>,
    /// Whether nobody got the answer: a fault spoiled it, or the client was gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_lost: bool,
    /// The call that this one repeats, whose answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resend: Option<Resend>,
    /// The answer's error code.
    pub error: Option<Cow<'static, str>>,
    /// The answer's body: before a fault spoiled it, or of the error that a fault put in its place.
    pub answer: Excerpt,
    /// All that was wrong with it, if it was not of the documented form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// The rules that spoke.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "rules")]
    pub rules: Vec<RuleId>,
    /// The faults that fired, and what they did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FiredFault>,
    /// What it did.
    pub effect: CallEffect,
}

/// What a call did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum CallEffect {
    /// Nothing.
    None,
    /// It handed a page out.
    Listed {
        /// The page's orders.
        orders: Vec<OrderId>,
        /// The page's `total`.
        total: usize,
        /// How many more matched, but were withheld already.
        withheld: usize,
        /// When, by the sandbox's clock, the next of those comes back.
        next_at: Option<Timestamp>,
    },
    /// It was an update of this order, granted or not.
    Update {
        /// The order's number, if an order can have it.
        order: Option<OrderId>,
        /// The order's status before and after, if the update was granted.
        statuses: Option<(OrderStatus, OrderStatus)>,
        /// How many accounts it delivered.
        accepted: usize,
        /// How many of its accounts were not taken.
        dropped: usize,
        /// The first of those.
        first_dropped: Vec<DroppedEntry>,
    },
}

/// An account that was not taken, and where it was seen before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DroppedEntry {
    /// Its place in the submission, from 0.
    pub index: usize,
    /// Who logs in, if it had the form of an account.
    pub login: Option<Box<str>>,
    /// Why it was dropped.
    pub reason: DropReason,
    /// Where the same account was seen first.
    pub seen: Option<FirstSeen>,
}

/// Where an account was seen first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FirstSeen {
    /// Its place in the same submission, from 0, if it was there.
    pub index: Option<usize>,
    /// The order that it was delivered for, if it was.
    pub order: Option<OrderId>,
    /// The request that delivered it; `None` if the order was seeded with it, or that is no longer known.
    pub request: Option<RequestId>,
    /// When that was, by the sandbox's clock.
    pub at: Option<Timestamp>,
}

impl CallRecord {
    /// The orders that the call handed out or was about.
    pub fn orders(&self) -> &[OrderId] {
        match &self.effect {
            CallEffect::None => &[],
            CallEffect::Listed { orders, .. } => orders,
            CallEffect::Update { order, .. } => order.as_slice(),
        }
    }

    /// About how many bytes of memory it takes.
    pub fn size(&self) -> usize {
        let texts = [&self.target, &self.body, &self.answer].map(|excerpt| excerpt.text.len());
        let problems = self.problems.iter().map(|problem| size_of_val(problem) + problem.problem.len());
        let dropped = match &self.effect {
            CallEffect::Update { first_dropped, .. } => first_dropped.len() * 96,
            CallEffect::None | CallEffect::Listed { .. } => 0,
        };
        size_of::<Self>()
            + texts.iter().sum::<usize>()
            + problems.sum::<usize>()
            + dropped
            + size_of_val(self.orders())
            + 16 * self.rules.len()
            + size_of_val(self.faults.as_slice())
    }
}

/// Rules by their names. One that a later version took out of the rulebook is left out.
mod rules {
    use super::{Deserialize as _, Deserializer, RuleId, Serializer};

    pub(super) fn serialize<S: Serializer>(rules: &[RuleId], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(rules.iter().map(|rule| rule.as_str()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<RuleId>, D::Error> {
        let names = Vec::<String>::deserialize(from)?;
        Ok(names.iter().filter_map(|name| supplier_rulebook::find(name)).map(|rule| rule.id).collect())
    }
}

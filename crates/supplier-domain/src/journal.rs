//! Journal record of a call.
//!
//! A record is redacted before it is made: it holds no key and no password (`update.secret`).

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use supplier_rulebook::RuleId;

use crate::fault::{FiredFault, Operation};
use crate::{
    AccountForm, DropReason, IgnoredName, KeyProblem, OddAccounts, OrderId, OrderStatus, Problem, RequestId,
    Resend, SupplierId, Timestamp,
};

/// Excerpt: a text of a call, or its beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Excerpt {
    /// The text, without secrets.
    pub text: Box<str>,
    /// Whether the text is cut.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

/// Prefix of a text that replaces one that is not kept. No JSON and no form begins with it.
const NOT_KEPT: &str = "(not kept: ";

impl Excerpt {
    /// Placeholder for a text that is not kept, with a description.
    pub fn not_kept(what: &str) -> Self {
        Self { text: format!("{NOT_KEPT}{what})").into(), is_cut: false }
    }

    /// The text, if it is kept.
    pub fn kept(&self) -> Option<&str> {
        Some(&*self.text).filter(|text| !text.is_empty() && !text.starts_with(NOT_KEPT))
    }
}

/// Record of a call of the Supplier API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// Request id, which the answer has too.
    pub id: RequestId,
    /// Time of the call by the sandbox's clock.
    pub at: Timestamp,
    /// Time of arrival by the server's time.
    pub server_at: Timestamp,
    /// Duration in microseconds.
    pub micros: u64,
    /// Operation; `None` if path and method belong to none.
    pub operation: Option<Operation>,
    /// Calling supplier; `None` for an unknown key.
    pub supplier: Option<SupplierId>,
    /// The HTTP method.
    pub method: Box<str>,
    /// Path and query, as sent.
    pub target: Excerpt,
    /// The body.
    pub body: Excerpt,
    /// Status of the answer; `None` if the connection closed without an answer.
    pub status: Option<u16>,
    /// Whether nobody got the answer: a fault broke it, or the client had gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_lost: bool,
    /// The call with a lost answer that this call repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resend: Option<Resend>,
    /// The answer's error code.
    pub error: Option<Cow<'static, str>>,
    /// Body of the answer, before a fault broke it, or of the error by which a fault replaced it.
    pub answer: Excerpt,
    /// Violations, if the request was invalid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// Why its key leads to nobody, if it was refused for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_problem: Option<KeyProblem>,
    /// The names in it that the API does not know; at most [`MAX_IGNORED`](crate::MAX_IGNORED).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<IgnoredName>,
    /// Rules behind the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "rules")]
    pub rules: Vec<RuleId>,
    /// Faults that fired, with their actions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FiredFault>,
    /// Effect of the call.
    pub effect: CallEffect,
}

/// Effect of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum CallEffect {
    /// No effect.
    None,
    /// A page was handed out.
    Listed {
        /// Orders of the page.
        orders: Vec<OrderId>,
        /// `total` of the page.
        total: usize,
        /// Number of further matching orders that were withheld.
        withheld: usize,
        /// Time at which the next of them comes back, by the sandbox's clock.
        next_at: Option<Timestamp>,
    },
    /// An update, granted or not.
    Update {
        /// Order number, if an order can have it.
        order: Option<OrderId>,
        /// Status before and after, if the update was granted.
        statuses: Option<(OrderStatus, OrderStatus)>,
        /// How many accounts it delivered.
        accepted: usize,
        /// How many of its accounts were not taken.
        dropped: usize,
        /// The first of them.
        first_dropped: Vec<DroppedEntry>,
        /// The odd ones among those that it delivered.
        #[serde(default, skip_serializing_if = "is_none")]
        odd: OddAccounts,
        /// Whether it was granted and left the order as it was.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        changed_nothing: bool,
    },
}

/// Dropped account, with its first occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DroppedEntry {
    /// Index in the submission.
    pub index: usize,
    /// Login, if the text had the form of an account.
    pub login: Option<Box<str>>,
    /// Reason.
    pub reason: DropReason,
    /// What it looks like, if it has not the form of an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<AccountForm>,
    /// First occurrence of the same account.
    pub seen: Option<FirstSeen>,
}

/// First occurrence of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FirstSeen {
    /// Index in the same submission, if it was there.
    pub index: Option<usize>,
    /// Order to which it was delivered, if it was.
    pub order: Option<OrderId>,
    /// Request that delivered it; `None` if the order was seeded with it, or if the request is no longer known.
    pub request: Option<RequestId>,
    /// Time of the delivery, by the sandbox's clock.
    pub at: Option<Timestamp>,
}

fn is_none(odd: &OddAccounts) -> bool {
    odd.count == 0
}

impl CallRecord {
    /// Orders that the call handed out or updated.
    pub fn orders(&self) -> &[OrderId] {
        match &self.effect {
            CallEffect::None => &[],
            CallEffect::Listed { orders, .. } => orders,
            CallEffect::Update { order, .. } => order.as_slice(),
        }
    }

    /// Approximate size in memory, in bytes.
    pub fn size(&self) -> usize {
        let texts = [&self.target, &self.body, &self.answer].map(|excerpt| excerpt.text.len());
        let problems = self.problems.iter().map(|problem| size_of_val(problem) + problem.problem.len());
        let dropped = match &self.effect {
            CallEffect::Update { first_dropped, odd, .. } => first_dropped.len() * 96 + odd.first.len() * 32,
            CallEffect::None | CallEffect::Listed { .. } => 0,
        };
        size_of::<Self>()
            + texts.iter().sum::<usize>()
            + problems.sum::<usize>()
            + self.ignored.iter().map(|ignored| size_of_val(ignored) + ignored.name.len()).sum::<usize>()
            + dropped
            + size_of_val(self.orders())
            + 16 * self.rules.len()
            + size_of_val(self.faults.as_slice())
    }
}

/// Rules by name. A rule that a later version removed from the rulebook is left out.
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

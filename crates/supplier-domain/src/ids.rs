//! Ids: order numbers, suppliers, requests, and the 24-digit ids of users and products.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::serial::as_text;

/// Order number, 1 to 2^53 − 1, which every JSON parser holds exactly (`list.types`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u64", try_from = "u64")]
pub struct OrderId(u64);

impl OrderId {
    /// Largest order number.
    pub const MAX: u64 = (1 << 53) - 1;

    /// The order number, if `number` is in range.
    pub fn new(number: i64) -> Option<Self> {
        u64::try_from(number).ok().filter(|n| (1..=Self::MAX).contains(n)).map(Self)
    }

    /// The number itself.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl From<OrderId> for u64 {
    fn from(id: OrderId) -> Self {
        id.0
    }
}

impl TryFrom<u64> for OrderId {
    type Error = InvalidId;

    fn try_from(number: u64) -> Result<Self, InvalidId> {
        let problem = InvalidId("must be an order's number, from 1 to 9007199254740991");
        i64::try_from(number).ok().and_then(Self::new).ok_or(problem)
    }
}

impl FromStr for OrderId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        // Digits only: a sign is no part of an order's number.
        let digits = Some(text).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        let number = digits.and_then(|digits| digits.parse::<u64>().ok()).unwrap_or(0);
        Self::try_from(number)
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Error: the name or id has a wrong form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(&'static str);

/// Id of a supplier within its sandbox: 1 to 40 characters of `a-z`, `0-9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SupplierId(Arc<str>);

impl SupplierId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SupplierId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=40).contains(&text.len()) && text.bytes().all(legal) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId("must be 1 to 40 of the characters a-z, 0-9 and -"))
        }
    }
}

impl fmt::Display for SupplierId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Id of a user or a product, shown as 24 lower-case hexadecimal digits (`list.types`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub [u8; 12]);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for ObjectId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let problem = InvalidId("must be 24 lower-case hexadecimal digits");
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(problem);
        }
        let mut bytes = [0; 12];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| problem)?;
        Ok(Self(bytes))
    }
}

/// Id of a request, shown as `req-`, the server in 8 hexadecimal digits, `-`, and a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    /// Random number of the server that received the request, drawn at its start.
    pub server: u32,
    /// Number of requests that the server had received by then.
    pub count: u64,
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "req-{:08x}-{}", self.server, self.count)
    }
}

impl FromStr for RequestId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let problem = InvalidId("must be a request's id, such as req-01ab23cd-7");
        let (server, count) = text.strip_prefix("req-").and_then(|it| it.split_once('-')).ok_or(problem)?;
        let server = u32::from_str_radix(server, 16).map_err(|_| problem)?;
        let id = Self { server, count: count.parse().map_err(|_| problem)? };
        // One id has one form.
        if id.to_string() == text { Ok(id) } else { Err(problem) }
    }
}

as_text!(SupplierId, ObjectId, RequestId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_numbers_stay_exact_in_every_json_reader() {
        assert_eq!(OrderId::new(0), None);
        assert_eq!(OrderId::new(-1), None);
        assert_eq!(OrderId::new(1).map(OrderId::get), Some(1));
        assert_eq!(OrderId::new(9_007_199_254_740_991).map(OrderId::get), Some(OrderId::MAX));
        assert_eq!(OrderId::new(9_007_199_254_740_992), None);
    }

    #[test]
    fn object_ids_read_back_what_they_show() {
        let id: ObjectId = "507f1f77bcf86cd799439011".parse().unwrap();
        assert_eq!(id.to_string(), "507f1f77bcf86cd799439011");
        for wrong in ["", "507F1F77BCF86CD799439011", "507f1f77bcf86cd79943901", "507f1f77bcf86cd79943901z"] {
            assert!(wrong.parse::<ObjectId>().is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn request_ids_read_back_what_they_show() {
        let id = RequestId { server: 0x1a_b23c, count: 17 };
        assert_eq!(id.to_string(), "req-001ab23c-17");
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "req-", "req-1ab23c-17", "req-001AB23C-17", "req-001ab23c-017", "req-001ab23c-+7"] {
            assert!(wrong.parse::<RequestId>().is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn supplier_ids_are_plain_words() {
        assert!("aurora-2".parse::<SupplierId>().is_ok());
        for wrong in ["", "Aurora", "a b", "ä", &"a".repeat(41)] {
            assert!(wrong.parse::<SupplierId>().is_err(), "{wrong:?} was taken");
        }
    }
}

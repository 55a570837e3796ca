//! Small stand-ins that a scorecard keeps in place of what it saw, and how they are written.

use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Fingerprint, FingerprintKey};

/// 64 bits of a digest, written as 16 hexadecimal digits: JSON readers may not hold such numbers exactly.
///
/// Two different things share one with a chance of 1 to 2^64; among a million of them, 1 to 40 million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Mark(u64);

impl Mark {
    /// Of an account: half of its fingerprint is enough to tell accounts apart.
    pub(super) fn of_account(fingerprint: &Fingerprint) -> Self {
        Self(first_half(&fingerprint.bytes()))
    }

    /// Of a supplier's own id of an order, without white space at its ends.
    pub(crate) fn of_id(id: &str) -> Self {
        Self(first_half(&Sha256::digest(id.trim().as_bytes())))
    }
}

fn first_half(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl From<Mark> for String {
    fn from(mark: Mark) -> Self {
        format!("{:016x}", mark.0)
    }
}

impl TryFrom<String> for Mark {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&text, 16).map(Self)
    }
}

/// Stands for a call: the same for the same operation with the same query or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallDigest(Mark);

impl CallDigest {
    /// The digest of a call of `operation` (such as `GET /api/admin/v2/orders`) with `content`, its query or body as it
    /// was sent.
    ///
    /// It is made under a sandbox's `key`, since bodies hold passwords and the digest is kept (`update.secret`).
    pub fn of(operation: &str, content: &[u8], key: &FingerprintKey) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&key.0).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
        mac.update(operation.as_bytes());
        // No operation's name holds a line break: where the name ends is certain.
        mac.update(b"\n");
        mac.update(content);
        Self::from_bits(first_half(&mac.finalize().into_bytes()))
    }

    /// The digest that a server made in its own way: 64 bits, the same in every run of the server.
    pub const fn from_bits(bits: u64) -> Self {
        Self(Mark(bits))
    }
}

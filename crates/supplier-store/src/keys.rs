//! API keys, as they are kept: hashed.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The SHA-256 of an API key. A key is long and random, so a plain hash is enough to not be turned back.
#[derive(Clone, Copy)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of `key`, every byte of it (`auth.invalid-key`: exact, case-sensitive).
    pub fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// The hash of 32 bytes as they were kept.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash itself, to be kept.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A part of the hash by which a store may look keys up; whatever it finds is then compared as a whole.
    pub fn bucket(&self) -> u64 {
        let mut start = [0; 8];
        start.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(start)
    }
}

impl PartialEq for KeyHash {
    /// In constant time, so that a comparison's duration says nothing of the key.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for KeyHash {}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash([redacted])")
    }
}

//! Keys that authenticate nobody any more, so that a call with one is explained.

use std::collections::{HashMap, VecDeque};

use crate::{Caller, KeyHash, MAX_ENDED_KEYS};

/// A key that was revoked, or whose sandbox was removed.
pub(crate) struct FormerKey {
    pub(crate) hash: KeyHash,
    /// The number of its sandbox: a later one may have the same name.
    pub(crate) sandbox: i64,
    pub(crate) caller: Caller,
}

/// The last [`MAX_ENDED_KEYS`] of them.
#[derive(Default)]
pub(crate) struct EndedKeys {
    /// By [`KeyHash::bucket`]; of two keys in one bucket the later is kept.
    keys: HashMap<u64, FormerKey>,
    /// The buckets, the longest ended first.
    order: VecDeque<u64>,
}

impl EndedKeys {
    pub(crate) fn add(&mut self, key: FormerKey) {
        let bucket = key.hash.bucket();
        if self.keys.insert(bucket, key).is_none() {
            self.order.push_back(bucket);
        }
        if self.order.len() > MAX_ENDED_KEYS
            && let Some(oldest) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
        }
    }

    pub(crate) fn find(&self, hash: &KeyHash) -> Option<&FormerKey> {
        self.keys.get(&hash.bucket()).filter(|key| key.hash == *hash)
    }
}

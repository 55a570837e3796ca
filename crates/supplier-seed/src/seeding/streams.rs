//! Random streams, one for each record.

use std::fmt;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest as _, Sha256};

/// Random streams of a seed.
///
/// Each record has a stream of its own. So a new record, or one that draws more, changes no other.
pub(super) struct Streams {
    start: ChaCha8Rng,
}

impl Streams {
    /// Streams of `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self { start: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// Stream of the record `label`, from its start.
    pub(super) fn of(&self, label: impl fmt::Display) -> ChaCha8Rng {
        let digest = Sha256::digest(label.to_string());
        let mut number = [0; 8];
        number.copy_from_slice(&digest[..8]);
        let mut stream = self.start.clone();
        stream.set_stream(u64::from_be_bytes(number));
        stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt as _;

    #[test]
    fn a_stream_belongs_to_its_label_and_its_seed() {
        let draw = |seed, label| Streams::new(seed).of(label).random::<u64>();
        assert_eq!(draw(1, "order/a/1"), draw(1, "order/a/1"));
        assert_ne!(draw(1, "order/a/1"), draw(1, "order/a/2"));
        assert_ne!(draw(1, "order/a/1"), draw(2, "order/a/1"));
    }
}

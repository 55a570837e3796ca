//! A random stream for every record.

use std::fmt;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest as _, Sha256};

/// The streams of one seed.
///
/// No stream is drawn from for two records: a record that is added, or draws more, moves no other.
pub(super) struct Streams {
    start: ChaCha8Rng,
}

impl Streams {
    /// The streams of `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self { start: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// The stream of the record that is named `label`, from its start.
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

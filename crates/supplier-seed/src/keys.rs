//! Keys derived from a random seed, the same on every start.

use sha2::{Digest as _, Sha256};
use supplier_domain::{FingerprintKey, SupplierId};

/// API key of `supplier`, derived from `seed`: `test_` and 32 lower-case hexadecimal digits.
///
/// Anyone who knows the seed knows the key, so the key protects nothing.
pub fn derived_key(seed: u64, supplier: &SupplierId) -> String {
    let digest = derive("supplier-seed/api-key/1", seed, supplier.as_str());
    format!("test_{}", hex::encode(&digest[..16]))
}

/// Key for account fingerprints, derived from `seed`.
pub fn derived_fingerprint_key(seed: u64) -> FingerprintKey {
    FingerprintKey(derive("supplier-seed/fingerprint-key/1", seed, ""))
}

fn derive(purpose: &str, seed: u64, of: &str) -> [u8; 32] {
    // The parts are unambiguous: no purpose has a zero byte, and a seed has a fixed length.
    let digest = Sha256::new().chain_update(purpose).chain_update([0]).chain_update(seed.to_be_bytes());
    digest.chain_update(of).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_belongs_to_one_supplier_and_one_seed_and_never_changes() {
        let (aurora, birch) = ("aurora".parse().unwrap(), "birch".parse().unwrap());
        let key = derived_key(1, &aurora);
        assert_eq!(key, "test_ece64a1c6711397c2b4dddb1cc71998f");
        assert_ne!(key, derived_key(2, &aurora));
        assert_ne!(key, derived_key(1, &birch));
    }

    #[test]
    fn a_fingerprint_key_belongs_to_one_seed_and_is_no_api_key() {
        let key = derived_fingerprint_key(1);
        assert_eq!(key, derived_fingerprint_key(1));
        assert_ne!(key, derived_fingerprint_key(2));
        assert_ne!(key.0, derive("supplier-seed/api-key/1", 1, ""));
    }
}

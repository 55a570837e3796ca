//! Form of the sandbox's API keys, by which a key is masked wherever a client put it (`update.secret`).

/// Mask of a key: a shell variable.
pub const MASKED_KEY: &str = "$API_KEY";
/// Mask of a password or another secret.
pub const MASK: &str = "***";
/// Prefix of keys, in lower or upper case.
const PREFIX: &str = "test_";
/// Number of hexadecimal digits after the prefix from which a text counts as a key. Keys have 32; their owners see 4.
const MIN_DIGITS: usize = 8;

/// `text` with [`MASKED_KEY`] in place of each key, also of a key that was cut off or written in upper case; `None` if the
/// text has no key.
pub fn mask_keys(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut masked = String::new();
    let mut kept_to = 0;
    // Underscores are seldom: few places are looked at.
    for (underscore, _) in text.match_indices('_') {
        let Some(at) = (underscore + 1).checked_sub(PREFIX.len()) else { continue };
        if !bytes[at..=underscore].eq_ignore_ascii_case(PREFIX.as_bytes()) {
            continue;
        }
        let digits = bytes[underscore + 1..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if digits >= MIN_DIGITS {
            // Both ends are beside ASCII characters.
            masked.push_str(&text[kept_to..at]);
            masked.push_str(MASKED_KEY);
            kept_to = underscore + 1 + digits;
        }
    }
    (kept_to > 0).then(|| masked + &text[kept_to..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "test_0123456789abcdef0123456789abcdef";

    #[test]
    fn a_key_is_masked_whole_cut_or_in_upper_case_and_its_beginning_is_not() {
        for key in [KEY, &KEY[..36], &KEY[..20], &KEY.to_uppercase()] {
            assert_eq!(mask_keys(&format!("é{key}é")).unwrap(), "é$API_KEYé", "{key}");
        }
        assert_eq!(mask_keys(&format!("{KEY}{KEY} x")).unwrap(), "$API_KEY$API_KEY x");
        for text in ["", "test_", "test_0123", "test_case", "tést_0123456789", "SUP-ORDER-12345"] {
            assert_eq!(mask_keys(text), None, "{text}");
        }
    }
}

//! Masking of secrets and their encodings in texts.

use std::collections::HashSet;

/// So many characters in a row of a secret are enough to mask them; of a short secret half of it is, but never fewer than
/// [`FEWEST`].
const ENOUGH: usize = 8;
const FEWEST: usize = 6;

/// `text` with `instead` for whatever comes from `secret`: all of it, a part that was cut out of it, it in upper or lower case,
/// it with a character changed or more behind it. The suite alters keys to see whether they are refused, and reports cut long
/// answers off; neither may leave a part that is worth knowing.
pub(crate) fn mask(text: &str, secret: &str, instead: &str) -> String {
    let enough = (secret.len() / 2).clamp(FEWEST, ENOUGH).min(secret.len());
    let (lower, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    if enough == 0 {
        return text.to_owned();
    }
    let parts: HashSet<&[u8]> = secret.as_bytes().windows(enough).collect();
    let mut masked = String::new();
    let (mut kept_to, mut at) = (0, 0);
    while let Some(window) = lower.as_bytes().get(at..at + enough) {
        if !parts.contains(window) {
            at += 1;
            continue;
        }
        let is_part = |at: usize| lower.as_bytes().get(at..at + enough).is_some_and(|it| parts.contains(it));
        // As far as parts of it follow each other, and what was put behind them.
        let mut end = at + enough;
        while (at + 1..=end).any(|next| is_part(next) && next + enough > end) {
            end += 1;
        }
        end += text.as_bytes()[end..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        masked.push_str(&text[kept_to..text.floor_char_boundary(at)]);
        masked.push_str(instead);
        kept_to = text.ceil_char_boundary(end);
        at = kept_to;
    }
    masked + &text[kept_to..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = "live_Kd83hA02mzQp17Xy";

    #[test]
    fn a_key_is_masked_and_so_is_what_was_made_of_it() {
        let changed = KEY.replace("Xy", "X0");
        let flipped: String = KEY
            .chars()
            .map(|c| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
            .collect();
        let longer = format!("{KEY}0");
        for made in
            [KEY, &KEY[..KEY.len() - 1], &KEY[..KEY.len() / 2], &KEY[3..14], &longer, &changed, &flipped]
        {
            assert_eq!(mask(&format!("é\"{made}\"ü"), KEY, "[key]"), "é\"[key]\"ü", "{made}");
        }
        assert_eq!(mask("the key live_ and 17Xy", KEY, "[key]"), "the key live_ and 17Xy");
        assert_eq!(mask("abc abcd", "abc", "[key]"), "[key] [key]");
        assert_eq!(mask("text", "", "[key]"), "text");
        assert_eq!(mask("a täglich-geheim b", "täglich-geheim", "[key]"), "a [key] b");
    }

    proptest! {
        #[test]
        fn no_part_of_a_key_is_left(
            key in "[A-Za-z0-9_-]{16,40}", before in "\\PC{0,20}", after in "\\PC{0,20}", from in 0..8_usize, cut in 0..9_usize,
        ) {
            let part = &key[from..key.len() - cut.min(key.len() - from - 8)];
            let left = mask(&format!("{before}{part}{after}"), &key, "[.]").to_ascii_lowercase();
            for window in key.to_ascii_lowercase().as_bytes().windows(8) {
                prop_assert!(!left.as_bytes().windows(8).any(|other| other == window), "{}", left);
            }
        }
    }
}

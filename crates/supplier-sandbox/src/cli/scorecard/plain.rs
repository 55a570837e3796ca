//! Terminal text: escaped and wrapped.

/// `text` without terminal control characters and direction marks, except line ends and tabs.
pub(super) fn clean(text: &str) -> String {
    let is_shown = |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || turns(*c));
    text.chars().filter(is_shown).collect()
}

/// The same, in one line.
pub(super) fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the character sets the direction of writing.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Wraps `text` to lines of at most `width` characters. The first line begins with `first`, the others with as many blanks.
/// A word longer than a line is broken.
pub(super) fn wrap(out: &mut String, width: usize, first: &str, text: &str) {
    let indent = first.chars().count();
    let room = width.saturating_sub(indent).max(1);
    let mut used = 0;
    out.push_str(first);
    for word in one_line(text).split(' ') {
        let chars: Vec<char> = word.chars().collect();
        for part in chars.chunks(room) {
            let gap = usize::from(used > 0);
            if used + gap + part.len() > room {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent));
                used = 0;
            } else if used > 0 {
                out.push(' ');
                used += 1;
            }
            out.extend(part);
            used += part.len();
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(width: usize, first: &str, text: &str) -> String {
        let mut out = String::new();
        wrap(&mut out, width, first, text);
        out
    }

    #[test]
    fn nothing_is_left_that_a_terminal_obeys() {
        let hostile = "a\u{1b}[2Jb\u{7}\u{9b}31m\r\u{7f}c\u{202e}d\te\nf é";
        assert_eq!(clean(hostile), "a[2Jb31mcd\te\nf é");
        assert_eq!(one_line(hostile), "a[2Jb31mcd e f é");
    }

    #[test]
    fn lines_are_filled_and_stand_below_each_other() {
        assert_eq!(wrapped(10, "- ", "one two three\nfour"), "- one two\n  three\n  four\n");
        assert_eq!(wrapped(10, "- ", "12345678 9"), "- 12345678\n  9\n");
        assert_eq!(wrapped(10, "- ", "ab 123456789012"), "- ab\n  12345678\n  9012\n");
        assert_eq!(wrapped(10, "- ", ""), "- \n");
    }
}

//! Lines for a terminal.

/// How wide they are.
pub(super) const WIDTH: usize = 100;

/// Writes `text` into lines of at most [`WIDTH`] characters: `first` begins the first, and as many blanks the others.
pub(super) fn wrap(out: &mut String, first: &str, text: &str) {
    let indent = first.chars().count();
    let mut used = indent;
    out.push_str(first);
    for (place, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        if place > 0 && used + 1 + length > WIDTH {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if place > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_filled_and_stand_below_each_other() {
        let mut out = String::new();
        wrap(&mut out, "- ", &"word ".repeat(25));
        assert!(out.lines().all(|line| line.len() <= WIDTH), "{out}");
        assert!(out.starts_with("- word") && out.contains("\n  word"), "{out}");
    }
}

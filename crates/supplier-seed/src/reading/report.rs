//! Report of the problems found so far.

use std::cell::{Cell, RefCell};
use std::fmt;

use supplier_domain::counted;

use crate::{ScenarioError, ScenarioErrors};

/// Maximum number of reported problems. In a file with more, most have one cause.
const MAX_PROBLEMS: usize = 100;

/// Position in a file.
#[derive(Debug, Clone)]
pub(crate) struct FieldPath {
    /// Path of the field.
    pub(crate) field: String,
    /// Byte offset.
    pub(crate) offset: usize,
}

impl FieldPath {
    /// The entry `key` of the table at this position.
    pub(crate) fn key(&self, key: &str, offset: usize) -> Self {
        let bare =
            !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let key = if bare { key.to_owned() } else { quoted(key) };
        let field = if self.field.is_empty() { key } else { format!("{}.{key}", self.field) };
        Self { field, offset }
    }

    /// The element `index` of the list at this position.
    pub(crate) fn index(&self, index: usize, offset: usize) -> Self {
        Self { field: format!("{}[{index}]", self.field), offset }
    }
}

/// Text of the file for a message: short, and in one line.
pub(crate) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    let rest = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{rest}")
}

/// Collector of a file's problems.
pub(crate) struct Report<'a> {
    file: &'a str,
    text: &'a str,
    found: RefCell<Vec<(FieldPath, String)>>,
    untold: Cell<usize>,
}

impl<'a> Report<'a> {
    /// Empty report on the file of this name and text.
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, found: RefCell::default(), untold: Cell::default() }
    }

    /// Notes a problem.
    pub(crate) fn add(&self, place: &FieldPath, problem: impl fmt::Display) {
        let mut found = self.found.borrow_mut();
        if found.len() < MAX_PROBLEMS {
            found.push((place.clone(), problem.to_string()));
        } else {
            self.untold.set(self.untold.get() + 1);
        }
    }

    /// Whether no problem is noted yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// `read`, if there are no problems.
    pub(crate) fn finish<T>(self, read: Option<T>) -> Result<T, ScenarioErrors> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|(place, _)| place.offset);
        if let (Some(read), true) = (read, found.is_empty()) {
            return Ok(read);
        }
        if let (Some((_, problem)), more @ 1..) = (found.last_mut(), self.untold.get()) {
            *problem = format!("{problem} (and {})", counted(more, "more problem"));
        }
        let lines = Lines::of(self.text);
        let error = |(FieldPath { field, offset }, problem)| {
            let (line, column) = lines.position(offset);
            ScenarioError { file: self.file.to_owned(), line, column, field, problem }
        };
        Err(ScenarioErrors(found.into_iter().map(error).collect()))
    }
}

/// Byte offsets of a text's lines.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        // A problem at the end of the file belongs to its last line, because editors show no line after it.
        let text = text.trim_end_matches(['\r', '\n']);
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Line and column, from 1, of a byte offset.
    fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).map_or(0, |index| self.starts[index]);
        // A problem between the two bytes of a line ending is at the end of the line.
        let end = start + self.text[start..].lines().next().map_or(0, str::len);
        let offset = offset.min(end);
        let is_first_byte = |b: &&u8| **b & 0xC0 != 0x80;
        let column = self.text.as_bytes()[start..offset].iter().filter(is_first_byte).count() + 1;
        (line, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_the_end_belongs_to_the_last_line() {
        let lines = Lines::of("aé\r\nb語c\n\n");
        assert_eq!(lines.position(0), (1, 1));
        assert_eq!(lines.position(3), (1, 3), "é has two bytes");
        assert_eq!(lines.position(4), (1, 3), "a line ends before its line break");
        assert_eq!(lines.position(5), (2, 1));
        assert_eq!(lines.position(9), (2, 3), "語 has three");
        assert_eq!(lines.position(10), (2, 4));
        assert_eq!(lines.position(1000), (2, 4));
        assert_eq!(Lines::of("").position(7), (1, 1));
    }

    #[test]
    fn a_file_full_of_problems_tells_the_first_of_them_and_counts_the_rest() {
        let report = Report::new("f.toml", "x");
        for _ in 0..250 {
            report.add(&FieldPath { field: "x".to_owned(), offset: 0 }, "is wrong");
        }
        let errors = report.finish(Some(())).unwrap_err().0;
        assert_eq!(errors.len(), MAX_PROBLEMS);
        assert_eq!(errors[99].problem, "is wrong (and 150 more problems)");
    }
}

//! Names that one part of a file gives and others use.

use std::collections::BTreeMap;

use super::{Field, quoted};

/// What was declared under which name.
pub(crate) struct Register<T> {
    what: &'static str,
    /// `None`: declared, but with problems of its own.
    entries: BTreeMap<String, Option<T>>,
    /// Whether a name is missing or wrong: that one not found is what another was meant to be.
    incomplete: bool,
}

impl<T: Clone> Register<T> {
    /// An empty register of things called `what`.
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, entries: BTreeMap::new(), incomplete: false }
    }

    /// Enters `entry` under the name that was read from a field; a name that is taken is refused.
    pub(crate) fn enter(&mut self, named: Option<(&Field<'_>, &str)>, entry: Option<T>) {
        match named {
            Some((_, name)) if !self.entries.contains_key(name) => {
                self.entries.insert(name.to_owned(), entry);
                return;
            }
            Some((field, _)) => {
                field.refuse::<()>(format_args!("is the name of another {}; names must differ", self.what));
            }
            None => {}
        }
        self.incomplete = true;
    }

    /// What is entered under the name in `field`; a name that nobody has is refused.
    pub(crate) fn find(&self, field: &Field<'_>) -> Option<T> {
        let name = field.text()?;
        match self.entries.get(name) {
            Some(entry) => entry.clone(),
            None if self.incomplete => None,
            None => {
                field.refuse(format_args!("{} is no {}; there are {}", quoted(name), self.what, self.names()))
            }
        }
    }

    fn names(&self) -> String {
        let mut names: Vec<_> = self.entries.keys().take(20).map(String::as_str).collect();
        match self.entries.len() {
            0 => names.push("none"),
            1..=20 => {}
            _ => names.push("…"),
        }
        names.join(", ")
    }
}

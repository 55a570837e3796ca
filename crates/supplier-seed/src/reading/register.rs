//! Register of names that one section defines and others use.

use std::collections::BTreeMap;

use super::{Field, quoted};

/// Register of declared names.
pub(crate) struct Register<T> {
    what: &'static str,
    /// `None` if the declaration has problems.
    entries: BTreeMap<String, Option<T>>,
    /// Whether a name is missing or wrong. Then an unknown name may refer to it.
    incomplete: bool,
}

impl<T: Clone> Register<T> {
    /// Empty register of `what`.
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, entries: BTreeMap::new(), incomplete: false }
    }

    /// Registers `entry` under the name in a field. A taken name is refused.
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

    /// Looks up the name in `field`. An unknown name is refused.
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

//! A table of a scenario file.

use toml::de::DeTable;

use super::{Field, FieldPath, Report};

/// A table whose fields are known by name.
pub(crate) struct Fields<'a> {
    table: &'a DeTable<'a>,
    place: FieldPath,
    report: &'a Report<'a>,
    known: &'static [&'static str],
}

impl<'a> Fields<'a> {
    /// The fields of `table`, of which there are those `known`; others are refused.
    pub(crate) fn new(
        table: &'a DeTable<'a>,
        place: FieldPath,
        report: &'a Report<'a>,
        known: &'static [&'static str],
    ) -> Self {
        for key in table.keys().filter(|key| !known.contains(&&**key.get_ref())) {
            let place = place.key(key.get_ref(), key.span().start);
            report.add(&place, format_args!("is not known here; the fields are {}", known.join(", ")));
        }
        Self { table, place, report, known }
    }

    /// Where problems go.
    pub(crate) fn report(&self) -> &'a Report<'a> {
        self.report
    }

    /// Where the table begins.
    pub(crate) fn place(&self) -> &FieldPath {
        &self.place
    }

    /// The field `name`, which may be left out.
    pub(crate) fn optional(&self, name: &str) -> Option<Field<'a>> {
        debug_assert!(self.known.contains(&name), "{name} is read but refused as unknown");
        let value = self.table.get(name)?;
        let place = self.place.key(name, value.span().start);
        Some(Field { value: value.get_ref(), place, report: self.report })
    }

    /// The field `name`, which may not be left out.
    pub(crate) fn required(&self, name: &str) -> Option<Field<'a>> {
        let field = self.optional(name);
        if field.is_none() {
            self.report.add(&self.place.key(name, self.place.offset), "is missing; add it");
        }
        field
    }

    /// What `read` makes of the field `name`, or `default` if it is left out.
    pub(crate) fn or<T>(
        &self,
        name: &str,
        default: T,
        read: impl FnOnce(Field<'a>) -> Option<T>,
    ) -> Option<T> {
        self.optional(name).map_or(Some(default), read)
    }

    /// The elements of the list `name`; none if it is left out.
    pub(crate) fn elements(&self, name: &str) -> Vec<Field<'a>> {
        self.optional(name).and_then(|field| field.elements()).unwrap_or_default()
    }
}

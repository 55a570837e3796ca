//! Table of a scenario file.

use toml::de::DeTable;

use super::{Field, FieldPath, Report};

/// Table with known fields.
pub(crate) struct Fields<'a> {
    table: &'a DeTable<'a>,
    place: FieldPath,
    report: &'a Report<'a>,
    known: &'static [&'static str],
}

impl<'a> Fields<'a> {
    /// The fields of `table`. Fields that are not in `known` are refused.
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

    /// Report for problems.
    pub(crate) fn report(&self) -> &'a Report<'a> {
        self.report
    }

    /// Position of the table.
    pub(crate) fn place(&self) -> &FieldPath {
        &self.place
    }

    /// The optional field `name`.
    pub(crate) fn optional(&self, name: &str) -> Option<Field<'a>> {
        debug_assert!(self.known.contains(&name), "{name} is read but refused as unknown");
        let value = self.table.get(name)?;
        let place = self.place.key(name, value.span().start);
        Some(Field { value: value.get_ref(), place, report: self.report })
    }

    /// The required field `name`.
    pub(crate) fn required(&self, name: &str) -> Option<Field<'a>> {
        let field = self.optional(name);
        if field.is_none() {
            self.report.add(&self.place.key(name, self.place.offset), "is missing; add it");
        }
        field
    }

    /// The field `name`, read by `read`, or `default`.
    pub(crate) fn or<T>(
        &self,
        name: &str,
        default: T,
        read: impl FnOnce(Field<'a>) -> Option<T>,
    ) -> Option<T> {
        self.optional(name).map_or(Some(default), read)
    }

    /// The elements of the optional list `name`.
    pub(crate) fn elements(&self, name: &str) -> Vec<Field<'a>> {
        self.optional(name).and_then(|field| field.elements()).unwrap_or_default()
    }
}

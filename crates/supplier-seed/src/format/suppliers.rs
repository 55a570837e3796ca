//! `[[suppliers]]`: the suppliers.

use std::collections::HashSet;

use supplier_domain::{Supplier, SupplierId};

use super::limits;
use crate::reading::{Field, Fields, Register};

/// Reads the suppliers, and registers their ids for the products.
pub(super) fn read(file: &Fields<'_>) -> (Option<Vec<Supplier>>, Register<SupplierId>) {
    let mut names = Register::new("supplier");
    let mut emails = HashSet::new();
    let Some(list) = file.required("suppliers") else { return (None, names) };
    let elements = list.elements().unwrap_or_default();
    if !(1..=limits::MAX_SUPPLIERS).contains(&elements.len()) {
        list.refuse::<()>(format_args!("must be 1 to {} suppliers", limits::MAX_SUPPLIERS));
    }
    let read = |element: &Field<'_>| supplier(element, &mut names, &mut emails);
    // Read all of them first, to note every problem.
    let suppliers: Vec<_> = elements.iter().map(read).collect();
    (suppliers.into_iter().collect(), names)
}

fn supplier(
    element: &Field<'_>,
    names: &mut Register<SupplierId>,
    emails: &mut HashSet<String>,
) -> Option<Supplier> {
    let Some(fields) = element.fields(&["id", "name", "email"]) else {
        names.enter(None, None);
        return None;
    };
    let id_field = fields.required("id");
    let id = id_field.as_ref().and_then(Field::parsed::<SupplierId>);
    let name = fields.required("name").and_then(|field| field.line(limits::MAX_NAME_CHARS));
    let email = fields.required("email").and_then(|field| {
        let email = field.email()?;
        if emails.insert(email.to_owned()) {
            Some(email)
        } else {
            field.refuse("is another supplier's address")
        }
    });
    names.enter(id_field.as_ref().zip(id.as_ref().map(SupplierId::as_str)), id.clone());
    Some(Supplier { id: id?, name: name?.into(), email: email?.into() })
}

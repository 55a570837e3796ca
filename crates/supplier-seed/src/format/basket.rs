//! Item source of an order group: `products`, `items`, `one_of_each` and `quantity`.

use supplier_domain::counted;

use super::limits;
use crate::reading::{Field, Fields, Register};
use crate::scenario::{Basket, Choice, Offer};

/// Reads the basket that these fields describe.
pub(super) fn read(fields: &Fields<'_>, offers: &Register<Offer>) -> Option<Basket> {
    let offers = fields.required("products").and_then(|field| candidates(&field, offers));
    let choice = choice(fields, offers.as_deref());
    let quantity = fields.required("quantity").and_then(|field| field.least_and_most(&limits::QUANTITY));
    Some(Basket { offers: offers?, choice: choice?, quantity: quantity? })
}

fn candidates(field: &Field<'_>, offers: &Register<Offer>) -> Option<Vec<Offer>> {
    let elements = field.elements()?;
    if elements.is_empty() {
        return field.refuse("must name a product");
    }
    let mut seen = std::collections::HashSet::new();
    let read = |element: &Field<'_>| {
        let offer = offers.find(element)?;
        if seen.insert(offer.product.id) {
            Some(offer)
        } else {
            element.refuse("is named twice; name it once")
        }
    };
    let candidates: Vec<_> = elements.iter().map(read).collect();
    candidates.into_iter().collect()
}

fn choice(fields: &Fields<'_>, candidates: Option<&[Offer]>) -> Option<Choice> {
    let candidates = candidates.map_or(u32::MAX, |list| u32::try_from(list.len()).unwrap_or(u32::MAX));
    let items = fields.or("items", 1..=1, |field| {
        let items = field.least_and_most(&limits::ITEMS)?;
        if *items.start() > candidates {
            return field.refuse(format_args!(
                "asks for {}, of which {candidates} {} named in products",
                counted(*items.start(), "different product"),
                if candidates == 1 { "is" } else { "are" }
            ));
        }
        Some(*items.start()..=(*items.end()).min(candidates))
    });
    let one_of_each = fields.or("one_of_each", false, |field| {
        let one_of_each = field.truth()?;
        if one_of_each && fields.optional("items").is_some() {
            return field.refuse("says how many items there are, and so does items; leave one out");
        }
        if one_of_each && candidates != u32::MAX && candidates > *limits::ITEMS.end() {
            return field.refuse(format_args!("makes {candidates} items; at most {}", limits::ITEMS.end()));
        }
        Some(one_of_each)
    });
    let (items, one_of_each) = (items?, one_of_each?);
    Some(if one_of_each { Choice::OneOfEach } else { Choice::AtRandom(items) })
}

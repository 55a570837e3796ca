//! `[arrivals]`: orders that come in as a sandbox's clock runs.

use supplier_domain::Bursts;

use super::{basket, limits};
use crate::reading::{Field, Fields, Register};
use crate::scenario::{ArrivalPattern, Basket, Offer};

const FIELDS: &[&str] = &["per_minute", "burst_every_minutes", "burst_size", "mix"];
const MIX_FIELDS: &[&str] = &["weight", "products", "items", "one_of_each", "quantity"];

/// The arrivals; `None` without the section, or after a problem, when there is no scenario anyway.
pub(super) fn read(file: &Fields<'_>, offers: &Register<Offer>) -> Option<ArrivalPattern> {
    let fields = file.optional("arrivals")?.fields(FIELDS)?;
    let per_minute = fields.required("per_minute").and_then(|field| field.decimal());
    let bursts = bursts(&fields);
    let mix = fields.required("mix").and_then(|field| mix(&field, offers));
    Some(ArrivalPattern { per_minute: per_minute?, bursts, mix: mix? })
}

/// The bursts; `None` without their fields.
fn bursts(fields: &Fields<'_>) -> Option<Bursts> {
    match (fields.optional("burst_every_minutes"), fields.optional("burst_size")) {
        (None, None) => None,
        (Some(every), None) => every.refuse("says how often bursts come, but not how large; add burst_size"),
        (None, Some(size)) => {
            size.refuse("says how large bursts are, but not how often; add burst_every_minutes")
        }
        (Some(every), Some(size)) => {
            let every_minutes = every.integer(&limits::BURST_EVERY_MINUTES);
            let size = size.integer(&limits::BURST_SIZE);
            Bursts::new(every_minutes?, size?)
        }
    }
}

fn mix(field: &Field<'_>, offers: &Register<Offer>) -> Option<Vec<(u32, Basket)>> {
    let elements = field.elements()?;
    if elements.is_empty() {
        return field.refuse("must say what orders come in; add [[arrivals.mix]]");
    }
    if let Some(one_more) = elements.get(limits::MAX_ARRIVAL_MIX) {
        one_more.refuse::<()>(format_args!("is one too many: at most {}", limits::MAX_ARRIVAL_MIX));
    }
    let read = |element: &Field<'_>| {
        let fields = element.fields(MIX_FIELDS)?;
        let weight = fields.or("weight", 1, |field| field.integer(&limits::ARRIVAL_WEIGHT));
        let basket = basket::read(&fields, offers);
        Some((weight?, basket?))
    };
    let mix: Vec<_> = elements.iter().map(read).collect();
    mix.into_iter().collect()
}

//! What is measured.

mod at_rest;
mod drain;
mod page_cost;
mod throughput;

use std::pin::Pin;

use crate::Failure;
use crate::table::Row;

type Measuring = Pin<Box<dyn Future<Output = Result<Vec<Row>, Failure>>>>;

/// Figures that are measured together.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) measure: fn() -> Measuring,
}

const ALL: [Figure; 4] = [
    Figure {
        name: "throughput",
        about: "requests per second beside a bare server's, at 100,000 orders",
        measure: || Box::pin(throughput::measure()),
    },
    Figure {
        name: "page",
        about: "processor time per page at 1,000 and at 1,000,000 orders, first page and last; memory per order",
        measure: || Box::pin(page_cost::measure()),
    },
    Figure {
        name: "drain",
        about: "1,000,000 orders, each handed out once",
        measure: || Box::pin(drain::measure()),
    },
    Figure {
        name: "rest",
        about: "start and memory with the scenario that everybody starts with",
        measure: || Box::pin(at_rest::measure()),
    },
];

/// The figures of these names; all of them without a name.
pub(crate) fn choose(names: &[String]) -> Result<Vec<Figure>, Failure> {
    let known = ALL.map(|figure| figure.name);
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!(
            "there is no figure {unknown:?}; name any of {}, or none for all",
            known.join(", ")
        )
        .into());
    }
    Ok(ALL
        .into_iter()
        .filter(|figure| names.is_empty() || names.iter().any(|name| name == figure.name))
        .collect())
}

//! What is measured.

mod at_rest;
mod crowd;
mod dashboard;
mod drain;
mod forks;
mod page_cost;
mod recording;
mod rehearsals;
mod stores;
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

const ALL: [Figure; 12] = [
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
    Figure {
        name: "recording",
        about: "what journal, scorecard and faults cost the Supplier API",
        measure: || Box::pin(recording::measure()),
    },
    Figure {
        name: "rehearsals",
        about: "rehearsals per second, with a function as the worker",
        measure: || Box::pin(rehearsals::measure()),
    },
    Figure {
        name: "forks",
        about: "sandboxes made: time in process and over HTTP, and memory",
        measure: || Box::pin(forks::measure()),
    },
    Figure {
        name: "crowd",
        about: "500 sandboxes at once, each with a client that looks at what it gets",
        measure: || Box::pin(crowd::measure()),
    },
    Figure {
        name: "stores",
        about: "the Supplier API in memory, in a file and in a database",
        measure: || Box::pin(stores::measure()),
    },
    Figure {
        name: "servers",
        about: "two servers on one database, beside one",
        measure: || Box::pin(stores::measure_two_servers()),
    },
    Figure {
        name: "sizes",
        about: "pages of 1,000,000 orders beside those of 10,000, in memory, in a file and in a database",
        measure: || Box::pin(stores::measure_sizes()),
    },
    Figure {
        name: "dashboard",
        about: "how long each page of the dashboard takes, with few orders and with many",
        measure: || Box::pin(dashboard::measure()),
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

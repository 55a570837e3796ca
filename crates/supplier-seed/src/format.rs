//! Format of a scenario file, section by section.

mod arrivals;
mod basket;
mod fixed;
mod groups;
mod limits;
mod numbers;
mod products;
mod suppliers;

use toml::de::DeTable;

use crate::reading::{FieldPath, Fields, Report};
use crate::scenario::Scenario;
use crate::{ScenarioErrors, format::numbers::Numbers};

const FIELDS: &[&str] = &[
    "title",
    "description",
    "epoch",
    "buyers",
    "suppliers",
    "products",
    "orders",
    "fixed",
    "absent",
    "arrivals",
];

impl Scenario {
    /// Parses the text of the scenario file `file_name`.
    ///
    /// # Errors
    /// All problems of the file.
    pub fn parse(file_name: &str, toml: &str) -> Result<Self, ScenarioErrors> {
        let report = Report::new(file_name, toml);
        let file = FieldPath { field: String::new(), offset: 0 };
        if toml.len() > limits::MAX_BYTES {
            report
                .add(&file, "the file is larger than 1 MiB; describe more orders with fewer, larger groups");
            return report.finish(None);
        }
        let (tree, errors) = DeTable::parse_recoverable(toml);
        for error in errors {
            let place = FieldPath { offset: error.span().map_or(0, |span| span.start), ..file.clone() };
            report.add(&place, format_args!("is not valid TOML: {}", error.message()));
        }
        // A partial tree would cause false problems.
        let scenario =
            if report.is_empty() { read(&Fields::new(tree.get_ref(), file, &report, FIELDS)) } else { None };
        report.finish(scenario)
    }
}

fn read(fields: &Fields<'_>) -> Option<Scenario> {
    let title = fields.required("title").and_then(|field| field.line(limits::MAX_NAME_CHARS));
    let description = fields.required("description").and_then(|field| field.line(limits::MAX_SENTENCE_CHARS));
    let epoch = fields.required("epoch").and_then(|field| {
        let epoch = field.moment()?;
        if limits::epochs().contains(&epoch) {
            Some(epoch)
        } else {
            field.refuse("must be from 2000 to 2099")
        }
    });
    let buyers = fields.or("buyers", limits::DEFAULT_BUYERS, |field| field.integer(&limits::BUYERS));
    let (suppliers, supplier_names) = suppliers::read(fields);
    let (offers, offer_names) = products::read(fields, &supplier_names);
    let mut numbers = Numbers::default();
    let groups = groups::read(fields, &offer_names, &mut numbers);
    let fixed = fixed::read(fields, &offer_names, epoch, &mut numbers);
    let absent = fixed::read_absent(fields, &mut numbers);
    let arrivals = arrivals::read(fields, &offer_names);
    numbers.refuse_overlaps(fields.report());
    let (fixed, mut documented): (Vec<_>, Vec<_>) = fixed?.into_iter().unzip();
    documented.extend(absent?);
    Some(Scenario {
        title: title?.to_owned(),
        description: description?.to_owned(),
        epoch: epoch?,
        buyers: buyers?,
        suppliers: suppliers?,
        offers: offers?,
        groups: groups?,
        fixed,
        documented,
        arrivals,
    })
}

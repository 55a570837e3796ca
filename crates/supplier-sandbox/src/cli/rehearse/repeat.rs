//! `--replay`: which rehearsal is repeated.

use std::fs;

use supplier_sandbox::OrderId;
use supplier_sandbox::rehearsal::{Planned, REPORT_VERSION, Repeat, Report};

use super::super::Failure;

/// A rehearsal that `--replay` names.
pub(super) struct Asked {
    pub(super) repeat: Repeat,
    /// The report that it comes from.
    pub(super) report: Option<Report>,
}

impl Asked {
    /// Reads `FILE#N`, or mishaps and orders such as `close-after@update:12345:1/12345`.
    pub(super) fn read(text: &str) -> Result<Self, Failure> {
        let read = match text.rsplit_once('#') {
            Some((file, number)) => finding(file, number),
            None => mishaps(text).map(|repeat| Self { repeat, report: None }),
        };
        read.map_err(|problem| Failure::Unusable(format!("error: --replay {text}: {problem}")))
    }
}

fn finding(file: &str, number: &str) -> Result<Asked, String> {
    let text = fs::read(file).map_err(|error| format!("the report cannot be read: {error}"))?;
    let report: Report = serde_json::from_slice(&text).map_err(|error| {
        format!("the file is no JSON report of rehearsals ({error}); write one with --report json={file}")
    })?;
    if report.version != REPORT_VERSION {
        return Err(format!(
            "the report has version {}, and this program reads version {REPORT_VERSION}; run the rehearsals again",
            report.version
        ));
    }
    let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let found = index.and_then(|index| report.findings.get(index)).ok_or_else(|| {
        format!("there is no finding {number}; the report has {}, counted from 1", report.findings.len())
    })?;
    let repeat = Repeat {
        mishaps: found.mishaps.clone(),
        orders: found.orders.clone(),
        shows: Some((found.rule.clone(), found.cause)),
    };
    Ok(Asked { repeat, report: Some(report) })
}

fn mishaps(text: &str) -> Result<Repeat, String> {
    let (mishaps, orders) = text.split_once('/').unwrap_or((text, ""));
    let mishaps = match mishaps {
        "none" => Vec::new(),
        some => some
            .split('+')
            .map(str::parse::<Planned>)
            .collect::<Result<_, _>>()
            .map_err(|it| it.to_string())?,
    };
    let order = |text: &str| {
        let number = text.parse().ok().and_then(OrderId::new);
        number.ok_or_else(|| format!("{text:?} is no order's number"))
    };
    let orders = orders.split(',').filter(|text| !text.is_empty()).map(order).collect::<Result<_, _>>()?;
    Ok(Repeat { mishaps, orders, shows: None })
}

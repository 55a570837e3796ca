//! Scorecard as terminal text.

use std::fmt::Display;

use supplier_domain::counted;

use super::answer::{Finding, Practice, Scorecard, Standing, Supplier};
use super::plain::{one_line, wrap};

/// Width of the narrowest common terminal.
const WIDTH: usize = 80;
/// Prefix of a practice's text.
const INDENT: &str = "      ";

/// Formats a scorecard.
pub(super) fn of(scorecard: &Scorecard, sandbox: &str) -> String {
    let mut out = String::new();
    let score = score(scorecard.score);
    wrap(&mut out, WIDTH, "", &format!("Scorecard of the sandbox {sandbox} at {}: {score}", scorecard.now));
    if !scorecard.complete {
        wrap(&mut out, WIDTH, "", "It is not complete: not all that happened was observed.");
    }
    if scorecard.suppliers.is_empty() {
        wrap(&mut out, WIDTH, "", "There is no supplier.");
    }
    for supplier in &scorecard.suppliers {
        of_supplier(&mut out, supplier);
    }
    out
}

fn score(score: Option<u8>) -> String {
    score.map_or("no score: nothing was observed".to_owned(), |score| format!("{score} of 100"))
}

fn of_supplier(out: &mut String, supplier: &Supplier) {
    out.push('\n');
    let (id, name) = (one_line(&supplier.id), one_line(&supplier.name));
    let (observed, all) = (supplier.observed, supplier.practices.len());
    let rests = supplier.score.map_or_else(String::new, |_| format!(", from {observed} of {all} practices"));
    wrap(out, WIDTH, "", &format!("{id} ({name}): {}{rests}", score(supplier.score)));
    for practice in &supplier.practices {
        of_practice(out, practice);
    }
}

fn of_practice(out: &mut String, practice: &Practice) {
    out.push('\n');
    let standing = match practice.standing {
        Standing::Met => "met",
        Standing::NotMet => "not met",
        Standing::NotObserved => "not observed",
    };
    let points = practice.points.map_or("-".to_owned(), |points| points.to_string());
    let (title, id) = (one_line(&practice.title), one_line(&practice.id));
    wrap(out, WIDTH, &format!("{points:>5} "), &format!("{title}: {standing} ({id})"));
    wrap(out, WIDTH, INDENT, &practice.summary);
    if practice.occasions > 0 {
        let kept = format!("Kept on {} of {}.", practice.kept, counted(practice.occasions, "occasion"));
        wrap(out, WIDTH, INDENT, &kept);
    }
    for finding in &practice.findings {
        of_finding(out, finding);
    }
}

fn of_finding(out: &mut String, finding: &Finding) {
    let times = if finding.count > 1 { format!("{} times: ", finding.count) } else { String::new() };
    wrap(out, WIDTH, "      - ", &format!("{times}{}", finding.sentence));
    wrap(out, WIDTH, "        ", &finding.advice);
    if !finding.requests.is_empty() {
        wrap(out, WIDTH, "        ", &format!("Requests: {}", list(&finding.requests)));
    }
    if !finding.orders.is_empty() {
        wrap(out, WIDTH, "        ", &format!("Orders: {}", list(&finding.orders)));
    }
}

fn list(entries: &[impl Display]) -> String {
    entries.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

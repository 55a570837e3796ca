//! The tables of `docs/clients.md`.

use std::fs;

use super::expected::{CLIENTS, Counts, SWITCHED_OFF};
use crate::program::root;

/// The rows below the first line that begins with `heading`, as cells.
fn table(heading: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/clients.md")).unwrap();
    let from_heading = text.lines().skip_while(|line| !line.starts_with(heading));
    let rows = from_heading.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

fn clients() -> Vec<Vec<String>> {
    table("| Client | Version | GET, ")
}

/// The version in which a client was measured, as the document says it.
pub(super) fn version(client: &str) -> Option<String> {
    let row = clients().into_iter().find(|row| row.first().is_some_and(|name| name == client))?;
    row.into_iter().nth(1)
}

fn cells(name: &str, second: &str, counts: Counts, rest: &[&str]) -> Vec<String> {
    let counts = counts.map(|count| count.to_string());
    let rest = rest.iter().map(|&cell| cell.to_owned());
    [name.to_owned(), second.to_owned()].into_iter().chain(counts).chain(rest).collect()
}

/// Rules: `practice.resend`.
#[test]
fn the_document_says_of_each_client_what_its_test_expects() {
    let expected = CLIENTS.map(|it| {
        // Which version was measured is no expectation.
        let version = version(it.name).unwrap_or_default();
        cells(it.name, &version, it.counts, &[it.broken_body])
    });
    assert_eq!(clients(), expected);
}

/// Rules: `practice.resend`.
#[test]
fn the_document_says_of_each_setting_what_its_test_expects() {
    let expected = SWITCHED_OFF.map(|it| cells(it.name, it.setting, it.counts, &[]));
    assert_eq!(table("| Client | Setting | GET, "), expected);
}

//! Every link inside of the repository leads somewhere.

use std::fs;

use super::markdown::Document;
use crate::program::root;

const DOCUMENTS: [&str; 25] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/capacity.md",
    "docs/clients.md",
    "docs/contract-suite.md",
    "docs/control-api.md",
    "docs/operations.md",
    "docs/reference.md",
    "docs/rehearsal.md",
    "docs/testing.md",
    "docs/tutorial.md",
    "crates/supplier-contract/README.md",
    "crates/supplier-control/README.md",
    "crates/supplier-dashboard/README.md",
    "crates/supplier-domain/README.md",
    "crates/supplier-rehearsal/README.md",
    "crates/supplier-rulebook/README.md",
    "crates/supplier-sandbox/README.md",
    "crates/supplier-sandbox/benches/README.md",
    "crates/supplier-seed/README.md",
    "crates/supplier-store/README.md",
    "tests/clients/rehearsal/README.md",
];

/// What is wrong with a link in the document of that name.
fn problem(document: &str, link: &str) -> Option<String> {
    let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let document_path = root().join(document);
    let path = if file.is_empty() { document_path } else { document_path.with_file_name("").join(file) };
    if !path.exists() {
        return Some(format!("{document}: {link}: there is no {file}"));
    }
    let anchors = Document::read(&fs::read_to_string(path).unwrap_or_default()).anchors();
    let anchor = anchor.filter(|anchor| !anchors.iter().any(|known| known == anchor))?;
    Some(format!("{document}: {link}: there is no heading {anchor} among {anchors:?}"))
}

#[test]
fn every_link_inside_of_the_repository_leads_to_a_file_and_a_heading() {
    let mut problems = Vec::new();
    for name in DOCUMENTS {
        let document = Document::read(&fs::read_to_string(root().join(name)).expect(name));
        let links = document.links();
        let is_inside = |link: &&String| !link.contains("://") && !link.starts_with("mailto:");
        problems.extend(links.iter().filter(is_inside).filter_map(|link| problem(name, link)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_link_to_nowhere_is_a_problem() {
    assert_eq!(problem("README.md", "LICENSE-MIT"), None);
    assert_eq!(problem("CONTRIBUTING.md", "#contributing"), None);
    assert_eq!(problem("docs/operations.md", "reference.md#options"), None);
    assert!(problem("docs/operations.md", "README.md").is_some());
    assert!(problem("README.md", "LICENSE-BSD").is_some_and(|told| told.contains("there is no LICENSE-BSD")));
    assert!(
        problem("README.md", "CONTRIBUTING.md#thanks").is_some_and(|told| told.contains("no heading thanks"))
    );
}

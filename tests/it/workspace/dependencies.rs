//! Who may use whom: what `ARCHITECTURE.md` says, as a table.

use std::fs;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::program::root;

/// A package, and what else of the workspace it may use. All may use the rulebook.
const MAY_USE: &[(&str, &[&str])] = &[
    ("supplier-rulebook", &[]),
    ("supplier-domain", &[]),
    ("supplier-seed", &["supplier-domain"]),
    ("supplier-store", &["supplier-domain"]),
    ("supplier-control", &["supplier-domain", "supplier-seed", "supplier-store"]),
    ("supplier-dashboard", &["supplier-domain", "supplier-control"]),
    ("supplier-rehearsal", &["supplier-domain", "supplier-control"]),
    (
        "supplier-sandbox",
        &[
            "supplier-domain",
            "supplier-seed",
            "supplier-store",
            "supplier-control",
            "supplier-dashboard",
            "supplier-rehearsal",
        ],
    ),
    ("supplier-contract", &[]),
    (
        "supplier-e2e",
        &[
            "supplier-domain",
            "supplier-seed",
            "supplier-store",
            "supplier-control",
            "supplier-dashboard",
            "supplier-rehearsal",
            "supplier-sandbox",
            "supplier-contract",
        ],
    ),
];

/// What decides and what seeds does no input or output; what stores and what controls knows no HTTP.
const MAY_NOT_USE: &[(&str, &[&str])] = &[
    ("supplier-rulebook", &["axum", "sqlx", "tokio", "reqwest"]),
    ("supplier-domain", &["axum", "sqlx", "tokio", "reqwest"]),
    ("supplier-seed", &["axum", "sqlx", "tokio", "reqwest"]),
    ("supplier-store", &["axum"]),
    ("supplier-control", &["axum"]),
    ("supplier-rehearsal", &["axum", "hyper", "reqwest"]),
];

fn workspace() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps().other_options(["--offline".to_owned()]);
    command.exec().unwrap()
}

fn entry<'a>(table: &[(&str, &'a [&'a str])], package: &str) -> Option<&'a [&'a str]> {
    table.iter().find(|(name, _)| *name == package).map(|(_, entry)| *entry)
}

/// What a package uses when it is not tested.
fn used(package: &Package) -> impl Iterator<Item = &str> {
    let counts = |kind| matches!(kind, DependencyKind::Normal | DependencyKind::Build);
    package.dependencies.iter().filter(move |used| counts(used.kind)).map(|used| used.name.as_str())
}

#[test]
fn packages_use_each_other_in_the_allowed_directions_only() {
    for package in &workspace().packages {
        let name = package.name.as_str();
        let allowed =
            entry(MAY_USE, name).unwrap_or_else(|| panic!("{name} is not in the table of this test"));
        for used in used(package).filter(|used| used.starts_with("supplier-")) {
            let may = allowed.contains(&used) || (used == "supplier-rulebook" && name != used);
            assert!(may, "{name} must not use {used}");
        }
    }
}

#[test]
fn what_decides_does_no_input_or_output() {
    for package in &workspace().packages {
        let banned = entry(MAY_NOT_USE, &package.name).unwrap_or_default();
        for used in used(package) {
            assert!(!banned.contains(&used), "{} must not use {used}", package.name);
        }
    }
}

#[test]
fn every_package_has_the_lints_of_the_workspace() {
    let packages = workspace().packages;
    assert!(packages.len() >= 6, "{packages:?}");
    for package in packages {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("\n[lints]\nworkspace = true\n"), "{}", package.manifest_path);
    }
}

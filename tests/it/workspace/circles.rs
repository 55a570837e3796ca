//! Modules import each other in one direction.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::sources::sources;

/// Circles that there are, by their crate and modules, each with its reason.
const KNOWN: [(&str, &[&str]); 1] = [
    // The handlers of the self-test's target share its state, and its server calls them.
    (
        "supplier-contract",
        &[
            "selftest::target::error",
            "selftest::target::hook",
            "selftest::target::list",
            "selftest::target::server",
            "selftest::target::update",
        ],
    ),
];

type Imports = BTreeMap<String, BTreeSet<String>>;

/// The module of a file under `src`; empty for the crate's root.
fn module(path: &Path) -> String {
    let parts: Vec<_> =
        path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts == ["lib"] { String::new() } else { parts.join("::") }
}

/// The paths that a `use` names, without braces.
fn expand(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else {
        return vec![path.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inside = &rest[..rest.rfind('}').unwrap_or(rest.len())];
    let (mut depth, mut parts) = (0_u32, vec![String::new()]);
    for letter in inside.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(letter);
    }
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    parts.flat_map(|part| expand(&format!("{}{part}", before.trim()))).collect()
}

/// What `text`, the file of `module`, imports from `modules` of its own crate, its tests left out.
fn imports(module: &str, text: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let uses = text.split("use ").skip(1).filter_map(|rest| rest.split_once(';')).map(|(path, _)| path);
    let paths = uses.filter(|path| path.starts_with("crate::") || path.starts_with("super::"));
    let mut found = BTreeSet::new();
    for path in paths.flat_map(expand) {
        let mut base: Vec<_> = module.split("::").filter(|part| !part.is_empty()).collect();
        let mut rest = path.split("::").map(str::trim).peekable();
        while let Some(word) = rest.next_if(|word| ["crate", "super"].contains(word)) {
            base.truncate(if word == "crate" { 0 } else { base.len().saturating_sub(1) });
        }
        base.extend(rest);
        // The longest beginning that is a module: what follows is an item of it.
        while !base.is_empty() && !modules.contains(&base.join("::")) {
            base.pop();
        }
        // What the root re-exports may come from anywhere.
        found.extend((!base.is_empty() && base.join("::") != module).then(|| base.join("::")));
    }
    found
}

fn reachable<'a>(from: &'a str, imports: &'a Imports) -> BTreeSet<&'a str> {
    let (mut found, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        let further = imports.get(module).into_iter().flatten().map(String::as_str);
        next.extend(further.filter(|module| found.insert(*module)));
    }
    found
}

/// The groups of modules that import each other, directly or by way of others.
fn circles(imports: &Imports) -> BTreeSet<Vec<&str>> {
    let reach: BTreeMap<_, _> =
        imports.keys().map(|module| (module.as_str(), reachable(module, imports))).collect();
    let circle = |module: &str| -> Vec<&str> {
        let others =
            reach.iter().filter(|(other, from)| reach[module].contains(**other) && from.contains(module));
        others.map(|(other, _)| *other).collect()
    };
    reach.keys().map(|module| circle(module)).filter(|circle| circle.len() > 1).collect()
}

#[test]
fn modules_import_each_other_in_no_circle_but_the_known_ones() {
    let mut crates: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for source in sources().into_iter().filter(|source| source.has_extension("rs")) {
        let mut parts = source.path.iter().map(|part| part.to_string_lossy().into_owned());
        let (Some("crates"), Some(name), Some("src")) =
            (parts.next().as_deref(), parts.next(), parts.next().as_deref())
        else {
            continue;
        };
        let file: std::path::PathBuf = parts.collect();
        if !file.iter().any(|part| part == "tests" || part == "tests.rs") {
            crates.entry(name).or_default().push((module(&file), source.text));
        }
    }
    assert!(crates.len() >= 8, "{:?}", crates.keys());
    let mut found = Vec::new();
    for (name, files) in &crates {
        let modules: BTreeSet<_> = files.iter().map(|(module, _)| module.clone()).collect();
        let imports: Imports =
            files.iter().map(|(module, text)| (module.clone(), imports(module, text, &modules))).collect();
        found.extend(circles(&imports).into_iter().map(|circle| (name.clone(), circle.join(", "))));
    }
    let known: Vec<_> = KNOWN.iter().map(|(name, circle)| ((*name).to_owned(), circle.join(", "))).collect();
    assert_eq!(
        found, known,
        "modules that import each other; mend that, or take out of KNOWN what is mended"
    );
}

#[test]
fn a_circle_is_found_however_it_is_imported() {
    let modules: BTreeSet<_> = ["a", "a::b", "c"].map(str::to_owned).into();
    assert_eq!(imports("a::b", "use super::super::c::{D, e::F};", &modules), ["c".to_owned()].into());
    assert_eq!(
        imports("c", "use crate::{G, a::{b::H, self}};", &modules),
        ["a".to_owned(), "a::b".to_owned()].into()
    );
    let pairs = [("a::b", "c"), ("c", "a::b"), ("a", "c")];
    let imports = pairs.map(|(from, to)| (from.to_owned(), [to.to_owned()].into())).into();
    assert_eq!(circles(&imports), [vec!["a::b", "c"]].into());
}

//! Every rule is tested, and every name of a rule is one.
//!
//! A test says which rules it is about in a comment right above it, of the form ``/// Rules: `list.window`.``

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use supplier_rulebook::{GROUPS, find, rules};

use super::sources::{Source, sources};

/// What stands between back-ticks on each line, with the line's number.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .flat_map(|(index, line)| line.split('`').skip(1).step_by(2).map(move |span| (index + 1, span)))
}

/// Whether it is written as a rule's name is.
fn looks_like_a_rule(text: &str) -> bool {
    let Some((group, name)) = text.split_once('.') else { return false };
    // `error.rs` is a file.
    let is_file = matches!(name, "rs" | "md" | "json" | "yaml" | "toml" | "html" | "css" | "mjs" | "py");
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    GROUPS.iter().any(|known| known.prefix == group) && name.split('-').all(is_word) && !is_file
}

/// A comment that names rules, and whether a test stands below it.
struct Claim<'a> {
    line: usize,
    rules: Vec<&'a str>,
    is_about_a_test: bool,
}

/// The comments of a Rust file that name rules.
fn claims(source: &Source) -> Vec<Claim<'_>> {
    // The functions there are the tests of every backend.
    let is_suite = source.is_in("conformance");
    let mut claims = Vec::new();
    let mut lines = source.text.lines().enumerate().map(|(index, line)| (index + 1, line.trim())).peekable();
    while let Some((number, line)) = lines.next() {
        let Some(mut comment) = line.strip_prefix("/// Rules: ") else { continue };
        let mut claim = Claim { line: number, rules: Vec::new(), is_about_a_test: is_suite };
        loop {
            claim.rules.extend(code(comment).map(|(_, rule)| rule));
            let Some((_, line)) = lines.next_if(|(_, line)| line.starts_with("///")) else { break };
            comment = line.trim_start_matches('/');
        }
        while let Some((_, attribute)) = lines.next_if(|(_, line)| line.starts_with("#[")) {
            claim.is_about_a_test |= attribute == "#[test]" || attribute.starts_with("#[tokio::test");
        }
        claims.push(claim);
    }
    claims
}

fn rust_sources() -> impl Iterator<Item = Source> {
    sources().into_iter().filter(|source| source.has_extension("rs"))
}

#[test]
fn every_rule_is_named_by_a_test() {
    let mut tested = BTreeSet::new();
    for source in rust_sources() {
        for Claim { line, rules, is_about_a_test } in claims(&source) {
            let place = format!("{}:{line}", source.path.display());
            assert!(is_about_a_test, "{place}: no test stands below this");
            assert!(!rules.is_empty(), "{place}: no rule is named");
            for rule in rules {
                assert!(find(rule).is_some(), "{place}: there is no rule {rule}");
                tested.insert(rule.to_owned());
            }
        }
    }
    let untested: Vec<_> = rules().map(|rule| rule.id.as_str()).filter(|id| !tested.contains(*id)).collect();
    assert!(untested.is_empty(), "no test names {}", untested.join(", "));
}

#[test]
fn every_name_of_a_rule_is_one() {
    let mut wrong = Vec::new();
    for Source { path, text } in &sources() {
        for (line, name) in code(text).filter(|(_, code)| looks_like_a_rule(code)) {
            if find(name).is_none() {
                wrong.push(format!("{}:{line}: there is no rule {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All texts in the lists named `x-rules`.
fn extension_rules(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let named = fields.get("x-rules").and_then(Value::as_array).into_iter().flatten();
            found.extend(named.map(|rule| rule.as_str().unwrap_or_default().to_owned()));
            fields.values().for_each(|value| extension_rules(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| extension_rules(value, found)),
        _ => {}
    }
}

#[test]
fn the_openapi_document_names_rules_that_there_are() {
    let sources = sources();
    let document =
        sources.iter().find(|source| source.path == Path::new("openapi/supplier-api.json")).unwrap();
    let mut named = Vec::new();
    extension_rules(&serde_json::from_str(&document.text).unwrap(), &mut named);
    assert!(!named.is_empty(), "x-rules is written somewhere");
    let wrong: Vec<_> = named.iter().filter(|rule| find(rule).is_none()).collect();
    assert!(wrong.is_empty(), "there are no rules {wrong:?}");
}

#[test]
fn what_looks_like_a_rule_is_told_from_what_does_not() {
    for rule in ["list.window", "error.no-5xx", "practice.never-heard-of", "auth.x"] {
        assert!(looks_like_a_rule(rule), "{rule}");
    }
    for other in
        ["error.rs", "list.is_empty()", "update.", "order.window", "list", "list.Window", "list.a--b"]
    {
        assert!(!looks_like_a_rule(other), "{other}");
    }
}

#[test]
fn a_claim_needs_a_test_below_it() {
    let text = "/// Rules: `list.window`,\n/// `list.limit`.\n#[test]\nfn a() {}\n/// Rules: `auth.first`.\nfn b() {}\n";
    let source = Source { path: "a.rs".into(), text: text.to_owned() };
    let claims: Vec<_> =
        claims(&source).into_iter().map(|it| (it.line, it.rules, it.is_about_a_test)).collect();
    assert_eq!(claims, [(1, vec!["list.window", "list.limit"], true), (5, vec!["auth.first"], false)]);
}

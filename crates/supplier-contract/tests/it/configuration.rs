//! `contract.toml`, its example and its schema.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use supplier_contract::internal::{Settings, read_settings};

fn here(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string(here("schemas/contract.schema.json")).unwrap()).unwrap()
}

fn read(text: &str) -> Result<Settings, String> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("contract.toml");
    fs::write(&file, text).unwrap();
    let today = "2026-10-01".parse().unwrap();
    read_settings(&file, today).map_err(|error| error.to_string())
}

/// The names that a table may have, as the reader tells them when it meets another.
fn names(text: &str) -> BTreeSet<String> {
    let problem = read(text).err().unwrap();
    let (_, names) = problem.split_once("expected").unwrap();
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn properties(schema: &Value) -> BTreeSet<String> {
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_example_is_read_and_is_valid() {
    let text = fs::read_to_string(here("examples/contract.toml")).unwrap();
    let settings = read_settings(&here("examples/contract.toml"), "2026-10-01".parse().unwrap()).unwrap();
    assert_eq!(settings.target.as_deref(), Some("http://127.0.0.1:8080"));
    let value: toml::Table = toml::from_str(&text).unwrap();
    let value = serde_json::to_value(value).unwrap();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let wrong: Vec<_> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(wrong, Vec::<String>::new());
    // An example shows all there is, but for what excludes each other.
    let shown: BTreeSet<_> = value.as_object().unwrap().keys().cloned().collect();
    let left: Vec<_> = properties(&schema()).difference(&shown).cloned().collect();
    assert_eq!(left, ["$schema", "admin-token-file", "baseline", "key-file", "read-only", "second-key-file"]);
}

#[test]
fn the_schema_and_the_reader_know_the_same_names() {
    let schema = schema();
    assert_eq!(properties(&schema), names("nothing = 1"));
    assert_eq!(properties(&schema["properties"]["orders"]), names("[orders]\nnothing = 1"));
    assert_eq!(properties(&schema["properties"]["accept"]["items"]), names("[[accept]]\nnothing = 1"));
    let described = schema["properties"].as_object().unwrap();
    for (name, property) in described {
        assert!(property["description"].is_string(), "{name} has no description");
    }
}

#[test]
fn the_schema_knows_every_choice() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for rule in supplier_rulebook::rules() {
        let chosen = rule.level == supplier_rulebook::Level::Chosen;
        let value = serde_json::json!({ "profile": { rule.id.as_str(): "unchecked" } });
        assert_eq!(validator.is_valid(&value), chosen, "{}", rule.id);
        for claim in std::iter::once(rule.id.into()).chain(supplier_contract::internal::parts(rule.id)) {
            let options = supplier_contract::internal::options(claim).iter().map(|(option, _)| *option);
            for option in options.chain(chosen.then_some("unchecked")) {
                let value = serde_json::json!({ "profile": { claim.to_string(): option } });
                assert!(validator.is_valid(&value), "{claim}: {option}");
            }
        }
    }
    let wrong = serde_json::json!({ "profile": { "list.order": "by-chance" } });
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_without_keys() {
    for (text, told) in [
        ("target = \"http://127.0.0.1:1\"\nkey = \"geheim\"", "line 2: `key`: no key stands in clear"),
        ("second-key = \"geheim\"", "`second-key-env`"),
        ("tagret = \"geheim\"", "line 1: unknown field `tagret`"),
        ("target = [\"geheim", "line 1"),
        ("rate = \"0/s\"", "line 1: `rate`: \"0/s\" must be calls"),
        ("timeout = -1", "`timeout`"),
        ("max-time = true", "seconds, or a time such as"),
        ("max-orders = -1", "u32"),
        ("cases = 0", "`cases`"),
        ("hook = []", "`hook`"),
        ("hook = 5", "a text, or a list of texts"),
        ("provision = \"magic\"", "`provision`"),
        ("only = [\"list.windwo\"]", "did you mean list.window"),
        ("read-only = true\nallow-writes = true", "contradict each other"),
        ("key-file = \"a\"\nkey-env = \"B\"", "contradict each other"),
        ("[profile]\n\"list.order\" = \"random\"", "[profile]: `list.order`"),
        ("[[accept]]\nrule = \"list.ordre\"\nuntil = \"2027-01-01\"", "list.ordre"),
        ("profile = \"none.toml\"", "none.toml"),
        ("baseline = \"none.toml\"", "none.toml"),
    ] {
        let problem = read(text).err().unwrap_or_else(|| panic!("{text} was read"));
        assert!(problem.contains(told) && !problem.contains("geheim"), "{text}: {problem}");
    }
}

#[test]
fn paths_are_relative_to_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("contract.toml");
    fs::write(directory.path().join("profile.toml"), "\"list.order\" = \"newest-first\"").unwrap();
    fs::write(directory.path().join("key"), "test_abc\n").unwrap();
    fs::write(
        &path,
        "target = \"http://127.0.0.1:1\"\nprofile = \"profile.toml\"\nkey-file = \"key\"\nhook = [\"./hook.sh\", \"x\"]\n\
         report = [\"human\", \"json=out.json\"]",
    )
    .unwrap();
    let settings = read_settings(&path, "2026-10-01".parse().unwrap()).unwrap();
    let config = settings.config(1).unwrap();
    assert_eq!(config.keys["first"], "test_abc");
    assert_eq!(config.hook, [directory.path().join("./hook.sh").display().to_string(), "x".to_owned()]);
    assert_eq!(config.profile.of(supplier_rulebook::LIST_ORDER), "newest-first");
    let json = format!("json={}", directory.path().join("out.json").display());
    assert_eq!(settings.report.unwrap(), ["human".to_owned(), json]);
}

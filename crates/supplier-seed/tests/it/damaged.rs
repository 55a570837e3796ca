//! Files that nobody would write: nothing makes reading or seeding panic.

use proptest::prelude::*;
use supplier_seed::Scenario;

use crate::texts::{DEFAULT, world};

/// Reads `text`; what is wrong is said in single lines, each about a place in the file.
fn read(text: &str) -> Result<Option<Scenario>, TestCaseError> {
    let errors = match Scenario::parse("f.toml", text) {
        Ok(scenario) => return Ok(Some(scenario)),
        Err(errors) => errors,
    };
    prop_assert!(!errors.0.is_empty());
    let lines: Vec<_> = text.lines().collect();
    for error in &errors.0 {
        prop_assert!((1..=lines.len().max(1)).contains(&error.line), "{}", error);
        let line = lines.get(error.line - 1).copied().unwrap_or_default();
        prop_assert!((1..=line.chars().count() + 1).contains(&error.column), "{}", error);
    }
    prop_assert_eq!(errors.to_string().lines().count(), errors.0.len());
    Ok(None)
}

/// How a line of a file is damaged.
#[derive(Debug, Clone)]
enum Damage {
    Delete,
    Duplicate,
    Replace(String),
    Value(&'static str),
}

fn damage() -> impl Strategy<Value = Damage> {
    let values = [
        "",
        "\"\"",
        "-1",
        "0",
        "1",
        "20",
        "99999999999999999999",
        "1e400",
        "nan",
        "true",
        "[]",
        "{}",
        "[[]]",
        "[1, 1]",
        "[0, 0]",
        "{ pending = 0 }",
        "\"\\u0000\"",
        "\"\u{202e}x\"",
        "\"\"\"\nx\"\"\"",
        "1979-05-27",
        "0x10",
        "'a",
        "[1,",
        "[\"aged-mail\"]",
    ];
    prop_oneof![
        Just(Damage::Delete),
        Just(Damage::Duplicate),
        any::<String>().prop_map(Damage::Replace),
        prop::sample::select(DEFAULT.lines().collect::<Vec<_>>())
            .prop_map(|line| Damage::Replace(line.to_owned())),
        prop::sample::select(values.to_vec()).prop_map(Damage::Value),
    ]
}

fn damaged(place: prop::sample::Index, damage: &Damage) -> String {
    let mut lines: Vec<String> = DEFAULT.lines().map(str::to_owned).collect();
    let place = place.index(lines.len());
    match damage {
        Damage::Delete => {
            lines.remove(place);
        }
        Damage::Duplicate => lines.insert(place, lines[place].clone()),
        Damage::Replace(line) => lines[place].clone_from(line),
        Damage::Value(value) => {
            let key = lines[place].split_once('=').map_or("title", |(key, _)| key).to_owned();
            lines[place] = format!("{key}= {value}");
        }
    }
    lines.join("\n")
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        read(&text)?;
    }

    #[test]
    fn anything_like_toml_is_read_or_refused(text in "([\\[\\]{}=.,\"'#\n\r a-c1é-]|\\[\\[orders\\]\\]|title){0,60}") {
        read(&text)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_damaged_line_is_read_or_refused(place in any::<prop::sample::Index>(), damage in damage()) {
        if let Some(scenario) = read(&damaged(place, &damage))? {
            // A damaged line may change how many orders a group has; the other groups stay.
            prop_assert!(world(&scenario, 1).orders.len() > 500);
        }
    }
}

#[test]
fn depth_and_length_do_no_harm() {
    let texts = [
        "[".repeat(200_000),
        format!("a = {}", "[".repeat(200_000)),
        format!("a = {}", "{a=".repeat(200_000)),
        format!("{}a = 1", "a.".repeat(200_000)),
        format!("[{}a]", "a.".repeat(200_000)),
        format!("[[{}a]]", "a.".repeat(200_000)),
        format!("suppliers = [{}]", "{},".repeat(200_000)),
        "[[orders]]\n".repeat(90_000),
        "\n".repeat(1_000_000),
        "\u{feff}title = 1".to_owned(),
        "title = \"\\ud800\"".to_owned(),
        "'\r\né".to_owned(),
    ];
    for text in texts {
        assert!(read(&text).unwrap().is_none());
    }
}
